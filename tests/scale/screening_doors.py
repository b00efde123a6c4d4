"""Servers of the sign-up check and of an empty endpoint, and clients that ask them, each apart.

Each function here runs in a process of its own.
"""

import asyncio
import os
from collections import deque
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter
from typing import Final

from fastapi import FastAPI
from starlette.types import ASGIApp

from ringfence.api.app import create_app
from ringfence.api.parts import Parts
from ringfence.api.server import serve_app
from ringfence.cli.door import run
from ringfence.logs import configure_logs
from ringfence.screening.index import ScreeningIndex
from ringfence.store.graph import Graph
from ringfence.usecases.screen import Screener, ScreenerSettings
from tests.scale.screening_world import NOW_MS

KEY: Final = "a-key-of-the-benchmark-0123456789"
NOWHERE: Final = ("bolt://127.0.0.1:1", "nobody", "nothing")
FASTER: Final = 4_000
"""The clock runs so much faster: thousands of sign-ups a second come one a second then."""
SYNC_S: Final = 1.0
"""As often as upkeep brings the journal to the disk."""
SECRET: Final = b"a secret of the benchmark"


def make_screener(index: Path, folder: Path) -> Screener:
    """A screener that knows an index, and nothing of a database; for it, time flies."""
    started = perf_counter()

    def now_ms() -> int:
        return NOW_MS + int((perf_counter() - started) * 1000 * FASTER)

    screener = Screener(ScreenerSettings(folder, SECRET, now_ms=now_ms))
    screener.learn(index=ScreeningIndex.open(index))
    return screener


def serve_checks(index: Path, folder: Path, told: Connection) -> None:
    """Serve the whole API with its sign-up check, as `ringfence serve` does, until terminated."""
    _log_to(folder / "server.log")
    run(_serve_checks(index, folder, told))


def serve_empty(folder: Path, told: Connection) -> None:
    """Serve one endpoint of FastAPI that does nothing, until terminated."""
    _log_to(folder / "empty.log")
    app = FastAPI()

    @app.post("/empty")
    async def empty():  # type: ignore[no-untyped-def]  # noqa: ANN202
        return {}

    run(_serve(app, told))


async def _serve_checks(index: Path, folder: Path, told: Connection) -> None:
    screener = make_screener(index, folder)
    async with Graph.connect(*NOWHERE) as graph:
        app = create_app(Parts(graph, KEY, screener=screener))
        upkeep = asyncio.create_task(_keep(screener))
        try:
            await _serve(app, told)
        finally:
            upkeep.cancel()
            with suppress(asyncio.CancelledError):
                await upkeep


async def _serve(app: ASGIApp, told: Connection) -> None:
    await serve_app(app, host="127.0.0.1", port=0, started=told.send)


async def _keep(screener: Screener) -> None:
    """Do with the journal what upkeep does, but for writing to a database."""
    while True:
        await asyncio.sleep(SYNC_S)
        await asyncio.to_thread(screener.journal.sync)


def _log_to(path: Path) -> None:
    """Log as a service does, into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(file, 2)
    configure_logs(json=True)


class _Client(asyncio.Protocol):
    """One connection that asks the next request as soon as the last is answered."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def start(self, requests: deque[bytes], took_s: list[float]) -> asyncio.Future[None]:
        """Ask until no request is left; what is given ends then."""
        self._requests = requests
        self._took_s = took_s
        self._held = b""
        self._ended = asyncio.get_running_loop().create_future()
        self._ask()
        return self._ended

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, found, body = self._held.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return
        self._took_s.append(perf_counter() - self._asked_at)
        self._held = b""
        if head.startswith(b"HTTP/1.1 200 "):
            self._ask()
        else:
            self._end(AssertionError((head, body)))

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or ConnectionError("the server hung up"))

    def _ask(self) -> None:
        if not self._requests:
            self._end(None)
            return
        self._asked_at = perf_counter()
        self._transport.write(self._requests.popleft())

    def _end(self, error: Exception | None) -> None:
        if self._ended.done():
            return
        if error:
            self._ended.set_exception(error)
        else:
            self._ended.set_result(None)

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


def ask(address: str, path: str, bodies: list[bytes], clients: int) -> tuple[float, list[float]]:
    """Send requests over so many connections at once, as sign-up flows keep them open.

    Each connection is opened and has sent one request before the clock starts: libuv accepts one
    connection in a turn of its loop, so that a crowd which connects at once waits for itself.

    Returns:
        Seconds in all, and of each request.
    """
    return asyncio.run(_ask(address, path, bodies, clients))


async def _ask(
    address: str, path: str, bodies: list[bytes], clients: int
) -> tuple[float, list[float]]:
    host, _, port = address.removeprefix("http://").partition(":")
    requests = deque(_request(host, path, body) for body in bodies)
    took_s: list[float] = []
    loop = asyncio.get_running_loop()
    opened = [await loop.create_connection(_Client, host, int(port)) for _ in range(clients)]
    doors = [client for _, client in opened]
    for door in doors:
        await door.start(deque((requests[0],)), [])
    started = perf_counter()
    await asyncio.gather(*(door.start(requests, took_s) for door in doors))
    seconds = perf_counter() - started
    for door in doors:
        door.close()
    return seconds, took_s


def _request(host: str, path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
