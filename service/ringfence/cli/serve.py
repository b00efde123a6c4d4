"""`ringfence serve` and `ringfence schema`: the API, and what it understands."""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType

import typer

from ringfence.api.app import create_app
from ringfence.api.graphql.schema import build_schema
from ringfence.api.oidc import OidcSettings
from ringfence.api.parts import Parts
from ringfence.api.server import serve_app
from ringfence.api.throttle import Throttle
from ringfence.bootstrap import (
    REBUILD_EVERY_S,
    SERVING_RETRY_TIME_S,
    GraphAddress,
    connect,
    delivery_settings,
    known_shared_of,
    rounds_of,
    screener_of,
    serving_neo4j,
    takedown_worker_of,
)
from ringfence.cli.door import enter, notes, run
from ringfence.domain.takedown_rules import load_takedown_rules
from ringfence.errors import GraphUnavailable, InvalidInput, RingfenceError
from ringfence.logs import get_logger
from ringfence.settings import Settings, require_api_key, require_identifier_secret
from ringfence.store.graph import Graph
from ringfence.usecases.deliver_actions import Deliverer
from ringfence.usecases.migrate import migrate
from ringfence.usecases.screening_upkeep import Upkeep

MIGRATE_AGAIN_S = 5.0

log = get_logger(__name__)


def serve(
    host: str | None = typer.Option(None, help="Address to listen on; else RINGFENCE_HOST."),
    port: int | None = typer.Option(
        None, min=0, max=65535, help="Port to listen on, 0 for a free one; else RINGFENCE_PORT."
    ),
) -> None:
    """Take events and answer questions over HTTP, until Ctrl-C or SIGTERM.

    It starts while Neo4j is away, and answers 503 until it is there.
    """
    settings = enter(service=True)
    api_key = require_api_key(settings)
    signal.signal(signal.SIGTERM, _leave)
    with serving_neo4j(settings) as address:
        run(
            _serve(
                settings,
                address,
                api_key,
                host=settings.host if host is None else host,
                port=settings.port if port is None else port,
            )
        )


def schema(
    output: Path | None = typer.Option(None, "-o", "--output", help="File; else standard output."),
) -> None:
    """Print the GraphQL schema, in the schema definition language."""
    text = build_schema(introspection=True).as_str() + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


async def _serve(
    settings: Settings, address: GraphAddress, api_key: str, *, host: str, port: int
) -> None:
    async with connect(address, settings, retry_time_s=SERVING_RETRY_TIME_S) as graph:
        screener = screener_of(settings)
        upkeep = Upkeep(
            screener,
            graph,
            rounds_of(settings),
            every_s=settings.round_every_s or REBUILD_EVERY_S,
        )
        app = create_app(
            Parts(
                graph,
                api_key,
                query_timeout_s=settings.query_timeout_s,
                throttle=Throttle(settings.cost_capacity, settings.cost_restored_per_s),
                trusted_documents=settings.trusted_documents,
                oidc=oidc_settings(settings),
                screener=screener,
                upkeep=upkeep,
                takedown_rules=load_takedown_rules(settings.takedown_rules),
                identifier_secret=require_identifier_secret(settings),
                known_shared=known_shared_of(settings),
            )
        )
        takedowns = takedown_worker_of(settings, graph)
        deliverer = Deliverer(graph, delivery_settings(settings))
        migrating = asyncio.create_task(_migrate(graph))
        try:
            async with upkeep.running(), takedowns.running(), deliverer.running():
                await serve_app(app, host=host, port=port, started=_tell)
        finally:
            migrating.cancel()
            with suppress(asyncio.CancelledError):
                await migrating


def oidc_settings(settings: Settings) -> OidcSettings | None:
    """Whose tokens are taken, or None where the settings name no issuer.

    Raises:
        InvalidInput: an issuer without an audience, whose tokens for others would open this too.
    """
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_audience:
        raise InvalidInput(
            "RINGFENCE_OIDC_ISSUER is set, RINGFENCE_OIDC_AUDIENCE is not. Set both, or neither."
        )
    return OidcSettings(
        issuer=settings.oidc_issuer,
        audience=settings.oidc_audience,
        jwks=settings.oidc_jwks,
        scopes_claim=settings.oidc_scopes_claim,
        scopes_prefix=settings.oidc_scopes_prefix,
    )


async def _migrate(graph: Graph) -> None:
    """Bring the graph to this version, as soon as Neo4j is there."""
    while True:
        try:
            await migrate(graph)
        except GraphUnavailable as error:
            log.warning("neo4j_away", reason=str(error), again_in_s=MIGRATE_AGAIN_S)
            await asyncio.sleep(MIGRATE_AGAIN_S)
        except RingfenceError as error:
            log.error("not_migrated", code=error.code, reason=str(error))  # noqa: TRY400
            return
        else:
            return


def _tell(address: str) -> None:
    notes.print(
        f"Ringfence answers at {address}: GraphQL at /graphql, events at /v1/events, "
        "sign-up checks at /v1/screenings.",
        highlight=False,
    )


def _leave(_: int, __: FrameType | None) -> None:
    sys.exit(0)
