"""Accounts in GraphQL."""

from datetime import datetime
from functools import partial

import strawberry

from ringfence.api.graphql import identifiers as identifier_types
from ringfence.api.graphql import members as member_types
from ringfence.api.graphql import rings as ring_types
from ringfence.api.graphql import screenings as screening_types
from ringfence.api.graphql import takedown_targets as target_types
from ringfence.api.graphql.context import Info, Load
from ringfence.api.graphql.fields import gathered, held, resolved
from ringfence.api.graphql.ids import Keyed
from ringfence.api.graphql.links import Link
from ringfence.api.graphql.nodes import Node, SomeLink, SomeMember, SomeScreening, SomeTarget
from ringfence.api.graphql.paging import After, Connection, First, read_page
from ringfence.api.graphql.scalars import Count
from ringfence.api.graphql.usage import UsageDay
from ringfence.domain.takedowns import Standing
from ringfence.store.accounts import StoredAccount, find_paid
from ringfence.store.links import count_account_links, page_account_links
from ringfence.store.members import count_memberships, page_memberships
from ringfence.store.screenings import (
    count_account_screenings,
    page_account_screenings,
)
from ringfence.store.takedown_lists import count_account_takedowns, page_account_takedowns
from ringfence.store.usage import account_usage_by_day


@strawberry.type
class Money:
    """A sum of money in one currency."""

    currency: str = strawberry.field(description="ISO 4217 code, three capital letters.")
    amount_minor: Count = strawberry.field(description="The sum in minor units, such as cents.")


@strawberry.type
class Charges:
    """What became of the charges of an account."""

    stored: strawberry.Private[StoredAccount]
    succeeded: int = held("stored.charges_succeeded", "Charges that succeeded.")
    declined: int = held("stored.charges_declined", "Charges that were declined.")
    refunded: int = held("stored.charges_refunded", "Charges that were given back.")
    disputed: int = held("stored.charges_disputed", "Charges that the payer disputed.")
    first_paid_at: datetime | None = held(
        "stored.first_paid_at", "The first charge that succeeded, in UTC."
    )
    last_paid_at: datetime | None = held(
        "stored.last_paid_at", "The last charge that succeeded, in UTC."
    )

    @resolved
    async def paid(self, info: Info) -> list[Money]:
        """What was paid in all, by currency."""
        paid = await info.context.load(find_paid, self.stored.id) or []
        return [Money(currency=code, amount_minor=Count(minor)) for code, minor in paid]


@strawberry.type
class Account(Node):
    """A customer account of the provider."""

    stored: strawberry.Private[StoredAccount]
    account_id: str = held("stored.id", "The provider's own id of the account.")
    country: str | None = held("stored.country", "Country of the sign-up.")
    plan: str | None = held("stored.plan", "Plan of the sign-up.")
    user_agent: str | None = held("stored.user_agent", "User agent of the sign-up.")
    signed_up_at: datetime | None = held(
        "stored.signed_up_at", "The sign-up, in UTC; null until its event has come."
    )
    first_seen_at: datetime | None = held("stored.first_seen_at", "The first event, in UTC.")
    last_seen_at: datetime | None = held("stored.last_seen_at", "The last event, in UTC.")
    exchanges: Count = held("stored.requests", "Requests that the model answered it.")
    tokens: Count = held("stored.tokens", "Tokens, in and out.")

    standing: Standing = held(
        "stored.standing",
        "What it may do: the strictest of the next one and of all takedowns in force on it.",
    )
    told_standing: Standing = held("stored.told_standing", "What the provider told by itself.")
    verified_organisation: bool = held(
        "stored.verified_organisation", "Whether the provider verified the organisation behind it."
    )
    protected_because: str | None = held(
        "stored.protected_because", "Why it is held out of takedowns, if it is."
    )

    global_id = Keyed("Account", "stored.id")

    @resolved
    def charges(self) -> Charges:
        """What became of its charges."""
        return Charges(stored=self.stored)

    @resolved
    def email(self, info: Info) -> str | None:
        """E-mail address of the sign-up; masked, unless a reason to see it is given."""
        return info.context.personal.email(self.stored.id, self.stored.email)

    @resolved
    async def usage_by_day(self, info: Info) -> list[UsageDay]:
        """Use by UTC day, earliest first; the latest 366 days with any use."""
        days = await info.context.load(account_usage_by_day, self.stored.id)
        return [UsageDay.from_stored(day) for day in days or ()]

    @resolved
    async def links(self, info: Info, first: First, after: After = None) -> Connection[SomeLink]:
        """What the account used, by kind and value."""
        page = read_page(first, after, "links", (str, str))
        found = await info.context.load(
            page_account_links, self.stored.id, after=page.after, limit=page.limit
        )
        return page.connect(
            found or [],
            place=lambda one: one[0].identifier,
            node=lambda one: Link(
                stored=one[0], account=self, identifier=identifier_types.Identifier(stored=one[1])
            ),
            counted=partial(info.context.count, count_account_links, self.stored.id),
        )

    @resolved
    async def memberships(
        self, info: Info, first: First, after: After = None
    ) -> Connection[SomeMember]:
        """The rings that the account is in, highest score first."""
        page = read_page(first, after, "memberships", (float, str))
        found = await info.context.load(
            page_memberships, self.stored.id, after=page.after, limit=page.limit
        )
        return page.connect(
            found or [],
            place=lambda one: (one[0].rank, one[0].ring_id),
            node=lambda one: member_types.Member(
                stored=one[0], account=self, ring=ring_types.Ring(stored=one[1])
            ),
            counted=partial(info.context.count, count_memberships, self.stored.id),
        )

    @gathered
    def screenings(
        self, info: Info, first: First, after: After = None
    ) -> Load[Connection[SomeScreening]]:
        """The sign-up checks that named it, the latest first."""
        page = read_page(first, after, screening_types.ORDER, (int, str))
        return screening_types.listed(
            info, self.stored.id, page, find=page_account_screenings, count=count_account_screenings
        )

    @gathered
    def takedowns(
        self, info: Info, first: First, after: After = None
    ) -> Load[Connection[SomeTarget]]:
        """What takedowns did to it or held it out of, the one planned last first."""
        page = read_page(first, after, "account_takedowns", (int, str))
        return page.load(
            page_account_takedowns,
            self.stored.id,
            {},
            place=lambda one: one[0],
            node=lambda one: target_types.TakedownTarget(stored=one[1], takedown_id=one[0][1]),
            counted=partial(info.context.count, count_account_takedowns, self.stored.id),
        )
