"""Endpoints of webhooks in the graph, and their dead letters; each act on them is recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from ringfence.domain.audit import AuditRecord
from ringfence.domain.rings import LONG_AGO
from ringfence.domain.webhooks import AskedEndpoint, DeadBecause, DeadLetter, WebhookEndpoint
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.times import moment

FORGET_BATCH: Final = 5_000


async def save_endpoint(
    graph: Graph, asked: AskedEndpoint, *, secret: str, now: datetime, record: AuditRecord
) -> None:
    """Keep a new endpoint, and record that.

    Args:
        graph: connected and migrated.
        asked: what it is.
        secret: sealed.
        now: UTC.
        record: of the act; its subject, never given before, becomes the endpoint's id.
    """

    async def work(transaction: Transaction) -> None:
        await transaction.run(
            "webhooks/save",
            id=record.subject,
            url=asked.url,
            secrets=[secret],
            batch=asked.batch,
            cursor=asked.after,
            created_by=record.actor,
            created_at=now,
        )
        await append_entry(transaction, record)

    await graph.in_write(work)


async def find_endpoints(graph: Graph) -> list[WebhookEndpoint]:
    """All endpoints, the oldest first."""
    return [_endpoint(row) for row in await graph.read("webhooks/find_all")]


async def find_endpoint(graph: Graph, endpoint_id: str) -> WebhookEndpoint | None:
    """One endpoint, or None."""
    rows = await graph.read("webhooks/find_one", id=endpoint_id)
    return _endpoint(rows[0]) if rows else None


async def save_secret(graph: Graph, secret: str, *, until: datetime, record: AuditRecord) -> bool:
    """Give an endpoint a new secret, sealed; its newest one goes on until a moment.

    Returns:
        False, and nothing is written, if there is no endpoint with the id that the record names.
    """
    return await _recorded(graph, "webhooks/rotate", record, secret=secret, until=until)


async def enable_endpoint(graph: Graph, record: AuditRecord) -> bool:
    """Send to an endpoint again; False, and nothing is written, if it was not disabled."""
    return await _recorded(graph, "webhooks/enable", record)


async def disable_endpoint(graph: Graph, because: str, record: AuditRecord) -> bool:
    """Send no more to an endpoint; False, and nothing is written, if it was disabled before."""
    return await _recorded(graph, "webhooks/disable", record, because=because)


async def ask_replay(graph: Graph, record: AuditRecord) -> bool:
    """Have dead letters sent again; False, and nothing is written, if the endpoint has none."""
    return await _recorded(graph, "webhooks/ask_replay", record)


async def remove_endpoint(graph: Graph, record: AuditRecord) -> bool:
    """Take an endpoint away with its dead letters; False, if there is none of that id."""
    if not await _recorded(graph, "webhooks/remove", record):
        return False
    forgotten = FORGET_BATCH
    while forgotten == FORGET_BATCH:
        (row,) = await graph.write("webhooks/forget_dead", id=record.subject, limit=FORGET_BATCH)
        forgotten = row["forgotten"]
    return True


async def page_dead(graph: Graph, endpoint_id: str, *, after: int, limit: int) -> list[DeadLetter]:
    """The next dead letters of an endpoint after a number, in order."""
    rows = await graph.read("webhooks/page_dead", id=endpoint_id, after=after, limit=limit)
    return [
        DeadLetter(
            row["action_seq"],
            row["account_id"],
            DeadBecause(row["because"]),
            row["failure"],
            moment(row["at_ms"]) or LONG_AGO,
        )
        for row in rows
    ]


async def _recorded(graph: Graph, name: str, record: AuditRecord, **parameters: object) -> bool:
    """Run a statement on the endpoint of a record, and keep the record if it did a thing."""

    async def work(transaction: Transaction) -> bool:
        if not await transaction.run(name, id=record.subject, **parameters):
            return False
        await append_entry(transaction, record)
        return True

    return await graph.in_write(work)


def _endpoint(row: Row) -> WebhookEndpoint:
    facts: dict[str, Any] = dict(row)
    secrets: Sequence[str] = facts.pop("secrets")
    return WebhookEndpoint(
        secrets=tuple(secrets),
        created_at=moment(facts.pop("created_ms")) or LONG_AGO,
        old_secret_until=moment(facts.pop("old_secret_ms")),
        delivered_at=moment(facts.pop("delivered_ms")),
        retry_at=moment(facts.pop("retry_ms")),
        **facts,
    )
