"""Receipts in the graph: on the targets of takedowns, of each the last by the order of actions."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from ringfence.domain.audit import AuditRecord
from ringfence.domain.receipts import PlacedReceipt, Receipt, ReceiptFate, latest
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Transaction

_NUMBER: Final = re.compile(r".*\.(\d{1,18})", re.DOTALL)


async def takedown_known(graph: Graph, takedown_id: str) -> bool:
    """Whether there is such a takedown."""
    return bool(await graph.read("receipts/find_takedown", takedown_id=takedown_id))


async def save_receipts(
    graph: Graph, receipts: Sequence[Receipt], *, now: datetime, record: AuditRecord
) -> list[ReceiptFate]:
    """Write receipts on the targets of the takedown that the record names; both, or neither.

    Args:
        graph: connected and migrated.
        receipts: each names an account or an action.
        now: UTC.
        record: kept if any receipt is written.

    Returns:
        What became of each, in order.
    """

    async def work(transaction: Transaction) -> list[ReceiptFate]:
        placed = await _placed(transaction, record.subject, receipts)
        chosen, passed_over = latest(placed)
        fates = await _save(transaction, record.subject, chosen, now)
        fates |= dict.fromkeys(passed_over, ReceiptFate.SUPERSEDED)
        if ReceiptFate.RECORDED in fates.values():
            await append_entry(transaction, record)
        return [fates.get(index, ReceiptFate.UNKNOWN) for index in range(len(receipts))]

    return await graph.in_write(work)


async def _placed(
    transaction: Transaction, takedown_id: str, receipts: Sequence[Receipt]
) -> list[PlacedReceipt]:
    """The receipts of actions of the takedown, each with the number of its action."""
    rows = await transaction.run(
        "receipts/find_seqs",
        takedown_id=takedown_id,
        indexes=list(range(len(receipts))),
        account_ids=[one.account_id for one in receipts],
        action_ids=[one.action_id for one in receipts],
        action_seqs=[_number_in(one.action_id) for one in receipts],
    )
    return [
        PlacedReceipt(
            row["index"],
            row["account_id"],
            row["seq"],
            receipts[row["index"]].outcome,
            receipts[row["index"]].reason,
        )
        for row in rows
    ]


async def _save(
    transaction: Transaction, takedown_id: str, chosen: Sequence[PlacedReceipt], now: datetime
) -> dict[int, ReceiptFate]:
    """What became of the receipts, by their indexes."""
    in_order = sorted(chosen, key=lambda one: one.account_id)
    rows = await transaction.run(
        "receipts/save",
        takedown_id=takedown_id,
        at=now,
        account_ids=[one.account_id for one in in_order],
        outcomes=[one.outcome.value for one in in_order],
        reasons=[one.reason for one in in_order],
        seqs=[one.seq for one in in_order],
    )
    index_by_account = {one.account_id: one.index for one in in_order}
    return {index_by_account[row["account_id"]]: ReceiptFate(row["fate"]) for row in rows}


def _number_in(action_id: str | None) -> int | None:
    """The number that an id of an action holds; only the action itself tells if it is so."""
    found = _NUMBER.fullmatch(action_id or "")
    return int(found[1]) if found else None
