"""Legal holds in the graph: placed, lifted, and asked before anything is erased."""

from collections.abc import Sequence
from datetime import datetime

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.legal_holds import HoldSubject, LegalHold
from ringfence.domain.rings import LONG_AGO
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.times import milliseconds, moment


async def place_hold(graph: Graph, hold: LegalHold) -> str | None:
    """Place a hold and record that; returns the subject's own id.

    Returns:
        None, and nothing is written, if there is no such subject, or its erasure has begun.
    """

    async def work(transaction: Transaction) -> str | None:
        rows = await transaction.run(
            "legal_holds/place",
            id=hold.id,
            subject_kind=hold.subject_kind.value,
            subject_id=hold.subject_id,
            reason=hold.reason,
            by=hold.placed_by,
            at_ms=milliseconds(hold.placed_at),
        )
        for _ in rows:
            record = AuditRecord(
                hold.placed_by, AuditAction.LEGAL_HOLD_PLACED, hold.id, {"on": hold.subject_kind}
            )
            await append_entry(transaction, record)
        return str(rows[0]["subject_id"]) if rows else None

    return await graph.in_write(work)


async def lift_hold(
    graph: Graph, hold_id: str, *, reason: str, by: str, at: datetime
) -> LegalHold | None:
    """Lift a hold that is in force, record that, and return it; None if there is none."""

    async def work(transaction: Transaction) -> LegalHold | None:
        rows = await transaction.run("legal_holds/lift", id=hold_id, by=by, at_ms=milliseconds(at))
        if not rows:
            return None
        lifted = _hold(rows[0]["hold"])
        record = AuditRecord(
            by,
            AuditAction.LEGAL_HOLD_LIFTED,
            hold_id,
            {"on": lifted.subject_kind, "reason": reason},
        )
        await append_entry(transaction, record)
        return lifted

    return await graph.in_write(work)


async def find_holds(graph: Graph, *, lifted: bool = False) -> list[LegalHold]:
    """Holds, the latest first; those that were lifted only if asked for."""
    return [_hold(row["hold"]) for row in await graph.read("legal_holds/find_all", lifted=lifted)]


async def holds_on(transaction: Transaction, account_ids: Sequence[str]) -> dict[str, str]:
    """The id of a hold in force on each account or on a ring that it is or was a member of."""
    rows = await transaction.run("legal_holds/find_on_accounts", ids=account_ids)
    return {row["id"]: row["hold_id"] for row in rows}


def _hold(told: Row) -> LegalHold:
    return LegalHold(
        id=told["id"],
        subject_kind=HoldSubject(told["subject_kind"]),
        subject_id=told["subject_id"],
        reason=told["reason"],
        placed_by=told["placed_by"],
        placed_at=moment(told["placed_ms"]) or LONG_AGO,
        lifted_by=told["lifted_by"],
        lifted_at=moment(told["lifted_ms"]),
    )
