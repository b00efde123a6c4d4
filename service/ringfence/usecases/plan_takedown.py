"""Plan a takedown: who would be acted on, whom that would hit, and one hash over all of it."""

import secrets
from datetime import datetime
from typing import Final

from ringfence.domain.audit import AuditAction
from ringfence.domain.blast_radius import BlastRadius, blast_radius, plan_targets
from ringfence.domain.rings import RingState
from ringfence.domain.takedown_plans import (
    PlannedTakedown,
    TakedownOptions,
    check_options,
    hash_of_plan,
)
from ringfence.domain.takedown_rules import TakedownRules
from ringfence.domain.takedowns import TakedownAction, TakedownState
from ringfence.errors import Conflict, NotFound
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.rings import StoredRing, find_rings
from ringfence.store.takedown_members import read_carriers, read_members
from ringfence.store.takedowns import Step, StoredTakedown, find_takedowns, save_plan
from ringfence.store.times import present

PLANNABLE: Final = (RingState.OPEN, RingState.CONFIRMED, RingState.WATCHED, RingState.TAKEN_DOWN)
"""States of a ring in which it can be taken down; a ring that grew is taken down again."""

log = get_logger(__name__)


async def plan_takedown(
    graph: Graph,
    ring_id: str,
    action: TakedownAction,
    rules: TakedownRules,
    *,
    reason: str,
    by: str,
    options: TakedownOptions | None = None,
) -> StoredTakedown:
    """Keep a plan to act on the members of a ring, and return it; nobody is acted on yet.

    Core members are acted on, peripheral ones if the options say so. Members that are protected,
    belong to a verified organisation or have an appeal open are held out.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        action: what is done to each account.
        rules: of takedowns.
        reason: why, in words; the provider's systems and the audit log are told.
        by: id of who plans it, who cannot approve it.
        options: how.

    Raises:
        InvalidInput: the reason or an option is not as it must be.
        NotFound: no ring has that id.
        Conflict: the ring is dismissed or closed, or nobody is left to act on.
    """
    options = options or TakedownOptions()
    check_options(reason, options)
    now = present()
    planned, radius = await examine(
        graph, ring_id, action, rules, reason=reason.strip(), options=options, at=now
    )
    if not planned.acted:
        raise Conflict(_nobody(planned, radius))
    takedown = _takedown(planned, radius, rules, by=by, at=now)
    detail = {"ring_id": planned.ring_id, "plan_hash": takedown.plan_hash, "size": takedown.size}
    step = Step(by, AuditAction.TAKEDOWN_PLANNED, takedown.id, TakedownState.PLANNED.value, detail)
    if not await save_plan(graph, takedown, planned, step):
        raise Conflict(
            f"Ring {planned.ring_id} was gone while its takedown was planned. Look again."
        )
    log.info(
        "takedown_planned", takedown_id=takedown.id, ring_id=planned.ring_id, **_figures(radius)
    )
    return (await find_takedowns(graph, [takedown.id]))[takedown.id]


async def examine(
    graph: Graph,
    ring_id: str,
    action: TakedownAction,
    rules: TakedownRules,
    *,
    reason: str,
    options: TakedownOptions,
    at: datetime,
) -> tuple[PlannedTakedown, BlastRadius]:
    """What a takedown of a ring would do as things are now, and whom it would hit.

    Raises:
        NotFound: no ring has that id.
        Conflict: the ring is dismissed or closed.
    """
    ring = await _find(graph, ring_id)
    members = await read_members(graph, ring.id)
    carriers = await read_carriers(graph, ring.id)
    targets = plan_targets(members, carriers, peripheral=options.peripheral, care=rules.care, at=at)
    planned = PlannedTakedown(
        ring.id, action, reason, options, tuple(targets), tuple(sorted(carriers))
    )
    radius = blast_radius(
        members, targets, carriers, standing=action.standing, tier=ring.tier.value
    )
    return planned, radius


def needs_approval(planned: PlannedTakedown, radius: BlastRadius, rules: TakedownRules) -> bool:
    """Whether a second person has to agree, by the size of a plan and by who is in it."""
    return len(planned.acted) >= rules.approval.second_person_from or radius.needs_care


async def _find(graph: Graph, ring_id: str) -> StoredRing:
    ring = (await find_rings(graph, [ring_id])).get(ring_id)
    if ring is None:
        raise NotFound(f"No ring has the id {ring_id[:300]}. `ringfence rings list` shows them.")
    if ring.state not in PLANNABLE:
        raise Conflict(
            f"Ring {ring.id} is {ring.state.value}; expected an open, confirmed or watched one, or "
            "one that was taken down before. Confirm it first if it is a ring after all."
        )
    return ring


def _takedown(
    planned: PlannedTakedown, radius: BlastRadius, rules: TakedownRules, *, by: str, at: datetime
) -> StoredTakedown:
    return StoredTakedown(
        id=f"takedown_{at:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}",
        ring_id=planned.ring_id,
        action=planned.action,
        standing=planned.action.standing,
        reason=planned.reason,
        state=TakedownState.PLANNED,
        plan_hash=hash_of_plan(planned),
        needs_approval=needs_approval(planned, radius, rules),
        size=len(planned.acted),
        blast_radius=radius,
        options=planned.options,
        seed=secrets.token_hex(8),
        planned_by=by,
        planned_at=at,
        start_by=at + rules.approval.valid,
    )


def _nobody(planned: PlannedTakedown, radius: BlastRadius) -> str:
    held = ", ".join(f"{n:,} {why.replace('_', ' ')}" for why, n in radius.held.items())
    return (
        f"Ring {planned.ring_id} has {radius.members:,} members, none of whom would be acted on: "
        f"{radius.left_out:,} are peripheral, held out are {held or 'none'}. Ask for peripheral "
        "members too, or see to those held out."
    )


def _figures(radius: BlastRadius) -> dict[str, int]:
    return {"acted": radius.acted, "held": sum(radius.held.values()), "paying": radius.paying}
