"""Takedowns in the graph: planned, approved, started, moved through their states, and read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.blast_radius import BlastRadius
from ringfence.domain.changes import REMEMBERED, Change, ChangeTopic
from ringfence.domain.lineage import RingEventKind
from ringfence.domain.takedown_plans import (
    PlannedTakedown,
    PlannedTarget,
    TakedownOptions,
    pack,
    unpack,
)
from ringfence.domain.takedowns import Standing, TakedownAction, TakedownState, TargetState
from ringfence.domain.waves import Placed
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.outbox import tell
from ringfence.store.times import milliseconds, moment

START_TIMEOUT_S = 120.0
TimeAndId = tuple[datetime, str]
"""Place in a list of takedowns: when the last one seen was planned, and its id."""


@dataclass(frozen=True, slots=True)
class StoredTakedown:
    """A takedown as the graph holds it.

    Attributes:
        size: accounts that it acts on.
        wave: the one at work, from 0; waves: how many there are, 0 before the start.
        start_by: after that it can be neither approved nor started.
        next_wave_at: when the wave at work may begin.
        because: why it is void, paused, stopped or undone.
        remembered_at: when its ring was remembered, to be known when it returns.
    """

    id: str
    ring_id: str
    action: TakedownAction
    standing: Standing
    reason: str
    state: TakedownState
    plan_hash: str
    needs_approval: bool
    size: int
    blast_radius: BlastRadius
    options: TakedownOptions
    seed: str
    planned_by: str
    planned_at: datetime
    start_by: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    started_by: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    expires_at: datetime | None = None
    next_wave_at: datetime | None = None
    because: str | None = None
    remembered_at: datetime | None = None
    waves: int = 0
    wave: int = 0


@dataclass(frozen=True, slots=True)
class TargetCounts:
    """Accounts of a takedown by what became of them.

    Attributes:
        confirmed, failed: as the provider's receipts tell.
        appealed, overturned: accounts with such an appeal against it.
    """

    held: int = 0
    queued: int = 0
    acted: int = 0
    cancelled: int = 0
    undone: int = 0
    confirmed: int = 0
    failed: int = 0
    appealed: int = 0
    overturned: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A step in the life of a takedown, as the audit log and the listeners are told.

    Attributes:
        by: id of the principal.
        kind: what listeners are told; the state it leads to.
        detail: what else the audit log is to know.
    """

    by: str
    action: AuditAction
    takedown_id: str
    kind: str
    detail: dict[str, object] = field(default_factory=dict)


async def save_plan(
    graph: Graph, planned: StoredTakedown, targets: PlannedTakedown, step: Step
) -> bool:
    """Keep a plan, and say whether its ring is there."""
    facts = {
        "action": planned.action.value,
        "standing": planned.standing.value,
        "reason": planned.reason,
        "plan_hash": planned.plan_hash,
        "planned_by": planned.planned_by,
        "blast_radius": msgspec.json.encode(planned.blast_radius).decode(),
        "options": msgspec.json.encode(planned.options).decode(),
        "seed": planned.seed,
        "plan": pack(targets.targets, targets.evidence),
        "needs_approval": planned.needs_approval,
        "size": planned.size,
    }
    return bool(
        await _step(
            graph,
            step,
            "takedowns/save_plan",
            id=planned.id,
            ring_id=planned.ring_id,
            facts=facts,
            planned_ms=milliseconds(planned.planned_at),
            start_by_ms=milliseconds(planned.start_by),
        )
    )


async def find_plan(graph: Graph, takedown: StoredTakedown) -> PlannedTakedown | None:
    """What a takedown would do; None once it was started or given up."""
    rows = await graph.read("takedowns/find_plans", ids=[takedown.id])
    if not rows:
        return None
    targets, evidence = unpack(rows[0]["plan"])
    return PlannedTakedown(
        takedown.ring_id, takedown.action, takedown.reason, takedown.options, targets, evidence
    )


async def find_takedowns(graph: Graph, ids: Sequence[str]) -> dict[str, StoredTakedown]:
    """The takedowns of these ids, by id; unknown ones are left out."""
    rows = await graph.read("takedowns/find_many", ids=list(dict.fromkeys(ids)))
    return {row["id"]: _takedown(row) for row in rows}


async def page_takedowns(
    graph: Graph,
    *,
    after: TimeAndId | None,
    limit: int,
    ring_id: str | None = None,
    states: Sequence[TakedownState] | None = None,
) -> list[StoredTakedown]:
    """The next takedowns after a place, the latest first."""
    rows = await graph.read(
        "takedowns/page",
        ring_id=ring_id,
        states=None if states is None else [state.value for state in states],
        after_ms=after and milliseconds(after[0]),
        after_id=after and after[1],
        limit=limit,
    )
    return [_takedown(row) for row in rows]


async def count_targets(graph: Graph, ids: Sequence[str]) -> dict[str, TargetCounts]:
    """What became of the accounts of each takedown."""
    rows = await graph.read("takedowns/count_targets", ids=ids)
    return {row.pop("id"): TargetCounts(**row) for row in rows}


async def save_approval(
    graph: Graph, takedown_id: str, plan_hash: str, step: Step, *, at: datetime
) -> bool:
    """Approve a plan, and say whether it still could be."""
    rows = await _step(
        graph,
        step,
        "takedowns/approve",
        id=takedown_id,
        plan_hash=plan_hash,
        by=step.by,
        at_ms=milliseconds(at),
    )
    return bool(rows)


async def save_void(
    graph: Graph, takedown_id: str, step: Step, *, because: str, at: datetime
) -> bool:
    """Give up a plan, and say whether it still waited."""
    rows = await _step(
        graph, step, "takedowns/void", id=takedown_id, because=because, at_ms=milliseconds(at)
    )
    return bool(rows)


async def save_start(
    graph: Graph,
    takedown: StoredTakedown,
    plan: PlannedTakedown,
    placed: Sequence[Placed],
    step: Step,
    *,
    at: datetime,
    expires_at: datetime | None,
) -> bool:
    """Start a takedown with all its accounts in one transaction, and say whether it still could be.

    Args:
        graph: connected and migrated.
        takedown: planned or approved.
        plan: its plan, as it was hashed.
        placed: order and wave of all accounts to act on.
        step: as it is audited.
        at: now.
        expires_at: when it is taken back, or None.
    """
    waves = max((one.wave for one in placed), default=-1) + 1

    async def work(transaction: Transaction) -> bool:
        rows = await transaction.run(
            "takedowns/start",
            id=takedown.id,
            plan_hash=takedown.plan_hash,
            by=step.by,
            waves=waves,
            at_ms=milliseconds(at),
            expires_ms=expires_at and milliseconds(expires_at),
            states=_startable(takedown),
        )
        if not rows:
            return False
        await transaction.run(
            "takedowns/save_targets", takedown_id=takedown.id, **_columns(plan.targets, placed)
        )
        ring = Change(
            ChangeTopic.RING, RingEventKind.TAKEN_DOWN.value, rows[0]["ring_id"], takedown.id
        )
        await _tell(transaction, step, ring)
        return True

    return await graph.in_write(work, timeout_s=START_TIMEOUT_S)


async def move(
    graph: Graph,
    takedown_id: str,
    state: TakedownState,
    step: Step,
    *,
    sources: Sequence[TakedownState],
    because: str | None = None,
    next_wave_at: datetime | None = None,
) -> bool:
    """Bring a takedown into a state, and say whether it was in one that allows it."""
    rows = await _step(
        graph,
        step,
        "takedowns/move",
        id=takedown_id,
        state=state.value,
        states=[one.value for one in sources],
        because=because,
        next_ms=next_wave_at and milliseconds(next_wave_at),
    )
    return bool(rows)


async def save_renewal(
    graph: Graph, takedown_id: str, step: Step, *, expires_at: datetime | None
) -> bool:
    """Let what a takedown did hold longer, and say whether it is in force."""
    rows = await _step(
        graph,
        step,
        "takedowns/renew",
        id=takedown_id,
        expires_ms=expires_at and milliseconds(expires_at),
    )
    return bool(rows)


async def mark_remembered(graph: Graph, takedown: StoredTakedown, *, at: datetime) -> None:
    """Note that the ring of a takedown is remembered, and let the sign-up checks read it."""

    async def work(transaction: Transaction) -> None:
        await transaction.run("takedowns/mark_remembered", id=takedown.id, at_ms=milliseconds(at))
        told = Change(ChangeTopic.TAKEDOWN, REMEMBERED, takedown.id, takedown.id)
        await tell(transaction, [told])

    await graph.in_write(work)


async def _step(graph: Graph, step: Step, statement: str, **parameters: object) -> list[Row]:
    """Run a guarded statement; if it returns a row, tell and audit the step with it."""

    async def work(transaction: Transaction) -> list[Row]:
        rows = await transaction.run(statement, **parameters)
        if rows:
            await _tell(transaction, step)
        return rows

    return await graph.in_write(work)


async def _tell(transaction: Transaction, step: Step, *others: Change) -> None:
    own = Change(ChangeTopic.TAKEDOWN, step.kind, step.takedown_id, step.takedown_id)
    await tell(transaction, [own, *others])
    await append_entry(
        transaction, AuditRecord(step.by, step.action, step.takedown_id, step.detail)
    )


def _startable(takedown: StoredTakedown) -> list[str]:
    free = [] if takedown.needs_approval else [TakedownState.PLANNED.value]
    return [TakedownState.APPROVED.value, *free]


def _columns(targets: Sequence[PlannedTarget], placed: Sequence[Placed]) -> dict[str, list[Any]]:
    """Targets as columns, sorted by account id; held ones have no place."""
    place_by_id = {one.account_id: one for one in placed}
    places = [place_by_id.get(one.account_id) for one in targets]
    return {
        "account_ids": [one.account_id for one in targets],
        "roles": [one.role.value for one in targets],
        "states": [(TargetState.HELD if one.hold else TargetState.QUEUED).value for one in targets],
        "holds": [one.hold and one.hold.value for one in targets],
        "strengths": [one.strength for one in targets],
        "requests": [one.requests for one in targets],
        "previous_standings": [one.previous_standing.value for one in targets],
        "sole_kinds": [one.sole and one.sole[0] for one in targets],
        "sole_values": [one.sole and one.sole[1] for one in targets],
        "waves": [at and at.wave for at in places],
        "places": [at and at.place for at in places],
    }


def _takedown(row: Row) -> StoredTakedown:
    facts: dict[str, Any] = dict(row)
    for name in ("planned", "start_by", "approved", "started", "ended", "expires", "next_wave"):
        own = name if name == "start_by" else f"{name}_at"
        facts[own] = moment(facts.pop(f"{name}_ms"))
    facts["remembered_at"] = moment(facts.pop("remembered_ms"))
    facts["action"] = TakedownAction(facts["action"])
    facts["standing"] = Standing(facts["standing"])
    facts["state"] = TakedownState(facts["state"])
    facts["blast_radius"] = msgspec.json.decode(facts["blast_radius"], type=BlastRadius)
    facts["options"] = msgspec.json.decode(facts["options"], type=TakedownOptions)
    facts["waves"] = facts["waves"] or 0
    facts["wave"] = facts["wave"] or 0
    return StoredTakedown(**facts)
