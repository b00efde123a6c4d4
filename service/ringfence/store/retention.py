"""What is old taken out of the graph, batch by batch."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.retention import RetainedKind
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Transaction
from ringfence.store.legal_holds import holds_on

BATCH: Final = 2_000
"""Nodes that one transaction takes away."""
_STATEMENTS_BY_KIND: Final = {
    RetainedKind.SCREENINGS: ("forget_screenings",),
    RetainedKind.ACTIONS: ("forget_actions",),
    RetainedKind.DEAD_LETTERS: ("forget_dead_letters",),
    RetainedKind.APPEALS: ("forget_appeals",),
    RetainedKind.RINGS: ("forget_ring_history", "forget_rings"),
    RetainedKind.DETECTION_RUNS: ("forget_detection_runs",),
    RetainedKind.SHARED_INDICATORS: ("forget_shared_indicators",),
}
"""Of each kind, what is run in this order; the last one counts the kind itself."""


async def forget_before(graph: Graph, kind: RetainedKind, before: datetime) -> int:
    """Take away all of a kind that is older than a moment, and say how many that were.

    Accounts, links and the outbox, which have statements of their own, are not among the kinds.
    """
    gone = 0
    for name in _STATEMENTS_BY_KIND[kind]:
        gone = await _forget_all(graph, f"retention/{name}", before)
    return gone


async def forget_links(graph: Graph, account_ids: Sequence[str], before: datetime) -> int:
    """Take away links of some accounts that were seen last before a moment, and say how many.

    An identifier goes with its last link. Accounts that a legal hold keeps are passed over.
    """

    async def work(transaction: Transaction) -> int:
        held = await holds_on(transaction, account_ids)
        ids = [one for one in account_ids if one not in held]
        (row,) = await transaction.run(
            "retention/forget_links", ids=ids, before=before, limit=BATCH
        )
        await transaction.run("erasure/delete_identifiers", identifiers=row["identifiers"])
        return int(row["gone"])

    total = gone = await graph.in_write(work)
    while gone == BATCH:
        gone = await graph.in_write(work)
        total += gone
    return total


async def record_run(graph: Graph, run_id: str, *, by: str, facts: dict[str, object]) -> None:
    """Enter a run in the audit log."""

    async def work(transaction: Transaction) -> None:
        record = AuditRecord(by, AuditAction.RETENTION_RUN, run_id, facts)
        await append_entry(transaction, record)

    await graph.in_write(work)


async def _forget_all(graph: Graph, name: str, before: datetime) -> int:
    total = 0
    while True:
        (row,) = await graph.write(name, before=before, limit=BATCH)
        gone = int(row["gone"])
        total += gone
        if gone < BATCH:
            return total
