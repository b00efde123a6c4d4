"""The loader one writes first: a map a row, 10,000 rows a batch, an Event node each, one writer.

It is correct: loading a file twice, or in another order, gives the same graph.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from neo4j import AsyncDriver, AsyncManagedTransaction

ROWS_A_BATCH = 10_000
CONSTRAINT = "CREATE CONSTRAINT event_key IF NOT EXISTS FOR (e:Event) REQUIRE e.key IS UNIQUE"
LEDGER = """
UNWIND $rows AS row
MERGE (e:Event {key: row.source + ' ' + row.id})
WITH row, e
WHERE e.type IS NULL
SET e.type = row.type, e.time = datetime(row.time), e.account_id = row.subject,
    e.requests = row.data.requests, e.tokens = row.data.tokens
MERGE (a:Account {id: row.subject})
ON CREATE SET a.first_seen_at = e.time, a.last_seen_at = e.time
ON MATCH SET
  a.first_seen_at = CASE WHEN e.time < a.first_seen_at THEN e.time ELSE a.first_seen_at END,
  a.last_seen_at = CASE WHEN e.time > a.last_seen_at THEN e.time ELSE a.last_seen_at END
RETURN e.key AS key
"""
LINKS = """
UNWIND $rows AS row
WITH row WHERE row.data.{field} IS NOT NULL
MATCH (a:Account {{id: row.subject}})
MERGE (i:{label} {{{key}: row.data.{field}}})
MERGE (a)-[u:{link}]->(i)
ON CREATE SET
  u.first_seen_at = datetime(row.time), u.last_seen_at = datetime(row.time), u.events = 1
ON MATCH SET
  u.first_seen_at =
    CASE WHEN datetime(row.time) < u.first_seen_at THEN datetime(row.time) ELSE u.first_seen_at END,
  u.last_seen_at =
    CASE WHEN datetime(row.time) > u.last_seen_at THEN datetime(row.time) ELSE u.last_seen_at END,
  u.events = u.events + 1
"""
DEVICES = LINKS.format(field="device_id", label="Device", key="id", link="USED_DEVICE")
ADDRESSES = LINKS.format(field="ip", label="IpAddress", key="address", link="SEEN_AT")
INSTRUMENTS = LINKS.format(
    field="instrument_id", label="PaymentInstrument", key="id", link="PAID_WITH"
)
ATTACHMENTS = """
UNWIND $rows AS row
WITH row WHERE row.type = 'billing.instrument_attached'
MATCH (p:PaymentInstrument {id: row.data.instrument_id})
WHERE p.described_at IS NULL OR p.described_at > datetime(row.time)
SET p.described_at = datetime(row.time), p.kind = row.data.kind, p.bin = row.data.bin,
    p.funding = row.data.funding, p.country = row.data.country
"""
SIGN_UPS = """
UNWIND $rows AS row
WITH row WHERE row.type = 'account.signed_up'
MATCH (a:Account {id: row.subject})
WHERE a.signed_up_at IS NULL OR a.signed_up_at > datetime(row.time)
SET a.signed_up_at = datetime(row.time), a.email = row.data.email, a.country = row.data.country,
    a.plan = row.data.plan, a.user_agent = row.data.user_agent
"""
CHARGES = """
UNWIND $rows AS row
WITH row WHERE row.type = 'billing.charged'
MATCH (a:Account {id: row.subject})
SET a['charges_' + row.data.outcome] = coalesce(a['charges_' + row.data.outcome], 0) + 1
WITH row, a WHERE row.data.outcome = 'succeeded'
SET a['paid_minor_' + row.data.currency] =
  coalesce(a['paid_minor_' + row.data.currency], 0) + row.data.amount_minor
"""
USAGE = """
UNWIND $rows AS row
WITH row WHERE row.type = 'usage.reported'
MATCH (a:Account {id: row.subject})
SET a.requests = coalesce(a.requests, 0) + row.data.requests,
    a.tokens = coalesce(a.tokens, 0) + coalesce(row.data.tokens, 0)
"""
STATEMENTS = (DEVICES, ADDRESSES, INSTRUMENTS, ATTACHMENTS, SIGN_UPS, CHARGES, USAGE)


async def load_plainly(driver: AsyncDriver, path: Path) -> int:
    """Load an event file and return how many events it had."""
    await driver.execute_query(CONSTRAINT)
    loaded = 0
    async with driver.session() as session:
        for rows in _batches(path):
            loaded += await session.execute_write(_load_batch, rows)
    return loaded


async def _load_batch(transaction: AsyncManagedTransaction, rows: list[dict[str, Any]]) -> int:
    result = await transaction.run(LEDGER, rows=rows)
    fresh_keys = {record["key"] async for record in result}
    fresh = [row for row in rows if f"{row['source']} {row['id']}" in fresh_keys]
    for statement in STATEMENTS:
        await (await transaction.run(statement, rows=fresh)).consume()
    return len(fresh)


def _batches(path: Path) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    with path.open("rb") as file:
        for line in file:
            rows.append(json.loads(line))
            if len(rows) == ROWS_A_BATCH:
                yield rows
                rows = []
    if rows:
        yield rows
