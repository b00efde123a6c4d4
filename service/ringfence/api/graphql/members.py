"""Membership in GraphQL: how an account belongs to a ring."""

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.nodes import SomeAccount, SomeRing
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Role
from ringfence.store.members import Membership

MAX_BECAUSE = 20


@strawberry.type
class IdentifierName:
    """The kind and the value of an identifier."""

    kind: str = strawberry.field(description="Kind, such as device, payment_instrument or ip.")
    key: strawberry.Private[IdentifierKey]

    @resolved
    def value(self, info: Info) -> str:
        """Value, 256 characters at the most; personal data is masked, unless a reason is given."""
        return info.context.personal.value(self.key)


@strawberry.type
class Member:
    """How an account belongs to a ring."""

    stored: strawberry.Private[Membership]
    account: SomeAccount = strawberry.field(description="The account.")
    ring: SomeRing = strawberry.field(description="The ring.")
    role: Role = held("stored.role", "Whether it is core or peripheral.")
    strength: float = held(
        "stored.strength", "How firmly it is tied to the other members, from 0 up, without unit."
    )
    joined_because: str = held(
        "stored.joined_because", "The least that put it into the ring, in words."
    )

    @resolved
    def because(self) -> list[IdentifierName]:
        """The identifiers that tie it, strongest first, 20 at the most."""
        return [IdentifierName(kind=key.kind, key=key) for key in self.stored.because[:MAX_BECAUSE]]
