"""`ringfence detect`, `rings` and `export`: find the rings, list them, hand them out."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.tables import narrow_table
from ringfence.detection import DetectionConfig, load_config
from ringfence.domain.rings import RingState, Tier
from ringfence.errors import InvalidInput
from ringfence.settings import Settings
from ringfence.store.graph_export import export_graph as export_graph_of
from ringfence.store.rings import RankAndId, RingFilter, RingOrder, StoredRing, page_rings
from ringfence.usecases.detect import detect as detect_in_graph
from ringfence.usecases.detection_summary import DetectionSummary, RingLine
from ringfence.usecases.export_rings import ExportFormat
from ringfence.usecases.export_rings import export_rings as export_rings_of

PAGE_SIZE = 200
STEP_NAMES = {
    "reading": "reading the graph",
    "detecting": "finding rings",
    "writing": "writing rings",
}
RING_COLUMNS = ("ring", "tier", "grade", "score", "accounts", "exchanges")
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
OutputOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="File; else standard output.")
]

export = typer.Typer(help="Hand out rings or the graph.", no_args_is_help=True)


def detect(
    config: Annotated[Path | None, typer.Option(help="TOML file of parameters to change.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Look from a moment in the past: RFC 3339 with a zone."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Find the rings of the graph, record the run, and write what changed."""
    settings = enter()
    summary = run(_detect(settings, load_config(config), _moment(as_of)))
    if as_json:
        typer.echo(orjson.dumps(summary, option=orjson.OPT_INDENT_2).decode())
    else:
        _print_summary(summary)


def rings(
    tier: Annotated[
        list[Tier] | None, typer.Option(help="Only this tier; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, the highest score first.")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List the rings that the graph holds; closed ones are left out."""
    settings = enter()
    found = run(_find_rings(settings, tuple(tier) if tier else None, limit))
    if as_json:
        typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
        return
    table = narrow_table(*RING_COLUMNS, "state", words=3)
    for ring in found:
        table.add_row(*_ring_row(ring), ring.state.value)
    console.print(table)


def rings_table(lines: Sequence[RingLine], *, title: str | None = None) -> Table:
    """Rings as a table for the terminal, in their order."""
    table = narrow_table(*RING_COLUMNS, title=title, words=3)
    for line in lines:
        table.add_row(*_ring_row(line))
    return table


@export.command("rings")
def export_rings(
    form: Annotated[ExportFormat, typer.Option("--format", help="Form of the export.")] = (
        ExportFormat.CSV
    ),
    output: OutputOption = None,
) -> None:
    """Write one line a member: account, ring, operation, score, grade, tier, role, reason.

    Rings that were closed or dismissed are left out.
    """
    settings = enter()
    if form is ExportFormat.PARQUET and _is_standard(output) and sys.stdout.isatty():
        raise InvalidInput("Parquet is binary: expected a file, got a terminal. Name one with -o.")
    with _opened(output) as stream:
        count = run(_export_rings(settings, form, stream))
    notes.print(f"{count:,} members written")


@export.command("graph")
def export_graph(output: OutputOption = None) -> None:
    """Write accounts, identifiers and links as sorted lines of JSON: equal graphs, equal bytes."""
    settings = enter()
    with _opened(output) as stream:
        count = run(_export_graph(settings, stream))
    notes.print(f"{count:,} lines written")


async def _detect(
    settings: Settings, config: DetectionConfig, as_of: datetime | None
) -> DetectionSummary:
    columns = (*Progress.get_default_columns()[:1], BarColumn(), MofNCompleteColumn())
    async with ready_graph(settings) as graph:
        with Progress(*columns, TimeElapsedColumn(), console=notes, transient=True) as progress:
            task = progress.add_task("", total=None)

            def show(step: str, done: int, total: int) -> None:
                counted = total if step == "writing" else None
                progress.update(task, description=STEP_NAMES[step], completed=done, total=counted)

            return await detect_in_graph(graph, config, as_of=as_of, progress=show)


async def _find_rings(
    settings: Settings, tiers: tuple[Tier, ...] | None, limit: int
) -> list[StoredRing]:
    living = tuple(state for state in RingState if state is not RingState.CLOSED)
    wanted = RingFilter(tiers=tiers, states=living)
    found: list[StoredRing] = []
    after: RankAndId | None = None
    async with ready_graph(settings) as graph:
        while len(found) < limit:
            size = min(PAGE_SIZE, limit - len(found))
            page = await page_rings(graph, wanted, RingOrder(), after=after, limit=size)
            found.extend(ring for _, ring in page)
            if len(page) < size:
                break
            after = page[-1][0]
    return found


async def _export_rings(settings: Settings, form: ExportFormat, stream: BinaryIO) -> int:
    async with ready_graph(settings) as graph:
        return await export_rings_of(graph, form, stream)


async def _export_graph(settings: Settings, stream: BinaryIO) -> int:
    count = 0
    async with ready_graph(settings) as graph:
        async for line in export_graph_of(graph):
            stream.write(line)
            count += 1
    return count


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            f"--as-of {text}: expected a time with a zone, such as 2026-06-01T00:00:00Z."
        )
    return moment


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


def _ring_row(ring: RingLine | StoredRing) -> tuple[str, ...]:
    return (
        ring.id,
        ring.tier.value,
        ring.grade.value,
        f"{ring.score:.3f}",
        f"{ring.size:,}",
        f"{ring.requests:,}",
    )


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
