"""What a caller asks of the list of rings: which, and in what order."""

from enum import Enum
from typing import TypeVar

import strawberry

from ringfence.domain.rings import Grade, RingState, Tier
from ringfence.store import rings as store
from ringfence.store.rings import RingOrderBy

Value = TypeVar("Value")

NOT_CLOSED = tuple(state for state in RingState if state is not RingState.CLOSED)
"""A closed ring is one that the last run no longer found: it is told only when asked for."""


@strawberry.enum
class OrderDirection(Enum):
    """Which way a list is sorted."""

    ASC = "asc"
    DESC = "desc"


@strawberry.input
class RingOrder:
    """The order of a list of rings."""

    by: RingOrderBy = strawberry.field(default=RingOrderBy.SCORE, description="What to sort by.")
    direction: OrderDirection = strawberry.field(
        default=OrderDirection.DESC, description="Which way."
    )

    def to_store(self) -> store.RingOrder:
        """The order in the store's words."""
        return store.RingOrder(self.by, self.direction is OrderDirection.DESC)


@strawberry.input
class RingFilter:
    """Which rings to list."""

    grade: list[Grade] | None = strawberry.field(default=None, description="Only these grades.")
    tier: list[Tier] | None = strawberry.field(default=None, description="Only these tiers.")
    state: list[RingState] | None = strawberry.field(
        default=None, description="Only these states; else all but closed."
    )
    min_size: int | None = strawberry.field(
        default=None, description="Only rings of as many members or more."
    )
    max_size: int | None = strawberry.field(
        default=None, description="Only rings of as many members or fewer."
    )

    def to_store(self) -> store.RingFilter:
        """The filter in the store's words."""
        return store.RingFilter(
            grades=_fixed(self.grade),
            tiers=_fixed(self.tier),
            states=_fixed(self.state) or NOT_CLOSED,
            min_size=self.min_size,
            max_size=self.max_size,
        )


def _fixed(values: list[Value] | None) -> tuple[Value, ...] | None:
    return None if values is None else tuple(values)
