"""Work at takedowns: whatever is due, again and again, by as many workers as there are."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

from ringfence.domain.takedown_rules import TakedownRules
from ringfence.domain.takedowns import TakedownState
from ringfence.errors import Conflict, GraphUnavailable, RingfenceError
from ringfence.logs import get_logger
from ringfence.metrics import TAKEDOWN_STEPS
from ringfence.store.graph import Graph
from ringfence.store.takedown_targets import BATCH, DueTakedown, find_due
from ringfence.store.takedowns import StoredTakedown
from ringfence.tracing import span
from ringfence.usecases.appeals import settle_appeals
from ringfence.usecases.approve_takedown import find_takedown
from ringfence.usecases.carry_out_takedown import SYSTEM, act_once
from ringfence.usecases.undo_takedown import EXPIRED, begin_undo, undo_once

POLL_S: Final = 1.0

log = get_logger(__name__)


def present() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


class TakedownWorker:
    """Carries out and undoes takedowns, step by step.

    Args:
        graph: connected and migrated.
        rules: of takedowns.
        secret: that identifiers of rings are remembered with.
        clock: what time it is.
        batch: accounts of one transaction.
    """

    def __init__(
        self,
        graph: Graph,
        rules: TakedownRules,
        secret: bytes,
        *,
        clock: Callable[[], datetime] = present,
        batch: int = BATCH,
    ) -> None:
        self._graph = graph
        self._rules = rules
        self._secret = secret
        self._clock = clock
        self._batch = batch

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work for as long as the block lasts; a step that was begun is kept or rolled back."""
        task = asyncio.create_task(self._work())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def work_off(self, takedown_id: str | None = None) -> int:
        """Take all steps that are due, of one takedown or of all, and say how many these were."""
        steps = 0
        while taken := await self._round(takedown_id):
            steps += taken
        return steps

    async def step(self, takedown: StoredTakedown) -> bool:
        """Take the next step of one takedown, and say whether there was one."""
        at = self._clock()
        if takedown.state is TakedownState.RUNNING:
            return await act_once(
                self._graph, takedown, self._rules, secret=self._secret, at=at, batch=self._batch
            )
        if takedown.state is TakedownState.UNDOING:
            return await undo_once(self._graph, takedown, at=at, batch=self._batch)
        return False

    async def _round(self, takedown_id: str | None) -> int:
        taken = await settle_appeals(self._graph, at=self._clock()) if takedown_id is None else 0
        for due in await find_due(self._graph, at=self._clock()):
            if takedown_id in (None, due.id):
                taken += await self._see_to(due)
        return taken

    async def _see_to(self, due: DueTakedown) -> bool:
        if due.expired and due.state is not TakedownState.UNDOING:
            with suppress(Conflict):
                await begin_undo(self._graph, due.id, reason=EXPIRED, by=SYSTEM)
            return True
        with span("takedown step", {"takedown_id": due.id}):
            taken = await self.step(await find_takedown(self._graph, due.id))
        TAKEDOWN_STEPS.inc(taken)
        return taken

    async def _work(self) -> None:
        while True:
            try:
                await self.work_off()
            except GraphUnavailable as error:
                log.warning("takedowns_wait", reason=str(error))
            except RingfenceError as error:
                log.error("takedowns_failed", code=error.code, reason=str(error))  # noqa: TRY400
            except Exception:
                log.exception("takedowns_broke")
            await asyncio.sleep(POLL_S)
