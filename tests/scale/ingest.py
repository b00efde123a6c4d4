"""Events a second from an NDJSON file into an emptied store, beside the plain row writer.

    uv run python -m tests.scale.ingest [--accounts N] [--rounds N] [--weigh] [--json]

Each way has a Neo4j of its own, fresh and warmed up on a small file. They take turns, and the best
round of each counts: what disturbs one round, disturbs neither way for good.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from rich.console import Console

from neo4j import AsyncDriver, AsyncGraphDatabase
from ringfence import neo4j as embedded
from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.usecases.ingest import ingest
from ringfence.usecases.migrate import migrate
from tests.scale.many_events import write_events
from tests.scale.plain_loading import load_plainly
from tests.scale.report import Row, at_least, at_most, print_report

BAR = 3.0
SMALL = 1_000
EMPTY = "MATCH (n) WHERE NOT n:Migration CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"
notes = Console(stderr=True)


Load = Callable[[Graph, AsyncDriver, Path], Awaitable[object]]
"""Loads a file over the one connection or the other."""
Connected = tuple[Graph, AsyncDriver]
"""Two connections to one server."""


async def load_ours(graph: Graph, _: AsyncDriver, path: Path) -> None:
    await ingest(graph, [path])


async def load_rows(_: Graph, driver: AsyncDriver, path: Path) -> None:
    await load_plainly(driver, path)


@asynccontextmanager
async def connected(folder: Path) -> AsyncIterator[Connected]:
    """A migrated Neo4j on a folder."""
    with embedded.start(folder, Settings().cache, bound=True) as server:
        auth = (server.user, server.password)
        async with (
            AsyncGraphDatabase.driver(server.uri, auth=auth) as driver,
            Graph.connect(server.uri, *auth) as graph,
        ):
            await migrate(graph)
            yield graph, driver


async def rate(load: Load, graph: Graph, driver: AsyncDriver, path: Path) -> float:
    """Lines a second of one load into an emptied store."""
    async with driver.session() as session:
        await (await session.run(EMPTY)).consume()
    started = perf_counter()
    await load(graph, driver, path)
    return lines_of(path) / (perf_counter() - started)


async def compare_rates(
    folder: Path, ours: Connected, plain: Connected, *, accounts: int, rounds: int
) -> Row:
    """Let both ways load the same file in turns, each into its own store or both into one."""
    small, large = folder / "small.ndjson", folder / "large.ndjson"
    write_events(small, accounts=min(SMALL, accounts))
    events = write_events(large, accounts=accounts)
    rates: dict[Load, list[float]] = {load_rows: [], load_ours: []}
    ways = {load_rows: plain, load_ours: ours}
    for load, way in ways.items():
        await rate(load, *way, small)
    for _ in range(rounds):
        for load, way in ways.items():
            rates[load].append(await rate(load, *way, large))
            notes.print(f"{load.__name__}: {rates[load][-1]:,.0f} events a second")
    return at_least(
        f"load {events:,} events",
        ours=max(rates[load_ours]),
        plain=max(rates[load_rows]),
        unit="events/s",
        bar=BAR,
    )


async def compare_weights(folder: Path) -> Row:
    """Bytes of the store for each event: graph, ledger and indexes, no transaction log."""
    path = folder / "weighed.ndjson"
    events = write_events(path, accounts=SMALL)
    empty, ours, plain = folder / "empty", folder / "weighed-ours", folder / "weighed-plain"
    async with connected(empty):
        pass
    async with connected(ours) as (graph, driver):
        await load_ours(graph, driver, path)
    async with connected(plain) as (graph, driver):
        await load_rows(graph, driver, path)
    return at_most(
        "store",
        ours=(store_bytes(ours) - store_bytes(empty)) / events,
        plain=(store_bytes(plain) - store_bytes(empty)) / events,
        unit="bytes/event",
    )


def store_bytes(folder: Path) -> int:
    """Size of a stopped server's store; while one runs, its newest pages are in memory."""
    files = (folder / "data" / "databases" / "neo4j").rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())


def lines_of(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


async def measure(folder: Path, options: argparse.Namespace) -> list[Row]:
    async with connected(folder / "ours") as ours, connected(folder / "plain") as plain:
        rows = [
            await compare_rates(
                folder, ours, plain, accounts=options.accounts, rounds=options.rounds
            )
        ]
    if options.weigh:
        rows.append(await compare_weights(folder))
    return rows


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--weigh", action="store_true", help="measure the store's size as well")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    configure_logs(json=False, level="WARNING")
    with TemporaryDirectory(prefix="ringfence-scale-") as folder:
        rows = asyncio.run(measure(Path(folder), options))
    print_report("ingest", rows, as_json=options.json)


if __name__ == "__main__":
    main()
