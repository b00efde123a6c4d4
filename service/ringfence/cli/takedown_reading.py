"""Commands that show takedowns: list them, show one, list its accounts."""

from collections.abc import Sequence
from typing import Annotated

import typer

from ringfence.cli.door import console, enter, notes
from ringfence.cli.options import JsonFlag
from ringfence.cli.ring_tables import short_time
from ringfence.cli.takedown_door import Id, ask, print_json, say, say_next
from ringfence.cli.takedown_tables import (
    blast_radius_table,
    counts_table,
    cuts_table,
    planned_table,
    takedowns_table,
    targets_table,
)
from ringfence.domain.takedown_plans import PlannedTarget
from ringfence.domain.takedowns import TakedownState, TargetState
from ringfence.errors import InvalidInput
from ringfence.store.graph import Graph
from ringfence.store.takedown_lists import page_listed, page_ring_takedowns
from ringfence.store.takedown_targets import StoredTarget, page_targets
from ringfence.store.takedowns import StoredTakedown, TargetCounts, count_targets, find_plan
from ringfence.usecases.approve_takedown import find_takedown
from ringfence.usecases.ring_story import find_ring

PAGE = 1_000
SHOWN = 20


def list_all(
    state: Annotated[
        list[TakedownState] | None, typer.Option(help="Only in this state; may be repeated.")
    ] = None,
    ring: Annotated[str | None, typer.Option(help="Only of this ring; any id of it.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="How many.")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List takedowns, the one planned last first."""
    found = ask(enter(), lambda graph: _list(graph, state, ring, limit))
    if as_json:
        print_json(found)
    elif found:
        console.print(takedowns_table(found))
    else:
        notes.print("No takedown is there. `ringfence takedown plan` makes one.")


def show(
    takedown_id: Id,
    targets: Annotated[
        bool, typer.Option("--targets", help=f"Its first {SHOWN} accounts too.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Show a takedown: its blast radius, what became of its accounts, and what is next."""
    shown = SHOWN if targets else 0
    takedown, counts, found = ask(enter(), lambda graph: _read(graph, takedown_id, shown))
    if as_json:
        told = {"takedown": takedown, "counts": counts}
        print_json(told | ({"targets": [_target_facts(one) for one in found]} if targets else {}))
        return
    _print_takedown(takedown, counts)
    if targets:
        _print_targets(found)


def members(
    takedown_id: Id,
    state: Annotated[
        list[TargetState] | None,
        typer.Option(help="Only those of which this became; may be repeated."),
    ] = None,
    for_review: Annotated[
        bool, typer.Option("--for-review", help="Only those that a person should look at again.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 100,
    as_json: JsonFlag = False,
) -> None:
    """List the accounts of a takedown, those held out among them, by id."""

    async def read(graph: Graph) -> Sequence[PlannedTarget | StoredTarget]:
        takedown = await find_takedown(graph, takedown_id)
        return await _targets(graph, takedown, limit, state, for_review=for_review)

    found = ask(enter(), read)
    if as_json:
        print_json([_target_facts(one) for one in found])
    else:
        _print_targets(found)


async def _list(
    graph: Graph, states: list[TakedownState] | None, ring_id: str | None, limit: int
) -> list[StoredTakedown]:
    if ring_id is None:
        return await page_listed(graph, states=states, after=None, limit=limit)
    ring = await find_ring(graph, ring_id)
    found = await page_ring_takedowns(graph, [ring.id], after=None, limit=limit, states=states)
    return found[ring.id]


async def _read(
    graph: Graph, takedown_id: str, shown: int
) -> tuple[StoredTakedown, TargetCounts, Sequence[PlannedTarget | StoredTarget]]:
    takedown = await find_takedown(graph, takedown_id)
    counts = (await count_targets(graph, [takedown.id]))[takedown.id]
    found = await _targets(graph, takedown, shown) if shown else ()
    return takedown, counts, found


async def _targets(
    graph: Graph,
    takedown: StoredTakedown,
    limit: int,
    states: list[TargetState] | None = None,
    *,
    for_review: bool = False,
) -> Sequence[PlannedTarget | StoredTarget]:
    """The first accounts of a takedown; those of its plan before it is started."""
    if takedown.started_at is None:
        if states or for_review:
            raise InvalidInput(
                f"Takedown {takedown.id} is {takedown.state.value}, and nothing became of its "
                "accounts yet. Leave --state and --for-review out."
            )
        plan = await find_plan(graph, takedown)
        return plan.targets[:limit] if plan else ()
    found: list[StoredTarget] = []
    while len(found) < limit:
        size = min(PAGE, limit - len(found))
        after_id = found[-1].account_id if found else ""
        page = await page_targets(
            graph,
            takedown.id,
            after_id=after_id,
            limit=size,
            states=states,
            for_review=for_review,
        )
        found += page
        if len(page) < size:
            break
    return found


def _print_takedown(takedown: StoredTakedown, counts: TargetCounts) -> None:
    because = f" ({takedown.because})" if takedown.because else ""
    radius = takedown.blast_radius
    say(
        f"Takedown {takedown.id}: {takedown.action.value} {takedown.size:,} of "
        f"{radius.members:,} accounts of ring {takedown.ring_id}, {takedown.state.value}{because}"
    )
    say(f"Reason: {takedown.reason}")
    say(f"Plan {takedown.plan_hash}")
    for done, by, at in (
        ("planned", takedown.planned_by, takedown.planned_at),
        ("approved", takedown.approved_by, takedown.approved_at),
        ("started", takedown.started_by, takedown.started_at),
    ):
        if at:
            say(f"{done} by {by}, {short_time(at)}")
    if takedown.expires_at:
        say(f"taken back {short_time(takedown.expires_at)} unless renewed")
    console.print(blast_radius_table(radius), cuts_table(radius.cuts))
    if takedown.started_at:
        console.print(counts_table(counts))
    say_next(takedown)


def _print_targets(found: Sequence[PlannedTarget | StoredTarget]) -> None:
    planned = [one for one in found if isinstance(one, PlannedTarget)]
    started = [one for one in found if isinstance(one, StoredTarget)]
    console.print(planned_table(planned) if planned else targets_table(started))


def _target_facts(target: PlannedTarget | StoredTarget) -> dict[str, object]:
    """What a machine reads of an account; `sole` is kind and value."""
    names = (
        target.__struct_fields__ if isinstance(target, PlannedTarget) else StoredTarget.__slots__
    )
    return {name: getattr(target, name) for name in names}
