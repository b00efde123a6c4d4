"""Upkeep of a screener: what it knows is kept true, and what it kept is written to the graph.

Everything here may fail for as long as Neo4j is away; answers go on from what was known last, and
say so.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import Final

from ringfence.domain.changes import REMEMBERED, ChangeTopic, ToldChange
from ringfence.domain.screenings import Screening
from ringfence.errors import GraphUnavailable, RingfenceError
from ringfence.logs import get_logger
from ringfence.metrics import ROUND_SECONDS, ROUNDS
from ringfence.screening.assessing import note
from ringfence.screening.deciding import Rules, check_again
from ringfence.screening.index import ScreeningIndex
from ringfence.screening.re_entry import RememberedRings
from ringfence.store.account_graph import GraphSize, find_size
from ringfence.store.graph import Graph
from ringfence.store.outbox import last_told, page_told
from ringfence.store.remembered import load_remembered
from ringfence.store.screenings import find_batch
from ringfence.usecases.policies import find_policies
from ringfence.usecases.screen import Screener
from ringfence.usecases.write_behind import write_behind

POLL_S: Final = 1.0
PATIENCE_S: Final = 10.0
"""A Neo4j that answers nothing for so long is taken for away."""
PAGE: Final = 500
COMPARED: Final = 2_000
"""Answers, the latest, that are compared with what the next index says of them."""
AWAY: Final = "graph_unavailable"
BEHIND: Final = "writes_wait"

Build = Callable[[], Awaitable[ScreeningIndex]]
"""Finds rings anew where that is asked for, and builds or opens the newest index."""

log = get_logger(__name__)


@dataclass(slots=True)
class Agreement:
    """How far answers agree with what the index that was built after them says.

    Attributes:
        compared, equal: answers since the worker began.
    """

    compared: int = 0
    equal: int = 0

    @property
    def share(self) -> float | None:
        """Share of equal ones; None where none was compared."""
        return self.equal / self.compared if self.compared else None


class Upkeep:
    """Keeps one screener.

    Args:
        screener: of this worker.
        graph: read and written.
        build: gives the newest index.
        every_s: least time between the beginnings of two builds.
        poll_s: time between two looks at what has changed.
    """

    def __init__(
        self,
        screener: Screener,
        graph: Graph,
        build: Build,
        *,
        every_s: float,
        poll_s: float = POLL_S,
    ) -> None:
        self._screener = screener
        self._graph = graph
        self._build = build
        self._every_s = every_s
        self._poll_s = poll_s
        self._place: int | None = None
        self._stale = True
        self._built_at = -every_s
        self._size: GraphSize | None = None
        self._writing = asyncio.Lock()
        self._answers: list[Screening] = []
        self._away = self._behind = False
        self.agreement = Agreement()
        screener.listeners.append(self.answered)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep the screener for as long as the block lasts; what it kept is written at the end."""
        loops = (self.follow, self.write, self.rebuild_if_due)
        tasks = [asyncio.create_task(self._again(step)) for step in loops]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            with suppress(RingfenceError, TimeoutError):
                async with asyncio.timeout(PATIENCE_S):
                    await self.write()

    async def follow(self) -> None:
        """Take in what changed since the last look: rings, policies, sign-ups at other workers."""
        last, _ = await last_told(self._graph)
        if self._place is None:
            await self._learn_rules()
            await self._learn_remembered()
            self._place = last
        while self._place < last:
            changes = await page_told(self._graph, after=self._place, limit=PAGE)
            if not changes:
                break
            await self._take_in(changes)
            self._place = changes[-1].seq
        size = await find_size(self._graph)
        if size != self._size:
            self._stale, self._size = True, size
        self._tell_trouble(away=False)

    async def write(self) -> None:
        """Write what waits in the journal, that of workers which died included."""
        screener = self._screener
        async with self._writing:
            await asyncio.to_thread(screener.journal.sync)
            if self._place is None:
                return
            secret = screener.settings.secret
            if await write_behind(self._graph, screener.journal, screener.known, secret=secret):
                self._stale = True
            self._tell_trouble(behind=False)

    async def rebuild_if_due(self) -> None:
        """Build the index anew if anything changed, at most every so often."""
        if (
            self._stale
            and self._place is not None
            and monotonic() - self._built_at >= self._every_s
        ):
            await self.rebuild()

    async def rebuild(self) -> None:
        """Build the index anew while answers go on, and take it in."""
        self._built_at = monotonic()
        fresh = self._screener.known.fresh.successor()
        answers, self._answers = self._answers, []
        try:
            # What waits is in the index then, or those after it would not know of it for a while.
            with suppress(RingfenceError):
                await self.write()
            self._stale = False
            with ROUND_SECONDS.time(), ROUNDS.labels("failed").count_exceptions():
                index = await self._build()
        except BaseException:
            self._stale = True
            raise
        ROUNDS.labels("done").inc()
        self._screener.learn(index=index, fresh=fresh)
        log.info("index_taken_in", version=index.version, rings=len(index.rings))
        await self._compare(answers)

    @property
    def stale(self) -> bool:
        """Whether something changed since the index was built."""
        return self._stale

    @property
    def index(self) -> ScreeningIndex | None:
        """The index that answers are made from just now."""
        return self._screener.known.index

    def answered(self, answer: Screening) -> None:
        """Remember an answer, to be compared with what the next index says of it."""
        self._answers.append(answer)
        if len(self._answers) > 2 * COMPARED:
            del self._answers[:COMPARED]

    async def _compare(self, answers: list[Screening]) -> None:
        for at, answer in enumerate(answers[-COMPARED:]):
            if answer.degraded is None:
                again = check_again(self._screener.known, answer)
                self.agreement.compared += 1
                self.agreement.equal += again.ruling.intended is answer.ruling.intended
            if at % 20 == 0:
                await asyncio.sleep(0)
        if share := self.agreement.share:
            log.info("screening_agreement", compared=self.agreement.compared, share=round(share, 4))

    async def _take_in(self, changes: list[ToldChange]) -> None:
        topics = {told.change.topic for told in changes}
        # A run that changes no ring is no news, or the run of each round would ask for another.
        if ChangeTopic.RING in topics:
            self._stale = True
        if any(told.change.kind == REMEMBERED for told in changes):
            await self._learn_remembered()
        if ChangeTopic.POLICY in topics:
            await self._learn_rules()
        for told in changes:
            if told.change.topic is ChangeTopic.SCREENING:
                await self._take_in_batch(told.change.subject_id)

    async def _take_in_batch(self, batch_id: str) -> None:
        """Let sign-ups at other workers count here too."""
        known = self._screener.known
        for logged in await find_batch(self._graph, batch_id):
            if not self._screener.answered_here(logged.screening.id):
                note(known.fresh, logged.screening.attempt, logged.screening.assessment)

    async def _learn_rules(self) -> None:
        found = await find_policies(self._graph)
        self._screener.learn(rules=Rules(found.enforced, found.shadows, found.lists))

    async def _learn_remembered(self) -> None:
        columns = await load_remembered(self._graph)
        secret = self._screener.settings.secret
        self._screener.learn(remembered=RememberedRings(columns, secret))

    def _tell_trouble(self, *, away: bool | None = None, behind: bool | None = None) -> None:
        self._away = self._away if away is None else away
        self._behind = self._behind if behind is None else behind
        trouble = AWAY if self._away else BEHIND if self._behind else None
        if trouble != self._screener.known.trouble:
            log.warning("screening_trouble", now=trouble, before=self._screener.known.trouble)
            self._screener.learn(trouble=trouble)

    async def _again(self, step: Callable[[], Awaitable[None]]) -> None:
        """Take a step again and again, whatever becomes of it."""
        while True:
            try:
                limit = None if step == self.rebuild_if_due else PATIENCE_S
                async with asyncio.timeout(limit):
                    await step()
            except (RingfenceError, TimeoutError) as error:
                self._failed(step, error)
            except Exception:
                log.exception("screening_upkeep_broke", step=step.__name__)
            await asyncio.sleep(self._poll_s)

    def _failed(self, step: Callable[[], Awaitable[None]], error: Exception) -> None:
        log.warning("screening_upkeep_waits", step=step.__name__, reason=str(error))
        if step == self.write:
            self._tell_trouble(behind=True)
        elif isinstance(error, (GraphUnavailable, TimeoutError)):
            self._tell_trouble(away=True)
