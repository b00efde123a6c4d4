from typing import TYPE_CHECKING

import numpy as np
import pytest

from ringfence.detection.components import find_components
from ringfence.domain.graph import Ints
from ringfence.errors import LimitExceeded

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

from ringfence.spark.components import components_beyond

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]

CHAIN, STAR, ALONE, TREE = 150, 80, 40, 120
Edges = tuple[Ints, Ints]


def chain(length: int) -> Edges:
    return np.arange(length - 1), np.arange(1, length)


def many_shapes(chance: np.random.Generator) -> tuple[Edges, int]:
    """A chain, a star, singletons, a tree, a ring, loops, doubled edges, and what chance ties.

    Chance renames all vertices and turns edges round.
    """
    star = np.zeros(STAR - 1, dtype=np.int64), np.arange(1, STAR)
    tree = np.arange(1, TREE) // 2, np.arange(1, TREE)
    ring = np.arange(30), (np.arange(30) + 1) % 30
    sparse = chance.integers(0, 200, 110), chance.integers(0, 200, 110)
    dense = chance.integers(0, 20, 100), chance.integers(0, 20, 100)
    source, target, vertices = [], [], ALONE
    for one, other in (chain(CHAIN), star, tree, ring, sparse, dense, sparse):
        source.append(one + vertices)
        target.append(other + vertices)
        vertices += int(max(one.max(), other.max())) + 1
    ends = np.stack([np.concatenate(source), np.concatenate(target)])
    ends = np.concatenate([ends, ends[:, :50]], axis=1)
    turned = chance.random(ends.shape[1]) < 0.5
    ends[:, turned] = ends[::-1, turned]
    ends = chance.permutation(vertices)[ends]
    return (ends[0], ends[1]), vertices


def kept(spark: "SparkSession") -> set[int]:
    """Numbers of what the session keeps on its workers."""
    return set(spark.sparkContext._jsc.getPersistentRDDs())  # noqa: SLF001 - no other way


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_workers_find_the_components_that_the_driver_finds(
    spark: "SparkSession", seed: int
) -> None:
    edges, vertices = many_shapes(np.random.default_rng(seed))

    found = components_beyond(spark, 0)(*edges, vertices)

    assert found.dtype == np.int64
    assert np.array_equal(found, find_components(*edges, vertices))


def test_chain_that_rises_is_done_in_few_rounds(spark: "SparkSession") -> None:
    """The slowest there is: each round halves it."""
    edges = chain(500)

    found = components_beyond(spark, 0, most_rounds=10)(*edges, 500)

    assert not found.any()


def test_workers_that_do_not_come_to_an_end_say_so(spark: "SparkSession") -> None:
    edges = chain(100)
    before = kept(spark)

    with pytest.raises(LimitExceeded) as caught:
        components_beyond(spark, 0, most_rounds=2)(*edges, 100)

    assert "not found within 2 rounds on Spark's workers" in str(caught.value)
    assert kept(spark) == before


def test_workers_keep_no_edges_of_earlier_rounds_and_none_at_the_end(
    spark: "SparkSession",
) -> None:
    theirs = spark.range(10).localCheckpoint()
    before = kept(spark)

    components_beyond(spark, 0)(*chain(100), 100)

    assert before
    assert kept(spark) == before
    assert theirs.count() == 10


def test_driver_finds_them_up_to_its_limit(spark: "SparkSession") -> None:
    edges = chain(100)

    found = components_beyond(spark, 99, most_rounds=0)(*edges, 100)

    assert not found.any()


def test_edges_from_a_vertex_to_itself_tie_nothing(spark: "SparkSession") -> None:
    itself = np.arange(3)

    found = components_beyond(spark, 0)(itself, itself, 4)

    assert found.tolist() == [0, 1, 2, 3]
