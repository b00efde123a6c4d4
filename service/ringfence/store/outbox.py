"""The outbox: what transactions changed, told in the order of their commits, for a while."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Final

from ringfence.domain.changes import Change, ChangeTopic, ToldChange
from ringfence.domain.rings import LONG_AGO
from ringfence.store.graph import Graph, Transaction
from ringfence.store.times import moment

KEPT: Final = timedelta(days=7)
"""How long a change is kept for those who were away."""
TRIM_BATCH: Final = 5_000


async def tell(transaction: Transaction, changes: Sequence[Change]) -> None:
    """Tell changes in the transaction that makes them: they are heard if it commits, and only then.

    The outbox is locked until then, so tell last.
    """
    if changes:
        await transaction.run("outbox/append", entries=[asdict(change) for change in changes])


async def last_told(graph: Graph) -> tuple[int, int]:
    """Number of the last change, and of the last one kept no more; 0 where there is none."""
    (row,) = await graph.read("outbox/find_bounds")
    return row["last"], row["trimmed"]


async def page_told(graph: Graph, *, after: int, limit: int) -> list[ToldChange]:
    """The next changes after a number, in order."""
    rows = await graph.read("outbox/page", after=after, limit=limit)
    return [
        ToldChange(
            row["seq"],
            moment(row["at_ms"]) or LONG_AGO,
            Change(ChangeTopic(row["topic"]), row["kind"], row["subject_id"], row["run_id"]),
        )
        for row in rows
    ]


async def trim_outbox(graph: Graph, *, kept: timedelta = KEPT) -> int:
    """Take away changes told longer ago than that, and say how many."""
    before = datetime.now(UTC) - kept
    total = 0
    while True:
        rows = await graph.write("outbox/trim", before=before, limit=TRIM_BATCH)
        trimmed = rows[0]["trimmed"] if rows else 0
        total += trimmed
        if trimmed < TRIM_BATCH:
            return total
