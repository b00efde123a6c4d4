"""Sorted hashes of 64 bits, and where one stands among them."""

from array import array
from bisect import bisect_left, bisect_right
from typing import Any, Final

import numpy as np
import numpy.typing as npt

MOST_BITS: Final = 18
"""A table by so many first bits takes 1 MiB."""
_NOWHERE: Final = range(0)


class SortedHashes:
    """Finds a hash by a table of its first bits and a few comparisons of plain integers.

    A search by numpy costs more to begin than this to end.

    Args:
        hashes: uint64, sorted; the same memory is read, not a copy of it.
    """

    def __init__(self, hashes: npt.NDArray[Any]) -> None:
        self._hashes: memoryview = hashes.data
        bits = min(max(len(hashes).bit_length() - 3, 1), MOST_BITS)
        self._shift = 64 - bits
        firsts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(self._shift)
        starts = np.searchsorted(hashes, firsts).tolist()
        self._starts = array("I", [*starts, len(hashes)])

    def find(self, hash_: int) -> int:
        """Place of the first that is equal, or -1."""
        part = hash_ >> self._shift
        end = self._starts[part + 1]
        at = bisect_left(self._hashes, hash_, self._starts[part], end)
        return at if at < end and self._hashes[at] == hash_ else -1

    def range_of(self, hash_: int) -> range:
        """Places of all that are equal."""
        first = self.find(hash_)
        if first < 0:
            return _NOWHERE
        end = self._starts[(hash_ >> self._shift) + 1]
        return range(first, bisect_right(self._hashes, hash_, first, end))
