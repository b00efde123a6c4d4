"""Accounts of takedowns in the graph: acted on batch by batch, taken back, and read.

Each batch is one transaction: the account, what became of it and the action that the provider is
told are kept together, or none of them is. A takedown is locked before its accounts, so that
several workers at one takedown take turns and no account is met twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.changes import REMEMBERED, Change, ChangeTopic
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.lineage import RingEventKind
from ringfence.domain.rings import RingState, Role
from ringfence.domain.takedowns import (
    RANK_BY_STANDING,
    ActionKind,
    HoldReason,
    Standing,
    TakedownState,
    TargetState,
)
from ringfence.store.actions import ActionFacts, append_actions, changes_of
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.outbox import tell
from ringfence.store.takedowns import Step, StoredTakedown
from ringfence.store.times import milliseconds, moment

BATCH: Final = 1_000
"""Accounts of one transaction."""


@dataclass(frozen=True, slots=True)
class StoredTarget:
    """What became of one account of a takedown.

    Attributes:
        wave: from 0; None for one that is held out.
        previous_standing: what it had before it was acted on, or when it was planned.
        sole: the one identifier that ties it, if it hangs by one.
        receipt: what the provider says became of it, `done` or `failed`, once it did.
        review_because: why a person should look at it again.
    """

    account_id: str
    role: Role
    state: TargetState
    hold: HoldReason | None
    strength: float
    wave: int | None
    requests: int
    previous_standing: Standing
    sole: IdentifierKey | None
    acted_at: datetime | None
    undone_at: datetime | None
    undone_because: str | None
    receipt: str | None
    receipt_reason: str | None
    receipt_at: datetime | None
    review_because: str | None


@dataclass(frozen=True, slots=True)
class DueTakedown:
    """A takedown that has something to do."""

    id: str
    state: TakedownState
    expired: bool


@dataclass(frozen=True, slots=True)
class Switch:
    """Whether all takedowns are halted, by whom and why."""

    halted: bool = False
    by: str | None = None
    because: str | None = None
    at: datetime | None = None


async def act_next(
    graph: Graph, takedown: StoredTakedown, *, at: datetime, limit: int = BATCH
) -> int:
    """Act on the next accounts of the wave that is due, and say how many these were.

    None are where no wave is due, the takedown does not run, or all takedowns are halted.
    """

    async def work(transaction: Transaction) -> int:
        rows = await transaction.run(
            "takedowns/act",
            id=takedown.id,
            at_ms=milliseconds(at),
            ranks=dict(RANK_BY_STANDING),
            limit=limit,
        )
        if rows:
            facts = _facts(takedown, ActionKind.APPLY, takedown.reason, at)
            await append_actions(transaction, facts, changes_of(rows))
            await tell(transaction, [_progress(takedown.id, TakedownState.RUNNING)])
        return len(rows)

    return await graph.in_write(work)


async def advance(
    graph: Graph, takedown: StoredTakedown, *, at: datetime, next_wave_at: datetime, by: str
) -> TakedownState | None:
    """Go on to the next wave or end, if the one at work is through; None: it is not."""

    async def work(transaction: Transaction) -> list[Row]:
        rows = await transaction.run(
            "takedowns/advance",
            id=takedown.id,
            at_ms=milliseconds(at),
            next_ms=milliseconds(next_wave_at),
        )
        if rows:
            await tell(transaction, [_progress(takedown.id, TakedownState(rows[0]["state"]))])
            detail = {"state": rows[0]["state"], "wave": rows[0]["wave"]}
            record = AuditRecord(by, AuditAction.TAKEDOWN_WAVE_DONE, takedown.id, detail)
            await append_entry(transaction, record)
        return rows

    rows = await graph.in_write(work)
    return TakedownState(rows[0]["state"]) if rows else None


async def cancel_queued(graph: Graph, takedown_id: str, *, because: str, at: datetime) -> int:
    """Let go of the next accounts that were not acted on yet, and say how many these were."""
    (row,) = await graph.write(
        "takedowns/cancel_queued",
        id=takedown_id,
        because=because,
        at_ms=milliseconds(at),
        limit=BATCH,
    )
    cancelled: int = row["cancelled"]
    return cancelled


async def undo_next(
    graph: Graph, takedown: StoredTakedown, *, because: str, at: datetime, limit: int = BATCH
) -> int:
    """Take back what was done to the next accounts of a takedown that is being undone."""

    async def work(transaction: Transaction) -> int:
        rows = await transaction.run(
            "takedowns/undo_next",
            id=takedown.id,
            because=because,
            at_ms=milliseconds(at),
            ranks=dict(RANK_BY_STANDING),
            limit=limit,
        )
        if rows:
            facts = _facts(takedown, ActionKind.REVERT, because, at)
            await append_actions(transaction, facts, changes_of(rows))
            await tell(transaction, [_progress(takedown.id, TakedownState.UNDOING)])
        return len(rows)

    return await graph.in_write(work)


async def undo_accounts(
    graph: Graph,
    takedown: StoredTakedown,
    account_ids: Sequence[str],
    step: Step,
    *,
    because: str,
    at: datetime,
) -> tuple[int, int]:
    """Take back what was done to some accounts, and let go of those not acted on yet; one batch.

    Returns:
        How many were taken back, and how many let go of.
    """

    async def work(transaction: Transaction) -> tuple[int, int]:
        asked: dict[str, Any] = {
            "id": takedown.id,
            "because": because,
            "account_ids": list(account_ids),
            "at_ms": milliseconds(at),
        }
        cancelled = await transaction.run("takedowns/cancel_accounts", **asked)
        undone = await transaction.run(
            "takedowns/undo_accounts", ranks=dict(RANK_BY_STANDING), **asked
        )
        if undone or cancelled:
            facts = _facts(takedown, ActionKind.REVERT, because, at)
            await append_actions(transaction, facts, changes_of(undone))
            await tell(transaction, [_progress(takedown.id, takedown.state)])
            detail = {**step.detail, "undone": len(undone), "cancelled": len(cancelled)}
            await append_entry(transaction, AuditRecord(step.by, step.action, takedown.id, detail))
        return len(undone), len(cancelled)

    return await graph.in_write(work)


async def finish_undo(
    graph: Graph,
    takedown: StoredTakedown,
    step: Step,
    *,
    ring_state: RingState | None,
    at: datetime,
) -> bool:
    """End the undoing of a takedown if nothing of it is left, and say whether that is so."""

    async def work(transaction: Transaction) -> bool:
        rows = await transaction.run(
            "takedowns/finish_undo",
            id=takedown.id,
            ring_state=ring_state and ring_state.value,
            at_ms=milliseconds(at),
        )
        if rows:
            told = [_progress(takedown.id, TakedownState.UNDONE)]
            if rows[0]["restored"]:
                told.append(_told(takedown.id, REMEMBERED))
                told.append(_of_ring(RingEventKind.RESTORED, rows[0]["ring_id"], takedown.id))
            await tell(transaction, told)
            await append_entry(
                transaction, AuditRecord(step.by, step.action, takedown.id, step.detail)
            )
        return bool(rows)

    return await graph.in_write(work)


async def page_targets(
    graph: Graph,
    takedown_id: str,
    *,
    after_id: str,
    limit: int,
    states: Sequence[TargetState] | None = None,
    for_review: bool = False,
) -> list[StoredTarget]:
    """The next accounts of a takedown after one, by account id; arguments as `page_targets_of`."""
    found = await page_targets_of(
        graph, [takedown_id], after_id=after_id, limit=limit, states=states, for_review=for_review
    )
    return found[takedown_id]


async def page_targets_of(
    graph: Graph,
    takedown_ids: Sequence[str],
    *,
    after_id: str,
    limit: int,
    states: Sequence[TargetState] | None = None,
    for_review: bool = False,
) -> dict[str, list[StoredTarget]]:
    """The next accounts of each takedown after one, by account id.

    Args:
        graph: connected and migrated.
        takedown_ids: of the takedowns.
        after_id: the last account seen, '' at first.
        limit: so many of each at the most.
        states: only those of which this became.
        for_review: only those that somebody should look at again.
    """
    rows = await graph.read(
        "takedowns/page_targets",
        takedown_ids=list(takedown_ids),
        states=None if states is None else [state.value for state in states],
        for_review=for_review,
        after_id=after_id,
        limit=limit,
    )
    return {row["takedown_id"]: [stored_target(told) for told in row["targets"]] for row in rows}


async def find_due(graph: Graph, *, at: datetime) -> list[DueTakedown]:
    """Takedowns that have something to do by now, by id."""
    rows = await graph.read("takedowns/find_due", at_ms=milliseconds(at))
    return [DueTakedown(row["id"], TakedownState(row["state"]), row["expired"]) for row in rows]


async def save_switch(graph: Graph, *, halted: bool, by: str, because: str, at: datetime) -> None:
    """Halt all takedowns, or let them go on; no batch begins after that."""

    async def work(transaction: Transaction) -> None:
        await transaction.run(
            "takedowns/set_switch", halted=halted, by=by, because=because, at_ms=milliseconds(at)
        )
        action = AuditAction.TAKEDOWNS_HALTED if halted else AuditAction.TAKEDOWNS_RELEASED
        await append_entry(transaction, AuditRecord(by, action, "takedowns", {"because": because}))

    await graph.in_write(work)


async def find_switch(graph: Graph) -> Switch:
    """Whether all takedowns are halted."""
    rows = await graph.read("takedowns/find_switch")
    if not rows:
        return Switch()
    (row,) = rows
    return Switch(row["halted"], row["by"], row["because"], moment(row["at_ms"]))


def stored_target(row: Row) -> StoredTarget:
    """What became of an account, from a row or a map of `takedowns/page_targets`."""
    sole = row["sole_kind"] and IdentifierKey(row["sole_kind"], row["sole_value"])
    return StoredTarget(
        account_id=row["account_id"],
        role=Role(row["role"]),
        state=TargetState(row["state"]),
        hold=row["hold"] and HoldReason(row["hold"]),
        strength=row["strength"],
        wave=row["wave"],
        requests=row["requests"],
        previous_standing=Standing(row["previous_standing"]),
        sole=sole or None,
        acted_at=moment(row["acted_ms"]),
        undone_at=moment(row["undone_ms"]),
        undone_because=row["undone_because"],
        receipt=row["receipt"],
        receipt_reason=row["receipt_reason"],
        receipt_at=moment(row["receipt_ms"]),
        review_because=row["review_because"],
    )


def _facts(takedown: StoredTakedown, kind: ActionKind, reason: str, at: datetime) -> ActionFacts:
    expires_at = takedown.expires_at if kind is ActionKind.APPLY else None
    return ActionFacts(takedown.id, takedown.ring_id, kind, reason, at, expires_at)


def _progress(takedown_id: str, state: TakedownState) -> Change:
    return _told(takedown_id, state.value)


def _told(takedown_id: str, kind: str) -> Change:
    return Change(ChangeTopic.TAKEDOWN, kind, takedown_id, takedown_id)


def _of_ring(kind: RingEventKind, ring_id: str, takedown_id: str) -> Change:
    return Change(ChangeTopic.RING, kind.value, ring_id, f"{takedown_id}.undone")
