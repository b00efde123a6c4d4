from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from neo4j import GraphDatabase
from ringfence.store.graph import Graph
from ringfence.usecases.migrate import migrate
from tests.api.live import LiveApi, live_api
from tests.api.small_graph import Writer, write_small_graph
from tests.conftest import Neo4jServer


@pytest.fixture(scope="session")
def api(neo4j_server: Neo4jServer) -> Iterator[LiveApi]:
    with live_api(neo4j_server.uri, neo4j_server.user, neo4j_server.password) as api:
        yield api


@pytest.fixture(scope="session")
def demo_api(neo4j_server: Neo4jServer) -> Iterator[LiveApi]:
    with live_api(neo4j_server.uri, neo4j_server.user, neo4j_server.password, demo=True) as api:
        yield api


@pytest.fixture
def graph_as_left(neo4j_server: Neo4jServer) -> Iterator[Writer]:
    """Whatever the last test left in the graph."""
    with GraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password)
    ) as driver:
        yield Writer(driver)


@pytest.fixture
async def writer(graph_as_left: Writer, neo4j_server: Neo4jServer) -> Writer:
    """An empty migrated graph to write into."""
    async with Graph.connect(neo4j_server.uri, neo4j_server.user, neo4j_server.password) as graph:
        await migrate(graph)
    graph_as_left.clear()
    return graph_as_left


@pytest.fixture
def small_graph(graph_as_left: Writer, request: pytest.FixtureRequest) -> None:
    """The small graph, for tests that only read; written anew if another test was in between."""
    if not graph_as_left.holds_small_graph():
        write_small_graph(request.getfixturevalue("writer"))


@pytest.fixture
def screening_api(
    small_graph: None, neo4j_server: Neo4jServer, tmp_path: Path
) -> Iterator[LiveApi]:
    """An API that checks sign-ups against the small graph."""
    server = neo4j_server
    with live_api(server.uri, server.user, server.password, screening=tmp_path / "s") as api:
        wait_until(lambda: api.client.get("/v1/screenings/status").json()["state"] == "ready")
        yield api


def wait_until(true: Callable[[], bool], within_s: float = 20.0) -> None:
    """Return once it is true."""
    ends_at = monotonic() + within_s
    while not true():
        assert monotonic() < ends_at, "It did not become true in time."
        sleep(0.02)
