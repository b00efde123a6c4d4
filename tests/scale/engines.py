"""Detection on Spark beside one machine: seconds, bytes that one process holds, bytes on disk.

    uv run python -m tests.scale.engines --accounts 200000

On one machine Spark loses time: what it is for is the memory that links take before they are
pruned. Seconds are those of the clock.
"""

import argparse
import sys
import time
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from pyspark.sql import SparkSession

from ringfence.detection import detect_rings, load_config
from ringfence.domain.graph import AccountGraph
from ringfence.spark import SparkEngine, open_session
from tests.scale.detect import made_up_graph
from tests.scale.report import Row, at_most, print_report
from tests.spark.tables import write_tables


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
        at_most("reading and finding rings", ours=there_s, plain=here_s, unit="s"),
        at_most("of it reading and pruning", ours=read_s, plain=here_s, unit="s"),
        at_most(
            "what one process holds", ours=held / accounts, plain=whole / accounts, unit="B/account"
        ),
        at_most("on disk", ours=stored / accounts, plain=whole / accounts, unit="B/account"),
    ]


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
