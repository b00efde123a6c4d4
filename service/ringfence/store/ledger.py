"""The ledger of seen events: where it begins, and how it forgets without counting anything twice.

Each account's ledger has two pages of keys. A page is forgotten once it was turned so long ago that
every event on it lies before the moment from which events are taken at all: whoever sends one again
is refused for its time, and the key is not missed.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from ringfence.domain.events import FUTURE_TOLERANCE_MS
from ringfence.store.graph import Graph
from ringfence.store.times import moment

READ_AGAIN: Final = timedelta(minutes=10)
"""How long a loader goes by what it has read of the ledger's begin."""
MARGIN: Final = timedelta(milliseconds=FUTURE_TOLERANCE_MS) + timedelta(days=7)
"""How much longer than refused a page is kept: the time of an event may lie a day ahead of when it
came, and a slow pipe may hold an event for some days before it is written."""
BATCH_ACCOUNTS: Final = 1_000
"""Accounts whose ledgers one transaction turns."""


async def find_ledger_begin(graph: Graph) -> int | None:
    """The moment before which events are refused, milliseconds since 1970; None: none are."""
    rows = await graph.read("ledger/find_begin")
    return int(rows[0]["begins_ms"]) if rows else None


async def begin_ledger(graph: Graph, begin: datetime, *, at: datetime) -> datetime | None:
    """Refuse events before a moment from now on; it never moves back.

    Returns:
        The moment before which all loaders refuse events already; None: none do.
    """
    (row,) = await graph.write(
        "ledger/move_begin", before=begin, at=at, moved_before=at - 2 * READ_AGAIN
    )
    return moment(row["settled_ms"])


async def turn_ledgers(
    graph: Graph, account_ids: Sequence[str], *, settled: datetime, at: datetime
) -> int:
    """Turn the page of each account whose last turn lies long enough before the ledger's begin.

    Args:
        graph: connected and migrated.
        account_ids: sorted.
        settled: the moment before which all loaders refuse events already.
        at: the present.

    Returns:
        How many events were forgotten.
    """
    gone = 0
    for first in range(0, len(account_ids), BATCH_ACCOUNTS):
        (row,) = await graph.write(
            "ledger/turn",
            ids=account_ids[first : first + BATCH_ACCOUNTS],
            before=settled - MARGIN,
            at=at,
        )
        gone += int(row["gone"])
    return gone
