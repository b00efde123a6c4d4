"""Many clients at once on one served API: errors by code, times, and the memory of the server.

    uv run python -m tests.scale.clients [--clients N] [--seconds S] [--accounts N] [--json]

The server is `ringfence serve` with its own settings, in a process of its own, and so are the
clients. Each client has a key of its own, as people have, since what may be asked over time is
counted by client. It asks what an analyst asks, one question after another without a pause. A few
clients come before the others, since a Neo4j just started plans each statement for seconds; what
they met is not counted.
Memory is bounded if it has grown by a fifth at the most since a third of the time was over.
"""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from rich.console import Console

from ringfence import neo4j as embedded
from ringfence.detection import load_config
from ringfence.domain.access import Scope
from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.store.members import MemberOrder, page_members
from ringfence.store.rings import RingFilter, RingOrder, page_rings
from ringfence.usecases.api_keys import create_key
from ringfence.usecases.detect import detect
from ringfence.usecases.ingest import ingest
from ringfence.usecases.migrate import migrate
from ringfence.worlds import build_world
from tests.scale.asking import Question, Round
from tests.scale.report import Row, at_least, at_most, print_report
from tests.scale.served import Server, served

GROWTH_BAR: Final = 1.2
ASK: Final = (sys.executable, "-m", "tests.scale.asking")
SUMMARY: Final = """query ($ring: ID!) { ring(id: $ring) { size summary(first: 30) {
    identifiers { kind value members accounts hub } ties { left right members } } } }"""
SAMPLE_EVERY_S: Final = 0.25
FIRST_CLIENTS: Final = 8
notes = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the server held at a moment, in seconds since the clients began."""

    at_s: float
    memory_mib: float
    bolt_connections: int


@dataclass(frozen=True)
class Outcome:
    """What a round of clients met, and what the server held meanwhile, in the order of time."""

    seconds: float
    took_ms: dict[str, list[float]]
    errors: dict[str, int]
    samples: list[Sample]

    @property
    def requests(self) -> int:
        return sum(map(len, self.took_ms.values()))

    def after(self, share: float) -> Sample:
        """The first sample after a share of the time."""
        return next((one for one in self.samples if one.at_s >= share * self.seconds), self.last)

    @property
    def last(self) -> Sample:
        return self.samples[-1]


async def load_world(graph: Graph, *, accounts: int) -> None:
    """Fill an empty graph with a seeded world and its rings."""
    await migrate(graph)
    with TemporaryDirectory() as folder:
        build_world(Path(folder), accounts, 1)
        await ingest(graph, [Path(folder, "events.ndjson")])
    await detect(graph, load_config())


async def analyst_questions(graph: Graph, *, rings: int = 10, members: int = 20) -> list[Question]:
    """What an analyst asks of the largest rings, their members and what ties them."""
    found = await page_rings(graph, RingFilter(), RingOrder(), after=None, limit=rings)
    ring_ids = [ring.id for _, ring in found]
    paged = await page_members(graph, ring_ids, order=MemberOrder(), after=None, limit=members)
    ids = {ring_id: [one.account_id for one, _ in many] for ring_id, many in paged.items()}
    account_ids = [account_id for many in ids.values() for account_id in many]
    pairs = [{"a": many[0], "b": other} for many in ids.values() for other in many[1:]]
    devices = [one.because[0].value for many in paged.values() for one, _ in many if one.because]
    of_rings = [{"ring": ring_id} for ring_id in ring_ids]
    return [
        Question("rings", _example("1_top_rings"), [{"first": 20}, {"first": 50}]),
        Question("one ring", _example("2_one_ring"), of_rings),
        Question("summary", SUMMARY, of_rings),
        Question("why linked", _example("5_why_linked"), pairs),
        Question("search", _example("6_search"), [{"term": one} for one in account_ids + devices]),
        Question("account", _example("7_account"), [{"account": one} for one in account_ids]),
    ]


async def ask_server(
    server: Server, keys: list[str], questions: list[Question], *, seconds: float
) -> Outcome:
    """One round of as many clients as keys."""
    asked = Round(server.host, server.port, keys, seconds, questions)
    process = await asyncio.create_subprocess_exec(
        *ASK, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=2**30
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps(asdict(asked)).encode())
    process.stdin.close()
    await process.stdout.readline()
    started = perf_counter()
    answer = asyncio.create_task(process.stdout.read())
    samples: list[Sample] = []
    while not answer.done():
        at_s = perf_counter() - started
        samples.append(Sample(at_s, server.memory_mib(), server.bolt_connections()))
        await asyncio.wait([answer], timeout=SAMPLE_EVERY_S)
    await process.wait()
    return Outcome(samples[-1].at_s, samples=samples, **json.loads(answer.result()))


async def create_keys(graph: Graph, clients: int) -> list[str]:
    """A key a client, good for reading."""
    now = datetime.now(UTC)
    made = [
        await create_key(graph, f"client {n}", frozenset({Scope.READ}), now=now, by="benchmark")
        for n in range(clients)
    ]
    return [text for _, text in made]


def rows_of(outcome: Outcome, *, clients: int) -> list[Row]:
    """The figures of a round; what stands under plain is told with each."""
    start, third, last = outcome.samples[0], outcome.after(1 / 3), outcome.last
    all_ms = [took for many in outcome.took_ms.values() for took in many]
    times = {"all": all_ms} | outcome.took_ms
    most_bolt = max(one.bolt_connections for one in outcome.samples)
    rate = outcome.requests / outcome.seconds
    return [
        at_most(
            "errors; plain: requests",
            ours=sum(outcome.errors.values()),
            plain=outcome.requests,
            unit="",
            bar=0,
        ),
        at_least("requests a second; plain: clients", ours=rate, plain=clients, unit=""),
        *(
            at_most(
                f"p99 of {name}; plain: p50", ours=_at(99, many), plain=_at(50, many), unit="ms"
            )
            for name, many in times.items()
        ),
        at_most(
            "memory after a third; plain: at the start",
            ours=third.memory_mib,
            plain=start.memory_mib,
            unit="MiB",
        ),
        at_most(
            "memory at the end; plain: after a third",
            ours=last.memory_mib,
            plain=third.memory_mib,
            unit="MiB",
            bar=GROWTH_BAR,
        ),
        at_most("Bolt connections; plain: clients", ours=most_bolt, plain=clients, unit=""),
    ]


def _example(name: str) -> str:
    return files("ringfence.api.graphql").joinpath("examples", f"{name}.graphql").read_text()


def _at(percent: int, took_ms: list[float]) -> float:
    return quantiles(took_ms, n=100, method="inclusive")[percent - 1]


async def measure(options: argparse.Namespace) -> Outcome:
    """A round on a Neo4j of its own."""
    with (
        TemporaryDirectory() as folder,
        embedded.start(Path(folder, "neo4j"), Settings().cache, bound=True) as neo4j,
    ):
        address = (neo4j.uri, neo4j.user, neo4j.password)
        async with Graph.connect(*address) as graph:
            await load_world(graph, accounts=options.accounts)
            questions = await analyst_questions(graph)
            keys = await create_keys(graph, options.clients)
        with served(*address, Path(folder, "server.log")) as server:
            await ask_server(server, keys[:FIRST_CLIENTS], questions, seconds=options.warm_up)
            return await ask_server(server, keys, questions, seconds=options.seconds)


def main() -> None:
    """Load a world, let the clients ask and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--warm-up", type=float, default=45.0)
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    configure_logs(json=False, level="WARNING")
    outcome = asyncio.run(measure(options))
    if outcome.errors:
        notes.print("errors by code:", outcome.errors)
    rows = rows_of(outcome, clients=options.clients)
    print_report(f"{options.clients} clients at once", rows, as_json=options.json)


if __name__ == "__main__":
    main()
