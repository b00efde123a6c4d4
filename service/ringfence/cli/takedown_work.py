"""Takedowns worked off in the foreground, with a bar that tells how far they are."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Final

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from ringfence.cli.door import notes
from ringfence.domain.takedown_rules import TakedownRules
from ringfence.domain.takedowns import TakedownState
from ringfence.errors import Conflict
from ringfence.store.graph import Graph
from ringfence.store.takedown_targets import find_switch
from ringfence.store.takedowns import StoredTakedown, TargetCounts, count_targets
from ringfence.usecases.approve_takedown import find_takedown
from ringfence.usecases.carry_out_takedown import SYSTEM
from ringfence.usecases.takedown_worker import TakedownWorker
from ringfence.usecases.undo_takedown import EXPIRED, IN_FORCE, begin_undo, undo_once

POLL_S: Final = 1.0
MOVING: Final = (TakedownState.RUNNING, TakedownState.UNDOING)
"""States in which a takedown goes on by itself."""

Step = Callable[[StoredTakedown], Awaitable[bool]]
"""Takes the next step of a takedown, and says whether there was one."""


async def carry_out(
    graph: Graph, takedown_id: str, rules: TakedownRules, secret: bytes, *, until_done: bool
) -> StoredTakedown:
    """Work a takedown off until it ends or waits, and return it; one that expired is undone.

    Args:
        graph: connected and migrated.
        takedown_id: of one that was started.
        rules: of takedowns.
        secret: that identifiers of rings are remembered with.
        until_done: wait for waves to come, and for the switch while all are halted.

    Raises:
        NotFound: there is no such takedown.
        Conflict: it does not go on by itself.
    """
    takedown = await find_takedown(graph, takedown_id)
    if takedown.state not in MOVING and not _expired(takedown):
        raise Conflict(
            f"Takedown {takedown.id} is {takedown.state.value}; expected one that is running or "
            "being undone. Start or resume it first."
        )
    worker = TakedownWorker(graph, rules, secret)
    return await _work_off(graph, takedown.id, partial(_step, graph, worker), until_done=until_done)


async def work_off_undo(graph: Graph, takedown_id: str) -> StoredTakedown:
    """Work the undoing of a takedown off to its end, and return it."""

    async def step(takedown: StoredTakedown) -> bool:
        undoing = takedown.state is TakedownState.UNDOING
        return undoing and await undo_once(graph, takedown, at=datetime.now(UTC))

    return await _work_off(graph, takedown_id, step, until_done=False)


async def waits_because(graph: Graph, takedown: StoredTakedown) -> str | None:
    """Why a takedown is not through, in words; None: it is."""
    if takedown.state is TakedownState.PAUSED:
        return f"It is paused: {takedown.because}"
    if takedown.state is not TakedownState.RUNNING:
        return None
    switch = await find_switch(graph)
    if switch.halted:
        return f"All takedowns are halted by {switch.by}: {switch.because}"
    at = takedown.next_wave_at
    return f"Wave {takedown.wave} of {takedown.waves - 1} begins at {at:%Y-%m-%d %H:%M} UTC."


async def _step(graph: Graph, worker: TakedownWorker, takedown: StoredTakedown) -> bool:
    if _expired(takedown):
        await begin_undo(graph, takedown.id, reason=EXPIRED, by=SYSTEM)
        return True
    return await worker.step(takedown)


def _expired(takedown: StoredTakedown) -> bool:
    ends = takedown.expires_at
    return ends is not None and ends <= datetime.now(UTC) and takedown.state in IN_FORCE


async def _work_off(
    graph: Graph, takedown_id: str, step: Step, *, until_done: bool
) -> StoredTakedown:
    columns = (*Progress.get_default_columns()[:1], BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=notes, transient=True) as progress:
        bar = progress.add_task("", total=None)
        while True:
            takedown = await find_takedown(graph, takedown_id)
            moved = await step(takedown)
            counts = (await count_targets(graph, [takedown_id]))[takedown_id]
            progress.update(
                bar,
                description=takedown.state.value,
                completed=_through(takedown, counts),
                total=takedown.size,
            )
            if moved:
                continue
            takedown = await find_takedown(graph, takedown_id)
            if not until_done or takedown.state not in MOVING:
                return takedown
            await asyncio.sleep(POLL_S)


def _through(takedown: StoredTakedown, counts: TargetCounts) -> int:
    if takedown.state is TakedownState.UNDOING:
        return counts.undone + counts.cancelled
    return takedown.size - counts.queued
