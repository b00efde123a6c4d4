"""The audit log in the graph: appended under a lock, read in order, never changed."""

from dataclasses import asdict
from datetime import datetime

from ringfence.domain.audit import AuditEntry, AuditRecord, ChainHead, chained
from ringfence.domain.rings import LONG_AGO
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.times import moment


async def append_entry(transaction: Transaction, record: AuditRecord) -> AuditEntry:
    """Record something in the transaction that does it: both are kept, or neither.

    The log is locked until the transaction ends, so record last.
    """
    (row,) = await transaction.run("audit/take_head")
    head = ChainHead(row["seq"], row["hash"]) if row["hash"] else ChainHead()
    entry = chained(record, head, _known(row["now_ms"]))
    facts = asdict(entry)
    del facts["at"]
    await transaction.run("audit/append", at_ms=row["now_ms"], **facts)
    return entry


async def find_head(graph: Graph) -> ChainHead:
    """What the log says of its last entry."""
    rows = await graph.read("audit/find_head")
    return ChainHead(rows[0]["seq"], rows[0]["hash"]) if rows else ChainHead()


async def page_entries(graph: Graph, *, after: int, limit: int) -> list[AuditEntry]:
    """The next entries after a number, in order."""
    return [_entry(row) for row in await graph.read("audit/page", after=after, limit=limit)]


def _entry(row: Row) -> AuditEntry:
    facts = dict(row)
    return AuditEntry(at=_known(facts.pop("at_ms")), **facts)


def _known(milliseconds: int | None) -> datetime:
    return moment(milliseconds) or LONG_AGO
