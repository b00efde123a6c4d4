"""What is taken away of accounts that are erased, batch by batch, each counted on its receipt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.changes import Change, ChangeTopic
from ringfence.domain.erasure import sum_up
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.takedowns import TakedownState
from ringfence.store.audit_log import append_entry
from ringfence.store.erasure import TAKEN, TRANSACTION_TIMEOUT_S
from ringfence.store.graph import Graph, Transaction
from ringfence.store.outbox import tell
from ringfence.store.times import milliseconds

BATCH: Final = 2_000
"""Rows that one transaction takes away."""
PLAN_VOID: Final = "an account that it may name was erased"
_KIND_BY_TYPE: Final = {
    "MEMBER_OF": "memberships",
    "WAS_MEMBER_OF": "memberships",
    "TARGETS": "targets",
}
_OWN: Final = ("screenings", "actions", "dead_letters", "appeals")
"""What is taken away by a statement of its own, in this order."""

Receipts = Mapping[str, str]
"""Ids of receipts by account id."""


@dataclass(frozen=True, slots=True)
class CarriedLink:
    """A link of an account that is erased.

    Attributes:
        node: internal id of the identifier.
        carriers: accounts that carry the identifier.
        listed: whether a feed tells of the identifier, which then proves nothing of anybody.
    """

    account_id: str
    node: str
    key: IdentifierKey
    carriers: int
    listed: bool


async def page_links(graph: Graph, ids: Sequence[str], limit: int) -> list[CarriedLink]:
    """Links of some accounts, so many at the most, in no order."""
    rows = await graph.read("erasure/page_links", ids=ids, limit=limit)
    return [
        CarriedLink(
            row["account_id"],
            row["identifier"],
            IdentifierKey(row["kind"], row["value"]),
            row["carriers"],
            row["listed"],
        )
        for row in rows
    ]


async def delete_links(graph: Graph, receipts: Receipts, links: Sequence[CarriedLink]) -> None:
    """Take links away, and with the last one of an identifier the identifier."""
    ordered = sorted(links, key=lambda one: (one.account_id, one.key))
    for first in range(0, len(ordered), BATCH):
        await _delete_links(graph, receipts, ordered[first : first + BATCH])


async def delete_named(
    graph: Graph, receipts: Receipts, owner_by_key: Mapping[IdentifierKey, str]
) -> None:
    """Take away what names identifiers that only the accounts carried: evidence, lists, discounts.

    Policies count the change, and those who follow are told of it.
    """
    keys = sorted(owner_by_key)
    for first in range(0, len(keys), BATCH):
        await _delete_named(graph, receipts, owner_by_key, keys[first : first + BATCH])


async def delete_own(graph: Graph, receipts: Receipts) -> None:
    """Take away what bears the ids of the accounts, and what ties them to rings and takedowns."""
    await _delete_all(graph, receipts, "erasure/delete_attempts", "screenings")
    for kind in _OWN:
        await _delete_all(graph, receipts, f"erasure/delete_{kind}", kind)
    await _delete_all(graph, receipts, "erasure/delete_ties", "ties")


async def void_plans(graph: Graph, ids: Sequence[str], *, by: str, at: datetime) -> list[str]:
    """Give up plans that wait and may name the accounts, and tell and record that."""

    async def work(transaction: Transaction) -> list[str]:
        rows = await transaction.run(
            "erasure/void_plans", ids=ids, because=PLAN_VOID, at_ms=milliseconds(at)
        )
        voided = sorted(row["id"] for row in rows)
        state = TakedownState.VOID.value
        await tell(transaction, [Change(ChangeTopic.TAKEDOWN, state, one, one) for one in voided])
        for one in voided:
            record = AuditRecord(by, AuditAction.TAKEDOWN_VOIDED, one, {"because": PLAN_VOID})
            await append_entry(transaction, record)
        return voided

    return await graph.in_write(work)


async def count_taken(
    transaction: Transaction, receipts: Receipts, counts: Iterable[tuple[str, str, int]]
) -> None:
    """Add (account, kind, count) to the receipts, in the transaction that takes it away."""
    rows = [
        (receipts[account_id], TAKEN + kind, count)
        for account_id, by_kind in sorted(sum_up(counts).items())
        for kind, count in sorted(by_kind.items())
    ]
    if rows:
        receipt_ids, kinds, numbers = zip(*rows, strict=True)
        await transaction.run("erasure/count", receipt_ids=receipt_ids, kinds=kinds, counts=numbers)


async def _delete_links(graph: Graph, receipts: Receipts, links: Sequence[CarriedLink]) -> None:
    async def work(transaction: Transaction) -> None:
        rows = await transaction.run(
            "erasure/delete_links",
            account_ids=[one.account_id for one in links],
            identifiers=[one.node for one in links],
        )
        owner_by_node = {row["identifier"]: row["account_id"] for row in rows}
        gone = await transaction.run("erasure/delete_identifiers", identifiers=[*owner_by_node])
        counts = [(row["account_id"], "links", 1) for row in rows]
        counts += [(owner_by_node[row["identifier"]], "identifiers", 1) for row in gone]
        await count_taken(transaction, receipts, counts)

    await graph.in_write(work, timeout_s=TRANSACTION_TIMEOUT_S)


async def _delete_named(
    graph: Graph,
    receipts: Receipts,
    owner_by_key: Mapping[IdentifierKey, str],
    keys: Sequence[IdentifierKey],
) -> None:
    columns = {
        "kinds": [key.kind for key in keys],
        "values": [key.value for key in keys],
        "owners": [owner_by_key[key] for key in keys],
    }

    async def work(transaction: Transaction) -> None:
        found = await transaction.run("erasure/delete_evidence", ids=sorted(receipts), **columns)
        discounts = await transaction.run("erasure/delete_discounts", **columns)
        told = [f"{key.kind} {key.value}" for key in keys]
        await transaction.run("erasure/drop_verdict_values", keys=told)
        await transaction.run("policies/take_lock")
        entries = await transaction.run("erasure/delete_list_entries", **columns)
        await count_taken(
            transaction,
            receipts,
            [(row["account_id"], "evidence", row["evidence"]) for row in found]
            + [(row["account_id"], "discounts", row["discounts"]) for row in discounts]
            + [(row["account_id"], "list_entries", 1) for row in entries],
        )
        if entries:
            await transaction.run("policies/count_change")
            removed = AuditAction.LIST_ENTRY_REMOVED.value
            lists = sorted({(row["list"], str(row["version"])) for row in entries})
            await tell(transaction, [Change(ChangeTopic.POLICY, removed, *one) for one in lists])

    await graph.in_write(work, timeout_s=TRANSACTION_TIMEOUT_S)


async def _delete_all(graph: Graph, receipts: Receipts, name: str, count: str) -> None:
    """Run a statement that takes away so many at the most, until nothing is left."""
    ids = sorted(receipts)

    async def work(transaction: Transaction) -> int:
        rows = await transaction.run(name, ids=ids, limit=BATCH)
        counts = [
            (row["account_id"], _KIND_BY_TYPE.get(row.get("type", ""), count), row[count])
            for row in rows
        ]
        await count_taken(transaction, receipts, counts)
        return len(rows)

    while await graph.in_write(work, timeout_s=TRANSACTION_TIMEOUT_S):
        pass
