"""The benchmark of engines, run small on the session that is there."""

from typing import TYPE_CHECKING

import pytest

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")

from tests.scale.engines import measure

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def test_engines_find_the_same_rings_and_spark_holds_less(spark: "SparkSession") -> None:
    rows = {row.what: row for row in measure(spark, 3_000)}

    assert rows["what one process holds"].ratio < 1
    assert rows["reading and finding rings"].ours > 0
