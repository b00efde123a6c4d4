"""The blast radius of a takedown in GraphQL: whom it would hit, and what it would stop."""

import strawberry

from ringfence.api.graphql import accounts as account_types
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.nodes import SomeMoney
from ringfence.api.graphql.scalars import Count
from ringfence.domain import blast_radius as domain
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.takedowns import HoldReason


@strawberry.type
class HeldMembers:
    """Members that are held out of a takedown for one reason."""

    reason: HoldReason = strawberry.field(description="Why.")
    members: int = strawberry.field(description="How many.")


@strawberry.type
class TakedownCut:
    """An identifier whose blocking would help."""

    stored: strawberry.Private[domain.Cut]
    kind: str = held("stored.kind", "Kind, such as device, payment_instrument or ip.")
    members: int = held("stored.members", "Members of the ring that it ties.")
    exchanges: Count = held("stored.requests", "Exchanges that these drew.")
    share: float = held("stored.share", "Of all exchanges of the ring, from 0 to 1.")
    outside: int = held(
        "stored.outside", "Accounts that carry it and are no members, who would feel it too."
    )

    @resolved
    def value(self, info: Info) -> str:
        """Value, 256 characters at the most; personal data is masked, unless a reason is given."""
        return info.context.personal.value(IdentifierKey(self.stored.kind, self.stored.value))


@strawberry.type
class BlastRadius:
    """Whom a takedown would hit, as the ring was when it was planned."""

    stored: strawberry.Private[domain.BlastRadius]
    members: int = held("stored.members", "Members of the ring, both roles.")
    core: int = held("stored.core", "Core members among them.")
    peripheral: int = held("stored.peripheral", "Peripheral members among them.")
    tier: str = held("stored.tier", "Tier of the ring: auto, review or watch.")
    acted: int = held("stored.acted", "Accounts that are acted on.")
    already: int = held(
        "stored.already",
        "Those among them that had that standing or a stricter one, so that nothing changes.",
    )
    left_out: int = held("stored.left_out", "Peripheral members that were not asked for.")
    paying: int = held("stored.paying", "Of those acted on: have paid, and disputed nothing.")
    long_tenured: int = held("stored.long_tenured", "Of those acted on: signed up long ago.")
    verified_organisation: int = held(
        "stored.verified_organisation", "Members of verified organisations; they are held out."
    )
    household: int = held(
        "stored.household", "Of those acted on: so few share what ties them that it may be a home."
    )
    campus: int = held("stored.campus", "Of those acted on: seen at an address of a campus.")
    one_link: int = held("stored.one_link", "Of those acted on: hang by one identifier.")
    exchanges: Count = held("stored.requests", "Exchanges that those acted on drew.")
    ring_exchanges: Count = held("stored.ring_requests", "Exchanges that the whole ring drew.")
    harm_share: float = held(
        "stored.harm_share", "The first by the second, from 0 to 1: what share of the harm stops."
    )
    needs_care: bool = held("stored.needs_care", "Whether anyone is in it who may be innocent.")

    @resolved
    def held_out(self) -> list[HeldMembers]:
        """Members that are held out, by reason."""
        return [
            HeldMembers(reason=HoldReason(why), members=count)
            for why, count in self.stored.held.items()
        ]

    @resolved
    def paid(self) -> list[SomeMoney]:
        """What those acted on have paid in all, by currency."""
        return [
            account_types.Money(currency=code, amount_minor=Count(minor))
            for code, minor in self.stored.paid_minor.items()
        ]

    @resolved
    def cuts(self) -> list[TakedownCut]:
        """Identifiers whose blocking would help most, the most exchanges first; 5 at the most."""
        return [TakedownCut(stored=one) for one in self.stored.cuts]
