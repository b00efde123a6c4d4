"""The sign-up check under load while Neo4j is stopped and started twice.

    uv run python -m tests.scale.outage [--seconds S] [--accounts N] [--rate R] [--json]

`ringfence serve` runs in a process of its own. Clients ask about sign-ups at a steady rate; Neo4j
is killed after a fifth and three fifths of the time, and started again after two and four fifths.
Afterwards every answer that was given must be in the log of Neo4j, once.
"""

import argparse
import asyncio
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import httpx
from rich.console import Console

from ringfence import neo4j as embedded
from ringfence.logs import configure_logs
from ringfence.neo4j.server import RunningNeo4j
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.store.screenings import find_screenings
from tests.scale.clients import load_world
from tests.scale.report import Row, at_most, print_report
from tests.scale.served import ROOT_KEY, Server, served

CLIENTS: Final = 8
NOTICED_WITHIN_S: Final = 12.0
"""How long after Neo4j went away an answer may still not say so."""
DRAINED_WITHIN_S: Final = 120.0
FOUND_AT_ONCE: Final = 1_000
notes = Console(stderr=True)


@dataclass(frozen=True)
class Answered:
    """One answer: when it came, in seconds since the load began, and how."""

    at_s: float
    took_ms: float
    status: int
    screening_id: str
    degraded: bool


@dataclass(frozen=True)
class Outage:
    """When Neo4j was away, in seconds since the load began."""

    began_s: float
    ended_s: float

    def covers(self, at_s: float) -> bool:
        """Whether the service must have noticed by then, and Neo4j was still away."""
        return self.began_s + NOTICED_WITHIN_S <= at_s < self.ended_s


def attempts(seed: int) -> Iterator[dict[str, Any]]:
    """Sign-ups without end; one in four shares a device with others."""
    chance = Random(seed)  # noqa: S311
    for number in count():
        device = chance.randrange(200) if chance.random() < 0.25 else number + 10**6 * (seed + 1)
        yield {
            "attempt_id": f"try_{seed}_{number}",
            "account_id": f"new_{seed}_{number}",
            "email": f"new.{seed}.{number}@mailhub.example",
            "ip": f"198.51.{chance.randrange(100)}.{chance.randrange(1, 250)}",
            "device_id": f"dev_{device}",
            "country": chance.choice(["FR", "US", "IN", "BR"]),
            "plan": chance.choice(["free", "pro"]),
        }


async def ask_steadily(
    client: httpx.AsyncClient, number: int, *, pause_s: float, began: float, seconds: float
) -> list[Answered]:
    """One client's answers."""
    found: list[Answered] = []
    for attempt in attempts(number):
        started = perf_counter()
        if started - began >= seconds:
            return found
        answer = await client.post("/v1/screenings", json=attempt)
        took_s = perf_counter() - started
        told = answer.json()
        found.append(
            Answered(
                started - began,
                took_s * 1000,
                answer.status_code,
                told.get("id", ""),
                bool(told.get("degraded")),
            )
        )
        await asyncio.sleep(max(0.0, pause_s - took_s))
    return found


async def stop_and_start(
    running: RunningNeo4j, home: Path, port: int, *, began: float, seconds: float
) -> tuple[RunningNeo4j, list[Outage]]:
    """Stop and start Neo4j twice, at fifths of the time."""
    outages = []
    for fifth in (1, 3):
        await asyncio.sleep(max(0.0, began + seconds * fifth / 5 - perf_counter()))
        went = perf_counter() - began
        await asyncio.to_thread(running.stop)
        await asyncio.sleep(max(0.0, began + seconds * (fifth + 1) / 5 - perf_counter()))
        back = perf_counter() - began
        running = await asyncio.to_thread(
            embedded.start, home, Settings().cache, bound=True, port=port
        )
        outages.append(Outage(went, back))
        notes.print(f"away from {went:.0f} s to {back:.0f} s")
    return running, outages


async def ready(client: httpx.AsyncClient) -> None:
    """Return once the index is there."""
    while (await client.get("/v1/screenings/status")).json()["state"] != "ready":  # noqa: ASYNC110 - another process knows when
        await asyncio.sleep(0.2)


async def drained(client: httpx.AsyncClient) -> None:
    """Return once nothing waits to be written."""
    ends_at = perf_counter() + DRAINED_WITHIN_S
    while (await client.get("/v1/screenings/status")).json()["waiting_to_be_written"]:
        if perf_counter() > ends_at:
            raise TimeoutError("What waits was not written in time.")
        await asyncio.sleep(0.5)


async def lost(graph: Graph, answers: Sequence[Answered]) -> int:
    """How many answers the log does not hold."""
    ids = [one.screening_id for one in answers]
    found = 0
    for start in range(0, len(ids), FOUND_AT_ONCE):
        found += len(await find_screenings(graph, ids[start : start + FOUND_AT_ONCE]))
    return len(ids) - found


async def measure(folder: Path, options: argparse.Namespace) -> list[Row]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = folder / "neo4j"
    running = embedded.start(home, Settings().cache, bound=True, port=port)
    try:
        async with Graph.connect(running.uri, running.user, running.password) as graph:
            await load_world(graph, accounts=options.accounts)
        with served(running.uri, running.user, running.password, folder / "serve.log") as server:
            answers, outages, running = await under_load(server, running, home, port, options)
        async with Graph.connect(running.uri, running.user, running.password) as graph:
            missing = await lost(graph, answers)
    finally:
        running.stop()
    away = [one for one in answers if any(outage.covers(one.at_s) for outage in outages)]
    silent = sum(not one.degraded for one in away)
    took = quantiles([one.took_ms for one in answers], n=100)
    return [
        counted("answers that were no 200", sum(one.status != 200 for one in answers), answers),
        counted("answers lost", missing, answers),
        counted("answers while Neo4j was away that did not say so", silent, away),
        at_most("p99 of an answer beside its p50", ours=took[98], plain=took[49], unit="ms"),
    ]


async def under_load(
    server: Server, running: RunningNeo4j, home: Path, port: int, options: argparse.Namespace
) -> tuple[list[Answered], list[Outage], RunningNeo4j]:
    url = f"http://{server.host}:{server.port}"
    async with httpx.AsyncClient(base_url=url, headers={"X-API-Key": ROOT_KEY}) as client:
        await ready(client)
        began = perf_counter()
        pause_s = CLIENTS / options.rate
        asking = asyncio.gather(
            *(
                ask_steadily(client, number, pause_s=pause_s, began=began, seconds=options.seconds)
                for number in range(CLIENTS)
            )
        )
        running, outages = await stop_and_start(
            running, home, port, began=began, seconds=options.seconds
        )
        found = await asking
        await drained(client)
    return [one for many in found for one in many], outages, running


def counted(what: str, times: int, among: Sequence[Answered]) -> Row:
    """How often something happened that must never."""
    return Row(what, times, len(among), "answers", times / max(len(among), 1), 0.0, times == 0)


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--accounts", type=int, default=2_000)
    parser.add_argument("--rate", type=float, default=60, help="sign-ups a second")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    configure_logs(json=False, level="ERROR")
    with TemporaryDirectory(prefix="ringfence-scale-") as folder:
        rows = asyncio.run(measure(Path(folder), options))
    print_report("outage", rows, as_json=options.json)


if __name__ == "__main__":
    main()
