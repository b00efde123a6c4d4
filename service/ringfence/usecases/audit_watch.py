"""Watch the audit log: look at a part of it each time, round and round."""

from typing import Final

from ringfence.domain.audit import ChainCheck, ChainFault
from ringfence.logs import get_logger
from ringfence.store.audit_log import find_head, page_entries
from ringfence.store.graph import Graph

PART: Final = 1_000

log = get_logger(__name__)


class AuditWatch:
    """Finds out whether the log was touched, without ever reading it whole at once.

    A fault stays told until a whole round has found none.

    Args:
        graph: connected and migrated.
        part: entries that one look reads.
    """

    def __init__(self, graph: Graph, *, part: int = PART) -> None:
        self._graph = graph
        self._part = part
        self._check = ChainCheck()
        self.fault: ChainFault | None = None

    @property
    def looked_at(self) -> int:
        """Entries that this round has found as they were written."""
        return self._check.head.seq

    async def look(self) -> None:
        """Look at the next part.

        Raises:
            GraphUnavailable: Neo4j does not answer.
        """
        head, check = await find_head(self._graph), self._check
        entries = await page_entries(self._graph, after=check.head.seq, limit=self._part)
        for entry in entries:
            if fault := check.fault_in(entry):
                self._begin_anew(fault)
                return
            if entry.seq == head.seq:
                break
        if check.head.seq >= head.seq or not entries:
            self._begin_anew(check.fault_at_end(head))

    def _begin_anew(self, fault: ChainFault | None) -> None:
        if fault and fault != self.fault:
            log.error("audit_log_touched", seq=fault.seq, kind=fault.kind.value)
        self.fault, self._check = fault, ChainCheck()
