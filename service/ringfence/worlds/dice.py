"""Random draws that come out the same on every machine, from streams that have names.

Only the bits of PCG64 and the four basic operations are used: numpy promises the former for good
and IEEE 754 the latter, while logarithms and numpy's own distributions may change.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, MutableSequence, Sequence
from itertools import accumulate, chain
from typing import Generic, TypeVar

from numpy.random import PCG64

Item = TypeVar("Item")
_BLOCK = 512


class Weighted(Generic[Item]):
    """Items and how often each comes, in any unit."""

    __slots__ = ("bounds", "items", "total")

    def __init__(self, weights: Mapping[Item, float]) -> None:
        self.items = list(weights)
        self.bounds = list(accumulate(weights.values()))
        self.total = self.bounds[-1]


class Dice:
    """One stream of draws; its names decide all of it, and no other stream shifts it."""

    __slots__ = ("unit",)

    unit: Callable[[], float]
    """The next draw from [0, 1)."""

    def __init__(self, *names: str | int) -> None:
        name = "/".join(map(str, names)).encode()
        entropy = int.from_bytes(hashlib.blake2b(name, digest_size=16).digest(), "big")
        self.unit = chain.from_iterable(_blocks(PCG64(entropy))).__next__

    def below(self, count: int) -> int:
        """A whole number from 0 up to but not including count."""
        return int(self.unit() * count)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self.unit() * (high - low + 1))

    def within(self, low: float, high: float) -> float:
        """A number from [low, high)."""
        return low + self.unit() * (high - low)

    def chance(self, share: float) -> bool:
        """True as often as the share says."""
        return self.unit() < share

    def pick(self, items: Sequence[Item]) -> Item:
        """One of the items, each as likely as the others."""
        return items[int(self.unit() * len(items))]

    def weighted(self, choice: Weighted[Item]) -> Item:
        """One of the items, as often as its weight says."""
        return choice.items[bisect_right(choice.bounds, self.unit() * choice.total)]

    def skewed(self, items: Sequence[Item]) -> Item:
        """One of the items, the early ones more often: the first tenth every third time."""
        draw = self.unit()
        return items[int(draw * draw * len(items))]

    def along(self, quantiles: Sequence[float]) -> float:
        """A number from the distribution with these evenly spaced quantiles."""
        at = self.unit() * (len(quantiles) - 1)
        step = int(at)
        return quantiles[step] + (at - step) * (quantiles[step + 1] - quantiles[step])

    def shuffle(self, items: MutableSequence[Item]) -> None:
        """Put the items into a random order."""
        for at in range(len(items) - 1, 0, -1):
            other = int(self.unit() * (at + 1))
            items[at], items[other] = items[other], items[at]


def _blocks(bits: PCG64) -> Iterator[list[float]]:
    while True:
        yield ((bits.random_raw(_BLOCK) >> 11) * 2.0**-53).tolist()
