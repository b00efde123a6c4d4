"""Detect on Spark: export the graph, or take an export, and find its rings with many machines."""

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ringfence.detection import DetectionConfig
from ringfence.detection.verdicts import respect_verdicts
from ringfence.domain.appeals import Discounts
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.rings import Detection, KnownRing
from ringfence.errors import InvalidInput
from ringfence.spark import SparkEngine
from ringfence.spark.engine import PrunedGraph
from ringfence.store.graph import Graph
from ringfence.store.graph_tables import export_tables, read_manifest
from ringfence.usecases.detect import Engine


def spark_engine(spark: SparkEngine, tables: Path | None = None) -> Engine:
    """An engine of `detect` whose work is done by Spark.

    Args:
        spark: with a session.
        tables: an export of the graph that the workers can read; None: the graph as it is now is
            exported to a folder of this machine, which is for workers on this machine.
    """
    one = _OnSpark(spark, tables)
    return Engine(one.read, one.find)


@dataclass(frozen=True, slots=True)
class _OnSpark:
    spark: SparkEngine
    tables: Path | None

    async def read(self, graph: Graph, as_of: datetime | None) -> PrunedGraph:
        if as_of is not None:
            raise InvalidInput(
                "An export holds the graph as it is; a look from the past needs the local engine. "
                "Leave out --as-of or --engine."
            )
        if self.tables is not None:
            read_manifest(self.tables)
        with nullcontext() if self.tables else TemporaryDirectory(prefix="ringfence-") as own:
            tables = self.tables or Path(own or "") / "graph"
            if self.tables is None:
                await export_tables(graph, tables)
            return await asyncio.to_thread(self.spark.read, tables)

    def find(
        self,
        pruned: PrunedGraph,
        config: DetectionConfig,
        known: Sequence[KnownRing],
        known_shared: KnownSharedList,
        discounts: Discounts,
    ) -> Detection:
        detection = self.spark.detect(
            pruned, config, known, known_shared=known_shared, discounts=discounts
        )
        return replace(detection, rings=respect_verdicts(detection.rings, known))
