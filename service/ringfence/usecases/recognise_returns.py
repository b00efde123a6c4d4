"""Recognise rings that were taken down and came back as rings of new accounts."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from ringfence.domain.returns import GoneRing, RecognisedReturn, Watch
from ringfence.logs import get_logger
from ringfence.screening.re_entry import RememberedRings
from ringfence.screening.returning import CarriedByCore, recognise
from ringfence.store.graph import Graph
from ringfence.store.remembered import load_remembered
from ringfence.store.returns import (
    UnmatchedRing,
    find_gone,
    find_watches,
    mark_matched,
    page_unmatched,
    save_return,
    stream_core,
)
from ringfence.store.times import milliseconds
from ringfence.usecases.ring_desk import unknown_ring

PAGE: Final = 200
"""Rings that one statement finds."""

log = get_logger(__name__)


async def recognise_returns(graph: Graph, *, secret: bytes, run_id: str, at: datetime) -> int:
    """Compare living rings with those taken down, and say how many were newly recognised.

    Only rings that a run wrote since they were compared last are looked at, so that doing it again
    does the rest, and tells nothing twice. A ring that refills under its own id grows; it does not
    return.

    Args:
        graph: connected and migrated.
        secret: that the identifiers of rings taken down are hashed with.
        run_id: of the run that found the rings.
        at: now.
    """
    columns = await load_remembered(graph, at=at)
    gone = await find_gone(graph, columns.ring_ids)
    if not gone:
        return 0
    remembered = RememberedRings(columns, secret)
    since_ms = min(ring.taken_down_ms for ring in gone.values())
    newly, after = 0, ""
    while page := await page_unmatched(graph, after_id=after, since_ms=since_ms, limit=PAGE):
        for ring in page:
            found = await _recognise(graph, ring, remembered, gone, milliseconds(at))
            if found and await save_return(graph, ring, found, run_id=run_id):
                newly += 1
                log.info("ring_returned", ring_id=ring.id, returned_from=found.old_ring_id)
        await mark_matched(graph, page)
        after = page[-1].id
    return newly


async def read_watch(graph: Graph, ring_id: str) -> Watch:
    """What is known of the return of a ring.

    Raises:
        NotFound: no ring has that id.
    """
    found = (await find_watches(graph, [ring_id])).get(ring_id)
    if found is None:
        raise unknown_ring(ring_id)
    return found


async def _recognise(
    graph: Graph,
    ring: UnmatchedRing,
    remembered: RememberedRings,
    gone: Mapping[str, GoneRing],
    at_ms: int,
) -> RecognisedReturn | None:
    core = CarriedByCore()
    async for member in stream_core(graph, ring.id):
        core.add(member.carried, member.email, member.signed_up_ms)
    return await asyncio.to_thread(recognise, ring.id, core, remembered, gone, at_ms=at_ms)
