"""What people said of rings, respected: confirmed rings stay, dismissed ones do not come back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import exp, log
from typing import Final

from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of
from ringfence.domain.rings import (
    Dismissal,
    Evidence,
    HubClass,
    KnownRing,
    Reason,
    Ring,
    RingState,
    Role,
    Tier,
)

GROWTH: Final = 1.5
"""Times its size when it was dismissed that a group must have to be judged anew."""

SAME_CORE: Final = 0.5
"""Part of a ring's core that a dismissal must have been about to hold for it too."""

DISMISSED_BEFORE: Final = Reason("dismissed_before", -1.0, "")
"""Log-odds by which an old dismissal lowers the score of the ring that outgrew it."""


def respect_verdicts(rings: Sequence[Ring], known: Sequence[KnownRing]) -> tuple[Ring, ...]:
    """The rings as the verdicts on known ones let them be, in their order.

    A confirmed ring stays at least in review. A dismissal holds for every ring whose core it was
    about, under whatever id, until new strong identifiers or half as many members again come;
    such a ring is open, its tier is review at the best, and the old verdict is a reason against.

    Args:
        rings: found now, named.
        known: rings of an earlier run.
    """
    known_by_id = {ring.id: ring for ring in known}
    dismissed = _dismissed_by_account(known)
    return tuple(_respected(ring, known_by_id.get(ring.id), dismissed) for ring in rings)


def outgrows(ring: Ring, dismissal: Dismissal | None) -> bool:
    """Whether a group has become another one than the one that was dismissed."""
    if dismissal is None:
        return False
    grown = len(ring.members) >= GROWTH * dismissal.size
    return grown or not strong_identifiers(ring.evidence) <= dismissal.strong


def strong_identifiers(evidence: Sequence[Evidence]) -> frozenset[IdentifierKey]:
    """Strong identifiers that tie members; public hubs tie nobody."""
    return frozenset(
        piece.key
        for piece in evidence
        if strength_of(piece.key.kind) is Strength.STRONG and piece.hub is not HubClass.PUBLIC
    )


def _respected(ring: Ring, before: KnownRing | None, dismissed: dict[str, list[KnownRing]]) -> Ring:
    if before is not None and before.judged:
        confirmed = before.state is RingState.CONFIRMED
        tier = Tier.REVIEW if confirmed and ring.tier is Tier.WATCH else ring.tier
        return replace(ring, tier=tier, state=before.state)
    about = list(_dismissals_of_core(ring, dismissed))
    for dismissal in about:
        if not outgrows(ring, dismissal):
            return replace(ring, state=RingState.DISMISSED, verdict_id=dismissal.verdict_id)
    return _outgrown(ring, about[0]) if about else ring


def _dismissed_by_account(known: Sequence[KnownRing]) -> dict[str, list[KnownRing]]:
    dismissed: dict[str, list[KnownRing]] = {}
    for ring in known:
        if ring.dismissal is not None:
            for account_id in ring.members:
                dismissed.setdefault(account_id, []).append(ring)
    return dismissed


def _dismissals_of_core(ring: Ring, dismissed: dict[str, list[KnownRing]]) -> Iterator[Dismissal]:
    """Dismissals that were about at least half of a ring's core, the latest first."""
    core = [member.account_id for member in ring.members if member.role is Role.CORE]
    core = core or [member.account_id for member in ring.members]
    counts: dict[str, int] = {}
    found: dict[str, Dismissal] = {}
    for account_id in core:
        for known in dismissed.get(account_id, ()):
            counts[known.id] = counts.get(known.id, 0) + 1
            if known.dismissal is not None:
                found[known.id] = known.dismissal
    about = [found[name] for name, count in counts.items() if count >= SAME_CORE * len(core)]
    yield from sorted(about, key=lambda one: (one.at, one.verdict_id), reverse=True)


def _outgrown(ring: Ring, dismissal: Dismissal) -> Ring:
    came = len(strong_identifiers(ring.evidence) - dismissal.strong)
    text = (
        f"{dismissal.by} dismissed ring {dismissal.ring_id} on {dismissal.at:%Y-%m-%d}, when it "
        f"had {dismissal.size} members; {came} strong identifiers are new: {dismissal.reason}"
    )
    against = replace(DISMISSED_BEFORE, text=text)
    return replace(
        ring,
        score=round(_shifted(ring.score, against.weight), 6),
        tier=Tier.REVIEW if ring.tier is Tier.AUTO else ring.tier,
        reasons=tuple(sorted((*ring.reasons, against), key=lambda one: -abs(one.weight))),
    )


def _shifted(score: float, log_odds: float) -> float:
    """A probability moved by log-odds; certainties stay."""
    if score <= 0.0 or score >= 1.0:
        return score
    return 1.0 / (1.0 + exp(-(log(score / (1.0 - score)) + log_odds)))
