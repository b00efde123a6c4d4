"""Whether the service lives, and whether it can answer."""

import asyncio

from fastapi import APIRouter

from ringfence import __version__
from ringfence.api.parts import Parts
from ringfence.errors import GraphUnavailable, SchemaOutOfDate
from ringfence.store.migrations import find_applied, read_migrations
from ringfence.usecases.migrate import pending_migrations

READY_WITHIN_S = 5.0


def health_routes(parts: Parts) -> APIRouter:
    """`/healthz` and `/readyz`, open to anyone."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Whether the process lives")
    async def healthz() -> dict[str, str]:
        return {"status": "ok", "version": __version__}

    @router.get(
        "/readyz",
        summary="Whether Neo4j answers and its migrations are current",
        responses={503: {"description": "Not ready; a problem says why."}},
    )
    async def readyz() -> dict[str, str]:
        await _expect_ready(parts)
        return {"status": "ready"}

    return router


async def _expect_ready(parts: Parts) -> None:
    try:
        async with asyncio.timeout(READY_WITHIN_S):
            applied = await find_applied(parts.graph)
    except TimeoutError as error:
        raise GraphUnavailable(f"Neo4j did not answer within {READY_WITHIN_S:g} s.") from error
    if pending := pending_migrations(read_migrations(), applied):
        raise SchemaOutOfDate(
            f"The graph lacks {len(pending)} migrations, the first {pending[0].title}. "
            "Run `ringfence migrate`."
        )
