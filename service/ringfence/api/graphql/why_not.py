"""Why an account is not in a ring, in GraphQL."""

from typing import Annotated

import strawberry

from ringfence.api.graphql import identifiers as identifier_types
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import key_of
from ringfence.api.graphql.nodes import SomeIdentifier
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import HubClass
from ringfence.domain.why_not import SharedWithRing as FoundShare
from ringfence.store.identifiers import find_identifiers
from ringfence.usecases.why_not import why_not


@strawberry.type
class SharedWithRing:
    """One identifier that an account shares with members of a ring."""

    key: strawberry.Private[IdentifierKey]
    kind: str = strawberry.field(description="Kind, such as device, payment_instrument or ip.")
    members: int = strawberry.field(description="Other members of the ring that carry it.")
    accounts: int = strawberry.field(description="All accounts that carry it.")
    hub: HubClass = strawberry.field(description="What the accounts behind it say of it.")
    proof: float = strawberry.field(
        description="Part of a whole proof that it gives, from 0 up; 0 where it is public."
    )

    @resolved
    def value(self, info: Info) -> str:
        """Value as compared (IPv6: the /64 network); personal data is masked without a reason."""
        return info.context.personal.value(self.key)

    @resolved
    async def identifier(self, info: Info) -> SomeIdentifier | None:
        """The identifier; null for an account's e-mail address and an IPv6 network."""
        stored = await info.context.load(find_identifiers, self.key)
        return identifier_types.Identifier(stored=stored) if stored else None


@strawberry.type
class WhyNot:
    """How far an account is from a ring; it is no promise that a run would take it in."""

    account_id: str = strawberry.field(description="The account's plain id.")
    ring_id: str | None = strawberry.field(
        description="Plain id of the ring, or of the nearest; null if nothing is shared with any."
    )
    member: bool = strawberry.field(description="Whether the account is a member of it.")
    shares: list[SharedWithRing] = strawberry.field(
        description="What it shares with the ring, strongest first."
    )
    proof: float = strawberry.field(
        description="Parts of a whole proof: the best of each family of kinds, added up."
    )
    needed: float = strawberry.field(description="Parts that attach an account.")
    missing: list[str] = strawberry.field(
        description=(
            "What is missing: nothing_shared, only_places, one_family, too_common, public_hub, "
            "not_enough_proof."
        )
    )
    against: list[str] = strawberry.field(
        description="What speaks for the account: pays_for_months, own_machine, out_of_time."
    )
    text: str = strawberry.field(description="The answer in words; personal data is masked.")


@strawberry.type
class ExplanationQueries:
    """What can be asked about accounts outside of rings."""

    @resolved
    async def why_not(
        self,
        info: Info,
        account_id: Annotated[
            strawberry.ID,
            strawberry.argument(description="A global id, or the provider's account id."),
        ],
        ring_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="A ring, by any of its ids; null: the nearest one."),
        ] = None,
    ) -> WhyNot:
        """Why an account is not in a ring; it reads the whole graph, so ask it sparingly."""
        ring = None if ring_id is None else key_of("Ring", ring_id)
        found = await why_not(
            info.context.graph,
            key_of("Account", account_id),
            ring,
            known_shared=info.context.known_shared,
        )
        return WhyNot(
            account_id=found.account_id,
            ring_id=found.ring_id,
            member=found.member,
            shares=[_share(share) for share in found.shares],
            proof=found.proof,
            needed=found.needed,
            missing=list(found.missing),
            against=list(found.against),
            text=found.text,
        )


def _share(found: FoundShare) -> SharedWithRing:
    return SharedWithRing(
        key=found.key,
        kind=found.key.kind,
        members=found.members,
        accounts=found.accounts,
        hub=found.hub,
        proof=found.proof,
    )
