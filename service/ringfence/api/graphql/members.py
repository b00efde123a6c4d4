"""Membership in GraphQL: how an account belongs to a ring."""

import strawberry

from ringfence.api.graphql.nodes import SomeAccount, SomeRing
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Role
from ringfence.store.members import Membership

MAX_BECAUSE = 20


@strawberry.type
class IdentifierName:
    """The kind and the value of an identifier."""

    kind: str = strawberry.field(description="Kind, such as device, payment_instrument or ip.")
    value: str = strawberry.field(description="Value, 256 characters at the most.")


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
    return IdentifierName(kind=key.kind, value=key.value)
