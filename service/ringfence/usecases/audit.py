"""Record who did what, and find out whether the record was touched."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from ringfence.domain.audit import AuditEntry, AuditRecord, ChainCheck, ChainFault
from ringfence.store.audit_log import append_entry, find_head, page_entries
from ringfence.store.graph import Graph, Transaction

PAGE: Final = 1_000


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What a look at the whole log came to.

    Attributes:
        entries: how many were looked at and are as they were written.
        fault: the first that is not; None: all are.
    """

    entries: int
    fault: ChainFault | None


async def append(graph: Graph, record: AuditRecord) -> AuditEntry:
    """Record something, in a transaction of its own."""

    async def work(transaction: Transaction) -> AuditEntry:
        return await append_entry(transaction, record)

    return await graph.in_write(work)


async def verify(graph: Graph) -> AuditVerdict:
    """Look at every entry, and name the first that is missing, changed or in another place."""
    check, head = ChainCheck(), await find_head(graph)
    async for entry in read_log(graph):
        if fault := check.fault_in(entry):
            return AuditVerdict(check.head.seq, fault)
        if entry.seq == head.seq:
            break
    return AuditVerdict(check.head.seq, check.fault_at_end(head))


async def read_log(graph: Graph, *, after: int = 0) -> AsyncIterator[AuditEntry]:
    """All entries after a number, in order."""
    while page := await page_entries(graph, after=after, limit=PAGE):
        for entry in page:
            yield entry
        after = page[-1].seq
