"""One session of Spark with two workers on this machine, for the tests of this folder."""

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# A small graph waits longer for code to be compiled than for its rows.
QUICK = {"spark.sql.codegen.wholeStage": "false", "spark.sql.shuffle.partitions": "2"}


@pytest.fixture(scope="session")
def spark() -> "Iterator[SparkSession]":
    """A session on `local[2]`; what Spark's own code warns of is not ours to mend."""
    pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
    from ringfence.spark import open_session  # noqa: PLC0415 - an extra

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        patch.setenv("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
        warnings.simplefilter("ignore")
        with open_session("local[2]", QUICK) as session:
            yield session
