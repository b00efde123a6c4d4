"""Detection on Spark beside one machine: seconds, bytes that one process holds, bytes on disk.

    uv run python -m tests.scale.engines --accounts 200000

On one machine Spark loses time: what it is for is the memory that links take before they are
pruned. Seconds are those of the clock. Hubs and components are told apart, each beside what this
process does with the same links; components are those of all shared links.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import numpy as np
from pyspark.sql import SparkSession

from ringfence.detection import DetectionConfig, detect_rings, load_config
from ringfence.detection.components import find_components
from ringfence.detection.hubs import judge_hubs
from ringfence.detection.traits import account_traits
from ringfence.domain.graph import AccountGraph
from ringfence.spark import SparkEngine, open_session
from ringfence.spark.components import components_beyond
from ringfence.spark.engine import BUCKETS_A_CORE, PrunedGraph
from ringfence.spark.hubs import judge_in_buckets
from tests.scale.detect import made_up_graph
from tests.scale.report import Row, at_most, print_report
from tests.spark.tables import write_tables

Found = TypeVar("Found")


def measure(spark: SparkSession, accounts: int) -> list[Row]:
    """Find the rings of one graph both ways, and hold that they are the same."""
    graph = made_up_graph(accounts, 1)
    config = load_config(None)
    began = time.perf_counter()
    here = detect_rings(graph, config)
    here_s = time.perf_counter() - began
    whole = bytes_of(graph)
    with TemporaryDirectory() as folder:
        tables = write_tables(graph, Path(folder) / "graph")
        stored = sum(file.stat().st_size for file in tables.rglob("*.parquet"))
        engine = SparkEngine(spark)
        began = time.perf_counter()
        pruned = engine.read(tables)
        read_s = time.perf_counter() - began
        there = engine.detect(pruned, config)
        there_s = time.perf_counter() - began
        held = bytes_of(pruned.graph) + bytes_of(pruned.shared)
    if there.rings != here.rings:
        raise AssertionError("the engines disagree")
    return [
        *_parts(spark, pruned, config),
        at_most("reading and finding rings", ours=there_s, plain=here_s, unit="s"),
        at_most("of it reading and pruning", ours=read_s, plain=here_s, unit="s"),
        at_most(
            "what one process holds", ours=held / accounts, plain=whole / accounts, unit="B/account"
        ),
        at_most("on disk", ours=stored / accounts, plain=whole / accounts, unit="B/account"),
    ]


def _parts(spark: SparkSession, pruned: PrunedGraph, config: DetectionConfig) -> list[Row]:
    """Judge hubs and find components here and on the workers, and hold that they are the same."""
    links = pruned.shared
    traits = account_traits(pruned.graph, links, config.traits)
    ends = links.account, len(pruned.accounts) + links.identifier
    vertices = len(pruned.accounts) + len(links.degree)
    judge = judge_in_buckets(spark, BUCKETS_A_CORE * spark.sparkContext.defaultParallelism)
    find = components_beyond(spark, 0)
    hubs, hubs_s = _timed(lambda: judge_hubs(links, traits, config.hubs))
    judged, judged_s = _timed(lambda: judge_hubs(links, traits, config.hubs, judge=judge))
    components, components_s = _timed(lambda: find_components(*ends, vertices))
    found, found_s = _timed(lambda: find(*ends, vertices))
    if not (np.array_equal(hubs.public, judged.public) and np.array_equal(components, found)):
        raise AssertionError("the engines disagree")
    return [
        at_most("judging hubs", ours=judged_s, plain=hubs_s, unit="s"),
        at_most("components", ours=found_s, plain=components_s, unit="s"),
    ]


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def bytes_of(table: Any) -> int:
    """Bytes of a dataclass of arrays and lists of texts, each text once."""
    if isinstance(table, AccountGraph):
        return sum(map(bytes_of, (table.accounts, table.identifiers, table.links)))
    columns = [getattr(table, one.name) for one in fields(table)]
    arrays = sum(one.nbytes for one in columns if isinstance(one, np.ndarray))
    return arrays + sum(_bytes_of_texts(one) for one in columns if isinstance(one, list))


def _bytes_of_texts(texts: list[Any]) -> int:
    seen: dict[int, int] = {id(one): _bytes_of_one(one) for one in texts}
    return sys.getsizeof(texts) + sum(seen.values())


def _bytes_of_one(one: Any) -> int:
    inner: Iterable[Any] = one if isinstance(one, tuple) else ()
    return sys.getsizeof(one) + sum(sys.getsizeof(text) for text in inner)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=200_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with open_session("local[2]") as spark:
        rows = measure(spark, options.accounts)
    print_report("engines", rows, as_json=options.json)


if __name__ == "__main__":
    main()
