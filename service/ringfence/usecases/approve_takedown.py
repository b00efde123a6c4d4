"""Approve a takedown, or void it: a second person's word on exactly what was planned."""

from datetime import UTC, datetime

from ringfence.domain.audit import AuditAction
from ringfence.domain.takedown_plans import (
    MAX_REASON,
    PlanDifference,
    PlannedTakedown,
    difference,
    hash_of_plan,
)
from ringfence.domain.takedown_rules import TakedownRules
from ringfence.domain.takedowns import TakedownState
from ringfence.errors import Conflict, NotFound, NotPermitted
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.takedowns import (
    Step,
    StoredTakedown,
    find_plan,
    find_takedowns,
    save_approval,
    save_void,
)
from ringfence.usecases.api_keys import is_one_person
from ringfence.usecases.plan_takedown import examine
from ringfence.usecases.ring_desk import checked

log = get_logger(__name__)


async def find_takedown(graph: Graph, takedown_id: str) -> StoredTakedown:
    """One takedown.

    Raises:
        NotFound: there is none of that id.
    """
    found = (await find_takedowns(graph, [takedown_id])).get(takedown_id)
    if found is None:
        raise NotFound(
            f"No takedown has the id {takedown_id[:300]}. `ringfence takedown list` shows them."
        )
    return found


async def approve_takedown(
    graph: Graph, takedown_id: str, rules: TakedownRules, *, plan_hash: str, by: str
) -> StoredTakedown:
    """Approve a plan, if the ring is as it was planned on; else the plan is void.

    Args:
        graph: connected and migrated.
        takedown_id: of the plan.
        rules: of takedowns.
        plan_hash: of the plan that was looked at.
        by: id of who approves; not who planned, by another key either.

    Raises:
        NotFound: there is no such takedown.
        NotPermitted: who approves is who planned.
        Conflict: it does not wait, its time is over, the hash is another, or the ring changed,
            which the message tells.
    """
    takedown = await find_takedown(graph, takedown_id)
    now = datetime.now(UTC)
    if await is_one_person(graph, takedown.planned_by, by):
        raise NotPermitted(
            f"Takedown {takedown.id} was planned by {takedown.planned_by}, who cannot approve it; "
            f"{by} is the same person. "
            "Ask another person with the scope `takedown_approve`."
        )
    expect_waiting(takedown, now, states=(TakedownState.PLANNED,))
    if plan_hash != takedown.plan_hash:
        raise Conflict(
            f"Takedown {takedown.id} has the plan {takedown.plan_hash}; got an approval of "
            f"{plan_hash[:100] or 'none'}. Look at the plan again, then approve it."
        )
    await expect_unchanged(graph, takedown, rules, by=by)
    detail: dict[str, object] = {"plan_hash": plan_hash}
    step = Step(
        by, AuditAction.TAKEDOWN_APPROVED, takedown.id, TakedownState.APPROVED.value, detail
    )
    if not await save_approval(graph, takedown.id, plan_hash, step, at=now):
        raise Conflict(f"Somebody was first with takedown {takedown.id}. Look again.")
    log.info("takedown_approved", takedown_id=takedown.id, by=by)
    return await find_takedown(graph, takedown.id)


async def void_takedown(graph: Graph, takedown_id: str, *, reason: str, by: str) -> StoredTakedown:
    """Give up a plan that was not started.

    Raises:
        InvalidInput: there is no reason, or it is too long.
        NotFound: there is no such takedown.
        Conflict: it was started or given up already.
    """
    reason = checked(reason, "reason", MAX_REASON)
    takedown = await find_takedown(graph, takedown_id)
    if not await _void(graph, takedown, because=reason, by=by):
        raise Conflict(
            f"Takedown {takedown.id} is {takedown.state.value} and cannot be given up. "
            "What was done already can be undone."
        )
    return await find_takedown(graph, takedown.id)


def expect_waiting(
    takedown: StoredTakedown, now: datetime, *, states: tuple[TakedownState, ...]
) -> None:
    """Return if a plan waits to go on, in one of these states, and its time is not over.

    Raises:
        Conflict: it does not.
    """
    if takedown.state not in states:
        words = " or ".join(state.value for state in states)
        raise Conflict(
            f"Takedown {takedown.id} is {takedown.state.value}; expected one that is {words}. "
            "Plan a new one if that is still wanted."
        )
    if takedown.start_by <= now:
        raise Conflict(
            f"Takedown {takedown.id} had to be started by {takedown.start_by:%Y-%m-%d %H:%M} UTC. "
            "Plan it again."
        )


async def expect_unchanged(
    graph: Graph, takedown: StoredTakedown, rules: TakedownRules, *, by: str
) -> PlannedTakedown:
    """The plan, if the ring is as it was planned on; else the plan is void.

    Raises:
        Conflict: the ring changed, and the message tells how; or the takedown waits no more.
    """
    plan = await find_plan(graph, takedown)
    if plan is None:
        raise Conflict(f"Takedown {takedown.id} waits no more. Look again.")
    found = await _compare_with_ring(graph, takedown, plan, rules)
    if found is None:
        return plan
    await _void(graph, takedown, because=f"The ring changed: {found}", by=by)
    raise Conflict(
        f"Ring {takedown.ring_id} changed after takedown {takedown.id} was planned: {found}. "
        "The plan is void; plan it again."
    )


async def _compare_with_ring(
    graph: Graph, takedown: StoredTakedown, plan: PlannedTakedown, rules: TakedownRules
) -> PlanDifference | None:
    """What changed of the ring since a takedown was planned; None: nothing did."""
    now, _ = await examine(
        graph,
        takedown.ring_id,
        takedown.action,
        rules,
        reason=takedown.reason,
        options=takedown.options,
        at=datetime.now(UTC),
    )
    return None if hash_of_plan(now) == takedown.plan_hash else difference(plan, now)


async def _void(graph: Graph, takedown: StoredTakedown, *, because: str, by: str) -> bool:
    detail: dict[str, object] = {"because": because}
    step = Step(by, AuditAction.TAKEDOWN_VOIDED, takedown.id, TakedownState.VOID.value, detail)
    log.info("takedown_voided", takedown_id=takedown.id)
    return await save_void(graph, takedown.id, step, because=because, at=datetime.now(UTC))
