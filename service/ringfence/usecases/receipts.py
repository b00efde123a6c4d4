"""Take receipts: what the provider's systems did with the actions of a takedown."""

from collections.abc import Sequence
from datetime import datetime

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.receipts import Receipt, ReceiptFate, ReceiptOutcome
from ringfence.errors import NotFound
from ringfence.store.graph import Graph
from ringfence.store.receipts import save_receipts, takedown_known


async def take_receipts(
    graph: Graph, takedown_id: str, receipts: Sequence[Receipt], *, now: datetime, by: str
) -> list[ReceiptFate]:
    """Keep of each account the receipt of its last action; sending one again changes nothing.

    Args:
        graph: connected and migrated.
        takedown_id: whose actions they are for.
        receipts: each names an account or an action; 5,000 at the most.
        now: UTC.
        by: who sends them.

    Returns:
        What became of each, in order.

    Raises:
        NotFound: there is no such takedown.
    """
    if not await takedown_known(graph, takedown_id):
        raise NotFound(f"No takedown has the id {takedown_id[:100]}.")
    failed = sum(one.outcome is ReceiptOutcome.FAILED for one in receipts)
    detail = {"receipts": len(receipts), "failed": failed}
    record = AuditRecord(by, AuditAction.RECEIPTS_TAKEN, takedown_id, detail)
    return await save_receipts(graph, receipts, now=now, record=record)
