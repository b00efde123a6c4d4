"""Commands of takedowns before they are carried out: plan, approve, give up, start."""

from typing import Annotated

import typer

from ringfence.cli.actor import KeyFile, acting
from ringfence.cli.door import console, enter
from ringfence.cli.options import JsonFlag
from ringfence.cli.takedown_door import Id, Reason, ask, moved, now, print_json, say, say_next, tell
from ringfence.cli.takedown_tables import blast_radius_table, cuts_table
from ringfence.domain.access import Scope
from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedown_rules import load_takedown_rules
from ringfence.domain.takedowns import TakedownAction
from ringfence.store.graph import Graph
from ringfence.store.takedowns import StoredTakedown
from ringfence.usecases.approve_takedown import approve_takedown, void_takedown
from ringfence.usecases.carry_out_takedown import start_takedown
from ringfence.usecases.plan_takedown import plan_takedown
from ringfence.usecases.preview_takedown import TakedownPreview, preview_takedown


def plan(
    ring: Annotated[
        str, typer.Argument(metavar="RING", help="Its id, or that of a ring that merged into it.")
    ],
    *,
    action: Annotated[TakedownAction, typer.Option(help="What is done to each account.")],
    reason: Reason,
    peripheral: Annotated[
        bool, typer.Option("--peripheral", help="Act on peripheral members too.")
    ] = False,
    canary: Annotated[int | None, typer.Option(help="Accounts of the first wave.")] = None,
    delay: Annotated[
        tuple[float, float] | None,
        typer.Option(metavar="MIN MAX", help="Minutes between two waves."),
    ] = None,
    expire_days: Annotated[
        float | None, typer.Option(help="Days after which it is taken back; 0: never.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what it would do; nothing is kept.")
    ] = False,
    key_file: KeyFile = None,
    as_json: JsonFlag = False,
) -> None:
    """Plan a takedown and show its blast radius; nobody is acted on yet."""
    settings = enter()
    rules = load_takedown_rules(settings.takedown_rules)
    options = TakedownOptions(peripheral, canary, delay, expire_days)
    if dry_run:
        _tell_preview(
            ask(
                settings,
                lambda graph: preview_takedown(
                    graph, ring, action, rules, reason=reason, options=options
                ),
            ),
            as_json=as_json,
        )
        return

    async def planned(graph: Graph) -> StoredTakedown:
        by = await acting(graph, key_file, Scope.TAKEDOWN_PLAN)
        return await plan_takedown(
            graph, ring, action, rules, reason=reason, by=by, options=options
        )

    takedown = ask(settings, planned)
    if as_json:
        print_json(takedown)
        return
    radius = takedown.blast_radius
    console.print(blast_radius_table(radius), cuts_table(radius.cuts))
    say(f"Takedown {takedown.id}, plan {takedown.plan_hash}")
    say_next(takedown)


def approve(
    takedown_id: Id,
    plan_hash: Annotated[
        str, typer.Option("--hash", metavar="HASH", help="Of the plan that you looked at.")
    ],
    key_file: KeyFile = None,
    as_json: JsonFlag = False,
) -> None:
    """Agree to a plan that somebody else made; a ring that changed since voids it."""
    settings = enter()
    rules = load_takedown_rules(settings.takedown_rules)

    async def approved(graph: Graph) -> StoredTakedown:
        by = await acting(graph, key_file, Scope.TAKEDOWN_APPROVE)
        return await approve_takedown(graph, takedown_id, rules, plan_hash=plan_hash, by=by)

    tell(ask(settings, approved), as_json=as_json)


def void(
    takedown_id: Id, reason: Reason, key_file: KeyFile = None, as_json: JsonFlag = False
) -> None:
    """Give up a plan that was not started."""
    moved(
        key_file,
        lambda graph, by: void_takedown(graph, takedown_id, reason=reason, by=by),
        as_json=as_json,
    )


def start(takedown_id: Id, key_file: KeyFile = None, as_json: JsonFlag = False) -> None:
    """Start a takedown; `ringfence serve` carries it out, or `run` here."""
    rules = load_takedown_rules(enter().takedown_rules)
    moved(
        key_file,
        lambda graph, by: start_takedown(graph, takedown_id, rules, by=by, at=now()),
        as_json=as_json,
    )


def _tell_preview(preview: TakedownPreview, *, as_json: bool) -> None:
    radius = preview.blast_radius
    if as_json:
        print_json(
            {
                "ring_id": preview.planned.ring_id,
                "plan_hash": preview.plan_hash,
                "size": len(preview.planned.acted),
                "needs_approval": preview.needs_approval,
                "blast_radius": radius,
            }
        )
        return
    console.print(blast_radius_table(radius), cuts_table(radius.cuts))
    say("A dry run: nothing is kept.")
