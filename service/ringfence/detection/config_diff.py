"""Two detections of the same data compared: accounts and rings in and out, and tiers that move."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ringfence.domain.rings import Detection, Grade, Ring, Tier

FLAGGED = frozenset({Tier.AUTO, Tier.REVIEW})


@dataclass(frozen=True, slots=True)
class ReasonChange:
    """A point whose weight differs; 0 where one side does not make it."""

    code: str
    weight_a: float
    weight_b: float


@dataclass(frozen=True, slots=True)
class TierChange:
    """A ring that both sides find but treat otherwise.

    Attributes:
        reasons: what moved the score, the largest move first; empty where size or grade did it.
    """

    ring_a: str
    ring_b: str
    tier_a: Tier
    tier_b: Tier
    score_a: float
    score_b: float
    grade_a: Grade
    grade_b: Grade
    members_a: int
    members_b: int
    reasons: tuple[ReasonChange, ...]


@dataclass(frozen=True, slots=True)
class DetectionDiff:
    """What B says otherwise than A; everything sorted.

    Attributes:
        accounts_in, accounts_out: flagged (tier auto or review) by B alone, and by A alone.
        rings_matched: ids in A and in B of rings that share more members with each other than
            with any other.
        rings_only_a, rings_only_b: ids of the rest.
        tier_changes: matched rings whose tier differs.
    """

    accounts_in: tuple[str, ...]
    accounts_out: tuple[str, ...]
    rings_matched: tuple[tuple[str, str], ...]
    rings_only_a: tuple[str, ...]
    rings_only_b: tuple[str, ...]
    tier_changes: tuple[TierChange, ...]


def compare_detections(a: Detection, b: Detection) -> DetectionDiff:
    """What the second detection of the same accounts says otherwise than the first."""
    flagged_a, flagged_b = _flagged(a.rings), _flagged(b.rings)
    ring_a_by_id = {ring.id: ring for ring in a.rings}
    ring_b_by_id = {ring.id: ring for ring in b.rings}
    matched = _matched(a.rings, b.rings)
    firsts, seconds = {first for first, _ in matched}, {second for _, second in matched}
    pairs = [(ring_a_by_id[first], ring_b_by_id[second]) for first, second in matched]
    return DetectionDiff(
        accounts_in=tuple(sorted(flagged_b - flagged_a)),
        accounts_out=tuple(sorted(flagged_a - flagged_b)),
        rings_matched=matched,
        rings_only_a=tuple(sorted(ring_a_by_id.keys() - firsts)),
        rings_only_b=tuple(sorted(ring_b_by_id.keys() - seconds)),
        tier_changes=tuple(_tier_change(x, y) for x, y in pairs if x.tier is not y.tier),
    )


def _flagged(rings: Iterable[Ring]) -> set[str]:
    return {m.account_id for ring in rings if ring.tier in FLAGGED for m in ring.members}


def _matched(a: Iterable[Ring], b: Iterable[Ring]) -> tuple[tuple[str, str], ...]:
    """Pairs of ids by members in common, the most first; each ring once."""
    ring_of_b = {member.account_id: ring.id for ring in b for member in ring.members}
    shared = Counter(
        (ring.id, ring_of_b[member.account_id])
        for ring in a
        for member in ring.members
        if member.account_id in ring_of_b
    )
    taken_a: set[str] = set()
    taken_b: set[str] = set()
    matched = []
    for first, second in sorted(shared, key=lambda pair: (-shared[pair], pair)):
        if first not in taken_a and second not in taken_b:
            matched.append((first, second))
            taken_a.add(first)
            taken_b.add(second)
    return tuple(sorted(matched))


def _tier_change(a: Ring, b: Ring) -> TierChange:
    return TierChange(
        ring_a=a.id,
        ring_b=b.id,
        tier_a=a.tier,
        tier_b=b.tier,
        score_a=a.score,
        score_b=b.score,
        grade_a=a.grade,
        grade_b=b.grade,
        members_a=len(a.members),
        members_b=len(b.members),
        reasons=_reason_changes(a, b),
    )


def _reason_changes(a: Ring, b: Ring) -> tuple[ReasonChange, ...]:
    weight_a, weight_b = ({r.code: r.weight for r in ring.reasons} for ring in (a, b))
    changes = [
        ReasonChange(code, weight_a.get(code, 0.0), weight_b.get(code, 0.0))
        for code in sorted(weight_a.keys() | weight_b.keys())
        if weight_a.get(code, 0.0) != weight_b.get(code, 0.0)
    ]
    return tuple(sorted(changes, key=lambda it: (-abs(it.weight_b - it.weight_a), it.code)))
