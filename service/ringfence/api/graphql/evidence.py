"""Evidence in GraphQL: the identifiers that tie the members of a ring."""

import strawberry

from ringfence.api.graphql import identifiers as identifier_types
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.nodes import SomeIdentifier
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import HubClass
from ringfence.store.evidence import RankedEvidence
from ringfence.store.identifiers import find_identifiers


@strawberry.type
class Evidence:
    """One identifier that ties members of a ring."""

    key: strawberry.Private[IdentifierKey]
    kind: str = strawberry.field(description="Kind, such as device, payment_instrument or ip.")
    members: int = strawberry.field(description="Members of the ring that carry it.")
    accounts: int = strawberry.field(
        description="All accounts that carried it when the ring was found, members or not."
    )
    hub: HubClass = strawberry.field(description="What the accounts behind it say of it.")
    weight: float = strawberry.field(
        description="What it adds to each pair of members, from 0 up, without unit."
    )

    @resolved
    def value(self, info: Info) -> str:
        """Value, 256 characters at the most; personal data is masked, unless a reason is given."""
        return info.context.personal.value(self.key)

    @resolved
    async def identifier(self, info: Info) -> SomeIdentifier | None:
        """The identifier, with all who carry it now."""
        stored = await info.context.load(find_identifiers, self.key)
        return identifier_types.Identifier(stored=stored) if stored else None


def evidence(ranked: RankedEvidence) -> Evidence:
    """The evidence as GraphQL tells it."""
    stored = ranked.evidence
    return Evidence(
        key=stored.key,
        kind=stored.key.kind,
        members=stored.members,
        accounts=stored.accounts,
        hub=stored.hub,
        weight=stored.weight,
    )
