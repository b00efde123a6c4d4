"""Rings in words: their evidence and their reasons."""

from collections.abc import Sequence

import numpy as np

from ringfence.detection.hubs import Hubs
from ringfence.detection.links import SharedLinks
from ringfence.detection.points import Point
from ringfence.detection.scoring import Scores
from ringfence.detection.ties import Ties
from ringfence.domain.identifiers import Strength, strength_of
from ringfence.domain.rings import Evidence, Reason

TOLD_DIGITS = 2
"""Of weights: one account more anywhere moves them all in the fourth, and tells nothing."""
LEAST_TOLD = 0.05
"""Summands below this log-odds are left out of the reasons."""


def reasons_of(scores: Scores, group: int) -> tuple[Reason, ...]:
    """Points for and against one group, the weightiest first."""
    told = [
        Reason(point.code, round(float(point.weight[group]), 4), _told(point, group))
        for point in scores.points
        if abs(float(point.weight[group])) >= LEAST_TOLD
    ]
    return tuple(sorted(told, key=lambda reason: (-abs(reason.weight), reason.code)))


def _told(point: Point, group: int) -> str:
    return point.text.format(float(point.figure[group]))


def evidence_by_group(
    chosen: Sequence[int], ties: Ties, links: SharedLinks, hubs: Hubs
) -> dict[int, list[tuple[int, Evidence]]]:
    """Tie and evidence of each chosen group, the weightiest first."""
    wanted = np.flatnonzero(np.isin(ties.group, np.array(chosen, dtype=np.int64)))
    identifier = ties.identifier[wanted]
    weights = [round(weight, TOLD_DIGITS) for weight in ties.weight[wanted].tolist()]
    strength = np.array([_ORDER[strength_of(kind)] for kind in links.kinds], dtype=np.int64)
    heaviest = -np.array(weights) * ties.members[wanted]
    # Identifiers are numbered in the order of their keys.
    order = np.lexsort((identifier, heaviest, strength[links.kind[identifier]], ties.group[wanted]))
    pieces = map(
        Evidence,
        [links.keys[at] for at in identifier.tolist()],
        ties.members[wanted].tolist(),
        links.degree[identifier].tolist(),
        hubs.classes_of(identifier),
        weights,
    )
    rows = list(zip(wanted.tolist(), pieces, strict=True))
    found: dict[int, list[tuple[int, Evidence]]] = {group: [] for group in chosen}
    for at, group in zip(order.tolist(), ties.group[wanted[order]].tolist(), strict=True):
        found[group].append(rows[at])
    return found


_ORDER = {
    strength: at
    for at, strength in enumerate(
        (Strength.STRONG, Strength.MEDIUM, Strength.WEAK, Strength.NEVER_ALONE)
    )
}
