"""What peers have shared: kept apart from all that detection and screening read."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from ringfence.domain.shared_indicators import SharedIndicator, Tlp
from ringfence.store.graph import Graph, Transaction

BATCH: Final = 5_000


async def save_indicators(
    transaction: Transaction, source: str, indicators: Sequence[SharedIndicator], *, at: datetime
) -> int:
    """Keep what a peer shares, and say how much of it is new.

    Args:
        transaction: the one that records the import.
        source: who shares.
        indicators: each hash once.
        at: when they were imported.
    """
    added = 0
    for batch in _batches(sorted(indicators, key=lambda one: one.hash)):
        (row,) = await transaction.run(
            "shared_indicators/save",
            source=source,
            at=at,
            hashes=[one.hash for one in batch],
            tlps=[one.tlp.value for one in batch],
            valid_until=[one.valid_until for one in batch],
        )
        added += row["added"]
    return added


async def revoke_indicators(transaction: Transaction, source: str, hashes: Sequence[str]) -> int:
    """Forget what a peer takes back, and say how much was kept of it."""
    (row,) = await transaction.run(
        "shared_indicators/revoke", source=source, hashes=sorted(set(hashes))
    )
    return int(row["removed"])


async def forget_indicators(graph: Graph, *, at: datetime) -> int:
    """Forget what holds no more at a moment, batch by batch, and say how much that was."""
    total = 0
    while True:
        (row,) = await graph.write("shared_indicators/forget", at=at, limit=BATCH)
        total += int(row["forgotten"])
        if row["forgotten"] < BATCH:
            return total


async def find_indicators(
    graph: Graph, hashes: Sequence[str], *, at: datetime
) -> list[tuple[str, str, Tlp]]:
    """Hash, source and mark of all that peers shared of these hashes and that holds at a moment."""
    rows = await graph.read("shared_indicators/find", hashes=hashes, at=at)
    return [(row["hash"], row["source"], Tlp(row["tlp"])) for row in rows]


def _batches(items: Sequence[SharedIndicator]) -> Iterator[Sequence[SharedIndicator]]:
    for first in range(0, len(items), BATCH):
        yield items[first : first + BATCH]
