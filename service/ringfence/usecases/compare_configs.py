"""Compare two configurations on the graph as it is; nothing is written."""

import asyncio
from dataclasses import replace
from datetime import datetime

from ringfence.detection import DetectionConfig
from ringfence.detection.config_diff import DetectionDiff, compare_detections
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.rings import Detection, RingState
from ringfence.store.account_graph import read_account_graph
from ringfence.store.appeals import find_discounts
from ringfence.store.graph import Graph
from ringfence.store.known_rings import known_rings
from ringfence.usecases.detect import detect_respecting


async def compare_configs(
    graph: Graph,
    config: DetectionConfig,
    other: DetectionConfig,
    *,
    as_of: datetime | None = None,
    known_shared: KnownSharedList = (),
) -> DetectionDiff:
    """What other parameters would find otherwise: rings and flagged accounts, in and out.

    Rings that people dismissed are left out on both sides: no parameters bring them back.

    Args:
        graph: connected and migrated.
        config: the present parameters.
        other: those to try.
        as_of: moment in the past to look from, with a zone; None: now.
        known_shared: identifiers that prove nothing for some days, on both sides.
    """
    account_graph = await read_account_graph(graph, as_of=as_of)
    known, discounts = await known_rings(graph), await find_discounts(graph)
    first, second = [
        await asyncio.to_thread(
            detect_respecting, account_graph, one, known, known_shared, discounts
        )
        for one in (config, other)
    ]
    return compare_detections(_without_dismissed(first), _without_dismissed(second))


def _without_dismissed(detection: Detection) -> Detection:
    rings = (ring for ring in detection.rings if ring.state is not RingState.DISMISSED)
    return replace(detection, rings=tuple(rings))
