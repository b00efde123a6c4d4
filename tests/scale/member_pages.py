"""Pages of the members of one large ring: the first and one at its end, by index and by sorting.

    uv run python -m tests.scale.member_pages [--accounts N] [--pages N] [--json]

Both ways give the same page of 50 from the same server. The plain way is one statement that reads
the ring and sorts it for each page; ours reads the accounts as well. A page at the end should cost
what the first one does.
"""

import argparse
import asyncio
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

from neo4j import AsyncDriver, AsyncGraphDatabase
from ringfence import neo4j as embedded
from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.store.members import MemberOrder, MemberOrderBy, page_members
from ringfence.store.rings import RankAndId
from ringfence.usecases.migrate import migrate
from tests.scale.report import Row, at_most, print_report

ACCOUNTS: Final = 25_000
BAR: Final = 1.5
PAGE: Final = 50
WARM_UP: Final = 20
FROM_END: Final = 100
FIRST: Final[RankAndId] = (-float("inf"), "")
BUILD: Final = """
MERGE (r:Ring {id: 'large'})
WITH r
UNWIND range($first, $last) AS n
WITH r, 'acct_' + right('0000000' + n, 8) AS id, (n * 7919) % 97 / 8.0 AS strength, n
CREATE (a:Account {id: id, first_seen_at: datetime(), last_seen_at: datetime()})
CREATE (a)-[:MEMBER_OF {
  ring_id: r.id, account_id: id, role: CASE n % 4 WHEN 0 THEN 'peripheral' ELSE 'core' END,
  strength: strength, rank: 0.0 - strength, because_kinds: ['device'], because_values: ['d'],
  joined_because: 'shares a device'
}]->(r)"""
PLAIN: Final = """
MATCH (a:Account)-[m:MEMBER_OF]->(r:Ring {id: 'large'})
WITH a.id AS account_id, m,
     CASE $order WHEN 'strength' THEN toFloat(-m.strength) ELSE 0.0 END AS rank
WHERE rank > $rank OR (rank = $rank AND account_id > $id)
RETURN account_id, rank, m.role, m.strength, m.because_kinds, m.because_values, m.joined_because
ORDER BY rank, account_id
LIMIT $limit"""


class Ways:
    """Both ways to one page, over connections of their own."""

    def __init__(self, graph: Graph, driver: AsyncDriver) -> None:
        self._graph = graph
        self._driver = driver

    async def ours(self, by: MemberOrderBy, after: RankAndId, limit: int) -> list[RankAndId]:
        found = await page_members(
            self._graph, ["large"], order=MemberOrder(by), after=after, limit=limit
        )
        return [(one.rank, one.account_id) for one, _ in found["large"]]

    async def plain(self, by: MemberOrderBy, after: RankAndId, limit: int) -> list[RankAndId]:
        asked: dict[str, Any] = {"order": by, "rank": after[0], "id": after[1], "limit": limit}
        result = await self._driver.execute_query(PLAIN, asked)
        return [(record["rank"], record["account_id"]) for record in result.records]

    async def build(self, accounts: int) -> None:
        for first in range(0, accounts, 5_000):
            last = min(first + 5_000, accounts) - 1
            await self._driver.execute_query(BUILD, {"first": first, "last": last})


async def compare_pages(ways: Ways, *, accounts: int, pages: int) -> list[Row]:
    """Both ways at both places, and ours at the end beside ours at the start, for each order."""
    await ways.build(accounts)
    rows = []
    for by in MemberOrderBy:
        deep = (await ways.plain(by, FIRST, accounts - FROM_END))[-1]
        first_ms, first_sorted_ms = await _p50s(ways, by, FIRST, pages)
        deep_ms, deep_sorted_ms = await _p50s(ways, by, deep, pages)
        at_end, unit = f"by {by}, after {accounts - FROM_END:,}", "ms a page"
        rows += [
            at_most(f"by {by}, first page", ours=first_ms, plain=first_sorted_ms, unit=unit),
            at_most(at_end, ours=deep_ms, plain=deep_sorted_ms, unit=unit),
            at_most(
                f"{at_end}; plain: our first page", ours=deep_ms, plain=first_ms, unit=unit, bar=BAR
            ),
        ]
    return rows


async def _p50s(ways: Ways, by: MemberOrderBy, after: RankAndId, pages: int) -> tuple[float, float]:
    """Medians of both ways in milliseconds, taken in turns, once the pages are equal."""
    if await ways.ours(by, after, PAGE) != await ways.plain(by, after, PAGE):
        raise AssertionError(f"the pages after {after} differ")
    took: dict[Any, list[float]] = {ways.ours: [], ways.plain: []}
    for _ in range(WARM_UP + pages):
        for way, taken in took.items():
            started = perf_counter()
            await way(by, after, PAGE)
            taken.append((perf_counter() - started) * 1_000)
    ours, plain = (median(taken[WARM_UP:]) for taken in took.values())
    return ours, plain


async def report(*, accounts: int, pages: int) -> list[Row]:
    """All figures, on a Neo4j of their own."""
    with (
        TemporaryDirectory() as home,
        embedded.start(Path(home), Settings().cache, bound=True) as server,
    ):
        auth = (server.user, server.password)
        async with (
            AsyncGraphDatabase.driver(server.uri, auth=auth) as driver,
            Graph.connect(server.uri, *auth) as graph,
        ):
            await migrate(graph)
            return await compare_pages(Ways(graph, driver), accounts=accounts, pages=pages)


def main() -> None:
    """Build the ring, page it both ways and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    configure_logs(json=False, level="WARNING")
    rows = asyncio.run(report(accounts=options.accounts, pages=options.pages))
    print_report("member pages", rows, as_json=options.json)


if __name__ == "__main__":
    main()
