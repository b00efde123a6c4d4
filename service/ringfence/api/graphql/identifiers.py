"""Identifiers in GraphQL: what accounts share."""

from functools import partial

import strawberry

from ringfence.api.graphql import accounts as account_types
from ringfence.api.graphql import rings as ring_types
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.ids import global_id, identifier_text
from ringfence.api.graphql.links import Link
from ringfence.api.graphql.nodes import Node, SomeLink, SomeRing
from ringfence.api.graphql.paging import After, Connection, First, read_page
from ringfence.domain.identifiers import Strength, strength_of
from ringfence.store.identifiers import (
    StoredIdentifier,
    count_identifier_rings,
    page_identifier_rings,
)
from ringfence.store.links import page_identifier_links


@strawberry.type
class Identifier(Node):
    """Something that accounts can share."""

    stored: strawberry.Private[StoredIdentifier]
    kind: str = held("stored.key.kind", "Kind, such as device, payment_instrument or ip.")
    accounts: int = held("stored.accounts", "How many accounts carry it.")
    instrument_kind: str | None = held(
        "stored.instrument_kind", "Of a payment instrument: card, bank or wallet."
    )
    bin: str | None = held(
        "stored.bin", "Of a payment instrument: the first digits, which name its issuer."
    )
    funding: str | None = held(
        "stored.funding", "Of a payment instrument: credit, debit, prepaid or virtual."
    )
    country: str | None = held("stored.country", "Of a payment instrument: its country.")
    address_class: str | None = held(
        "stored.address_class",
        "Of an address: what a feed says of it, such as proxy, carrier or campus.",
    )
    proxy: bool = held("stored.proxy", "Of an address: a feed says proxy or VPN.")

    @property
    def global_id(self) -> str:
        """Its opaque id."""
        return global_id("Identifier", identifier_text(self.stored.key))

    @resolved
    def strength(self) -> Strength:
        """What sharing it proves, by its kind."""
        return strength_of(self.stored.key.kind)

    @resolved
    def value(self, info: Info) -> str:
        """Value, 256 characters at the most; personal data is masked, unless a reason is given."""
        return info.context.personal.value(self.stored.key)

    @resolved
    async def links(self, info: Info, first: First, after: After = None) -> Connection[SomeLink]:
        """The accounts that used it, by account id."""
        page = read_page(first, after, "users", (str,))
        found = await info.context.load(
            page_identifier_links, self.stored.key, after=page.after, limit=page.limit
        )

        async def counted() -> int:
            return self.stored.accounts

        return page.connect(
            found or [],
            place=lambda one: (one[0].account_id,),
            node=lambda one: Link(
                stored=one[0], account=account_types.Account(stored=one[1]), identifier=self
            ),
            counted=counted,
        )

    @resolved
    async def rings(self, info: Info, first: First, after: After = None) -> Connection[SomeRing]:
        """The rings that it is evidence of, highest score first."""
        page = read_page(first, after, "identifier_rings", (float, str))
        found = await info.context.load(
            page_identifier_rings, self.stored.key, after=page.after, limit=page.limit
        )
        return page.connect(
            found or [],
            place=lambda one: one[0],
            node=lambda one: ring_types.Ring(stored=one[1]),
            counted=partial(info.context.count, count_identifier_rings, self.stored.key),
        )
