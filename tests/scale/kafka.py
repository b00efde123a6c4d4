"""Events a second out of a topic, by one member and by two, beside the same events from a file.

    uv run python -m tests.scale.kafka [--accounts N] [--rounds N] [--json]

Members are processes of their own. They stand in their group, each with its part of an empty topic;
then the topic is filled, all at once, and the clock runs from there until the group's place is
behind the last event: so a group catches up that has fallen behind. Messages bear their account as
key. All ways take turns, the best round of each counts, and each must leave the same accounts,
events and links. Processor seconds are those of the loading processes and of Neo4j; the broker's
are left out. They have no bar: an account gets a row for each window that it is in, of which the
file has one.
"""

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from uuid import uuid4

import orjson
from rich.console import Console

from neo4j import AsyncDriver, NotificationMinimumSeverity
from ringfence import neo4j as embedded
from ringfence.kafka import EventConsumer
from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.usecases.ingest_kafka import ingest_kafka
from tests.kafka.broker import Broker
from tests.scale.ingest import EMPTY, SMALL, Load, connected, lines_of, load_ours, load_rows
from tests.scale.many_events import write_events
from tests.scale.report import Row, at_least, at_most, print_report

FILE_BAR = 0.8
MEMBERS_BAR = 1.0
PARTITIONS = 4
IDLE_S = 1.0
STEP_TIMEOUT_S = 120.0
# A member hears within a third of a second that another came.
QUICK = {"heartbeat.interval.ms": "300"}
HELD = """
MATCH (a:Account)
WITH count(a) AS accounts, sum(size(a.event_keys)) + COUNT { (:Event) } AS events
MATCH (:Account)-[u:USED_DEVICE|PAID_WITH|SEEN_AT]->()
RETURN accounts, events, count(u) AS links, sum(u.events) AS uses
"""
# Either store lacks names that the other has.
NO_NOTES = NotificationMinimumSeverity.OFF
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
notes = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Store:
    """A migrated Neo4j and its process."""

    graph: Graph
    driver: AsyncDriver
    server: embedded.RunningNeo4j

    async def empty(self) -> None:
        async with self.driver.session() as session:
            await (await session.run(EMPTY)).consume()

    async def held(self) -> tuple[int, ...]:
        """Accounts, events, links, and events that the links count."""
        async with self.driver.session(notifications_min_severity=NO_NOTES) as session:
            row = await (await session.run(HELD)).single(strict=True)
        return tuple(row.values())

    def processor_s(self) -> float:
        stat = Path(f"/proc/{self.server.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / TICKS_A_SECOND


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds by the clock, and of the processor."""

    wall_s: float
    processor_s: float


Way = Callable[[Path], Awaitable[Took]]
"""Loads a file's events, and tells what the loading processes took."""


@dataclass(frozen=True, slots=True)
class Address:
    """What a member has to know."""

    servers: str
    topic: str
    neo4j: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Stood:
    """What a member read, between which moments, and with how much of the processor."""

    began: float
    ended: float
    processor_s: float
    read: int


def by_file(load: Load, store: Store) -> Way:
    """One of the ways of `tests.scale.ingest`."""

    async def way(path: Path) -> Took:
        started, processor = perf_counter(), process_time()
        await load(store.graph, store.driver, path)
        return Took(perf_counter() - started, process_time() - processor)

    return way


def by_members(count: int, broker: Broker, store: Store) -> Way:
    """So many members of one group."""
    neo4j = (store.server.uri, store.server.user, store.server.password)

    async def way(path: Path) -> Took:
        topic = f"events-{uuid4().hex[:8]}"
        broker.create_topic(topic, partitions=PARTITIONS)
        publish = partial(fill, broker, topic, path)
        address = Address(broker.servers, topic, neo4j)
        stood = await asyncio.to_thread(let_load, count, address, publish)
        if (read := sum(one.read for one in stood)) != lines_of(path):
            raise AssertionError(f"{read} messages read of {path}")
        return Took(
            max(one.ended for one in stood) - min(one.began for one in stood),
            sum(one.processor_s for one in stood),
        )

    return way


def fill(broker: Broker, topic: str, path: Path) -> None:
    """Publish events by account."""
    values = path.read_bytes().splitlines()
    broker.publish(topic, values, keys=[orjson.loads(one)["subject"] for one in values])


def let_load(count: int, address: Address, publish: Callable[[], None]) -> list[Stood]:
    """Start members, publish once all stand in their group, and wait for what they tell."""
    context = get_context("spawn")
    steps, told = context.Barrier(count + 1, timeout=STEP_TIMEOUT_S), context.SimpleQueue()
    arguments = (address, PARTITIONS // count, steps, told)
    processes = [context.Process(target=stand, args=arguments) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        steps.wait()
        publish()
        steps.wait()
        for process in processes:
            process.join()
        return [told.get() for _ in processes if not told.empty()]
    finally:
        for process in processes:
            process.kill()


def stand(address: Address, share: int, steps: Barrier, told: "SimpleQueue[Stood]") -> None:
    """Be a member, in a process of its own."""
    configure_logs(json=False, level="WARNING")
    told.put(asyncio.run(_stand(address, share, steps)))


async def _stand(address: Address, share: int, steps: Barrier) -> Stood:
    async with Graph.connect(*address.neo4j) as graph:
        await graph.read("graph/count")
        with EventConsumer(
            address.servers, topic=address.topic, group="scale", properties=QUICK
        ) as consumer:
            while len(consumer.partitions()) != share:
                consumer.take(timeout_s=0.1)
            steps.wait()
            steps.wait()
            began, processor = perf_counter(), process_time()
            tally = await ingest_kafka(graph, consumer, stop=asyncio.Event(), idle_s=IDLE_S)
            return Stood(began, began + tally.took_s, process_time() - processor, tally.read)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Store]:
    """A store of its own on a folder."""
    async with connected(folder) as (graph, driver):
        server = embedded.attach(folder)
        assert server
        yield Store(graph, driver, server)


async def loaded(way: Way, store: Store, path: Path) -> tuple[Took, tuple[int, ...]]:
    """What one load into an emptied store took, Neo4j's part with it, and what is there then."""
    await store.empty()
    before = store.processor_s()
    took = await way(path)
    processor_s = took.processor_s + store.processor_s() - before
    return Took(took.wall_s, processor_s), await store.held()


async def measure(folder: Path, *, accounts: int, rounds: int) -> list[Row]:
    """Let all ways load the same events in turns."""
    small, large = folder / "small.ndjson", folder / "large.ndjson"
    write_events(small, accounts=min(SMALL, accounts))
    events = write_events(large, accounts=accounts)
    broker = Broker(folder, Settings().cache)
    try:
        async with opened(folder / "ours") as ours, opened(folder / "plain") as plain:
            ways = {
                "rows": (by_file(load_rows, plain), plain),
                "file": (by_file(load_ours, ours), ours),
                "one": (by_members(1, broker, ours), ours),
                "two": (by_members(2, broker, ours), ours),
            }
            for way, store in ways.values():
                await loaded(way, store, small)
            took: dict[str, list[Took]] = {name: [] for name in ways}
            held: set[tuple[int, ...]] = set()
            for name, (way, store) in list(ways.items()) * rounds:
                one, left = await loaded(way, store, large)
                notes.print(f"{name}: {events / one.wall_s:,.0f} events a second, {one}")
                took[name].append(one)
                held.add(left)
    finally:
        broker.stop()
    if [left[:2] for left in held] != [(accounts, events)]:
        raise AssertionError(f"{held}: not {accounts} accounts and {events} events each time")
    return rows_of(took, events)


def rows_of(took: dict[str, list[Took]], events: int) -> list[Row]:
    """The report: each way beside the one that it is measured by."""
    rate = {name: events / min(one.wall_s for one in many) for name, many in took.items()}
    processor = {name: min(one.processor_s for one in many) for name, many in took.items()}
    size = f"{events:,} events"

    def row(what: str, ours: str, plain: str, bar: float | None = None) -> Row:
        return at_least(
            f"{size}: {what}", ours=rate[ours], plain=rate[plain], unit="events/s", bar=bar
        )

    return [
        row("one member; plain: file", "one", "file", FILE_BAR),
        at_most(
            f"{size}: one member; plain: file",
            ours=processor["one"],
            plain=processor["file"],
            unit="CPU s",
        ),
        row("two members; plain: one", "two", "one", MEMBERS_BAR),
        row("one member; plain: row writer", "one", "rows"),
    ]


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    configure_logs(json=False, level="WARNING")
    with TemporaryDirectory(prefix="ringfence-scale-") as folder:
        rows = asyncio.run(measure(Path(folder), accounts=options.accounts, rounds=options.rounds))
    print_report("kafka", rows, as_json=options.json)


if __name__ == "__main__":
    main()
