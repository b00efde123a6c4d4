"""`ringfence policies`: list, show, save, try out and enforce policies, and keep their lists."""

import getpass
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.options import JsonFlag
from ringfence.cli.tables import narrow_table
from ringfence.domain.policy_lists import ListEntry, ListName, read_entry
from ringfence.domain.policy_reading import read_draft
from ringfence.errors import InvalidInput
from ringfence.screening.policy_diff import Move, PolicyDiff
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.store.policies import StoredPolicy
from ringfence.store.policy_lists import find_entries
from ringfence.usecases.policies import (
    enforce_policy,
    find_policy,
    list_policies,
    retire_policy,
    save_policy,
    shadow_policy,
)
from ringfence.usecases.policy_lists import add_list_entry, remove_list_entry
from ringfence.usecases.policy_trial import LAST, try_policy

Answer = TypeVar("Answer")
PolicyId = Annotated[str, typer.Argument(metavar="ID", help="The policy's id, as `list` shows it.")]
Version = Annotated[int, typer.Argument(metavar="VERSION", help="Its version.")]
Reason = Annotated[str, typer.Option(help="Why, in words; it is kept.")]
Owner = Annotated[str, typer.Option(help="Who says so and keeps the entry true.")]
Kind = Annotated[str, typer.Argument(metavar="KIND", help="Such as device, ip or email_domain.")]
Value = Annotated[str, typer.Argument(metavar="VALUE", help="An ip may be a network, a.b.c.0/24.")]
Until = Annotated[str, typer.Option(metavar="DAY", help="Last day in UTC, as YYYY-MM-DD.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="DAY", help="First day in UTC; else at once.")
]

app = typer.Typer(
    no_args_is_help=True, help="List, save, try out and enforce policies, and keep their lists."
)


@app.command("list")
def list_all(as_json: JsonFlag = False) -> None:
    """List all versions of all policies, and which of them answers."""
    found = _ask(list_policies)
    if as_json:
        _print_json([_facts(stored) for stored in found])
        return
    table = narrow_table("id", "version", "mode", "name", "saved", "by", words=6)
    for stored in found:
        policy = stored.policy
        saved = f"{stored.saved_at:%Y-%m-%d %H:%M}" if stored.saved_at else "built in"
        words = (policy.id, str(policy.version), policy.mode.value, policy.name, saved)
        table.add_row(*words, stored.saved_by)
    console.print(table)


@app.command()
def show(
    policy_id: PolicyId,
    version: Annotated[
        int | None, typer.Argument(metavar="[VERSION]", help="Else the latest one.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show a policy as a document to be changed and saved; --json: with its mode and saver too."""
    stored = _ask(lambda graph: find_policy(graph, policy_id, version))
    if as_json:
        _print_json(_facts(stored) | {"document": _document(stored)})
        return
    policy = stored.policy
    notes.print(f"{policy.id} {policy.version} is {policy.mode.value}.", highlight=False)
    typer.echo(orjson.dumps(_document(stored), option=orjson.OPT_INDENT_2).decode())


@app.command()
def save(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy, .toml or else JSON.")],
    as_json: JsonFlag = False,
) -> None:
    """Save a policy as a new version, which is tried out as a shadow until it is enforced."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {error}. Expected a readable file in UTF-8.") from error
    draft = read_draft(text, where=str(file), toml=file.suffix.lower() == ".toml")
    _tell(_ask(lambda graph: save_policy(graph, draft, by=_who())), as_json=as_json)


@app.command()
def diff(
    policy_id: PolicyId,
    version: Annotated[
        int | None, typer.Argument(metavar="[VERSION]", help="Else the latest one.")
    ] = None,
    last: Annotated[int, typer.Option(help="Sign-ups to look at, the latest.")] = LAST,
    as_json: JsonFlag = False,
) -> None:
    """Tell how the last sign-ups would have been answered by a version; nothing is changed."""
    found = _ask(lambda graph: try_policy(graph, policy_id, version, last=last))
    if as_json:
        _print_json(_diff_facts(found))
        return
    notes.print(
        f"Version {found.version}: {found.attempts:,} sign-ups, {found.changed:,} answered "
        f"otherwise; friction {found.old_friction:.2%} before, {found.new_friction:.2%} then.",
        highlight=False,
    )
    table = narrow_table("before", "then", "sign-ups")
    for (old, new), count in sorted(found.moves.items()):
        table.add_row(old.value, new.value, f"{count:,}")
    console.print(table)
    for one in found.examples:
        console.print(
            f"{one.attempt_id}: {one.old.value} -> {one.new.value} ({', '.join(one.codes)})",
            highlight=False,
        )


@app.command()
def enforce(
    policy_id: PolicyId, version: Version, reason: Reason, as_json: JsonFlag = False
) -> None:
    """Let a version answer from now on; the one that did retires."""
    stored = _ask(lambda graph: enforce_policy(graph, policy_id, version, reason=reason, by=_who()))
    _tell(stored, as_json=as_json)


@app.command()
def shadow(
    policy_id: PolicyId, version: Version, reason: Reason, as_json: JsonFlag = False
) -> None:
    """Try a retired version out again, beside the one that answers."""
    stored = _ask(lambda graph: shadow_policy(graph, policy_id, version, reason=reason, by=_who()))
    _tell(stored, as_json=as_json)


@app.command()
def retire(
    policy_id: PolicyId, version: Version, reason: Reason, as_json: JsonFlag = False
) -> None:
    """Try a shadow out no longer; it is kept."""
    stored = _ask(lambda graph: retire_policy(graph, policy_id, version, reason=reason, by=_who()))
    _tell(stored, as_json=as_json)


@app.command()
def allow(
    kind: Kind,
    value: Value,
    reason: Reason,
    owner: Owner,
    until: Until,
    since: From = None,
    as_json: JsonFlag = False,
) -> None:
    """Let sign-ups with an identifier in whatever is known, unless the block list names them."""
    _add(ListName.ALLOW, kind, value, reason, owner, until, since, as_json=as_json)


@app.command()
def block(
    kind: Kind,
    value: Value,
    reason: Reason,
    owner: Owner,
    until: Until,
    since: From = None,
    as_json: JsonFlag = False,
) -> None:
    """Block sign-ups with an identifier, whatever else is known, the allow list included."""
    _add(ListName.BLOCK, kind, value, reason, owner, until, since, as_json=as_json)


@app.command()
def unlist(
    list_name: Annotated[ListName, typer.Argument(metavar="allow|block", help="Which list.")],
    kind: Kind,
    value: Value,
    reason: Reason,
    as_json: JsonFlag = False,
) -> None:
    """Take an identifier off a list."""
    removed = _ask(
        lambda graph: remove_list_entry(graph, list_name, kind, value, reason=reason, by=_who())
    )
    if as_json:
        _print_json(_entry_facts(removed))
    else:
        console.print(f"The {removed.key.kind} is off the {list_name.value} list.")


@app.command()
def lists(as_json: JsonFlag = False) -> None:
    """List what is on the allow and the block list."""
    found = _ask(find_entries)
    if as_json:
        _print_json([_entry_facts(entry) for entry in found])
        return
    table = narrow_table("list", "kind", "value", "from", "until", "owner", words=6)
    for entry in found:
        begins = str(entry.begins) if entry.begins else ""
        days = (begins, str(entry.ends))
        table.add_row(entry.list_name.value, *entry.key, *days, entry.owner)
    console.print(table)


def _add(
    list_name: ListName,
    kind: str,
    value: str,
    reason: str,
    owner: str,
    until: str,
    since: str | None,
    *,
    as_json: bool,
) -> None:
    entry = read_entry(
        list_name,
        kind,
        value,
        reason=reason,
        owner=owner,
        until=_day("--until", until),
        begins=_day("--from", since) if since else None,
    )
    saved = _ask(lambda graph: add_list_entry(graph, entry, by=_who()))
    if as_json:
        _print_json(_entry_facts(saved))
    else:
        told = f"The {saved.key.kind} is on the {list_name.value} list until {saved.ends}."
        console.print(told, highlight=False)


def _diff_facts(found: PolicyDiff) -> dict[str, object]:
    def told(moves: Mapping[Move, int]) -> list[dict[str, object]]:
        return [
            {"before": old.value, "then": new.value, "sign_ups": count}
            for (old, new), count in sorted(moves.items())
        ]

    return {
        "version": found.version,
        "attempts": found.attempts,
        "changed": found.changed,
        "old_friction": found.old_friction,
        "new_friction": found.new_friction,
        "moves": told(found.moves),
        "moves_by_cohort": {name: told(moves) for name, moves in found.moves_by_cohort.items()},
        "examples": [
            {
                "attempt_id": one.attempt_id,
                "before": one.old.value,
                "then": one.new.value,
                "codes": one.codes,
            }
            for one in found.examples
        ],
    }


def _tell(stored: StoredPolicy, *, as_json: bool) -> None:
    if as_json:
        _print_json(_facts(stored))
        return
    policy = stored.policy
    told = f"Version {policy.version} of policy {policy.id} is {policy.mode.value}."
    console.print(told, highlight=False)


def _facts(stored: StoredPolicy) -> dict[str, object]:
    policy = stored.policy
    return {
        "id": policy.id,
        "version": policy.version,
        "mode": policy.mode,
        "name": policy.name,
        "content_hash": policy.content_hash(),
        "saved_at": stored.saved_at,
        "saved_by": stored.saved_by,
        "changed_at": stored.changed_at,
        "changed_by": stored.changed_by,
        "reason": stored.reason,
    }


def _document(stored: StoredPolicy) -> object:
    return orjson.loads(stored.policy.document())


def _entry_facts(entry: ListEntry) -> dict[str, object]:
    return {
        "list": entry.list_name,
        "kind": entry.key.kind,
        "value": entry.key.value,
        "version": entry.version,
        "reason": entry.reason,
        "owner": entry.owner,
        "from": entry.begins,
        "until": entry.ends,
    }


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{option} {text[:40]}: expected a day, as YYYY-MM-DD.") from None


def _who() -> str:
    return f"operator:{getpass.getuser()}"


def _print_json(facts: object) -> None:
    typer.echo(orjson.dumps(facts).decode())


def _ask(question: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    settings = enter()
    return run(_on_graph(settings, question))


async def _on_graph(settings: Settings, question: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    async with ready_graph(settings) as graph:
        return await question(graph)
