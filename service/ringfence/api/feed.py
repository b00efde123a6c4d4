"""Changes as they become true, for all who follow them in this process.

One task looks for the number of the last change while anybody listens; each listener reads on from
its own place, page by page, at the pace at which it is listened to. So a slow one holds up nobody,
fills no queue, and misses nothing.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from ringfence.domain.changes import ToldChange
from ringfence.errors import InvalidInput, LimitExceeded, RingfenceError
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.outbox import last_told, page_told

POLL_S = 0.5
PAGE = 200
MAX_LISTENERS = 1_000

log = get_logger(__name__)


class Feed:
    """The changes of one graph.

    Args:
        graph: read from; nothing is read while nobody listens.
        poll_s: seconds between two looks.
    """

    def __init__(self, graph: Graph, *, poll_s: float = POLL_S) -> None:
        self._graph = graph
        self._poll_s = poll_s
        self._listeners = 0
        self._watch: asyncio.Task[None] | None = None
        self._last = 0
        self._more = asyncio.Condition()

    async def follow(self, after: int | None = None) -> AsyncIterator[ToldChange]:
        """Changes after a number, without end; from now on where there is none.

        Raises:
            InvalidInput: changes after that number are kept no more, or it is yet to come.
            LimitExceeded: too many follow at once.
        """
        last, trimmed = await last_told(self._graph)
        place = last if after is None else after
        if not trimmed <= place <= last:
            raise InvalidInput(
                f"Changes {trimmed + 1:,} to {last:,} are kept, and those after {place:,} were "
                "asked for. Read the rings anew, then follow without `after`."
            )
        async with self._listening(last):
            while True:
                for told in await page_told(self._graph, after=place, limit=PAGE):
                    place = told.seq
                    yield told
                async with self._more:
                    await self._more.wait_for(lambda: self._last > place)  # noqa: B023 - waits here

    @asynccontextmanager
    async def _listening(self, last: int) -> AsyncIterator[None]:
        if self._listeners >= MAX_LISTENERS:
            raise LimitExceeded(f"{MAX_LISTENERS:,} follow already. Try again later.")
        self._listeners += 1
        self._last = max(self._last, last)
        if self._watch is None:
            self._watch = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners:
                await self._stop()

    async def _stop(self) -> None:
        watch, self._watch = self._watch, None
        if watch:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(self._poll_s)
            try:
                last, _ = await last_told(self._graph)
            except RingfenceError as error:
                log.warning("changes_not_read", code=error.code, reason=str(error))
                continue
            if last > self._last:
                async with self._more:
                    self._last = last
                    self._more.notify_all()
