"""Verdicts in GraphQL: what people said of a ring."""

from datetime import datetime

import strawberry

from ringfence.domain.rings import RingState
from ringfence.domain.verdicts import VerdictKind
from ringfence.store.verdicts import StoredVerdict


@strawberry.type
class Verdict:
    """What somebody said of a ring."""

    verdict_id: str = strawberry.field(description="Its plain id.")
    ring_id: str = strawberry.field(
        description="Plain id of the ring that was judged; a dismissal holds for others too."
    )
    kind: VerdictKind = strawberry.field(description="What was said.")
    by: str = strawberry.field(description="Who said so.")
    reason: str = strawberry.field(description="Why, in words.")
    at: datetime = strawberry.field(description="When, in UTC.")
    state_before: RingState = strawberry.field(description="State of the ring until then.")


def verdict(stored: StoredVerdict) -> Verdict:
    """The verdict as GraphQL tells it."""
    return Verdict(
        verdict_id=stored.id,
        ring_id=stored.ring_id,
        kind=stored.kind,
        by=stored.by,
        reason=stored.reason,
        at=stored.at,
        state_before=stored.state_before,
    )
