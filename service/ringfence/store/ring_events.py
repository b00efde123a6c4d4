"""What happened to rings, told by runs and by verdicts, and read again in the order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ringfence.domain.changes import Change, ChangeTopic
from ringfence.domain.lineage import RingEvent, RingEventKind
from ringfence.domain.rings import LONG_AGO, Grade, RingState, Tier
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.outbox import tell
from ringfence.store.times import moment

EventPlace = tuple[int, str]
"""Place in the list of events: milliseconds since 1970, and the event's own key."""


@dataclass(frozen=True, slots=True)
class StoredRingEvent:
    """Something that happened to a ring, and the figures that it then had.

    Attributes:
        run_id: of the run that told it, or of the verdict that it is.
    """

    event: RingEvent
    place: EventPlace
    at: datetime
    run_id: str
    score: float
    grade: Grade
    tier: Tier
    state: RingState


async def save_events(transaction: Transaction, run_id: str, events: Sequence[RingEvent]) -> None:
    """Tell what happened to rings in a run; what the run has told already is told once.

    Args:
        transaction: the one that writes the rings; they are written already.
        run_id: of the run.
        events: of any rings.
    """
    if not events:
        return
    await transaction.run(
        "ring_events/save",
        run_id=run_id,
        events=[
            {
                "ring_id": event.ring_id,
                "kind": event.kind.value,
                "size_before": event.size_before,
                "size_after": event.size_after,
                "added": event.added,
                "removed": event.removed,
                "other_ring_ids": list(event.other_ring_ids),
            }
            for event in events
        ],
    )
    await tell(
        transaction,
        [Change(ChangeTopic.RING, event.kind.value, event.ring_id, run_id) for event in events],
    )


async def page_ring_events(
    graph: Graph, ring_ids: Sequence[str], *, after: EventPlace | None, limit: int
) -> dict[str, list[StoredRingEvent]]:
    """What happened next to each ring and to those that merged into it, the earliest first."""
    after_ms, after_key = after or (None, None)
    rows = await graph.read(
        "ring_events/page", ring_ids=ring_ids, after_ms=after_ms, after_key=after_key, limit=limit
    )
    return {row["ring_id"]: [_event(told) for told in row["events"]] for row in rows}


async def count_ring_events(graph: Graph, ring_ids: Sequence[str]) -> dict[str, int]:
    """How much happened to each ring and to those that merged into it."""
    rows = await graph.read("ring_events/count", ring_ids=ring_ids)
    return {row["ring_id"]: row["events"] for row in rows}


def _event(told: Row) -> StoredRingEvent:
    return StoredRingEvent(
        event=RingEvent(
            kind=RingEventKind(told["kind"]),
            ring_id=told["ring_id"],
            size_before=told["size_before"],
            size_after=told["size_after"],
            added=told["added"],
            removed=told["removed"],
            other_ring_ids=tuple(told["other_ring_ids"]),
        ),
        place=(told["at_ms"], told["key"]),
        at=moment(told["at_ms"]) or LONG_AGO,
        run_id=told["run_id"],
        score=told["score"],
        grade=Grade(told["grade"]),
        tier=Tier(told["tier"]),
        state=RingState(told["state"]),
    )
