"""`ringfence detect` and `export`: find the rings, and hand them out."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn

from ringfence.bootstrap import identifier_secret_of, known_shared_of, ready_graph
from ringfence.cli.detect_spark import (
    DriverEdgesOption,
    EngineName,
    EngineOption,
    MasterOption,
    TablesOption,
    chosen_engine,
)
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.evaluation_tables import print_diff
from ringfence.cli.options import KNOWN_SHARED_HELP, AsOfOption, JsonFlag, read_moment
from ringfence.cli.ring_tables import rings_table
from ringfence.detection import DetectionConfig, load_config
from ringfence.detection.config_diff import DetectionDiff
from ringfence.domain.known_shared import KnownSharedList
from ringfence.errors import InvalidInput
from ringfence.settings import Settings
from ringfence.store.graph_export import export_graph as export_graph_of
from ringfence.store.graph_tables import TablesManifest, export_tables
from ringfence.usecases.compare_configs import compare_configs
from ringfence.usecases.config_diff_json import diff_json
from ringfence.usecases.detect import Engine
from ringfence.usecases.detect import detect as detect_in_graph
from ringfence.usecases.detection_summary import DetectionSummary
from ringfence.usecases.export_rings import ExportFormat
from ringfence.usecases.export_rings import export_rings as export_rings_of

ACCOUNTS_SHOWN = 20
STEP_NAMES = {
    "reading": "reading the graph",
    "detecting": "finding rings",
    "writing": "writing rings",
}
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="File; else standard output.")
]


class GraphFormat(StrEnum):
    """Form of an export of the graph."""

    NDJSON = "ndjson"
    PARQUET = "parquet"


export = typer.Typer(help="Hand out rings or the graph.", no_args_is_help=True)


def detect(
    config: Annotated[Path | None, typer.Option(help="TOML file of parameters to change.")] = None,
    as_of: AsOfOption = None,
    compare: Annotated[
        Path | None,
        typer.Option(help="TOML file of other parameters: tell what they find otherwise; no more."),
    ] = None,
    known_shared: Annotated[Path | None, typer.Option(help=KNOWN_SHARED_HELP)] = None,
    as_json: JsonFlag = False,
    *,
    engine: EngineOption = EngineName.LOCAL,
    master: MasterOption = None,
    tables: TablesOption = None,
    driver_edges: DriverEdgesOption = None,
) -> None:
    """Find the rings of the graph, record the run, and write what changed."""
    settings = enter()
    shared = known_shared_of(settings, known_shared)
    parameters = load_config(config or settings.detection_config)
    if compare:
        configs = parameters, load_config(compare)
        _print_diff(run(_compare(settings, *configs, read_moment(as_of), shared)), as_json=as_json)
        return
    with chosen_engine(engine, master, tables, driver_edges) as chosen:
        summary = run(_detect(settings, parameters, read_moment(as_of), shared, chosen))
    if as_json:
        typer.echo(orjson.dumps(summary, option=orjson.OPT_INDENT_2).decode())
    else:
        _print_summary(summary)


@export.command("rings")
def export_rings(
    form: Annotated[ExportFormat, typer.Option("--format", help="Form of the export.")] = (
        ExportFormat.CSV
    ),
    ring: Annotated[
        list[str] | None,
        typer.Option(help="Only this ring, by its id or an old one; may be repeated."),
    ] = None,
    output: OutputOption = None,
) -> None:
    """Write one line a member: account, ring, operation, score, grade, tier, role, reason.

    Rings that were closed or dismissed are left out.
    """
    settings = enter()
    if form is ExportFormat.PARQUET and _is_standard(output) and sys.stdout.isatty():
        raise InvalidInput("Parquet is binary: expected a file, got a terminal. Name one with -o.")
    with _opened(output) as stream:
        count = run(_export_rings(settings, form, stream, ring or None))
    notes.print(f"{count:,} members written")


@export.command("graph")
def export_graph(
    form: Annotated[
        GraphFormat,
        typer.Option("--format", help="Lines of JSON, or a folder of Parquet files."),
    ] = GraphFormat.NDJSON,
    output: OutputOption = None,
) -> None:
    """Write accounts, identifiers and links as sorted lines of JSON: equal graphs, equal bytes.

    As Parquet, the tables that `detect --engine spark --tables` reads, in any order.
    """
    settings = enter()
    if form is GraphFormat.PARQUET:
        if output is None or _is_standard(output):
            raise InvalidInput("Parquet is a folder of files. Name a new folder with -o.")
        manifest = run(_export_tables(settings, output))
        notes.print(
            f"{manifest.accounts:,} accounts, {manifest.identifiers:,} identifiers, "
            f"{manifest.links:,} links written"
        )
        return
    with _opened(output) as stream:
        count = run(_export_graph(settings, stream))
    notes.print(f"{count:,} lines written")


async def _export_tables(settings: Settings, folder: Path) -> TablesManifest:
    async with ready_graph(settings) as graph:
        return await export_tables(graph, folder)


async def _detect(
    settings: Settings,
    config: DetectionConfig,
    as_of: datetime | None,
    known_shared: KnownSharedList,
    engine: Engine | None,
) -> DetectionSummary:
    columns = (*Progress.get_default_columns()[:1], BarColumn(), MofNCompleteColumn())
    async with ready_graph(settings) as graph:
        with Progress(*columns, TimeElapsedColumn(), console=notes, transient=True) as progress:
            task = progress.add_task("", total=None)

            def show(step: str, done: int, total: int) -> None:
                counted = total if step == "writing" else None
                progress.update(task, description=STEP_NAMES[step], completed=done, total=counted)

            return await detect_in_graph(
                graph,
                config,
                as_of=as_of,
                known_shared=known_shared,
                secret=identifier_secret_of(settings),
                progress=show,
                engine=engine,
                snapshots=settings.snapshot_folder,
            )


async def _compare(
    settings: Settings,
    config: DetectionConfig,
    other: DetectionConfig,
    as_of: datetime | None,
    known_shared: KnownSharedList,
) -> DetectionDiff:
    async with ready_graph(settings) as graph:
        return await compare_configs(graph, config, other, as_of=as_of, known_shared=known_shared)


def _print_diff(diff: DetectionDiff, *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(diff_json(diff), option=orjson.OPT_INDENT_2).decode())
        return
    print_diff(diff)
    for sign, accounts in (("+", diff.accounts_in), ("-", diff.accounts_out)):
        for account_id in accounts[:ACCOUNTS_SHOWN]:
            console.print(f"{sign} {account_id}", highlight=False, markup=False)
    if max(len(diff.accounts_in), len(diff.accounts_out)) > ACCOUNTS_SHOWN:
        console.print("… all of them: --json")


async def _export_rings(
    settings: Settings, form: ExportFormat, stream: BinaryIO, ring_ids: list[str] | None
) -> int:
    async with ready_graph(settings) as graph:
        return await export_rings_of(graph, form, stream, ring_ids=ring_ids)


async def _export_graph(settings: Settings, stream: BinaryIO) -> int:
    count = 0
    async with ready_graph(settings) as graph:
        async for line in export_graph_of(graph):
            stream.write(line)
            count += 1
    return count


def _print_summary(summary: DetectionSummary) -> None:
    tiers = ", ".join(f"{count:,} {tier}" for tier, count in summary.rings_by_tier.items())
    grades = ", ".join(f"{count:,} {grade}" for grade, count in summary.rings_by_grade.items())
    console.print(
        f"{summary.rings:,} rings ({tiers}; {grades}) among {summary.accounts:,} accounts and "
        f"{summary.links:,} links; {summary.accounts_flagged:,} accounts flagged"
    )
    console.print(
        f"{summary.rings_written:,} rings written, {summary.rings_closed:,} closed; "
        f"read {summary.read_s:.1f} s, detected {summary.detect_s:.1f} s, "
        f"written {summary.write_s:.1f} s; run {summary.run_id}"
    )
    if summary.top_rings:
        console.print(rings_table(summary.top_rings))


def _is_standard(output: Path | None) -> bool:
    return output is None or str(output) == "-"


@contextmanager
def _opened(output: Path | None) -> Iterator[BinaryIO]:
    """A file that is there once it is whole, or standard output."""
    if output is None or _is_standard(output):
        try:
            yield sys.stdout.buffer
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever reads has had enough; what is left in the buffer goes nowhere, in silence.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit from None
        return
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        stream = part.open("wb")
    except OSError as error:
        raise InvalidInput(
            f"{output}: {error.strerror}. Name a file that can be written."
        ) from error
    try:
        with stream:
            yield stream
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)
