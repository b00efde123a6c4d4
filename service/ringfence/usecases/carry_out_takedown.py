"""Carry out a takedown: start it, act wave by wave, and stop when its own alarms say so.

All that is known of the progress is in the graph, and each step is one transaction: whoever comes
after a crash goes on where it stands, and several may work at one takedown.
"""

from datetime import datetime, timedelta
from typing import Final

from ringfence.domain.audit import AuditAction
from ringfence.domain.stop_conditions import breach
from ringfence.domain.takedown_plans import MAX_REASON, PlannedTakedown
from ringfence.domain.takedown_rules import TakedownRules
from ringfence.domain.takedowns import TakedownState
from ringfence.domain.waves import delay_s, place_in_waves
from ringfence.errors import Conflict, InvalidInput
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.takedown_targets import BATCH, act_next, advance, save_switch
from ringfence.store.takedowns import (
    Step,
    StoredTakedown,
    count_targets,
    mark_remembered,
    move,
    save_renewal,
    save_start,
)
from ringfence.usecases.approve_takedown import expect_unchanged, expect_waiting, find_takedown
from ringfence.usecases.remember_ring import remember_ring
from ringfence.usecases.ring_desk import checked

SYSTEM: Final = "ringfence"
"""Who did what no person did."""
MAX_RENEWAL_DAYS: Final = 3_650

log = get_logger(__name__)


async def start_takedown(
    graph: Graph, takedown_id: str, rules: TakedownRules, *, by: str, at: datetime
) -> StoredTakedown:
    """Start a takedown that may be, if its ring is as it was planned on; else its plan is void.

    Raises:
        NotFound: there is no such takedown.
        Conflict: it lacks an approval, its time is over, it was started already, or the ring
            changed.
    """
    takedown = await find_takedown(graph, takedown_id)
    if takedown.needs_approval and takedown.state is TakedownState.PLANNED:
        raise Conflict(
            f"Takedown {takedown.id} of {takedown.size:,} accounts needs the approval of a second "
            f"person. Have somebody other than {takedown.planned_by} approve {takedown.plan_hash}."
        )
    startable = (TakedownState.PLANNED, TakedownState.APPROVED)
    expect_waiting(takedown, at, states=startable)
    plan = await expect_unchanged(graph, takedown, rules, by=by)
    if not await _start(graph, takedown, plan, rules, by=by, at=at):
        raise Conflict(f"Somebody was first with takedown {takedown.id}. Look again.")
    log.info("takedown_started", takedown_id=takedown.id, accounts=takedown.size)
    return await find_takedown(graph, takedown.id)


async def act_once(
    graph: Graph,
    takedown: StoredTakedown,
    rules: TakedownRules,
    *,
    secret: bytes,
    at: datetime,
    batch: int = BATCH,
) -> bool:
    """Take the next step of a takedown that runs, and say whether there was one.

    A step remembers its ring, pauses it on an alarm, acts on a batch, or ends a wave.

    Args:
        graph: connected and migrated.
        takedown: as it is now.
        rules: of takedowns.
        secret: that the ring's identifiers are remembered with.
        at: now.
        batch: accounts of one transaction.
    """
    if takedown.remembered_at is None:
        await remember_ring(graph, takedown.ring_id, secret=secret, at=takedown.started_at or at)
        await mark_remembered(graph, takedown, at=at)
        return True
    if alarm := await _alarm(graph, takedown, rules):
        log.warning("takedown_paused", takedown_id=takedown.id, because=alarm)
        await _pause(graph, takedown, because=alarm, by=SYSTEM)
        return True
    if await act_next(graph, takedown, at=at, limit=batch):
        return True
    if takedown.next_wave_at is None or takedown.next_wave_at > at:
        return False
    wait_s = delay_s(rules, takedown.options, seed=f"{takedown.seed}.{takedown.wave}")
    next_wave_at = at + timedelta(seconds=wait_s)
    return bool(await advance(graph, takedown, at=at, next_wave_at=next_wave_at, by=SYSTEM))


async def pause_takedown(graph: Graph, takedown_id: str, *, reason: str, by: str) -> StoredTakedown:
    """Let no further batch of a takedown begin, until it is resumed.

    Raises:
        InvalidInput: there is no reason, or it is too long.
        NotFound: there is no such takedown.
        Conflict: it does not run.
    """
    reason = checked(reason, "reason", MAX_REASON)
    takedown = await find_takedown(graph, takedown_id)
    if not await _pause(graph, takedown, because=reason, by=by):
        raise _not_in(takedown, "running")
    return await find_takedown(graph, takedown.id)


async def resume_takedown(
    graph: Graph, takedown_id: str, *, reason: str, by: str, at: datetime
) -> StoredTakedown:
    """Let a takedown that was paused go on at once.

    Raises:
        InvalidInput: there is no reason, or it is too long.
        NotFound: there is no such takedown.
        Conflict: it is not paused.
    """
    reason = checked(reason, "reason", MAX_REASON)
    takedown = await find_takedown(graph, takedown_id)
    step = _step(takedown, AuditAction.TAKEDOWN_RESUMED, TakedownState.RUNNING, reason, by)
    if not await move(
        graph,
        takedown.id,
        TakedownState.RUNNING,
        step,
        sources=[TakedownState.PAUSED],
        next_wave_at=at,
    ):
        raise _not_in(takedown, "paused")
    return await find_takedown(graph, takedown.id)


async def stop_takedown(graph: Graph, takedown_id: str, *, reason: str, by: str) -> StoredTakedown:
    """End a takedown before it is through; what was done holds until it is undone or expires.

    Raises:
        InvalidInput: there is no reason, or it is too long.
        NotFound: there is no such takedown.
        Conflict: it neither runs nor is paused.
    """
    reason = checked(reason, "reason", MAX_REASON)
    takedown = await find_takedown(graph, takedown_id)
    step = _step(takedown, AuditAction.TAKEDOWN_STOPPED, TakedownState.STOPPED, reason, by)
    sources = [TakedownState.RUNNING, TakedownState.PAUSED]
    if not await move(
        graph, takedown.id, TakedownState.STOPPED, step, sources=sources, because=reason
    ):
        raise _not_in(takedown, "running or paused")
    return await find_takedown(graph, takedown.id)


async def renew_takedown(
    graph: Graph, takedown_id: str, *, days: float, reason: str, by: str, at: datetime
) -> StoredTakedown:
    """Let what a takedown did hold for so many days from now; 0: for good.

    Raises:
        InvalidInput: there is no reason, it is too long, or there are too many days.
        NotFound: there is no such takedown.
        Conflict: it is not in force.
    """
    reason = checked(reason, "reason", MAX_REASON)
    if not 0 <= days <= MAX_RENEWAL_DAYS:
        raise InvalidInput(
            f"days: got {days:g}, expected 0 to {MAX_RENEWAL_DAYS:,}; 0 lets it hold for good."
        )
    takedown = await find_takedown(graph, takedown_id)
    step = _step(takedown, AuditAction.TAKEDOWN_RENEWED, takedown.state, reason, by)
    expires_at = at + timedelta(days=days) if days else None
    if not await save_renewal(graph, takedown.id, step, expires_at=expires_at):
        raise _not_in(takedown, "in force")
    return await find_takedown(graph, takedown.id)


async def switch_takedowns(
    graph: Graph, *, halted: bool, reason: str, by: str, at: datetime
) -> None:
    """Halt all takedowns at once, or let them go on: the kill switch.

    No batch begins after it returns; undoing goes on.

    Raises:
        InvalidInput: there is no reason, or it is too long.
    """
    because = checked(reason, "reason", MAX_REASON)
    await save_switch(graph, halted=halted, by=by, because=because, at=at)
    log.warning("takedowns_halted" if halted else "takedowns_released", by=by)


async def _start(
    graph: Graph,
    takedown: StoredTakedown,
    plan: PlannedTakedown,
    rules: TakedownRules,
    *,
    by: str,
    at: datetime,
) -> bool:
    placed = place_in_waves(
        [one.account_id for one in plan.acted], rules, takedown.options, seed=takedown.seed
    )
    days = takedown.options.expire_days
    days = rules.acts.expire_days if days is None else days
    detail: dict[str, object] = {"plan_hash": takedown.plan_hash, "size": takedown.size}
    step = Step(by, AuditAction.TAKEDOWN_STARTED, takedown.id, TakedownState.RUNNING.value, detail)
    expires_at = at + timedelta(days=days) if days else None
    return await save_start(graph, takedown, plan, placed, step, at=at, expires_at=expires_at)


async def _alarm(graph: Graph, takedown: StoredTakedown, rules: TakedownRules) -> str | None:
    counts = (await count_targets(graph, [takedown.id]))[takedown.id]
    return breach(
        rules.stop,
        acted=counts.acted + counts.undone,
        failed=counts.failed,
        appealed=counts.appealed,
        overturned=counts.overturned,
    )


async def _pause(graph: Graph, takedown: StoredTakedown, *, because: str, by: str) -> bool:
    step = _step(takedown, AuditAction.TAKEDOWN_PAUSED, TakedownState.PAUSED, because, by)
    return await move(
        graph,
        takedown.id,
        TakedownState.PAUSED,
        step,
        sources=[TakedownState.RUNNING],
        because=because,
    )


def _step(
    takedown: StoredTakedown, action: AuditAction, state: TakedownState, because: str, by: str
) -> Step:
    return Step(by, action, takedown.id, state.value, {"because": because})


def _not_in(takedown: StoredTakedown, expected: str) -> Conflict:
    return Conflict(
        f"Takedown {takedown.id} is {takedown.state.value}; expected one that is {expected}. "
        "Look again."
    )
