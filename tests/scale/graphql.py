"""A page of rings with their members out of our GraphQL, beside stock Strawberry.

    uv run python -m tests.scale.graphql [--rings N] [--members N] [--requests N] [--json]

Both are asked the same document through their whole application, in turns, and must give the same
data. Rows are read from Neo4j through the same functions of the store: once and held in memory for
the first figures, which weigh GraphQL alone; for each request in the last.
"""

import argparse
import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final
from unittest.mock import patch

import orjson
from starlette.types import ASGIApp, Message

from neo4j import GraphDatabase
from ringfence import neo4j as embedded
from ringfence.api.app import create_app
from ringfence.api.graphql import queries, rings
from ringfence.api.parts import Parts
from ringfence.api.throttle import Throttle
from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.store import members as stored_members
from ringfence.store import rings as stored_rings
from ringfence.store.graph import Graph
from ringfence.usecases.migrate import migrate
from tests.api.small_graph import Writer
from tests.scale.plain_graphql import plain_app
from tests.scale.report import Row, at_least, at_most, print_report

BAR: Final = 10.0
STEADY: Final = 2.0
"""How much longer than most the slowest request in a hundred may take."""
KEY: Final = "a-key-of-the-benchmark-0123456789"
PAGE: Final = """query ($rings: Int!, $members: Int!) {
  rings(first: $rings) { nodes { id ringId score grade size
    members(first: $members) { nodes { role strength account { id accountId } } } } } }"""

Ask = Callable[[], Awaitable[bytes]]
"""Asks an application for the page."""


def asker(app: ASGIApp, variables: dict[str, int]) -> Ask:
    """What sends the page's request through an application and returns the body of the answer."""
    body = orjson.dumps({"query": PAGE, "variables": variables})
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/graphql",
        "raw_path": b"/graphql",
        "root_path": "",
        "query_string": b"",
        "headers": [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"authorization", f"Bearer {KEY}".encode()),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
    }

    async def ask() -> bytes:
        answered: list[bytes] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            answered.append(message.get("body", b""))

        await app({**scope, "state": {}}, receive, send)
        return b"".join(answered)

    return ask


def data_of(answer: bytes) -> Any:
    """The data of an answer without errors."""
    told = orjson.loads(answer)
    if "errors" in told or "data" not in told:
        raise AssertionError(told)
    return told["data"]


@contextmanager
def rows_in_memory() -> Iterator[None]:
    """Let each function of the store read once, and hold what it read."""
    page_rings, page_members = held(stored_rings.page_rings), held(stored_members.page_members)
    with (
        patch.object(stored_rings, "page_rings", page_rings),
        patch.object(queries, "page_rings", page_rings),
        patch.object(stored_members, "page_members", page_members),
        patch.object(rings, "page_members", page_members),
    ):
        yield


def held(read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    kept: dict[str, Any] = {}

    async def reading(graph: Graph, *asked: object, **named: object) -> Any:
        key = repr((asked, named["limit"]))
        if key not in kept:
            kept[key] = await read(graph, *asked, **named)
        return kept[key]

    return reading


async def durations(ask: Ask, requests: int) -> list[float]:
    """Seconds of each request, one after the other."""
    taken = []
    for _ in range(requests):
        started = perf_counter()
        await ask()
        taken.append(perf_counter() - started)
    return taken


async def take_turns(ours: Ask, plain: Ask, *, requests: int) -> tuple[list[float], list[float]]:
    """Seconds of each request of both ways, which take turns."""
    if data_of(await ours()) != data_of(await plain()):
        raise AssertionError("The answers differ.")
    gc.collect()
    gc.freeze()
    both: tuple[list[float], list[float]] = [], []
    for _ in range(5):
        both[0].extend(await durations(ours, requests))
        both[1].extend(await durations(plain, max(1, requests // 5)))
    return both


async def measure(folder: Path, options: argparse.Namespace) -> list[Row]:
    """Both ways on one Neo4j."""
    page = {"rings": options.rings, "members": options.members}
    with embedded.start(folder, Settings().cache, bound=True) as server:
        auth = (server.user, server.password)
        async with Graph.connect(server.uri, *auth) as graph:
            await migrate(graph)
            with GraphDatabase.driver(server.uri, auth=auth) as driver:
                write_rings(Writer(driver), **page)
            parts = Parts(graph, KEY, throttle=Throttle(10**9, 10**9))
            ours, plain = asker(create_app(parts), page), asker(plain_app(graph), page)
            with rows_in_memory():
                held_rows = await take_turns(ours, plain, requests=options.requests)
            read_rows = await take_turns(ours, plain, requests=max(1, options.requests // 5))
    what = f"page of {options.rings} x {options.members}"
    return [
        at_least(f"{what}, rows held", **rates(*held_rows), unit="requests/s", bar=BAR),
        at_most(
            f"{what}, rows held: p99 of ours beside its p50",
            ours=quantiles(held_rows[0], n=100)[98] * 1e3,
            plain=quantiles(held_rows[0], n=2)[0] * 1e3,
            unit="ms",
            bar=STEADY,
        ),
        at_least(f"{what}, read from Neo4j", **rates(*read_rows), unit="requests/s"),
    ]


def rates(ours: list[float], plain: list[float]) -> dict[str, float]:
    """Requests a second of both, by the median request."""
    return {"ours": 1 / quantiles(ours, n=2)[0], "plain": 1 / quantiles(plain, n=2)[0]}


def write_rings(writer: Writer, *, rings: int, members: int) -> None:
    """Rings of so many members, one more of each than a page asks for."""
    for ring in range(rings + 1):
        account_ids = [f"acct_{ring:03}_{number:03}" for number in range(members + 1)]
        writer.accounts(*({"id": account_id, "requests": 1} for account_id in account_ids))
        writer.ring(f"ring_{ring:03}", score=0.5 + ring / 1_000)
        writer.members(
            f"ring_{ring:03}", *((account_id, "core", 1.0) for account_id in account_ids)
        )


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--rings", type=int, default=50)
    parser.add_argument("--members", type=int, default=20)
    parser.add_argument("--requests", type=int, default=200, help="of ours, in each of five turns")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    configure_logs(json=False, level="WARNING")
    with TemporaryDirectory(prefix="ringfence-scale-") as folder:
        rows = asyncio.run(measure(Path(folder), options))
    print_report("graphql", rows, as_json=options.json)


if __name__ == "__main__":
    main()
