"""What happened to rings, in GraphQL."""

from datetime import datetime

import strawberry

from ringfence.domain.lineage import RingEventKind
from ringfence.domain.rings import Grade, RingState, Tier
from ringfence.store.ring_events import StoredRingEvent

MAX_OTHERS = 100


@strawberry.type
class RingEvent:
    """Something that happened to a ring, and the figures that it then had."""

    kind: RingEventKind = strawberry.field(description="What happened.")
    at: datetime = strawberry.field(description="When, in UTC.")
    ring_id: str = strawberry.field(
        description="Plain id of the ring it happened to: this one, or one that merged into it."
    )
    told_by: str = strawberry.field(
        description="Plain id of the run that told it, or of the verdict that it is."
    )
    size_before: int = strawberry.field(description="How many members it had.")
    size_after: int = strawberry.field(description="Before, plus those added, less those removed.")
    added: int = strawberry.field(description="Members that came.")
    removed: int = strawberry.field(description="Members that left.")
    other_ring_ids: list[str] = strawberry.field(
        description=(
            "Plain ids of the rings that it came from (born), that took parts of it (split, "
            "dissolved), that merged into it (merged) or that it merged into (absorbed), "
            f"{MAX_OTHERS} at the most."
        )
    )
    score: float = strawberry.field(description="Its score from then on.")
    grade: Grade = strawberry.field(description="Its grade from then on.")
    tier: Tier = strawberry.field(description="Its tier from then on.")
    state: RingState = strawberry.field(description="Its state from then on.")


def ring_event(stored: StoredRingEvent) -> RingEvent:
    """The event as GraphQL tells it."""
    event = stored.event
    return RingEvent(
        kind=event.kind,
        at=stored.at,
        ring_id=event.ring_id,
        told_by=stored.run_id,
        size_before=event.size_before,
        size_after=event.size_after,
        added=event.added,
        removed=event.removed,
        other_ring_ids=list(event.other_ring_ids[:MAX_OTHERS]),
        score=stored.score,
        grade=stored.grade,
        tier=stored.tier,
        state=stored.state,
    )
