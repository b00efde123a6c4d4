"""Turns at a thing that serves few at once: whoever has to be done first goes first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from heapq import heappop, heappush
from itertools import count


class Turns:
    """Lets some in at once, and the others wait in the order of their deadlines.

    A request of many statements so finishes before those that came after it, which first come,
    first served would not see to: each of its statements would go to the end of the line.

    Args:
        at_once: how many are let in.
    """

    def __init__(self, at_once: int) -> None:
        self._free = at_once
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return sum(not granted.done() for *_, granted in self._waiting)

    @asynccontextmanager
    async def turn(self, by: float) -> AsyncIterator[None]:
        """One turn, for as long as the block lasts.

        Args:
            by: when the work has to be done, on any one clock; the least goes first.
        """
        await self._take(by)
        try:
            yield
        finally:
            self._give()

    async def _take(self, by: float) -> None:
        if self._free:
            self._free -= 1
            return
        granted = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (by, next(self._numbers), granted))
        try:
            await granted
        except asyncio.CancelledError:
            if not granted.cancelled():
                self._give()
            raise

    def _give(self) -> None:
        """Hand the turn to the next one that has not gone away, or keep it."""
        while self._waiting:
            *_, granted = heappop(self._waiting)
            if not granted.done():
                granted.set_result(None)
                return
        self._free += 1
