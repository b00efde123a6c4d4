"""The program on the tests' Neo4j, and a graph with two rings in it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator

import pytest
import structlog
from typer.testing import CliRunner, Result

from ringfence.cli.main import PLACES, build_app
from ringfence.store.graph import Graph
from ringfence.store.loading import BATCH_EVENTS, save_events
from tests.conftest import Neo4jServer
from tests.detection.drawing import Drawing, farm

Ask = Callable[..., Awaitable[Result]]


@pytest.fixture
def ask(neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Run `ringfence` in a thread of this process, on the tests' Neo4j."""
    monkeypatch.setenv("RINGFENCE_NEO4J_URI", neo4j_server.uri)
    monkeypatch.setenv("RINGFENCE_NEO4J_USER", neo4j_server.user)
    monkeypatch.setenv("RINGFENCE_NEO4J_PASSWORD", neo4j_server.password)

    async def invoke(*arguments: str) -> Result:
        return await asyncio.to_thread(lambda: CliRunner().invoke(build_app(PLACES), arguments))

    yield invoke
    structlog.reset_defaults()


@pytest.fixture
async def farms(graph: Graph) -> Graph:
    world = Drawing()
    world.strangers(200)
    farm(world, "one", 30, devices=7, cards=5)
    farm(world, "two", 20, day=90)
    for first in range(0, len(world.events), BATCH_EVENTS):
        await save_events(graph, world.events[first : first + BATCH_EVENTS])
    return graph
