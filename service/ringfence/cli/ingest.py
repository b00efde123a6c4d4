"""`ringfence migrate`, `ingest` and `addresses`: what brings data into the graph."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import orjson
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from ringfence.bootstrap import connect, identifier_secret_of, ready_graph, serving_neo4j
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.ingest_bulk import BulkOption, ingest_in_bulk
from ringfence.cli.ingest_kafka import (
    DeadLettersOption,
    GroupOption,
    IdleOption,
    KafkaSource,
    MetricsOption,
    PropertiesOption,
    ServersOption,
    TopicOption,
    ingest_from_kafka,
    require_files_or_topic,
)
from ringfence.errors import InvalidInput
from ringfence.settings import Settings
from ringfence.usecases.address_feed import load_address_feed
from ringfence.usecases.ingest import LoadTally, Reject
from ringfence.usecases.ingest import ingest as ingest_files
from ringfence.usecases.migrate import migrate as migrate_graph

DONE_IN_PART: Final = 3
REJECTS_SHOWN: Final = 5
JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def migrate(as_json: JsonFlag = False) -> None:
    """Bring constraints and indexes of the graph to this version; each migration runs once."""
    applied = run(_migrate(enter()))
    if as_json:
        _print_json({"applied": applied})
        return
    for title in applied:
        typer.echo(title)
    notes.print(f"{len(applied)} applied" if applied else "Up to date")


def ingest(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE…", help="One event a line, plain or gzip; - is standard input."
        ),
    ] = None,
    rejects: Annotated[
        Path | None,
        typer.Option(help="Write rejected lines here: file, line, field, reason, as NDJSON."),
    ] = None,
    as_json: JsonFlag = False,
    *,
    kafka: ServersOption = None,
    topic: TopicOption = None,
    group: GroupOption = "ringfence",
    dead_letters: DeadLettersOption = None,
    kafka_config: PropertiesOption = None,
    idle_s: IdleOption = None,
    metrics_port: MetricsOption = None,
    bulk: BulkOption = False,
) -> None:
    """Load events; loading them again, in any order or by many at once, changes nothing.

    Exit codes: 0 all loaded; 1 failed, and the same command again completes it; 2 a file is
    missing or damaged; 3 loaded, but some lines were rejected; 130 interrupted.
    """
    settings = enter()
    require_files_or_topic(files, kafka, topic)
    if kafka and topic:
        source = KafkaSource(
            kafka, topic, group, dead_letters, rejects, kafka_config, idle_s, metrics_port
        )
        _finish(run(ingest_from_kafka(settings, source)), as_json=as_json)
        return
    if bulk:
        with _reject_sink(rejects) as on_reject:
            tally = ingest_in_bulk(settings, files or (), on_reject)
        _finish(tally, as_json=as_json)
        return
    tally = LoadTally()
    with _reject_sink(rejects) as on_reject, _progress() as on_progress:
        try:
            run(_ingest(settings, files or (), tally, on_reject, on_progress))
        except KeyboardInterrupt:
            _tell_interruption(tally)
            raise
    _finish(tally, as_json=as_json)


def _finish(tally: LoadTally, *, as_json: bool) -> None:
    _print_tally(tally, as_json=as_json)
    if tally.rejected:
        raise typer.Exit(DONE_IN_PART)


def addresses(
    feed: Annotated[
        Path, typer.Argument(metavar="FEED", help="CSV of address,class,source,seen_on.")
    ],
    as_json: JsonFlag = False,
) -> None:
    """Load a dated feed of IP address classes: proxy, vpn, carrier, campus and so on."""
    known = run(_load_addresses(enter(), feed))
    if as_json:
        _print_json({"addresses": known})
    else:
        console.print(f"{known:,} address{'' if known == 1 else 'es'}", highlight=False)


async def _migrate(settings: Settings) -> list[str]:
    with serving_neo4j(settings) as address:
        async with connect(address, settings) as graph:
            return await migrate_graph(graph)


async def _ingest(
    settings: Settings,
    files: Sequence[str],
    tally: LoadTally,
    on_reject: Callable[[Reject], None],
    on_progress: Callable[[LoadTally], None],
) -> None:
    async with ready_graph(settings) as graph:
        await ingest_files(
            graph,
            files,
            on_reject=on_reject,
            on_progress=on_progress,
            tally=tally,
            secret=identifier_secret_of(settings),
        )


async def _load_addresses(settings: Settings, feed: Path) -> int:
    async with ready_graph(settings) as graph:
        return await load_address_feed(graph, feed)


@contextmanager
def _reject_sink(path: Path | None) -> Iterator[Callable[[Reject], None]]:
    """Rejects into a file or, without one, the first few shown and the rest counted."""
    if path is None:
        with _shown_rejects() as show:
            yield show
        return
    with _opened_for_writing(path) as file:
        yield lambda reject: _write_reject(file, reject)


@contextmanager
def _shown_rejects() -> Iterator[Callable[[Reject], None]]:
    seen = 0

    def show(reject: Reject) -> None:
        nonlocal seen
        seen += 1
        if seen <= REJECTS_SHOWN:
            field = f" {reject.field}:" if reject.field else ""
            where = f"{reject.file}, line {reject.line}:"
            text = f"Rejected {where}{field} {reject.reason}"
            notes.print(text, highlight=False, markup=False, soft_wrap=True)

    yield show
    if seen > REJECTS_SHOWN:
        notes.print(f"{seen - REJECTS_SHOWN:,} more rejected; --rejects FILE lists all of them.")


def _write_reject(file: BinaryIO, reject: Reject) -> None:
    file.write(orjson.dumps(reject, option=orjson.OPT_APPEND_NEWLINE))


def _opened_for_writing(path: Path) -> BinaryIO:
    try:
        return path.open("wb")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written: {error}. Name another file.") from error


@contextmanager
def _progress() -> Iterator[Callable[[LoadTally], None]]:
    """A bar of bytes dealt with, events, rate and time left; only where a person looks on."""
    bar = Progress(
        TextColumn("Loading"),
        BarColumn(),
        TextColumn("{task.fields[events]:,} events, {task.fields[rate]:,.0f}/s"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(elapsed_when_finished=False),
        console=notes,
        transient=True,
        disable=not notes.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=None, events=0, rate=0.0)

        def show(now: LoadTally) -> None:
            elapsed_s = bar.tasks[0].elapsed or 0.0
            bar.update(
                task,
                total=now.bytes_total,
                completed=now.bytes_done,
                events=now.done,
                rate=now.done / elapsed_s if elapsed_s else 0.0,
            )

        yield show


def _print_tally(tally: LoadTally, *, as_json: bool) -> None:
    rate = tally.events_per_s
    if as_json:
        names = ("read", "loaded", "duplicates", "rejected")
        counts = {name: getattr(tally, name) for name in names}
        _print_json(counts | {"took_s": round(tally.took_s, 3), "events_per_s": round(rate, 1)})
        return
    console.print(
        f"{tally.loaded:,} loaded, {tally.duplicates:,} known already, {tally.rejected:,} rejected "
        f"in {tally.took_s:.1f} s ({rate:,.0f} events a second)",
        highlight=False,
    )


def _tell_interruption(tally: LoadTally) -> None:
    notes.print(
        f"Interrupted: {tally.done:,} events are surely in the graph, and no batch by halves. The "
        "same command again completes the load.",
        highlight=False,
    )


def _print_json(facts: dict[str, object]) -> None:
    typer.echo(orjson.dumps(facts).decode())
