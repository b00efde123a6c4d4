"""Points for and against a group: one summand of its score each, with the words that tell it."""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.families import families_of
from ringfence.detection.links import Floats, SharedLinks
from ringfence.detection.profiles import Groups
from ringfence.detection.ties import Ties


@dataclass(frozen=True, slots=True)
class Point:
    """One summand: log-odds of each of g groups, and the figure that its text tells."""

    code: str
    weight: Floats
    text: str
    figure: Floats


def largest_of(groups: Groups, ties: Ties, links: SharedLinks, family: str) -> Floats:
    """(g,) share of a group that one identifier of the family holds."""
    codes = families_of(links.kinds).get(family, [])
    rows = np.flatnonzero(np.isin(links.kind[ties.identifier], codes))
    most = np.zeros(groups.count)
    np.maximum.at(most, ties.group[rows], ties.members[rows].astype(np.float64))
    return np.asarray(most / np.maximum(groups.sizes, 1), dtype=np.float64)
