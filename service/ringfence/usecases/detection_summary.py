"""What a run of detection found and did, in figures and its first rings."""

from collections.abc import Sequence, Sized
from dataclasses import dataclass
from typing import Final, Protocol

from ringfence.domain.graph import AccountColumns
from ringfence.domain.rings import Detection, Grade, Ring, RingState, Tier
from ringfence.store.found_rings import RingActivity

TOP_RINGS: Final = 20
"""Rings that a summary shows."""


@dataclass(frozen=True, slots=True)
class RingLine:
    """A ring in one line; `requests` are exchanges with the model."""

    id: str
    operation_id: str
    tier: Tier
    grade: Grade
    score: float
    size: int
    requests: int
    tokens: int
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DetectionSummary:
    """What a run found and did.

    Attributes:
        accounts_flagged: members of rings in tier auto or review that nobody dismissed.
        rings_written: rings that are new or changed; the others were left alone.
        top_rings: that nobody dismissed, by tier, then score, then size; `TOP_RINGS` at the most.
    """

    run_id: str
    graph_fingerprint: str
    accounts: int
    links: int
    rings: int
    rings_by_tier: dict[str, int]
    rings_by_grade: dict[str, int]
    accounts_flagged: int
    rings_written: int
    rings_closed: int
    read_s: float
    detect_s: float
    write_s: float
    top_rings: tuple[RingLine, ...]


class WhatWasRead(Protocol):
    """An account graph, or what is left of it once it was pruned elsewhere."""

    @property
    def accounts(self) -> AccountColumns:
        """All accounts."""

    @property
    def links(self) -> Sized:
        """As many as the whole graph has."""


def summarise(
    run_id: str,
    account_graph: WhatWasRead,
    detection: Detection,
    activities: Sequence[RingActivity],
    *,
    written: int,
    closed: int,
    seconds: tuple[float, float, float],
) -> DetectionSummary:
    """Count what a run found.

    Args:
        run_id: of the run.
        account_graph: what was read.
        detection: what was found in it.
        activities: of each ring, in their order.
        written: rings written.
        closed: rings closed.
        seconds: spent reading, detecting and writing.
    """
    rings = detection.rings
    tiers = [ring.tier for ring in rings]
    grades = [ring.grade for ring in rings]
    flagged = (
        ring
        for ring in rings
        if ring.tier is not Tier.WATCH and ring.state is not RingState.DISMISSED
    )
    read_s, detect_s, write_s = (round(one, 3) for one in seconds)
    return DetectionSummary(
        run_id=run_id,
        graph_fingerprint=detection.graph_fingerprint,
        accounts=len(account_graph.accounts),
        links=len(account_graph.links),
        rings=len(rings),
        rings_by_tier={tier.value: tiers.count(tier) for tier in Tier},
        rings_by_grade={grade.value: grades.count(grade) for grade in Grade},
        accounts_flagged=len({member.account_id for ring in flagged for member in ring.members}),
        rings_written=written,
        rings_closed=closed,
        read_s=read_s,
        detect_s=detect_s,
        write_s=write_s,
        top_rings=_top_rings(rings, activities),
    )


def _top_rings(rings: Sequence[Ring], activities: Sequence[RingActivity]) -> tuple[RingLine, ...]:
    tiers = list(Tier)
    lines = [
        RingLine(
            id=ring.id,
            operation_id=ring.operation_id,
            tier=ring.tier,
            grade=ring.grade,
            score=ring.score,
            size=len(ring.members),
            requests=activity.requests,
            tokens=activity.tokens,
            kinds=ring.kinds,
        )
        for ring, activity in zip(rings, activities, strict=True)
        if ring.state is not RingState.DISMISSED
    ]
    lines.sort(key=lambda line: (tiers.index(line.tier), -line.score, -line.size, line.id))
    return tuple(lines[:TOP_RINGS])
