"""Rings, their members, evidence and lineage as tables for the terminal."""

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table

from ringfence.cli.tables import narrow_table
from ringfence.domain.rings import Evidence
from ringfence.store.members import Membership
from ringfence.store.ring_events import StoredRingEvent
from ringfence.store.rings import StoredRing
from ringfence.usecases.detection_summary import RingLine

RING_COLUMNS = ("ring", "tier", "grade", "score", "accounts", "exchanges")


def rings_table(lines: Sequence[RingLine], *, title: str | None = None) -> Table:
    """Rings as a run tells them, in their order."""
    table = narrow_table(*RING_COLUMNS, title=title, words=3)
    for line in lines:
        table.add_row(*_ring_row(line))
    return table


def stored_rings_table(rings: Sequence[StoredRing]) -> Table:
    """Rings as the graph holds them, in their order."""
    table = narrow_table(*RING_COLUMNS, "state", words=3)
    for ring in rings:
        table.add_row(*_ring_row(ring), ring.state.value)
    return table


def members_table(members: Sequence[Membership], *, title: str) -> Table:
    """Members and why they are, in their order."""
    table = narrow_table("account", "role", "strength", title=title, words=2)
    table.add_column("because", overflow="fold")
    for member in members:
        table.add_row(
            member.account_id, member.role.value, f"{member.strength:.2f}", member.joined_because
        )
    return table


def evidence_table(evidence: Sequence[Evidence], *, title: str) -> Table:
    """Identifiers that tie members, in their order."""
    table = narrow_table("kind", "identifier", "hub", "members", "of", title=title, words=3)
    for piece in evidence:
        table.add_row(
            piece.key.kind,
            piece.key.value,
            piece.hub.value,
            f"{piece.members:,}",
            f"{piece.accounts:,}",
        )
    return table


def lineage_table(
    events: Sequence[StoredRingEvent], ring_id: str, *, title: str | None = None
) -> Table:
    """What happened to a ring, in its order; events of rings that merged into it begin with theirs.

    Args:
        events: of the ring and of those that merged into it.
        ring_id: of the ring.
        title: stands above the table.
    """
    table = narrow_table("at", "what", "accounts", "came", "left", title=title, words=2)
    table.add_column("rings", no_wrap=True)
    for told in events:
        event = told.event
        own = [f"{event.ring_id}:"] if event.ring_id != ring_id else []
        table.add_row(
            short_time(told.at),
            event.kind.value,
            f"{event.size_after:,}",
            f"{event.added:,}",
            f"{event.removed:,}",
            "\n".join([*own, *event.other_ring_ids]),
        )
    return table


def short_time(moment: datetime | None) -> str:
    """A moment to the minute, in UTC, without its zone."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else ""


def _ring_row(ring: RingLine | StoredRing) -> tuple[str, ...]:
    return (
        ring.id,
        ring.tier.value,
        ring.grade.value,
        f"{ring.score:.3f}",
        f"{ring.size:,}",
        f"{ring.requests:,}",
    )
