"""Use of the model in GraphQL: by day, and the heaviest users."""

from datetime import date
from typing import Self

import strawberry

from ringfence.api.graphql.nodes import SomeAccount
from ringfence.api.graphql.scalars import Count
from ringfence.store.usage import DayOfUse


@strawberry.type
class UsageDay:
    """Use of the model on one UTC day."""

    day: date = strawberry.field(description="The day, in UTC, of the start of each period used.")
    exchanges: Count = strawberry.field(description="Requests that the model answered.")
    tokens: Count = strawberry.field(description="Tokens, in and out.")
    accounts: int = strawberry.field(description="Accounts that were active on the day.")

    @classmethod
    def from_stored(cls, stored: DayOfUse) -> Self:
        """The day as GraphQL tells it."""
        return cls(
            day=stored.day,
            exchanges=Count(stored.requests),
            tokens=Count(stored.tokens),
            accounts=stored.accounts,
        )


@strawberry.type
class HeavyUser:
    """A member of a ring with what it used in all."""

    account: SomeAccount = strawberry.field(description="The account.")
    exchanges: Count = strawberry.field(description="Requests that the model answered it.")
    tokens: Count = strawberry.field(description="Tokens, in and out.")
    share: float = strawberry.field(description="Its part of the ring's exchanges, from 0 to 1.")
