"""Takedowns for the terminal: the blast radius, what to be careful of first, and accounts."""

from collections.abc import Iterable, Sequence

from rich.table import Table
from rich.text import Text

from ringfence.cli.tables import narrow_table
from ringfence.domain.blast_radius import BlastRadius, Cut
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.takedown_plans import PlannedTarget
from ringfence.store.takedown_targets import StoredTarget
from ringfence.store.takedowns import StoredTakedown, TargetCounts


def blast_radius_table(radius: BlastRadius) -> Table:
    """Whom a takedown would hit, those to be careful of first, and what it would stop."""
    table = narrow_table("blast radius", "accounts", words=1)
    for label, figure in (*_cautions(radius), *_effects(radius)):
        table.add_row(label, figure)
    return table


def cuts_table(cuts: Sequence[Cut]) -> Table:
    """Identifiers whose blocking would help most."""
    table = narrow_table(
        "kind",
        "cut this",
        "members",
        "others",
        "exchanges",
        "share",
        title="What its exchanges hang by",
        words=2,
    )
    for cut in cuts:
        table.add_row(
            cut.kind,
            Text(cut.value),
            f"{cut.members:,}",
            f"{cut.outside:,}",
            f"{cut.requests:,}",
            f"{cut.share:.0%}",
        )
    return table


def takedowns_table(takedowns: Iterable[StoredTakedown]) -> Table:
    """Takedowns in their order."""
    table = narrow_table("id", "state", "accounts", words=2)
    table.add_column("ring", overflow="fold")
    for one in takedowns:
        table.add_row(one.id, one.state.value, f"{one.size:,}", one.ring_id)
    return table


def counts_table(counts: TargetCounts) -> Table:
    """What became of the accounts of a takedown, without what became of none."""
    table = narrow_table("what became of them", "accounts", words=1)
    for name in TargetCounts.__slots__:
        if count := getattr(counts, name):
            table.add_row(name, f"{count:,}")
    return table


def targets_table(targets: Iterable[StoredTarget]) -> Table:
    """Accounts of a takedown that was started, in their order."""
    table = narrow_table("account", "role", "state", "before", "receipt", "wave", words=5)
    table.add_column("notes", overflow="fold")
    for one in targets:
        table.add_row(
            Text(one.account_id),
            one.role.value,
            one.state.value,
            one.previous_standing.value,
            one.receipt or "",
            "" if one.wave is None else str(one.wave),
            Text("; ".join(_notes(one))),
        )
    return table


def planned_table(targets: Iterable[PlannedTarget]) -> Table:
    """Members in a plan, in their order."""
    table = narrow_table("account", "role", "now", "exchanges", words=3)
    table.add_column("held out, or be careful", overflow="fold")
    for one in targets:
        held = [f"held out: {_words(one.hold)}"] if one.hold else []
        table.add_row(
            Text(one.account_id),
            one.role.value,
            one.previous_standing.value,
            f"{one.requests:,}",
            "; ".join([*held, *map(_words, one.care)]),
        )
    return table


def _cautions(radius: BlastRadius) -> list[tuple[str, str]]:
    counted = [
        *((f"! held out: {_words(why)}", count) for why, count in radius.held.items()),
        ("! paying, and disputed nothing", radius.paying),
        ("! long-tenured", radius.long_tenured),
        ("! seen at a campus", radius.campus),
        ("! maybe one household", radius.household),
        ("! hang by one identifier", radius.one_link),
    ]
    paid = [
        (f"! have paid, {code} in minor units", f"{minor:,}")
        for code, minor in radius.paid_minor.items()
        if minor
    ]
    told = [(label, f"{count:,}") for label, count in counted if count]
    return [*told, *paid] or [("nobody who needs care", "")]


def _effects(radius: BlastRadius) -> list[tuple[str, str]]:
    return [
        ("acted on", f"{radius.acted:,}"),
        ("of them as strict already", f"{radius.already:,}"),
        ("peripheral, left out", f"{radius.left_out:,}"),
        ("members in all", f"{radius.members:,}"),
        (
            f"exchanges of those acted on, {radius.harm_share:.0%} of the ring's",
            f"{radius.requests:,}",
        ),
    ]


def _notes(target: StoredTarget) -> list[str]:
    sole: IdentifierKey | None = target.sole
    return [
        *([f"held out: {_words(target.hold)}"] if target.hold else []),
        *([f"hangs by one {sole.kind}"] if sole else []),
        *([target.undone_because] if target.undone_because else []),
        *([f"failed: {target.receipt_reason}"] if target.receipt_reason else []),
        *([f"review: {target.review_because}"] if target.review_because else []),
    ]


def _words(word: str) -> str:
    return word.replace("_", " ")
