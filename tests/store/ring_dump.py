"""All that the graph holds of rings, for tests that compare it as a whole."""

from typing import Any

from neo4j import AsyncGraphDatabase
from tests.conftest import Neo4jServer

NODES = """
MATCH (n:Ring|Operation|Evidence|RingEvent|Verdict)
RETURN labels(n) AS labels, properties(n) AS properties
"""
LINKS = """
MATCH (a)-[m:MEMBER_OF|WAS_MEMBER_OF|HAS_EVIDENCE|PART_OF|FOUND|HAS_EVENT|MERGED_INTO|ON|HOLDS_FOR]
->(b)
RETURN type(m) AS type, a.id AS from,
       coalesce(b.id, b.kind + ' ' + coalesce(b.value, b.run_id)) AS to,
       properties(m) AS properties
"""
RUNS = "MATCH (run:DetectionRun) RETURN properties(run) AS run ORDER BY run.started_at, run.id"


async def ring_dump(server: Neo4jServer) -> list[str]:
    """Rings, operations, evidence and what ties them, with every property, sorted."""
    nodes = await query(server, NODES)
    links = await query(server, LINKS)
    for row in nodes + links:
        row["properties"] = sorted(row["properties"].items())
    return sorted(str(sorted(row.items(), key=str)) for row in nodes + links)


async def detection_runs(server: Neo4jServer) -> list[dict[str, Any]]:
    """All runs, the oldest first."""
    return [row["run"] for row in await query(server, RUNS)]


async def memberships(server: Neo4jServer) -> dict[str, set[str]]:
    """Account ids by ring id."""
    rows = await query(
        server,
        "MATCH (a:Account)-[:MEMBER_OF]->(r:Ring) RETURN r.id AS ring, collect(a.id) AS accounts",
    )
    return {row["ring"]: set(row["accounts"]) for row in rows}


async def query(server: Neo4jServer, text: str, **parameters: object) -> list[dict[str, Any]]:
    """Rows of any statement."""
    async with AsyncGraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        result = await driver.execute_query(text, parameters)
        return [record.data() for record in result.records]
