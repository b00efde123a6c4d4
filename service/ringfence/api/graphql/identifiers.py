"""Identifiers in GraphQL: what accounts share."""

from functools import partial
from typing import Self

import strawberry

from ringfence.api.graphql import accounts as account_types
from ringfence.api.graphql import rings as ring_types
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import global_id, identifier_text
from ringfence.api.graphql.links import link
from ringfence.api.graphql.nodes import Node, SomeLink, SomeRing
from ringfence.api.graphql.paging import After, Connection, First, read_page
from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of
from ringfence.store.identifiers import (
    StoredIdentifier,
    count_identifier_rings,
    page_identifier_rings,
)
from ringfence.store.links import page_identifier_links


@strawberry.type
class Identifier(Node):
    """Something that accounts can share."""

    key: strawberry.Private[IdentifierKey]
    kind: str = strawberry.field(description="Kind, such as device, payment_instrument or ip.")
    strength: Strength = strawberry.field(description="What sharing it proves, by its kind.")
    accounts: int = strawberry.field(description="How many accounts carry it.")
    instrument_kind: str | None = strawberry.field(
        description="Of a payment instrument: card, bank or wallet."
    )
    bin: str | None = strawberry.field(
        description="Of a payment instrument: the first digits, which name its issuer."
    )
    funding: str | None = strawberry.field(
        description="Of a payment instrument: credit, debit, prepaid or virtual."
    )
    country: str | None = strawberry.field(description="Of a payment instrument: its country.")
    address_class: str | None = strawberry.field(
        description="Of an address: what a feed says of it, such as proxy, carrier or campus."
    )
    proxy: bool = strawberry.field(description="Of an address: a feed says proxy or VPN.")

    @classmethod
    def from_stored(cls, stored: StoredIdentifier) -> Self:
        """The identifier as GraphQL tells it."""
        return cls(
            id=strawberry.ID(global_id("Identifier", identifier_text(stored.key))),
            key=stored.key,
            kind=stored.key.kind,
            strength=strength_of(stored.key.kind),
            accounts=stored.accounts,
            instrument_kind=stored.instrument_kind,
            bin=stored.bin,
            funding=stored.funding,
            country=stored.country,
            address_class=stored.address_class,
            proxy=stored.proxy,
        )

    @resolved
    def value(self, info: Info) -> str:
        """Value, 256 characters at the most; personal data is masked, unless a reason is given."""
        return info.context.personal.value(self.key)

    @resolved
    async def links(self, info: Info, first: First, after: After = None) -> Connection[SomeLink]:
        """The accounts that used it, by account id."""
        page = read_page(first, after, "users", (str,))
        found = await info.context.load(
            page_identifier_links, self.key, after=page.after, limit=page.limit
        )

        async def counted() -> int:
            return self.accounts

        return page.connect(
            found or [],
            place=lambda one: (one[0].account_id,),
            node=lambda one: link(one[0], account_types.Account.from_stored(one[1]), self),
            counted=counted,
        )

    @resolved
    async def rings(self, info: Info, first: First, after: After = None) -> Connection[SomeRing]:
        """The rings that it is evidence of, highest score first."""
        page = read_page(first, after, "identifier_rings", (float, str))
        found = await info.context.load(
            page_identifier_rings, self.key, after=page.after, limit=page.limit
        )
        return page.connect(
            found or [],
            place=lambda one: one[0],
            node=lambda one: ring_types.Ring.from_stored(one[1]),
            counted=partial(info.context.count, count_identifier_rings, self.key),
        )
