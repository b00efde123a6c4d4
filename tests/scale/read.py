"""Links read out of Neo4j for detection, beside row iteration of the same query.

    uv run python -m tests.scale.read [--accounts N] [--json]

Both sides read the same links off the same server, in turn; the best of three counts. The plain
side iterates over rows in the quicker, synchronous form of the driver. The second row reads the
whole account graph (accounts, identifiers, links) both ways and compares the fingerprints.
"""

import argparse
import asyncio
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import numpy as np

from neo4j import GraphDatabase, Session
from ringfence import neo4j
from ringfence.domain.assembling import IdentifierNote, KindLinks, assemble_graph
from ringfence.domain.graph import NO_TIME, AccountColumns, AccountGraph, Ints
from ringfence.domain.identifiers import IdentifierKey
from ringfence.settings import Settings
from ringfence.store.account_graph import CHUNK_SIZE, read_account_graph
from ringfence.store.graph import Graph, Transaction
from ringfence.usecases.ingest import ingest
from ringfence.usecases.migrate import migrate
from tests.scale.many_events import write_events
from tests.scale.report import Row, at_least, print_report

BAR: Final = 10.0
ROUNDS: Final = 3
ENDS: Final = (
    ("device_links", "USED_DEVICE", "'device'", "id"),
    ("instrument_links", "PAID_WITH", "'payment_instrument'", "id"),
    ("address_links", "SEEN_AT", "'ip'", "address"),
    ("identifier_links", "USES_IDENTIFIER", "identifier.kind", "value"),
)
"""Statement, type, and what names the identifier."""
TIMES: Final = """link.first_seen_at.epochMillis AS first_seen_ms,
    link.last_seen_at.epochMillis AS last_seen_ms, link.events AS events"""
ACCOUNTS: Final = """MATCH (a:Account)
RETURN a.id AS ids, a.first_seen_at.epochMillis AS first_seen_ms,
    a.last_seen_at.epochMillis AS last_seen_ms, a.signed_up_at.epochMillis AS signed_up_ms,
    a.email AS email, a.country AS country, a.plan AS plan, a.user_agent AS user_agent,
    a.charges_succeeded AS charges_succeeded, a.charges_declined AS charges_declined,
    a.charges_refunded AS charges_refunded, a.charges_disputed AS charges_disputed,
    a.first_paid_at.epochMillis AS first_paid_ms, a.last_paid_at.epochMillis AS last_paid_ms,
    a.requests AS requests, a.tokens AS tokens"""
INSTRUMENTS: Final = """MATCH (p:PaymentInstrument)
RETURN p.id AS id, p.funding AS funding, p.bin AS bin, p.country AS country"""


async def measure(graph: Graph, auth: tuple[str, str, str], accounts: int) -> list[Row]:
    """Load a made-up world, and read it both ways.

    Args:
        graph: migrated and empty.
        auth: address of the same server, user and password, for the plain side.
        accounts: of the world.
    """
    uri, user, password = auth
    with TemporaryDirectory() as folder:
        events = Path(folder, "events.ndjson")
        write_events(events, accounts=accounts)
        await ingest(graph, [events])
    with (
        GraphDatabase.driver(
            uri, auth=(user, password), notifications_min_severity="OFF"
        ) as driver,
        driver.session() as rows,
    ):
        return [await _compare_links(graph, rows), await _compare_graphs(graph, rows)]


async def _compare_links(graph: Graph, session: Session) -> Row:
    """The same query for the same links: its rows one by one, and its columns."""
    ours_s, plain_s = [], []
    for _ in range(ROUNDS):
        started = perf_counter()
        by_rows = _links_by_rows(session)
        plain_s.append(perf_counter() - started)
        started = perf_counter()
        by_columns = await graph.in_read(_links_by_columns, timeout_s=600)
        ours_s.append(perf_counter() - started)
        _require(np.array_equal(_sorted(by_rows), _sorted(by_columns)), "the links differ")
    return _row("links; plain: row by row", by_rows.shape[1], ours_s, plain_s, bar=BAR)


async def _compare_graphs(graph: Graph, session: Session) -> Row:
    ours_s, plain_s = [], []
    for _ in range(ROUNDS):
        started = perf_counter()
        plain = _graph_by_rows(session)
        plain_s.append(perf_counter() - started)
        started = perf_counter()
        ours = await read_account_graph(graph)
        ours_s.append(perf_counter() - started)
        _require(ours.fingerprint() == plain.fingerprint(), "the graphs differ")
    return _row("account graph; plain: row by row", len(ours.links), ours_s, plain_s)


def _row(
    what: str,
    links: int,
    ours_s: Sequence[float],
    plain_s: Sequence[float],
    bar: float | None = None,
) -> Row:
    return at_least(
        what, ours=links / min(ours_s), plain=links / min(plain_s), unit="links/s", bar=bar
    )


async def _links_by_columns(transaction: Transaction) -> Ints:
    """(5, e) ends, times and events."""
    chunks = []
    for statement, *_ in ENDS:
        rows = await transaction.run(
            f"account_graph/read_{statement}", parts=1, part=0, span=CHUNK_SIZE, as_of=None
        )
        chunks += [np.array(list(row.values()), dtype=np.int64) for row in rows]
    return np.concatenate(chunks, axis=1)


def _links_by_rows(session: Session) -> Ints:
    """(5, e) ends, times and events."""
    links = []
    for _, kind, *_ in ENDS:
        query = (
            f"MATCH (account)-[link:{kind}]->(identifier) "
            f"RETURN id(account) AS account, id(identifier) AS identifier, {TIMES}"
        )
        links += [tuple(record) for record in session.run(query)]
    return np.array(links, dtype=np.int64).T


def _graph_by_rows(session: Session) -> AccountGraph:
    """The account graph, row by row."""
    parts = []
    for _, link, kind, value in ENDS:
        query = (
            f"MATCH (account:Account)-[link:{link}]->(identifier) RETURN {kind} AS kind, "
            f"identifier.{value} AS value, account.id AS account_id, {TIMES}"
        )
        rows = [tuple(record) for record in session.run(query)]
        for name in dict.fromkeys(row[0] for row in rows):
            columns = zip(*(row[1:] for row in rows if row[0] == name), strict=True)
            parts.append(KindLinks(name, *columns))
    notes = {
        IdentifierKey("payment_instrument", record["id"]): IdentifierNote(
            record["funding"], record["bin"], record["country"]
        )
        for record in session.run(INSTRUMENTS)
    }
    return assemble_graph(_accounts_by_rows(session), parts, notes)


def _accounts_by_rows(session: Session) -> AccountColumns:
    records = list(session.run(ACCOUNTS))
    columns: dict[str, Any] = {}
    for name in records[0].keys():  # noqa: SIM118 a record iterates over its values
        values = [record[name] for record in records]
        if name.endswith("_ms") or name.startswith(("charges", "requests", "tokens")):
            nothing = NO_TIME if name.endswith("_ms") else 0
            columns[name] = np.array([nothing if v is None else v for v in values], dtype=np.int64)
        else:
            columns[name] = values
    return AccountColumns(**columns)


def _sorted(links: Ints) -> Ints:
    return links[:, np.lexsort(links)]


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise AssertionError(otherwise)


async def _measure_alone(accounts: int) -> list[Row]:
    """On a server of its own, so that nothing else is on it."""
    with (
        TemporaryDirectory() as home,
        neo4j.start(Path(home), Settings().cache, bound=True) as server,
    ):
        auth = (server.uri, server.user, server.password)
        async with Graph.connect(*auth, query_timeout_s=600) as graph:
            await migrate(graph)
            return await measure(graph, auth, accounts)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print_report("read", asyncio.run(_measure_alone(options.accounts)), as_json=options.json)


if __name__ == "__main__":
    main()
