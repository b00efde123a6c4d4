"""Erasures in the graph: begun under locks, finished with a receipt, and known for good."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.erasure import ErasureReceipt, account_hash
from ringfence.domain.re_entry import key_id_of
from ringfence.domain.rings import LONG_AGO
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.legal_holds import holds_on
from ringfence.store.times import milliseconds, moment

TRANSACTION_TIMEOUT_S: Final = 600.0
"""Long, since loaders may hold the locks of many accounts."""
PAGE_ACCOUNTS: Final = 10_000
TAKEN: Final = "taken_"
"""What stands before the kind in a receipt's properties."""


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """What an erasure is asked for with.

    Attributes:
        secret: that the ids are hashed with.
        by: id of the principal.
        reason: names nobody.
    """

    secret: bytes
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class BegunErasure:
    """An account whose erasure has begun.

    Attributes:
        alike: accounts that have the same e-mail address, itself among them.
    """

    account_id: str
    hash: str
    receipt_id: str
    email: str | None
    alike: int


async def begin_erasures(
    graph: Graph, order: ErasureOrder, receipt_id_by_account_id: Mapping[str, str]
) -> tuple[list[BegunErasure], dict[str, str]]:
    """Begin to erase accounts, but for those that a legal hold keeps; a refusal is recorded.

    An erasure that was begun before goes on with the receipt that it has.

    Args:
        graph: connected and migrated.
        order: why, and by whom.
        receipt_id_by_account_id: the accounts, and what new receipts are called.

    Returns:
        Those that have begun; and of those that are held, the id of the hold. What is missing in
        both is unknown.
    """
    ids = sorted(receipt_id_by_account_id)
    hashes = [account_hash(order.secret, account_id) for account_id in ids]
    hash_by_id = dict(zip(ids, hashes, strict=True))

    async def work(transaction: Transaction) -> tuple[list[BegunErasure], dict[str, str]]:
        rows = await transaction.run("erasure/find_state", ids=ids, hashes=hashes)
        known = {row["id"]: row for row in rows if row["known"] or row["receipt_id"]}
        held = await holds_on(transaction, sorted(known))
        begun = [
            BegunErasure(
                account_id=account_id,
                hash=hash_by_id[account_id],
                receipt_id=row["receipt_id"] or receipt_id_by_account_id[account_id],
                email=row["email"],
                alike=row["alike"],
            )
            for account_id, row in known.items()
            if account_id not in held
        ]
        await _enter(transaction, order, begun)
        for account_id, hold_id in sorted(held.items()):
            facts = {"hold": hold_id, "reason": order.reason}
            action = AuditAction.ERASURE_REFUSED
            record = AuditRecord(order.by, action, hash_by_id[account_id], facts)
            await append_entry(transaction, record)
        return begun, held

    return await graph.in_write(work, timeout_s=TRANSACTION_TIMEOUT_S)


async def finish_erasures(
    graph: Graph, order: ErasureOrder, begun: Sequence[BegunErasure], *, at: datetime
) -> dict[str, ErasureReceipt]:
    """Take away accounts that nothing is left of, and record that.

    Returns:
        Receipts by account id; one that something came for meanwhile is missing.
    """
    ordered = sorted(begun, key=lambda one: one.account_id)

    async def work(transaction: Transaction) -> dict[str, ErasureReceipt]:
        rows = await transaction.run(
            "erasure/delete_accounts",
            ids=[one.account_id for one in ordered],
            hashes=[one.hash for one in ordered],
        )
        done = {row["id"] for row in rows if row["done"]}
        gone = [one for one in ordered if one.account_id in done]
        found = await transaction.run("erasure/find_receipts", ids=[one.receipt_id for one in gone])
        counted = {row["receipt"]["id"]: _taken(row["receipt"]) for row in found}
        for one in gone:
            facts = {
                "receipt": one.receipt_id,
                "reason": order.reason,
                "taken": counted[one.receipt_id],
            }
            record = AuditRecord(order.by, AuditAction.ACCOUNT_ERASED, one.hash, facts)
            entry = await append_entry(transaction, record)
            await transaction.run(
                "erasure/finish", id=one.receipt_id, at_ms=milliseconds(at), audit_seq=entry.seq
            )
        found = await transaction.run("erasure/find_receipts", ids=[one.receipt_id for one in gone])
        receipts = {row["receipt"]["id"]: _receipt(row["receipt"]) for row in found}
        return {one.account_id: receipts[one.receipt_id] for one in gone}

    return await graph.in_write(work, timeout_s=TRANSACTION_TIMEOUT_S)


async def find_receipt(graph: Graph, receipt_id: str) -> ErasureReceipt | None:
    """A receipt, or None."""
    rows = await graph.read("erasure/find_receipts", ids=[receipt_id])
    return _receipt(rows[0]["receipt"]) if rows else None


async def erased_among(graph: Graph, hashes: Sequence[str]) -> set[str]:
    """Which of some hashes of account ids stand for accounts that were erased."""
    rows = await graph.read("erasure/find_hashes", hashes=hashes)
    return {row["hash"] for row in rows}


async def count_erased(graph: Graph) -> int:
    """How many accounts were erased so far."""
    (row,) = await graph.read("erasure/count_erased")
    erased: int = row["erased"]
    return erased


async def stream_account_ids(
    graph: Graph, *, seen_before: datetime | None = None
) -> AsyncIterator[list[str]]:
    """Ids of accounts in order, page by page; of all, or of those not seen since a moment."""
    after: str | None = ""
    while after is not None:
        (row,) = await graph.read(
            "erasure/page_account_ids", after=after, limit=PAGE_ACCOUNTS, seen_before=seen_before
        )
        after = row["last"]
        if row["ids"]:
            yield row["ids"]


async def _enter(
    transaction: Transaction, order: ErasureOrder, begun: Sequence[BegunErasure]
) -> None:
    if begun:
        await transaction.run(
            "erasure/begin",
            ids=[one.account_id for one in begun],
            hashes=[one.hash for one in begun],
            receipt_ids=[one.receipt_id for one in begun],
            by=order.by,
            reason=order.reason,
            key_id=key_id_of(order.secret),
            at_ms=milliseconds(order.at),
        )


def _taken(told: Row) -> dict[str, int]:
    return {
        name.removeprefix(TAKEN): count
        for name, count in sorted(told.items())
        if name.startswith(TAKEN)
    }


def _receipt(told: Row) -> ErasureReceipt:
    return ErasureReceipt(
        id=told["id"],
        account_hash=told["account_hash"],
        by=told["by"],
        reason=told["reason"],
        begun_at=moment(told["begun_ms"]) or LONG_AGO,
        taken=_taken(told),
        finished_at=moment(told["finished_ms"]),
        audit_seq=told.get("audit_seq"),
    )
