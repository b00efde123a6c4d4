"""How much each client may ask for over time: a bucket of points that fills up again."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

CLIENTS_KEPT = 10_000
"""Buckets remembered; the one longest unused is forgotten first, and so is full again."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a client has left.

    Attributes:
        granted: whether the cost was taken.
        available: points left, whole ones.
        retry_after_s: seconds after which as much is there as was asked for; 0 where granted.
    """

    granted: bool
    available: int
    retry_after_s: int


class Throttle:
    """A bucket of points for each client, full at first.

    Args:
        capacity: points a full bucket holds.
        restored_per_s: points that come back each second.
        clock: seconds that only grow.
    """

    def __init__(
        self, capacity: int, restored_per_s: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.capacity = capacity
        self.restored_per_s = restored_per_s
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str, cost: int) -> Allowance:
        """Take the cost from the client's bucket, or leave it untouched where that holds less."""
        now = self._clock()
        left, filled_at = self._buckets.pop(client, (float(self.capacity), now))
        left = min(left + (now - filled_at) * self.restored_per_s, float(self.capacity))
        granted = cost <= left
        left -= cost if granted else 0
        self._buckets[client] = (left, now)
        if len(self._buckets) > CLIENTS_KEPT:
            self._buckets.popitem(last=False)
        missing = 0 if granted else min(cost, self.capacity) - left
        return Allowance(granted, int(left), ceil(missing / self.restored_per_s))
