"""Benchmarks, run small: that they run and compare equals, not what they measure."""

from pathlib import Path

from neo4j import AsyncGraphDatabase
from ringfence.store.graph import AT_ONCE, Graph
from tests.conftest import Neo4jServer
from tests.scale.clients import analyst_questions, ask_server, create_keys, load_world, rows_of
from tests.scale.member_pages import Ways, compare_pages
from tests.scale.screening import measure as measure_screening
from tests.scale.served import served


async def test_forty_clients_at_once_meet_no_error(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    await load_world(graph, accounts=500)
    questions = await analyst_questions(graph)
    keys = await create_keys(graph, 40)
    address = (neo4j_server.uri, neo4j_server.user, neo4j_server.password)

    with served(*address, tmp_path / "server.log") as server:
        outcome = await ask_server(server, keys, questions, seconds=3)

    assert outcome.errors == {}
    assert outcome.requests >= 40
    assert set(outcome.took_ms) == {question.name for question in questions}
    assert 0 < max(one.bolt_connections for one in outcome.samples) <= AT_ONCE
    told = {row.what.partition(";")[0]: row.met for row in rows_of(outcome, clients=40)}
    assert told["errors"] is True


async def test_pages_of_members_are_equal_both_ways(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    auth = (neo4j_server.user, neo4j_server.password)

    async with AsyncGraphDatabase.driver(neo4j_server.uri, auth=auth) as driver:
        rows = await compare_pages(Ways(graph, driver), accounts=300, pages=3)

    assert [row.unit for row in rows] == ["ms a page"] * 6


def test_sign_up_checks_are_built_opened_asked_and_served() -> None:
    rows = measure_screening(accounts=3_000, requests=400)

    assert [row.unit for row in rows if "HTTP" in row.what] == ["requests/s", "ms", "ms"] * 2
    assert all(row.ours > 0 for row in rows)
