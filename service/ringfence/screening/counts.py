"""How often a key was seen within a window that slides, exactly and in one process."""

from collections import OrderedDict
from typing import Final, Protocol

SLICES: Final = 12
"""Slices that a window is cut into; it slides by one of them at a time."""
MAX_KEYS: Final = 100_000


class Counts(Protocol):
    """Counts keys within windows that slide.

    A count covers the slice of its moment and the `SLICES` before it: the whole window, and at
    most one slice more. Callers pass the service's own clock. A moment later than all before
    moves the window on for every key; an earlier one is counted in its own slice while that is
    still held, and not at all afterwards.
    """

    def add(self, key: str, window_s: int, at_ms: int, amount: int = 1) -> int:
        """Count the key once more and return its count in the window that ends at that moment."""

    def count(self, key: str, window_s: int, at_ms: int) -> int:
        """Return the key's count in the window that ends at that moment."""


def slice_ms(window_s: int) -> int:
    """Length of a window's slices in milliseconds, rounded up so that they cover it."""
    return -(-window_s * 1000 // SLICES)


class LocalCounts:
    """Counts of one process, exact but for the slices that windows are rounded to.

    Args:
        max_keys: pairs of key and window kept; the one longest not added to is forgotten first.
    """

    def __init__(self, max_keys: int = MAX_KEYS) -> None:
        self._max_keys = max_keys
        self._newest: dict[int, int] = {}
        self._counts: OrderedDict[tuple[str, int], dict[int, int]] = OrderedDict()

    def add(self, key: str, window_s: int, at_ms: int, amount: int = 1) -> int:
        """Count the key once more and return its count in the window that ends at that moment."""
        at, oldest = self._move_to(window_s, at_ms)
        if at < oldest:
            return 0
        held = self._counts.pop((key, window_s), {})
        counts = {slice_: count for slice_, count in held.items() if slice_ >= oldest}
        counts[at] = counts.get(at, 0) + amount
        self._counts[key, window_s] = counts
        if len(self._counts) > self._max_keys:
            self._counts.popitem(last=False)
        return _total(counts, oldest, at)

    def count(self, key: str, window_s: int, at_ms: int) -> int:
        """Return the key's count in the window that ends at that moment."""
        at, oldest = self._move_to(window_s, at_ms)
        return _total(self._counts.get((key, window_s), {}), oldest, at)

    def _move_to(self, window_s: int, at_ms: int) -> tuple[int, int]:
        """The moment's slice, and the oldest one still held."""
        at = at_ms // slice_ms(window_s)
        newest = self._newest[window_s] = max(at, self._newest.get(window_s, at))
        return at, newest - SLICES


def _total(counts: dict[int, int], first: int, last: int) -> int:
    return sum(count for slice_, count in counts.items() if first <= slice_ <= last)
