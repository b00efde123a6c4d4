"""What all tests share: one real Neo4j for the whole run."""

import os
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio

from ringfence import neo4j
from ringfence.neo4j.jars import read_lock
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.usecases.migrate import migrate

EXISTING = "RINGFENCE_TEST_NEO4J_URI"


@dataclass(frozen=True)
class Neo4jServer:
    """Where the tests' Neo4j answers."""

    uri: str
    user: str
    password: str = field(repr=False)


def pytest_report_header() -> str:
    """Tell which Neo4j the tests run on."""
    return f"neo4j: {os.environ.get(EXISTING) or f'{read_lock().neo4j}, comes along'}"


@pytest.fixture(scope="session")
def jar_cache() -> Path:
    """The user's own cache, so that the jars are fetched once and not by each run."""
    if os.environ.get(EXISTING):
        pytest.skip(f"{EXISTING} is set: the Neo4j that comes along is not fetched")
    return Settings().cache


@pytest.fixture(scope="session")
def neo4j_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Neo4jServer]:
    """One empty server for the run; `RINGFENCE_TEST_NEO4J_URI`, `_USER`, `_PASSWORD` name another.

    The service itself never reads these variables, so that no test can wipe a graph in use.
    """
    if uri := os.environ.get(EXISTING):
        user = os.environ.get("RINGFENCE_TEST_NEO4J_USER", "neo4j")
        yield Neo4jServer(uri, user, os.environ.get("RINGFENCE_TEST_NEO4J_PASSWORD", ""))
        return
    cache: Path = request.getfixturevalue("jar_cache")
    with neo4j.start(tmp_path_factory.mktemp("neo4j"), cache, bound=True) as server:
        yield Neo4jServer(server.uri, server.user, server.password)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def open_graph(neo4j_server: Neo4jServer) -> AsyncIterator[Graph]:
    """The run's connection; what the graph holds is whatever the last test left."""
    async with connect(neo4j_server) as graph:
        yield graph


@pytest_asyncio.fixture(loop_scope="session")
async def graph(open_graph: Graph) -> Graph:
    """A migrated graph without data; Neo4j Community has one database, so each test clears it."""
    await clear(open_graph)
    await migrate(open_graph)
    return open_graph


def connect(server: Neo4jServer) -> Graph:
    """A connection of its own, such as another process would have."""
    return Graph.connect(server.uri, server.user, server.password)


async def clear(graph: Graph) -> None:
    """Delete all data; constraints, indexes and the record of migrations stay."""
    await graph.run_schema("MATCH (n) WHERE NOT n:Migration DETACH DELETE n")
