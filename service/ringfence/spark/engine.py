"""The whole of detection with Spark: where each part runs.

On the workers: identifiers brought to the value that accounts share, links pruned to what two or
more accounts carry, what an account alone carries counted, popular identifiers judged, components
found where the driver is too small for them, and large ones cut into cells.
In the driver, on arrays of what was pruned: traits, pairs, components that fit, rings, scores.
These compare with the whole population at each step, and are numpy on a tenth of the links.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from pyspark.sql import SparkSession

from ringfence.detection import DetectionConfig
from ringfence.detection.links import SharedLinks
from ringfence.detection.pipeline import rings_of_links
from ringfence.detection.workers import Workers
from ringfence.domain.appeals import NO_DISCOUNTS, Discounts
from ringfence.domain.graph import AccountColumns, AccountGraph
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.rings import Detection, KnownRing
from ringfence.spark.assembling import Accounts, described_graph, shared_links_of
from ringfence.spark.cells import cut_in_buckets
from ringfence.spark.components import DRIVER_EDGES, components_beyond
from ringfence.spark.hubs import judge_in_buckets
from ringfence.spark.pruning import prune

BUCKETS_A_CORE = 4


@dataclass(frozen=True, slots=True)
class PrunedGraph:
    """What the driver holds: accounts, what is known of what they used, and shared links.

    Attributes:
        links: as many as the whole graph has; they are not here.
    """

    graph: AccountGraph
    shared: SharedLinks
    links: range

    @property
    def accounts(self) -> AccountColumns:
        """All accounts, sorted by id."""
        return self.graph.accounts

    def fingerprint(self) -> str:
        """128 bits, in hex, over all that detection reads.

        It differs from that of the whole graph, whose links were never in one place.
        """
        digest = hashlib.blake2b(self.graph.fingerprint().encode(), digest_size=16)
        for column in fields(SharedLinks):
            told = getattr(self.shared, column.name)
            digest.update(column.name.encode())
            if isinstance(told, np.ndarray):
                digest.update(np.ascontiguousarray(told).tobytes())
            else:
                digest.update("\x1f".join("\x1e".join(one) for one in told).encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class SparkEngine:
    """Finds rings with the workers of a session.

    Attributes:
        driver_edges: up to which components are found in the driver.
    """

    spark: SparkSession
    driver_edges: int = DRIVER_EDGES

    def read(self, tables: Path) -> PrunedGraph:
        """Prune an export of the account graph.

        Args:
            tables: written by `ringfence.store.graph_tables.export_tables`, where the workers can
                read it.
        """
        pruned = prune(self.spark, tables)
        accounts = Accounts(tables)
        return PrunedGraph(
            described_graph(pruned, accounts),
            shared_links_of(pruned, accounts),
            range(pruned.links),
        )

    def detect(
        self,
        pruned: PrunedGraph,
        config: DetectionConfig,
        known: Sequence[KnownRing] = (),
        *,
        known_shared: KnownSharedList = (),
        discounts: Discounts = NO_DISCOUNTS,
    ) -> Detection:
        """The rings that `detect_rings` finds in the whole graph, with the same ids."""
        rings = rings_of_links(
            pruned.shared,
            pruned.graph,
            config,
            known,
            known_shared=known_shared,
            discounts=discounts,
            workers=self._workers(),
        )
        return Detection(rings, pruned.fingerprint())

    def _workers(self) -> Workers:
        buckets = BUCKETS_A_CORE * self.spark.sparkContext.defaultParallelism
        return Workers(
            components=components_beyond(self.spark, self.driver_edges),
            judge=judge_in_buckets(self.spark, buckets),
            cut=cut_in_buckets(self.spark, buckets),
        )
