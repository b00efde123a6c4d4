"""Settings made into parts: which Neo4j, and the graph behind it."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from ringfence import neo4j
from ringfence.domain.known_shared import KnownShared
from ringfence.domain.screenings import FailMode
from ringfence.domain.takedown_rules import load_takedown_rules
from ringfence.errors import InvalidInput
from ringfence.screening.index import ScreeningIndex
from ringfence.settings import Settings, require_identifier_secret
from ringfence.store.graph import Graph
from ringfence.usecases.deliver_actions import DeliverySettings
from ringfence.usecases.known_shared import read_known_shared
from ringfence.usecases.migrate import migrate
from ringfence.usecases.rounds import newest_index, round_in_child
from ringfence.usecases.screen import Screener, ScreenerSettings
from ringfence.usecases.screening_upkeep import Build
from ringfence.usecases.takedown_worker import TakedownWorker

RETRY_TIME_S = 15.0
"""How long a command waits for a Neo4j that is away."""

REBUILD_EVERY_S = 30.0
"""Least time between two builds of the index where rounds find no rings themselves."""

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


def screener_of(settings: Settings, *, demo: bool = False, folder: Path | None = None) -> Screener:
    """The sign-up check of one worker, which knows the last index of its folder if there is one.

    Args:
        settings: where its folder is, and how it fails.
        demo: whether the demo's own key does for a secret.
        folder: another one.

    Raises:
        InvalidInput: there is no secret, or the folder cannot be written to.
    """
    own = folder or settings.screening_folder
    screener = Screener(
        ScreenerSettings(
            own,
            require_identifier_secret(settings, demo=demo),
            FailMode(settings.screening_fail_mode),
        )
    )
    if newest := newest_index(own):
        with suppress(FileNotFoundError):
            screener.learn(index=ScreeningIndex.open(newest))
    return screener


def known_shared_of(settings: Settings, file: Path | None = None) -> tuple[KnownShared, ...]:
    """The list of a file, else of the one that the settings name, else an empty one.

    Raises:
        InvalidInput: it cannot be read, or a value breaks its form.
    """
    named = file or settings.known_shared
    return read_known_shared(named) if named else ()


def identifier_secret_of(settings: Settings) -> bytes | None:
    """The secret that identifiers of rings taken down are hashed with, or None where there is none.

    Raises:
        InvalidInput: one is set that is too short.
    """
    if settings.identifier_secret:
        return require_identifier_secret(settings)
    with suppress(InvalidInput):
        return require_identifier_secret(settings)
    return None


def takedown_worker_of(settings: Settings, graph: Graph, *, demo: bool = False) -> TakedownWorker:
    """What carries out takedowns while the service runs.

    Raises:
        InvalidInput: there is no secret, or the rules cannot be read.
    """
    secret = require_identifier_secret(settings, demo=demo)
    return TakedownWorker(graph, load_takedown_rules(settings.takedown_rules), secret)


def delivery_settings(settings: Settings, *, demo: bool = False) -> DeliverySettings:
    """How the settings would have actions delivered; the demo's receiver is on this machine.

    Raises:
        InvalidInput: the service has no secret, and no API key to make one of.
    """
    return DeliverySettings(
        require_identifier_secret(settings, demo=demo),
        allow_private=settings.webhook_allow_private or demo,
        tries=settings.webhook_tries,
    )


def rounds_of(settings: Settings) -> Build:
    """What finds rings and builds the index while the service runs, in a process of its own."""
    return partial(round_in_child, settings.screening_folder, detecting=settings.round_every_s > 0)


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
