"""`ringfence ingest --bulk`: a first load of a large history, by Neo4j's offline import."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Annotated

import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import notes, run
from ringfence.errors import InvalidInput
from ringfence.settings import Settings
from ringfence.usecases.bulk_import import bulk_import
from ringfence.usecases.ingest import LoadTally, Reject

BulkOption = Annotated[
    bool,
    typer.Option(
        "--bulk",
        help="Make the store of the Neo4j that comes along out of the files, many times as fast. "
        "It must be stopped and empty.",
    ),
]


def ingest_in_bulk(
    settings: Settings, files: Sequence[str], on_reject: Callable[[Reject], None]
) -> LoadTally:
    """Make the store, and start it once, which brings its constraints and indexes.

    Raises:
        InvalidInput: the settings name another Neo4j, or a file cannot be read.
        Conflict: the store is in use, or holds something.
    """
    if settings.neo4j_uri:
        raise InvalidInput(
            "RINGFENCE_NEO4J_URI is set, and --bulk makes the store of the Neo4j that comes along. "
            "Unset it, or load without --bulk."
        )
    started = perf_counter()
    tally = LoadTally()
    with notes.status("Loading") as status:
        try:
            bulk_import(
                settings.home,
                settings.cache,
                files,
                on_reject=on_reject,
                on_step=status.update,
                tally=tally,
            )
            status.update("Building indexes")
            run(_build_indexes(settings))
        except KeyboardInterrupt:
            _tell_interruption(tally)
            raise
    tally.took_s = perf_counter() - started
    return tally


async def _build_indexes(settings: Settings) -> None:
    async with ready_graph(settings):
        pass


def _tell_interruption(tally: LoadTally) -> None:
    notes.print(
        "Interrupted: all events are in the graph; any command builds its indexes."
        if tally.loaded
        else "Interrupted: no event is in the graph. The same command begins anew.",
        highlight=False,
    )
