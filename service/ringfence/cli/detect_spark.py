"""The options of `ringfence detect` that name another engine, and the engine that they name."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ringfence.errors import InvalidInput
from ringfence.usecases.detect import Engine

PANEL = "Engine"


class EngineName(StrEnum):
    """Where rings are found."""

    LOCAL = "local"
    SPARK = "spark"


EngineOption = Annotated[
    EngineName,
    typer.Option(help="Find rings in this process, or with Spark.", rich_help_panel=PANEL),
]
MasterOption = Annotated[
    str | None,
    typer.Option(
        help="Spark's master, such as local[4] or spark://host:7077; else Spark's own settings.",
        rich_help_panel=PANEL,
    ),
]
TablesOption = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        help="Read this export of the graph, on a disk that Spark's workers see.",
        rich_help_panel=PANEL,
    ),
]
DriverEdgesOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Find components on Spark's workers where there are more edges than this; "
        "else 200 million.",
        rich_help_panel=PANEL,
    ),
]


@contextmanager
def chosen_engine(
    name: EngineName, master: str | None, tables: Path | None, driver_edges: int | None
) -> Iterator[Engine | None]:
    """The engine for as long as the body; None for this process.

    Raises:
        InvalidInput: the extra `spark` is not installed, or Spark does not start.
    """
    if name is EngineName.LOCAL:
        if master or tables or driver_edges is not None:
            raise InvalidInput(
                "--master, --tables and --driver-edges are for --engine spark. Add it."
            )
        yield None
        return
    try:
        import pyspark  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise InvalidInput(
            "--engine spark needs pyspark, which is not installed. Install ringfence[spark]."
        ) from error
    from ringfence.spark import DRIVER_EDGES, SparkEngine, open_session  # noqa: PLC0415 - an extra
    from ringfence.usecases.detect_on_spark import spark_engine  # noqa: PLC0415

    most = DRIVER_EDGES if driver_edges is None else driver_edges
    with open_session(master) as spark:
        yield spark_engine(SparkEngine(spark, most), tables)
