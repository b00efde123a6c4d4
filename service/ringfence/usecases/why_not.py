"""Why an account is not in a ring, asked of the graph as it is."""

import asyncio

from ringfence.detection import DetectionConfig, load_config
from ringfence.detection.why_not import why_not as why_not_of
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.rings import RingState
from ringfence.domain.why_not import WhyNot
from ringfence.store.account_graph import read_account_graph
from ringfence.store.appeals import find_discounts
from ringfence.store.graph import Graph
from ringfence.store.known_rings import known_rings
from ringfence.usecases.ring_story import find_ring


async def why_not(
    graph: Graph,
    account_id: str,
    ring_id: str | None = None,
    config: DetectionConfig | None = None,
    *,
    known_shared: KnownSharedList = (),
) -> WhyNot:
    """What keeps an account out of a ring, or out of the nearest one that is not closed.

    It reads the whole account graph, since popularity is judged over all of it, and so costs as
    much as the reading step of a detection: well under a second for thousands of accounts, a
    minute or more for millions.

    Args:
        graph: connected and migrated.
        account_id: the account.
        ring_id: the ring, or one that merged into it; None: the nearest.
        config: parameters of detection; None: the default ones.
        known_shared: identifiers that prove nothing for some days.

    Raises:
        NotFound: there is no such account or ring.
        LimitExceeded: the reading took too long.
    """
    wanted = (await find_ring(graph, ring_id)).id if ring_id is not None else None
    known = await known_rings(graph)
    rings = {
        ring.id: ring.members
        for ring in known
        if ring.id == wanted or (wanted is None and ring.state is not RingState.CLOSED)
    }
    account_graph = await read_account_graph(graph)
    return await asyncio.to_thread(
        why_not_of,
        account_graph,
        account_id,
        rings,
        config or load_config(),
        known_shared=known_shared,
        discounts=await find_discounts(graph),
    )
