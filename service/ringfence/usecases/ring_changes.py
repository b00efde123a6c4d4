"""What a run changes in the graph: which rings are to be written, and which to be closed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ringfence.domain.graph import NO_TIME, AccountColumns
from ringfence.domain.lineage import RingEvent, RingEventKind
from ringfence.domain.rings import Ring, RingState
from ringfence.store.found_rings import UNKNOWN, RingActivity, RingChange, RingDigests, RingMark
from ringfence.store.ring_parts import digest_of

MAX_SUM: Final = 2**63 - 1
"""Largest integer that Neo4j holds; sums stop there."""


_GONE: Final = frozenset({RingEventKind.DORMANT, RingEventKind.DISSOLVED})


@dataclass(frozen=True, slots=True)
class RingChanges:
    """What turns the rings in the graph into those found: write first, put to rest then.

    Attributes:
        writes: those born first, so that a ring that split leads to parts that are there.
        closes: what happened to each ring that is not found any more.
    """

    writes: tuple[RingChange, ...]
    closes: tuple[RingEvent, ...]


def plan_changes(
    rings: Sequence[Ring],
    activities: Sequence[RingActivity],
    marks: Sequence[RingMark],
    events: Sequence[RingEvent],
) -> RingChanges:
    """Compare the rings found with those in the graph.

    Args:
        rings: found, each id once.
        activities: of each ring, in their order.
        marks: of the rings in the graph.
        events: what happened to rings, found or not.
    """
    mark_by_ring_id = {mark.id: mark for mark in marks}
    events_by_ring_id = _events_by_writer(events)
    writes = []
    for ring, activity in zip(rings, activities, strict=True):
        mark = mark_by_ring_id.get(ring.id)
        before = mark.digests if mark else UNKNOWN
        events_of_ring = events_by_ring_id.get(ring.id, ())
        change = RingChange(ring, activity, digests_of(ring, activity), before, events_of_ring)
        if _is_new(change, mark):
            writes.append(change)
    writes.sort(key=lambda change: (change.ring.id in mark_by_ring_id, change.ring.id))
    return RingChanges(tuple(writes), tuple(event for event in events if event.kind in _GONE))


def _events_by_writer(events: Sequence[RingEvent]) -> dict[str, tuple[RingEvent, ...]]:
    """Events by the ring whose writing tells them: that of an absorbed ring is the absorber."""
    told: dict[str, tuple[RingEvent, ...]] = {}
    for event in events:
        absorbed = event.kind is RingEventKind.ABSORBED
        writer = event.other_ring_ids[0] if absorbed else event.ring_id
        told[writer] = (*told.get(writer, ()), event)
    return told


def _is_new(change: RingChange, mark: RingMark | None) -> bool:
    if mark is None or change.events or change.before != change.digests:
        return True
    return mark.state is RingState.OPEN and change.ring.state is not RingState.OPEN


def digests_of(ring: Ring, activity: RingActivity) -> RingDigests:
    """All that runs tell of a ring, in parts; its state is for people to tell."""
    bare = replace(ring, state=RingState.OPEN, verdict_id=None, members=(), evidence=())
    parts = ((bare, activity), ring.members, ring.evidence)
    return RingDigests(*[digest_of(part, size=16).hex() for part in parts])


def ring_activities(rings: Sequence[Ring], accounts: AccountColumns) -> Iterator[RingActivity]:
    """What the members of each ring did together, in the order of the rings."""
    at_by_account_id = {account_id: at for at, account_id in enumerate(accounts.ids)}
    for ring in rings:
        members = [at_by_account_id[member.account_id] for member in ring.members]
        signed_up_ms = accounts.signed_up_ms[members]
        signed_up_ms = signed_up_ms[signed_up_ms != NO_TIME]
        yield RingActivity(
            requests=min(sum(accounts.requests[members].tolist()), MAX_SUM),
            tokens=min(sum(accounts.tokens[members].tolist()), MAX_SUM),
            first_signed_up_ms=int(signed_up_ms.min()) if len(signed_up_ms) else None,
            last_signed_up_ms=int(signed_up_ms.max()) if len(signed_up_ms) else None,
        )
