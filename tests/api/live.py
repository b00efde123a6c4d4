"""The API behind its real door: uvicorn on a free port, in a thread with a loop of its own."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx

from ringfence.api.app import create_app
from ringfence.api.oidc import OidcSettings
from ringfence.api.parts import Parts
from ringfence.api.server import serving
from ringfence.api.throttle import Throttle
from ringfence.detection import load_config
from ringfence.domain.screenings import FailMode
from ringfence.store.graph import Graph, Row
from ringfence.usecases.rounds import index_of
from ringfence.usecases.screen import Screener, ScreenerSettings
from ringfence.usecases.screening_upkeep import Upkeep

API_KEY = "a-key-of-the-tests-0123456789"
NOW_MS = 1_780_000_000_000
SECRET = b"a secret of the tests"


class CountingGraph(Graph):
    """A graph that remembers the names of the statements it ran."""

    statements: list[str]

    async def read(
        self, name: str, /, *, timeout_s: float | None = None, **parameters: object
    ) -> list[Row]:
        self.statements.append(name)
        return await super().read(name, timeout_s=timeout_s, **parameters)


@dataclass
class LiveApi:
    """A running API and a client that holds its key."""

    url: str
    graph: CountingGraph
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {API_KEY}", "X-Reveal-Reason": "to test the API"},
            timeout=30,
        )

    def post_query(self, query: str, **variables: object) -> httpx.Response:
        return self.client.post("/graphql", json={"query": query, "variables": variables})

    def ask(self, query: str, **variables: object) -> dict[str, Any]:
        """The data of an answer without errors."""
        response = self.post_query(query, **variables)
        told: dict[str, Any] = response.json()
        assert response.status_code == 200, told
        assert "errors" not in told, told
        data: dict[str, Any] = told["data"]
        return data

    def refused(self, query: str, **variables: object) -> dict[str, Any]:
        """The one error of an answer."""
        errors: list[dict[str, Any]] = self.post_query(query, **variables).json()["errors"]
        assert len(errors) == 1, errors
        return errors[0]


@contextmanager
def live_api(
    uri: str,
    user: str,
    password: str,
    *,
    demo: bool = False,
    query_timeout_s: float = 20.0,
    now_ms: Callable[[], int] = lambda: NOW_MS,
    throttle: Throttle | None = None,
    trusted_documents: Path | None = None,
    oidc: OidcSettings | None = None,
    screening: Path | None = None,
    fail_mode: FailMode = FailMode.OPEN,
) -> Iterator[LiveApi]:
    """An API over a Neo4j that may or may not be there; it checks sign-ups if it has a folder."""
    ready, leave = Event(), Event()
    started: list[tuple[str, CountingGraph]] = []

    async def main() -> None:
        async with CountingGraph.connect(
            uri, user, password, query_timeout_s=query_timeout_s, retry_time_s=2.0
        ) as graph:
            graph.statements = []
            screener, upkeep = None, None
            if screening:
                settings = ScreenerSettings(screening, SECRET, fail_mode, now_ms)
                screener = Screener(settings)
                build = partial(index_of, graph, load_config())
                upkeep = Upkeep(screener, graph, build, every_s=0.2, poll_s=0.05)
            parts = Parts(
                graph,
                API_KEY,
                demo,
                query_timeout_s,
                throttle or Throttle(10**9, 10**9),
                trusted_documents,
                now_ms=now_ms,
                oidc=oidc,
                loopback_issuer=True,
                screener=screener,
                upkeep=upkeep,
            )
            async with (
                upkeep.running() if upkeep else nullcontext(),
                serving(create_app(parts), host="127.0.0.1", port=0) as server,
            ):
                started.append((server.address, graph))
                ready.set()
                await asyncio.to_thread(leave.wait)

    thread = Thread(target=asyncio.run, args=(main(),), name="api")
    thread.start()
    assert ready.wait(20)
    api = LiveApi(*started[0])
    try:
        with api.client:
            yield api
    finally:
        leave.set()
        thread.join(20)
