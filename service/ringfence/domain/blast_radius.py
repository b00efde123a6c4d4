"""The blast radius of a takedown: whom it would hit, and what it would stop."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Role
from ringfence.domain.takedown_plans import Care, PlannedTarget
from ringfence.domain.takedown_rules import CareRules
from ringfence.domain.takedowns import RANK_BY_STANDING, HoldReason, Standing
from ringfence.domain.weak_links import sole_links

TOLD_CUTS: Final = 5
"""Identifiers that are told as worth cutting."""


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """What is known of one member when a takedown is planned.

    Attributes:
        because: identifiers that tie it, strongest first.
        paid_minor: what it has paid, by currency.
        at_campus: whether it was seen at an address that a feed calls a campus.
    """

    account_id: str
    role: Role
    strength: float
    because: tuple[IdentifierKey, ...]
    standing: Standing
    verified_organisation: bool
    protected: bool
    appeal_open: bool
    signed_up_at: datetime | None
    charges_succeeded: int
    charges_disputed: int
    paid_minor: Mapping[str, int]
    requests: int
    at_campus: bool


class Cut(msgspec.Struct, frozen=True):
    """An identifier whose blocking would help.

    Attributes:
        members: members of the ring that it ties.
        requests: exchanges that these drew.
        share: of all exchanges of the ring, in [0, 1].
        outside: accounts that carry it and are no members, who would feel it too.
    """

    kind: str
    value: str
    members: int
    requests: int
    share: float
    outside: int


class BlastRadius(msgspec.Struct, frozen=True):
    """Whom a plan would hit.

    Attributes:
        members: of the ring, both roles.
        acted: accounts that would be acted on, those counted below among them.
        already: have that standing or a stricter one now, so that nothing changes for them.
        held: members held out, by reason.
        left_out: peripheral members that the plan does not ask for.
        paying: have paid, and disputed nothing.
        one_link: hang by one identifier.
        requests, ring_requests: exchanges of those acted on, and of the whole ring.
        harm_share: the first by the second, in [0, 1]; 0 for a ring without exchanges.
        paid_minor: what those acted on have paid, in minor units by currency.
        cuts: identifiers whose blocking would help most, the most exchanges first.
    """

    members: int
    core: int
    peripheral: int
    tier: str
    acted: int
    already: int
    held: dict[str, int]
    left_out: int
    paying: int
    long_tenured: int
    verified_organisation: int
    household: int
    campus: int
    one_link: int
    requests: int
    ring_requests: int
    harm_share: float
    paid_minor: dict[str, int]
    cuts: tuple[Cut, ...]

    @property
    def needs_care(self) -> bool:
        """Whether anyone is in it who may be innocent."""
        return any((sum(self.held.values()), self.paying, self.long_tenured, self.campus))


def plan_targets(
    members: Sequence[MemberFacts],
    carriers: Mapping[IdentifierKey, int],
    *,
    peripheral: bool,
    care: CareRules,
    at: datetime,
) -> list[PlannedTarget]:
    """The members that a plan is about, by account id, each with why it is held out, if it is.

    Args:
        members: all of the ring.
        carriers: accounts that carry each identifier of the evidence, members or not.
        peripheral: whether peripheral members are asked for too.
        care: what makes a member worth a second look.
        at: moment of the plan.
    """
    soles = sole_links([one.because for one in members])
    asked = [
        (one, sole)
        for one, sole in zip(members, soles, strict=True)
        if peripheral or one.role is Role.CORE
    ]
    return sorted(
        (
            PlannedTarget(
                account_id=one.account_id,
                role=one.role,
                strength=one.strength,
                previous_standing=one.standing,
                hold=_hold(one),
                requests=one.requests,
                sole=None if sole is None else (sole.kind, sole.value),
                care=tuple(_care(one, sole, carriers, care, at)),
            )
            for one, sole in asked
        ),
        key=lambda target: target.account_id,
    )


def blast_radius(
    members: Sequence[MemberFacts],
    targets: Sequence[PlannedTarget],
    carriers: Mapping[IdentifierKey, int],
    *,
    standing: Standing,
    tier: str,
) -> BlastRadius:
    """Whom acting on the targets would hit.

    Args:
        members: all of the ring.
        targets: as `plan_targets` gives them.
        carriers: accounts that carry each identifier of the evidence, members or not.
        standing: that the targets would get.
        tier: of the ring.
    """
    acted = [one for one in targets if one.hold is None]
    facts = {one.account_id: one for one in members}
    cares = Counter(care for one in acted for care in one.care)
    requests = sum(one.requests for one in acted)
    ring_requests = sum(one.requests for one in members)
    paid: Counter[str] = Counter()
    for one in acted:
        paid.update(facts[one.account_id].paid_minor)
    roles = Counter(one.role for one in members)
    return BlastRadius(
        members=len(members),
        core=roles[Role.CORE],
        peripheral=roles[Role.PERIPHERAL],
        tier=tier,
        acted=len(acted),
        already=sum(
            RANK_BY_STANDING[one.previous_standing] >= RANK_BY_STANDING[standing] for one in acted
        ),
        held=dict(sorted(Counter(one.hold.value for one in targets if one.hold).items())),
        left_out=len(members) - len(targets),
        paying=cares[Care.PAYING],
        long_tenured=cares[Care.LONG_TENURED],
        verified_organisation=sum(one.verified_organisation for one in members),
        household=cares[Care.HOUSEHOLD],
        campus=cares[Care.CAMPUS],
        one_link=cares[Care.ONE_LINK],
        requests=requests,
        ring_requests=ring_requests,
        harm_share=requests / ring_requests if ring_requests else 0.0,
        paid_minor=dict(sorted(paid.items())),
        cuts=_cuts(members, carriers, ring_requests),
    )


def _hold(member: MemberFacts) -> HoldReason | None:
    if member.protected:
        return HoldReason.PROTECTED
    if member.verified_organisation:
        return HoldReason.VERIFIED_ORGANISATION
    return HoldReason.APPEAL_OPEN if member.appeal_open else None


def _care(
    member: MemberFacts,
    sole: IdentifierKey | None,
    carriers: Mapping[IdentifierKey, int],
    rules: CareRules,
    at: datetime,
) -> list[Care]:
    tenure = timedelta(days=rules.tenure_days)
    return [
        care
        for care, holds in (
            (Care.PAYING, member.charges_succeeded > 0 and not member.charges_disputed),
            (
                Care.LONG_TENURED,
                member.signed_up_at is not None and at - member.signed_up_at >= tenure,
            ),
            (Care.CAMPUS, member.at_campus),
            (Care.HOUSEHOLD, _may_be_household(member, carriers, rules.household)),
            (Care.ONE_LINK, sole is not None),
        )
        if holds
    ]


def _may_be_household(
    member: MemberFacts, carriers: Mapping[IdentifierKey, int], most: int
) -> bool:
    """Whether so few accounts stand behind all that ties it that they may live together."""
    known = [carriers[key] for key in member.because if key in carriers]
    return bool(known) and max(known) <= most


def _cuts(
    members: Sequence[MemberFacts], carriers: Mapping[IdentifierKey, int], ring_requests: int
) -> tuple[Cut, ...]:
    tied: Counter[IdentifierKey] = Counter()
    requests: Counter[IdentifierKey] = Counter()
    for one in members:
        for key in one.because:
            tied[key] += 1
            requests[key] += one.requests
    best = sorted(tied, key=lambda key: (-requests[key], -tied[key], key))[:TOLD_CUTS]
    return tuple(
        Cut(
            kind=key.kind,
            value=key.value,
            members=tied[key],
            requests=requests[key],
            share=requests[key] / ring_requests if ring_requests else 0.0,
            outside=max(0, carriers.get(key, tied[key]) - tied[key]),
        )
        for key in best
    )
