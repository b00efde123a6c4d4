"""Operations in GraphQL: campaigns of many rings."""

from datetime import datetime
from typing import Self

import strawberry

from ringfence.api.graphql import rings as ring_types
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import Keyed
from ringfence.api.graphql.nodes import Node, SomeRing
from ringfence.api.graphql.paging import After, Connection, First, read_page
from ringfence.api.graphql.scalars import Count
from ringfence.store.operations import StoredOperation, page_operation_rings


@strawberry.type
class Operation(Node):
    """Rings tied by weaker evidence: a campaign."""

    operation_id: str = strawberry.field(description="Its plain id, such as op_….")
    size: int = strawberry.field(description="Members of its rings, added up.")
    ring_count: int = strawberry.field(description="How many rings it has.")
    exchanges: Count = strawberry.field(description="Requests that the model answered its rings.")
    tokens: Count = strawberry.field(description="Tokens, in and out.")
    first_signed_up_at: datetime | None = strawberry.field(
        description="Sign-up of its first member, in UTC."
    )
    last_signed_up_at: datetime | None = strawberry.field(
        description="Sign-up of its last member, in UTC."
    )

    global_id = Keyed("Operation", "operation_id")

    @classmethod
    def from_stored(cls, stored: StoredOperation) -> Self:
        """The operation as GraphQL tells it."""
        return cls(
            operation_id=stored.id,
            size=stored.accounts,
            ring_count=stored.rings,
            exchanges=Count(stored.requests),
            tokens=Count(stored.tokens),
            first_signed_up_at=stored.first_signed_up_at,
            last_signed_up_at=stored.last_signed_up_at,
        )

    @resolved
    async def rings(self, info: Info, first: First, after: After = None) -> Connection[SomeRing]:
        """Its rings, highest score first."""
        page = read_page(first, after, "operation_rings", (float, str))
        found = await info.context.load(
            page_operation_rings, self.operation_id, after=page.after, limit=page.limit
        )

        async def counted() -> int:
            return self.ring_count

        return page.connect(
            found or [],
            place=lambda one: one[0],
            node=lambda one: ring_types.Ring(stored=one[1]),
            counted=counted,
        )
