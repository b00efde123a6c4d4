"""Accounts in GraphQL."""

from datetime import datetime
from functools import partial
from typing import Self

import strawberry

from ringfence.api.graphql import identifiers as identifier_types
from ringfence.api.graphql import rings as ring_types
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import global_id
from ringfence.api.graphql.links import link
from ringfence.api.graphql.members import member
from ringfence.api.graphql.nodes import Node, SomeLink, SomeMember
from ringfence.api.graphql.paging import After, Connection, First, read_page
from ringfence.api.graphql.scalars import Count
from ringfence.api.graphql.usage import UsageDay
from ringfence.store.accounts import StoredAccount, find_paid
from ringfence.store.links import count_account_links, page_account_links
from ringfence.store.members import count_memberships, page_memberships
from ringfence.store.usage import account_usage_by_day


@strawberry.type
class Money:
    """A sum of money in one currency."""

    currency: str = strawberry.field(description="ISO 4217 code, three capital letters.")
    amount_minor: Count = strawberry.field(description="The sum in minor units, such as cents.")


@strawberry.type
class Charges:
    """What became of the charges of an account."""

    account_id: strawberry.Private[str]
    succeeded: int = strawberry.field(description="Charges that succeeded.")
    declined: int = strawberry.field(description="Charges that were declined.")
    refunded: int = strawberry.field(description="Charges that were given back.")
    disputed: int = strawberry.field(description="Charges that the payer disputed.")
    first_paid_at: datetime | None = strawberry.field(
        description="The first charge that succeeded, in UTC."
    )
    last_paid_at: datetime | None = strawberry.field(
        description="The last charge that succeeded, in UTC."
    )

    @resolved
    async def paid(self, info: Info) -> list[Money]:
        """What was paid in all, by currency."""
        paid = await info.context.load(find_paid, self.account_id) or []
        return [Money(currency=code, amount_minor=Count(minor)) for code, minor in paid]


@strawberry.type
class Account(Node):
    """A customer account of the provider."""

    account_id: str = strawberry.field(description="The provider's own id of the account.")
    address: strawberry.Private[str | None]
    country: str | None = strawberry.field(description="Country of the sign-up.")
    plan: str | None = strawberry.field(description="Plan of the sign-up.")
    user_agent: str | None = strawberry.field(description="User agent of the sign-up.")
    signed_up_at: datetime | None = strawberry.field(
        description="The sign-up, in UTC; null until its event has come."
    )
    first_seen_at: datetime | None = strawberry.field(description="The first event, in UTC.")
    last_seen_at: datetime | None = strawberry.field(description="The last event, in UTC.")
    exchanges: Count = strawberry.field(description="Requests that the model answered it.")
    tokens: Count = strawberry.field(description="Tokens, in and out.")
    charges: Charges = strawberry.field(description="What became of its charges.")

    @classmethod
    def from_stored(cls, stored: StoredAccount) -> Self:
        """The account as GraphQL tells it."""
        return cls(
            id=strawberry.ID(global_id("Account", stored.id)),
            account_id=stored.id,
            address=stored.email,
            country=stored.country,
            plan=stored.plan,
            user_agent=stored.user_agent,
            signed_up_at=stored.signed_up_at,
            first_seen_at=stored.first_seen_at,
            last_seen_at=stored.last_seen_at,
            exchanges=Count(stored.requests),
            tokens=Count(stored.tokens),
            charges=_charges(stored),
        )

    @resolved
    def email(self, info: Info) -> str | None:
        """E-mail address of the sign-up; masked, unless a reason to see it is given."""
        return info.context.personal.email(self.account_id, self.address)

    @resolved
    async def usage_by_day(self, info: Info) -> list[UsageDay]:
        """Use by UTC day, earliest first; the latest 366 days with any use."""
        days = await info.context.load(account_usage_by_day, self.account_id)
        return [UsageDay.from_stored(day) for day in days or ()]

    @resolved
    async def links(self, info: Info, first: First, after: After = None) -> Connection[SomeLink]:
        """What the account used, by kind and value."""
        page = read_page(first, after, "links", (str, str))
        found = await info.context.load(
            page_account_links, self.account_id, after=page.after, limit=page.limit
        )
        return page.connect(
            found or [],
            place=lambda one: one[0].identifier,
            node=lambda one: link(one[0], self, identifier_types.Identifier.from_stored(one[1])),
            counted=partial(info.context.count, count_account_links, self.account_id),
        )

    @resolved
    async def memberships(
        self, info: Info, first: First, after: After = None
    ) -> Connection[SomeMember]:
        """The rings that the account is in, highest score first."""
        page = read_page(first, after, "memberships", (float, str))
        found = await info.context.load(
            page_memberships, self.account_id, after=page.after, limit=page.limit
        )
        return page.connect(
            found or [],
            place=lambda one: (one[0].rank, one[0].ring_id),
            node=lambda one: member(one[0], self, ring_types.Ring.from_stored(one[1])),
            counted=partial(info.context.count, count_memberships, self.account_id),
        )


def _charges(stored: StoredAccount) -> Charges:
    return Charges(
        account_id=stored.id,
        succeeded=stored.charges_succeeded,
        declined=stored.charges_declined,
        refunded=stored.charges_refunded,
        disputed=stored.charges_disputed,
        first_paid_at=stored.first_paid_at,
        last_paid_at=stored.last_paid_at,
    )
