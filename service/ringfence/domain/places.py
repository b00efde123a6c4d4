"""Places in a list that changes now and then: as many items as can keep the place that they had."""

from bisect import bisect_left
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

LEAST_GAP = 1e-6
"""Two places closer than this leave no room for others between them: all are given anew."""

Item = TypeVar("Item", bound=Hashable)


def keep_places(order: Sequence[Item], known: Mapping[Item, float]) -> list[float]:
    """Rising numbers for items in this order.

    Of the known places the longest rising run stays; all others, and new ones, go between and
    around these.
    """
    had = [at for at, item in enumerate(order) if item in known]
    values = [known[order[at]] for at in had]
    kept = _longest_rising(values)
    everywhere = np.arange(len(order), dtype=np.float64)
    if not kept:
        return everywhere.tolist()
    at = np.array([had[one] for one in kept])
    value = np.array([values[one] for one in kept])
    places = np.interp(everywhere, at, value)
    places[: at[0]] = value[0] - at[0] + everywhere[: at[0]]
    places[at[-1] + 1 :] = value[-1] - at[-1] + everywhere[at[-1] + 1 :]
    return (places if (np.diff(places) >= LEAST_GAP).all() else everywhere).tolist()


def _longest_rising(values: Sequence[float]) -> list[int]:
    """Where the members of a longest rising run are (patience sorting)."""
    ends: list[float] = []
    last: list[int] = []
    before: list[int] = []
    for at, value in enumerate(values):
        length = bisect_left(ends, value)
        before.append(last[length - 1] if length else -1)
        if length == len(ends):
            ends.append(value)
            last.append(at)
        else:
            ends[length], last[length] = value, at
    run = []
    at = last[-1] if last else -1
    while at >= 0:
        run.append(at)
        at = before[at]
    return run[::-1]
