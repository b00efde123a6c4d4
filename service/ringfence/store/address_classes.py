"""Classes of IP addresses (proxy, vpn, carrier, campus, …) as dated feeds tell them."""

from collections.abc import Sequence
from datetime import date
from typing import Final, NamedTuple

from ringfence.store.graph import Graph

BATCH_ADDRESSES: Final = 2_000
PROXY_CLASSES: Final = frozenset({"proxy", "vpn"})


class AddressClass(NamedTuple):
    """What one feed says of an address; of two words on one address the greater one holds."""

    address: str
    seen_on: date
    source: str
    kind: str


async def save_address_classes(graph: Graph, told: Sequence[AddressClass]) -> None:
    """Keep the newest word on each address, in one transaction a batch.

    Args:
        graph: migrated.
        told: each address once.

    Raises:
        GraphUnavailable: Neo4j does not answer; saving all of it again does no harm.
    """
    rows = sorted(told)
    for start in range(0, len(rows), BATCH_ADDRESSES):
        batch = rows[start : start + BATCH_ADDRESSES]
        await graph.write(
            "addresses/save_classes",
            addresses=[row.address for row in batch],
            classes=[row.kind for row in batch],
            sources=[row.source for row in batch],
            seen_on=[row.seen_on.isoformat() for row in batch],
            proxies=[row.kind in PROXY_CLASSES for row in batch],
        )
