"""`GET /metrics`: what this process counts, and what it knows of graph, checks and audit log."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from time import monotonic
from typing import Final

from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import PlainTextResponse, Response

from ringfence.api.parts import Parts
from ringfence.api.rest.metric_families import GraphReading, of_graph, of_screener
from ringfence.domain.screenings import Screening
from ringfence.errors import RingfenceError, SchemaOutOfDate
from ringfence.logs import get_logger
from ringfence.metrics import CHECK_SECONDS, CHECKS, REGISTRY
from ringfence.store.metrics import find_figures
from ringfence.store.migrations import find_applied, read_migrations
from ringfence.usecases.audit_watch import AuditWatch
from ringfence.usecases.migrate import pending_migrations

PATH: Final = "/metrics"
FRESH_FOR_S: Final = 10.0
"""How long what the graph said is told again, so that many who scrape cost as much as one."""
ANSWERS_WITHIN_S: Final = 5.0

log = get_logger(__name__)


def metrics_routes(parts: Parts) -> APIRouter:
    """The route; sign-up checks are counted from now on."""
    router = APIRouter(tags=["health"])
    watch = _GraphWatch(parts)
    if parts.screener:
        parts.screener.listeners.append(count_check)

    @router.get(PATH, summary="Figures for Prometheus", response_class=PlainTextResponse)
    async def get_metrics() -> Response:
        told = _Told([*of_graph(await watch.read()), *of_screener(parts.screener, parts.upkeep)])
        once = CollectorRegistry()
        once.register(told)
        text = generate_latest(REGISTRY) + generate_latest(once)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    return router


def count_check(answer: Screening) -> None:
    """Count a sign-up check."""
    CHECKS.add((answer.ruling.decision.value, answer.degraded or "no"))
    CHECK_SECONDS.add(answer.took_ms / 1000)


class _Told(Collector):
    """Figures that were read for one answer."""

    def __init__(self, families: list[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


class _GraphWatch:
    """Reads what the graph says, at most every so often, by one reader at a time."""

    def __init__(self, parts: Parts) -> None:
        self._graph = parts.graph
        self._audit = AuditWatch(parts.graph)
        self._reading = asyncio.Lock()
        self._read_at = -FRESH_FOR_S
        self._last = GraphReading(up=False)

    async def read(self) -> GraphReading:
        async with self._reading:
            if monotonic() - self._read_at >= FRESH_FOR_S:
                self._last = await self._read_now()
                self._read_at = monotonic()
        return self._last.with_waiting(self._graph.waiting, datetime.now(UTC))

    async def _read_now(self) -> GraphReading:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                pending = await self._pending()
                figures = await find_figures(self._graph)
                await self._audit.look()
        except (RingfenceError, TimeoutError) as error:
            log.warning("metrics_without_graph", reason=str(error))
            return GraphReading(up=False)
        return GraphReading(
            up=True,
            migrations_pending=pending,
            figures=figures,
            audit_fault=self._audit.fault is not None,
            audit_looked_at=self._audit.looked_at,
        )

    async def _pending(self) -> int:
        """Migrations that the graph lacks; -1 where graph and version disagree."""
        applied = await find_applied(self._graph)
        try:
            return len(pending_migrations(read_migrations(), applied))
        except SchemaOutOfDate:
            return -1
