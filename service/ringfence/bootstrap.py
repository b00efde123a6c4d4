"""Settings made into parts: which Neo4j, and the graph behind it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from ringfence import neo4j
from ringfence.errors import InvalidInput
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.usecases.migrate import migrate

RETRY_TIME_S = 15.0
"""How long a command waits for a Neo4j that is away."""

SERVING_RETRY_TIME_S = 3.0
"""How long a request waits for it, before it is answered 503."""


@dataclass(frozen=True, slots=True)
class GraphAddress:
    """Where a Neo4j answers and as whom to log in."""

    uri: str
    user: str
    password: SecretStr
    database: str | None = None


def existing_address(settings: Settings) -> GraphAddress | None:
    """The Neo4j that the settings name, or None where they name none.

    Raises:
        InvalidInput: an address without a password.
    """
    if settings.neo4j_uri is None:
        return None
    if settings.neo4j_password is None:
        raise InvalidInput(
            "RINGFENCE_NEO4J_URI is set, RINGFENCE_NEO4J_PASSWORD is not. Set both, or neither "
            "to use the Neo4j that comes along."
        )
    return GraphAddress(
        settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password, settings.neo4j_database
    )


@contextmanager
def serving_neo4j(settings: Settings) -> Iterator[GraphAddress]:
    """A Neo4j that answers: the one named, the one that runs already, or one for as long as this.

    Raises:
        InvalidInput: the settings name a server without its password.
        EmbeddedNeo4jFailed: the one that comes along cannot be fetched or started.
    """
    if address := existing_address(settings):
        yield address
        return
    with neo4j.attach_or_start(settings.home, settings.cache) as server:
        yield GraphAddress(server.uri, server.user, SecretStr(server.password))


def connect(
    address: GraphAddress, settings: Settings, *, retry_time_s: float = RETRY_TIME_S
) -> Graph:
    """The graph at an address; nothing is sent before the first statement.

    Args:
        address: of Neo4j.
        settings: time limit of its statements.
        retry_time_s: how long one call waits for a Neo4j that is away.
    """
    return Graph.connect(
        address.uri,
        address.user,
        address.password.get_secret_value(),
        database=address.database,
        query_timeout_s=settings.query_timeout_s,
        retry_time_s=retry_time_s,
    )


@asynccontextmanager
async def ready_graph(settings: Settings) -> AsyncIterator[Graph]:
    """A connected graph whose migrations are applied.

    Raises:
        GraphUnavailable: Neo4j does not answer.
        SchemaOutOfDate: the graph was migrated by a version that differs from this one.
    """
    with serving_neo4j(settings) as address:
        async with connect(address, settings) as graph:
            await migrate(graph)
            yield graph
