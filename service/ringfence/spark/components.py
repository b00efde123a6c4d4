"""Connected components on the workers, by large-star and small-star, where the driver is too small.

After Kiveris and others 2014, doi:10.1145/2670979.2670997. An edge leads from the larger vertex
`child` to the smaller one `parent`. Large-star lets each child go on to the smallest parent of its
parent; small-star leaves a child its smallest parent and ties its other parents to that. Neither
parts what was connected. Once nothing changes, each vertex leads to the smallest of its component.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as f

from ringfence.detection.components import FindComponents, find_components
from ringfence.domain.graph import Ints
from ringfence.errors import LimitExceeded

DRIVER_EDGES: Final = 200_000_000
"""Edges up to which components are found in the driver."""
MOST_ROUNDS: Final = 100
"""A chain of two billion vertices, the slowest there is, is done after some 30."""


def components_beyond(
    spark: SparkSession, driver_edges: int, most_rounds: int = MOST_ROUNDS
) -> FindComponents:
    """What finds components in the driver, and on the workers where there are more edges.

    Args:
        spark: that has the workers.
        driver_edges: up to which the driver does it.
        most_rounds: after which the workers give up.
    """

    def components(source: Ints, target: Ints, vertices: int) -> Ints:
        if len(source) <= driver_edges:
            return find_components(source, target, vertices)
        ends = {"child": np.maximum(source, target), "parent": np.minimum(source, target)}
        edges = spark.createDataFrame(pa.table(ends))
        edges = edges.where(f.col("child") != f.col("parent")).distinct()
        stars = _stars(spark, edges, most_rounds)
        smallest = np.arange(vertices)
        smallest[stars["child"].to_numpy()] = stars["parent"].to_numpy()
        number = np.cumsum(smallest == np.arange(vertices)) - 1
        return number[smallest]

    return components


def _stars(spark: SparkSession, edges: DataFrame, most_rounds: int) -> pa.Table:
    """Edges from each vertex to the smallest of its component; that one has none.

    Raises:
        LimitExceeded: it took too many rounds.
    """
    with _rounds(spark) as keep:
        edges = keep(edges)
        total = _total(edges)
        for _ in range(most_rounds):
            edges = keep(_small_star(_large_star(edges)))
            before, total = total, _total(edges)
            if total == before:
                return edges.toArrow()
    raise LimitExceeded(
        f"Components were not found within {most_rounds} rounds on Spark's workers. Find them in "
        "the driver: give it more memory, and --driver-edges a number above that of the edges."
    )


def _large_star(edges: DataFrame) -> DataFrame:
    onward = edges.groupBy(f.col("child").alias("parent")).agg(f.min("parent").alias("smallest"))
    smallest = f.coalesce("smallest", "parent")
    return edges.join(onward, "parent", "left").select("child", smallest.alias("parent"))


def _small_star(edges: DataFrame) -> DataFrame:
    smallest = f.min("parent").over(Window.partitionBy("child"))
    known = edges.withColumn("smallest", smallest)
    # The edge to the smallest parent stays, and each other parent becomes a child.
    tied = f.when(f.col("parent") == f.col("smallest"), f.col("child")).otherwise(f.col("parent"))
    return known.select(tied.alias("child"), f.col("smallest").alias("parent")).distinct()


def _total(edges: DataFrame) -> Decimal | None:
    """Sum over all edges of both ends and 1; None without edges.

    Whatever a round changes or merges makes it smaller, so nothing changed where it stays.
    """
    end = (f.col("child") + f.col("parent") + 1).cast("decimal(20, 0)")
    total: Decimal | None = edges.agg(f.sum(end)).collect()[0][0]
    return total


@contextmanager
def _rounds(spark: SparkSession) -> Iterator[Callable[[DataFrame], DataFrame]]:
    """What keeps the edges of a round on the workers, without the plan that led to them.

    The plan would double with each round. Edges of earlier rounds are let go: else Spark keeps
    them until Java's collector runs, which may be after the last.
    """
    others = set(_kept_on_workers(spark))

    def let_go(rounds: set[int]) -> None:
        for number, edges in _kept_on_workers(spark).items():
            if number in rounds:
                edges.unpersist()

    def keep(edges: DataFrame) -> DataFrame:
        earlier = set(_kept_on_workers(spark)) - others
        kept: DataFrame = edges.localCheckpoint()
        let_go(earlier)
        return kept

    try:
        yield keep
    finally:
        let_go(set(_kept_on_workers(spark)) - others)


def _kept_on_workers(spark: SparkSession) -> dict[int, Any]:
    """All that a session keeps on its workers, by number; a checkpoint has no other handle."""
    return dict(spark.sparkContext._jsc.getPersistentRDDs())  # noqa: SLF001 - see above
