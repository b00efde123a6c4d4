"""Large components cut on the workers, a bucket of them at a time, by the code of one machine."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from pyspark.sql import SparkSession

from ringfence.detection.cells import Cut, CutAll, LargeComponents, cut_one_by_one
from ringfence.detection.config import CellParameters
from ringfence.domain.graph import Ints
from ringfence.logs import get_logger

GIANT_EDGES: Final = 500_000
"""Edges from which one component, cut by one worker alone, is what a run waits for."""

_SCHEMA: Final = "component bigint, vertex bigint, block bigint"
log = get_logger(__name__)


def cut_in_buckets(spark: SparkSession, buckets: int) -> CutAll:
    """What cuts components on the workers of a session; the cuts are those of one machine.

    Args:
        spark: that has the workers.
        buckets: in which components are put, a few for each core: one a component would cost
            seven times as much.
    """

    def cut_all(large: LargeComponents, parameters: CellParameters, seed: int) -> Iterable[Cut]:
        if not len(large.numbers):
            return []
        _warn_of_giants(large)

        def cut_bucket(rows: pa.Table) -> pa.Table:
            return _cut_bucket(rows, parameters, seed)

        edges = spark.createDataFrame(_edges(large, buckets))
        cut = edges.groupBy("bucket").applyInArrow(cut_bucket, _SCHEMA).toArrow()
        return _cuts(cut, large.numbers)

    return cut_all


def _edges(large: LargeComponents, buckets: int) -> pa.Table:
    """Edges with their component, their place in it, and the bucket that it is in."""
    sizes = np.diff(large.bounds)
    # The largest go to different buckets, so that no worker gets two of them.
    rank = np.empty(len(sizes), dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(len(sizes))
    return pa.table(
        {
            "bucket": np.repeat(rank % buckets, sizes),
            "component": np.repeat(large.numbers, sizes),
            "row": np.arange(len(large.source)),
            "source": large.source,
            "target": large.target,
            "weight": large.weight,
        }
    )


def _cut_bucket(rows: pa.Table, parameters: CellParameters, seed: int) -> pa.Table:
    """Cut the components of one bucket; rows come in any order, which the shuffle left."""
    columns = {name: rows[name].to_numpy() for name in rows.column_names}
    order = np.argsort(columns["row"])
    component, source, target, weight = (
        columns[name][order] for name in ("component", "source", "target", "weight")
    )
    numbers, starts = np.unique(component, return_index=True)
    bounds = np.append(starts, len(component))
    large = LargeComponents(numbers, bounds, source, target, weight)
    vertices, blocks = zip(*cut_one_by_one(large, parameters, seed), strict=True)
    return pa.table(
        {
            "component": np.repeat(numbers, [len(one) for one in vertices]),
            "vertex": np.concatenate(vertices),
            "block": np.concatenate(blocks),
        }
    )


def _cuts(cut: pa.Table, numbers: Ints) -> list[Cut]:
    component = cut["component"].to_numpy()
    order = np.argsort(component, kind="stable")
    vertex, block = cut["vertex"].to_numpy()[order], cut["block"].to_numpy()[order]
    bounds = np.searchsorted(component[order], np.append(numbers, numbers[-1] + 1)).tolist()
    return [(vertex[start:end], block[start:end]) for start, end in pairwise(bounds)]


def _warn_of_giants(large: LargeComponents) -> None:
    for size in np.diff(large.bounds):
        if size >= GIANT_EDGES:
            log.warning("giant_component", edges=int(size), most=GIANT_EDGES)
