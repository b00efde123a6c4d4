"""The list of accounts that were erased, written out and taken in: hashes, and nobody's name."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringfence.domain.rings import LONG_AGO
from ringfence.store.graph import Graph
from ringfence.store.times import milliseconds, moment

PAGE: Final = 10_000


@dataclass(frozen=True, slots=True)
class ErasedAccount:
    """An account that was erased.

    Attributes:
        hash: keyed, of its id.
        key_id: of the secret that it is hashed with.
    """

    hash: str
    at: datetime
    key_id: str


async def stream_erased(graph: Graph) -> AsyncIterator[ErasedAccount]:
    """All accounts that were erased, by hash."""
    after = ""
    while rows := await graph.read("erasure/page_erased", after=after, limit=PAGE):
        for row in rows:
            at = moment(row["at_ms"]) or LONG_AGO
            yield ErasedAccount(row["hash"], at, row["key_id"])
        after = rows[-1]["hash"]


async def save_erased(graph: Graph, erased: Sequence[ErasedAccount]) -> int:
    """Know these accounts as erased, and say how many of them were not known."""
    added = 0
    ordered = sorted(erased, key=lambda one: one.hash)
    for first in range(0, len(ordered), PAGE):
        batch = ordered[first : first + PAGE]
        (row,) = await graph.write(
            "erasure/save_erased",
            hashes=[one.hash for one in batch],
            key_ids=[one.key_id for one in batch],
            ats_ms=[milliseconds(one.at) for one in batch],
        )
        added += row["added"]
    return added


async def stream_screened_ids(graph: Graph) -> AsyncIterator[list[str]]:
    """Ids of accounts that sign-up checks were logged for, in order, page by page."""
    after = ""
    while rows := await graph.read("erasure/page_screened_ids", after=after, limit=PAGE):
        yield [row["id"] for row in rows]
        after = rows[-1]["id"]
