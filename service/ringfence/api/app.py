"""The HTTP application: its routes, and what stands before them."""

from fastapi import FastAPI

from ringfence import __version__
from ringfence.api.access import OPEN_PATHS, Access, expect_declared
from ringfence.api.body_limit import BodyLimit
from ringfence.api.doorkeeper import Doorkeeper, RequestLog
from ringfence.api.graphql.transport import PATH as GRAPHQL_PATH
from ringfence.api.graphql.transport import graphql_routes
from ringfence.api.jwks import KeySet
from ringfence.api.keyring import Keyring
from ringfence.api.oidc import TokenReader
from ringfence.api.parts import Parts
from ringfence.api.problems import answer_with_problems
from ringfence.api.rest import actions, appeals, events, receipts
from ringfence.api.rest.actions import action_routes
from ringfence.api.rest.appeals import appeal_routes
from ringfence.api.rest.events import event_routes
from ringfence.api.rest.health import health_routes
from ringfence.api.rest.metrics import PATH as METRICS_PATH
from ringfence.api.rest.metrics import metrics_routes
from ringfence.api.rest.receipts import receipt_routes
from ringfence.api.rest.screening_docs import describe_screenings
from ringfence.api.rest.screenings import PATH as SCREENINGS_PATH
from ringfence.api.rest.screenings import STATUS_PATH, add_screening_routes
from ringfence.api.rest.standings import PATH as STANDINGS_PATH
from ringfence.api.rest.standings import standing_routes
from ringfence.api.sealing import Seal

MAX_BODY_BYTES = 256 * 1024
KNOWN_PATHS = (
    *OPEN_PATHS,
    "/openapi.json",
    METRICS_PATH,
    events.PATH,
    actions.PATH,
    appeals.PATH,
    STANDINGS_PATH,
    SCREENINGS_PATH,
    STATUS_PATH,
    GRAPHQL_PATH,
)
"""Paths that the log names."""


def create_app(parts: Parts) -> FastAPI:
    """The application over these parts; it opens and closes none of them, and needs none to start.

    Args:
        parts: what it is made of.
    """
    app = FastAPI(
        title="Ringfence",
        version=__version__,
        summary="Finds fake-account rings in sign-up and billing events, and proves them.",
        docs_url=None,
        redoc_url=None,
        # Its own spans and records bear paths, queries and errors as they came; ours bear routes.
        telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
    )
    app.include_router(health_routes(parts))
    app.include_router(metrics_routes(parts))
    app.include_router(event_routes(parts))
    app.include_router(action_routes(parts))
    app.include_router(appeal_routes(parts))
    app.include_router(receipt_routes(parts))
    app.include_router(standing_routes(parts))
    app.include_router(graphql_routes(parts))
    add_screening_routes(app, parts)
    expect_declared(app)
    answer_with_problems(app)
    _describe(app)
    app.add_middleware(
        BodyLimit,
        max_bytes=MAX_BODY_BYTES,
        max_bytes_by_path={
            events.PATH: events.MAX_BYTES,
            receipts.PATH: receipts.MAX_BYTES,
        },
    )
    app.state.access = access_of(parts)
    app.add_middleware(
        Doorkeeper,
        access=app.state.access,
        id_seal=Seal(parts.api_key),
        open_page=GRAPHQL_PATH if parts.demo else None,
    )
    app.add_middleware(RequestLog, known_paths=KNOWN_PATHS)
    return app


def access_of(parts: Parts) -> Access:
    """Who may come in: the key of the settings, API keys of the graph, tokens of the issuer."""
    tokens = None
    if parts.oidc:
        keys = KeySet(parts.oidc.issuer, parts.oidc.jwks, loopback=parts.loopback_issuer)
        tokens = TokenReader(parts.oidc, keys)
    return Access(parts.api_key, Keyring(parts.graph), tokens)


def _describe(app: FastAPI) -> None:
    """Give the OpenAPI description what no model of FastAPI holds: events and screenings."""
    _, schemas = events.event_schemas()
    described = app.openapi()
    described["components"]["schemas"] |= schemas
    describe_screenings(described)
