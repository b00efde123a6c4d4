"""Appeals in the graph: opened and decided under the lock of their takedown, and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ringfence.domain.appeals import Appeal, AppealDecision, AppealState, Discounts
from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.changes import Change, ChangeTopic
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import LONG_AGO
from ringfence.domain.takedowns import TargetState
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.outbox import tell
from ringfence.store.times import milliseconds, moment

DECIDE_TIMEOUT_S: Final = 120.0
"""Longest time a decision may take; it may flag as many accounts as a takedown has."""
TimeAndId = tuple[datetime, str]
"""Place in a list of appeals: when the last one seen was opened, and its id."""
_ACTION_BY_DECISION: Final = {
    AppealDecision.UPHELD: AuditAction.APPEAL_UPHELD,
    AppealDecision.OVERTURNED: AuditAction.APPEAL_OVERTURNED,
}


@dataclass(frozen=True, slots=True)
class OpenedAppeal:
    """The appeal that is open after one was asked for.

    Attributes:
        created: whether it was opened now; else it had been open.
    """

    id: str
    statement: str
    created: bool


@dataclass(frozen=True, slots=True)
class AppealedTarget:
    """What an account may appeal against; both are None where no takedown has it."""

    takedown_id: str | None
    state: TargetState | None


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An appeal that was overturned and whose account may not be undone yet."""

    id: str
    account_id: str
    takedown_id: str
    decided_by: str


async def find_appealed_target(
    graph: Graph, account_id: str, takedown_id: str | None
) -> AppealedTarget | None:
    """What an account may appeal against: that takedown, or the latest that acted on it.

    Returns:
        None for an unknown account.
    """
    rows = await graph.read("appeals/find_target", account_id=account_id, takedown_id=takedown_id)
    if not rows:
        return None
    (row,) = rows
    return AppealedTarget(row["takedown_id"], row["state"] and TargetState(row["state"]))


async def save_appeal(graph: Graph, appeal: Appeal) -> OpenedAppeal | None:
    """Open an appeal unless the account has one open against the takedown, and return that one.

    Returns:
        None, and nothing is written, if the takedown does not hold the account any more.
    """

    async def work(transaction: Transaction) -> OpenedAppeal | None:
        rows = await transaction.run(
            "appeals/open",
            id=appeal.id,
            account_id=appeal.account_id,
            takedown_id=appeal.takedown_id,
            by=appeal.opened_by,
            statement=appeal.statement,
            at_ms=milliseconds(appeal.opened_at),
        )
        if not rows:
            return None
        (row,) = rows
        if row["created"]:
            action = AuditAction.APPEAL_OPENED
            detail = {"appeal_id": appeal.id}
            await tell(transaction, [_changed(appeal.takedown_id, row["takedown_state"])])
            await append_entry(
                transaction, AuditRecord(appeal.opened_by, action, appeal.takedown_id, detail)
            )
        return OpenedAppeal(row["id"], row["statement"], row["created"])

    return await graph.in_write(work)


async def save_decision(
    graph: Graph, appeal: Appeal, decision: AppealDecision, *, reason: str, by: str, at: datetime
) -> bool:
    """Decide an appeal with all that follows for the evidence, and say whether it still could be.

    If it is overturned and one identifier alone tied the account, that loses weight, and other
    accounts of the takedown that hang by it are flagged. The account itself is undone later.
    """

    async def work(transaction: Transaction) -> bool:
        rows = await transaction.run(
            "appeals/decide",
            id=appeal.id,
            state=decision.value,
            by=by,
            reason=reason,
            at_ms=milliseconds(at),
        )
        if not rows:
            return False
        (row,) = rows
        detail: dict[str, object] = {"appeal_id": appeal.id}
        if decision is AppealDecision.OVERTURNED and row["sole_kind"]:
            sole = IdentifierKey(row["sole_kind"], row["sole_value"])
            detail["flagged"] = await _discount(transaction, appeal, sole, at)
        await tell(transaction, [_changed(row["takedown_id"], row["takedown_state"])])
        await append_entry(
            transaction,
            AuditRecord(by, _ACTION_BY_DECISION[decision], row["takedown_id"], detail),
        )
        return True

    return await graph.in_write(work, timeout_s=DECIDE_TIMEOUT_S)


async def save_settled(graph: Graph, appeal_id: str) -> None:
    """Note that nothing is to be done any more for an overturned appeal."""
    await graph.write("appeals/settle", id=appeal_id)


async def find_unsettled(graph: Graph, *, limit: int) -> list[Unsettled]:
    """Overturned appeals whose accounts may not be undone yet, by id."""
    return [Unsettled(**row) for row in await graph.read("appeals/find_unsettled", limit=limit)]


async def find_appeals(graph: Graph, ids: Sequence[str]) -> dict[str, Appeal]:
    """The appeals of these ids, by id; unknown ones are left out."""
    rows = await graph.read("appeals/find_many", ids=list(dict.fromkeys(ids)))
    return {row["id"]: _appeal(row) for row in rows}


async def page_appeals(
    graph: Graph,
    *,
    after: TimeAndId | None,
    limit: int,
    states: Sequence[AppealState] | None = None,
    takedown_id: str | None = None,
) -> list[Appeal]:
    """The next appeals after a place, the latest first."""
    rows = await graph.read(
        "appeals/page",
        states=_values(states),
        takedown_id=takedown_id,
        after_ms=after and milliseconds(after[0]),
        after_id=after and after[1],
        limit=limit,
    )
    return [_appeal(row) for row in rows]


async def count_appeals(
    graph: Graph,
    *,
    limit: int,
    states: Sequence[AppealState] | None = None,
    takedown_id: str | None = None,
) -> int:
    """How many appeals there are, `limit` at the most."""
    (row,) = await graph.read(
        "appeals/count", states=_values(states), takedown_id=takedown_id, limit=limit
    )
    appeals: int = row["appeals"]
    return appeals


async def find_discounts(graph: Graph) -> Discounts:
    """How often each identifier was overturned, by kind and value."""
    rows = await graph.read("appeals/find_discounts")
    return {IdentifierKey(row["kind"], row["value"]): row["overturned"] for row in rows}


async def _discount(
    transaction: Transaction, appeal: Appeal, sole: IdentifierKey, at: datetime
) -> int:
    """Let an identifier lose weight, and say how many accounts that hang by it were flagged."""
    evidence = {"kind": sole.kind, "value": sole.value}
    await transaction.run("appeals/discount", at_ms=milliseconds(at), **evidence)
    (row,) = await transaction.run(
        "appeals/flag_siblings",
        takedown_id=appeal.takedown_id,
        account_id=appeal.account_id,
        because=f"It hangs by what alone tied an account that appeal {appeal.id} gave right.",
        **evidence,
    )
    flagged: int = row["flagged"]
    return flagged


def _changed(takedown_id: str, state: str) -> Change:
    return Change(ChangeTopic.TAKEDOWN, state, takedown_id, takedown_id)


def _values(states: Sequence[AppealState] | None) -> list[str] | None:
    return None if states is None else [state.value for state in states]


def _appeal(row: Row) -> Appeal:
    facts: dict[str, Any] = dict(row)
    return Appeal(
        state=AppealState(facts.pop("state")),
        opened_at=moment(facts.pop("opened_ms")) or LONG_AGO,
        decided_at=moment(facts.pop("decided_ms")),
        **facts,
    )
