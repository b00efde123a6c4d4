"""Log-odds for and against each group, added up to a probability; every summand has its reason."""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.config import ScoreParameters
from ringfence.detection.innocence_points import innocence_points
from ringfence.detection.likeness_points import likeness_points
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.points import Point
from ringfence.detection.profiles import Groups, Profiles
from ringfence.detection.tie_points import group_points, tie_points
from ringfence.detection.ties import Ties, cover_by_kind


@dataclass(frozen=True, slots=True)
class Scores:
    """Of g groups.

    Attributes:
        log_odds, probability: (g,).
        points: all summands, in a fixed order.
        agreeing: (kinds, g) whether the kind's ties reach enough of the group.
    """

    log_odds: Floats
    probability: Floats
    points: list[Point]
    agreeing: Flags
    cover: Floats


def score_groups(
    groups: Groups, ties: Ties, profiles: Profiles, links: SharedLinks, weights: ScoreParameters
) -> Scores:
    """Score every group at once."""
    cover = shares = cover_by_kind(ties, groups, links, links.trust)
    if (links.trust < 1).any():
        shares = cover_by_kind(ties, groups, links, np.ones(len(links.trust)))
    agreeing = cover >= weights.agrees_from
    points = [
        *tie_points(cover, shares, links.kinds, weights),
        *group_points(groups, profiles, agreeing, ties, links, weights),
        *likeness_points(groups, profiles, ties, links, weights),
        *innocence_points(groups, profiles, ties, links, weights),
    ]
    total = weights.prior + np.sum([point.weight for point in points], axis=0)
    log_odds = weights.scale * total + weights.shift
    log_odds = np.broadcast_to(log_odds, groups.sizes.shape).astype(np.float64)
    return Scores(log_odds, 1 / (1 + np.exp(-log_odds)), points, agreeing, cover)
