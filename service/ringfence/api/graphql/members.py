"""Membership in GraphQL: how an account belongs to a ring."""

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
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

    account: SomeAccount = strawberry.field(description="The account.")
    ring: SomeRing = strawberry.field(description="The ring.")
    role: Role = strawberry.field(description="Whether it is core or peripheral.")
    strength: float = strawberry.field(
        description="How firmly it is tied to the other members, from 0 up, without unit."
    )
    joined_because: str = strawberry.field(
        description="The least that put it into the ring, in words."
    )
    because: list[IdentifierName] = strawberry.field(
        description=f"The identifiers that tie it, strongest first, {MAX_BECAUSE} at the most."
    )


def member(stored: Membership, account: SomeAccount, ring: SomeRing) -> Member:
    """The membership as GraphQL tells it."""
    return Member(
        account=account,
        ring=ring,
        role=stored.role,
        strength=stored.strength,
        joined_because=stored.joined_because,
        because=[_name(key) for key in stored.because[:MAX_BECAUSE]],
    )


def _name(key: IdentifierKey) -> IdentifierName:
    return IdentifierName(kind=key.kind, key=key)
