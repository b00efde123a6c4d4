"""Benchmarks, run small: that they run and compare equals, not what they measure."""

import os
from pathlib import Path

import pytest

from neo4j import AsyncGraphDatabase
from ringfence.store.graph import AT_ONCE, Graph
from tests.conftest import Neo4jServer
from tests.scale.bulk import measure as measure_bulk
from tests.scale.clients import analyst_questions, ask_server, create_keys, load_world, rows_of
from tests.scale.detect import measure as measure_detect
from tests.scale.growth import BEGIN, END, table_of, write_into
from tests.scale.growth import measure as measure_growth
from tests.scale.growth import rows_of as growth_rows
from tests.scale.ingest import compare_rates
from tests.scale.kafka import measure as measure_kafka
from tests.scale.member_pages import Ways, compare_pages
from tests.scale.read import measure as measure_read
from tests.scale.rerun import measure as measure_rerun
from tests.scale.screening import measure as measure_screening
from tests.scale.served import served
from tests.scale.soak import EVENTS, soak
from tests.scale.soak import Plan as SoakPlan
from tests.scale.soak import rows_of as soak_rows
from tests.scale.takedown import measure as measure_takedown


def user_of(server: Neo4jServer) -> tuple[str, str]:
    """Name and password."""
    return server.user, server.password


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
    async with AsyncGraphDatabase.driver(neo4j_server.uri, auth=user_of(neo4j_server)) as driver:
        rows = await compare_pages(Ways(graph, driver), accounts=300, pages=3)

    assert [row.unit for row in rows] == ["ms a page"] * 6


def test_sign_up_checks_are_built_opened_asked_and_served() -> None:
    rows = measure_screening(accounts=3_000, requests=400)

    assert [row.unit for row in rows if "HTTP" in row.what] == ["requests/s", "ms", "ms"] * 2
    assert all(row.ours > 0 for row in rows)


async def test_both_ways_of_loading_events_are_timed(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    async with AsyncGraphDatabase.driver(neo4j_server.uri, auth=user_of(neo4j_server)) as driver:
        connections = (graph, driver)
        row = await compare_rates(tmp_path, connections, connections, accounts=100, rounds=1)

    assert (row.unit, row.bar) == ("events/s", 3.0)
    assert min(row.ours, row.plain) > 0


async def test_links_are_read_the_same_both_ways(graph: Graph, neo4j_server: Neo4jServer) -> None:
    rows = await measure_read(graph, (neo4j_server.uri, *user_of(neo4j_server)), accounts=100)

    assert [(row.unit, row.bar) for row in rows] == [("links/s", 10.0), ("links/s", None)]


async def test_a_ring_is_taken_down_and_restored_both_ways(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    async with AsyncGraphDatabase.driver(neo4j_server.uri, auth=user_of(neo4j_server)) as driver:
        rows = await measure_takedown(graph, driver, accounts=200)

    assert all(min(row.ours, row.plain) > 0 for row in rows if row.unit == "s")


@pytest.mark.slow
async def test_soak_meets_no_error_and_undoes_its_takedown(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    await load_world(graph, accounts=1_000)
    address = (neo4j_server.uri, neo4j_server.user, neo4j_server.password)
    plan = SoakPlan(seconds=20, detect_every_s=30, takedown_every_s=10)

    met = await soak(address, os.getpid(), tmp_path / "server.log", plan)

    assert met.errors == {}
    assert set(met.took_ms) >= {"events", "sign-up check", "any question", "detection"}
    assert met.done["events loaded"] == len(met.took_ms["events"]) * EVENTS > 0
    assert met.done["takedowns refused"] + len(met.took_ms["takedown and undo"]) >= 1
    assert [row.met for row in soak_rows(met) if row.what.startswith("errors")] == [True]


@pytest.mark.slow
async def test_bulk_load_and_normal_load_end_with_the_same_accounts(
    jar_cache: Path, tmp_path: Path
) -> None:
    rows = await measure_bulk(tmp_path, accounts=200)

    assert [row.unit for row in rows] == ["events/s"] * 4
    assert all(row.ours > 0 for row in rows)


@pytest.mark.slow
async def test_members_of_a_group_leave_the_graph_that_a_file_leaves(
    jar_cache: Path, tmp_path: Path
) -> None:
    rows = await measure_kafka(tmp_path, accounts=200, rounds=1)

    assert [row.unit for row in rows] == ["events/s", "CPU s", "events/s", "events/s"]
    assert all(row.ours > 0 for row in rows)


async def test_detection_after_few_changes_finds_the_same_rings(
    graph: Graph, tmp_path: Path
) -> None:
    rows = await measure_rerun(graph, tmp_path, 500)

    assert [row.unit for row in rows] == ["s", "links", *["s"] * 5]
    assert all(row.ours > 0 for row in rows)


def test_growth_is_measured_and_written_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}old\n{END}after\n", encoding="utf-8")

    sizes = measure_growth([300, 600])
    write_into(page, table_of(sizes))

    assert [size.accounts for size in sizes] == [300, 600]
    assert [row.bar for row in growth_rows(sizes)] == [1.2] * 6
    told = page.read_text(encoding="utf-8")
    assert told.startswith(f"before\n{BEGIN}Measured on ")
    assert told.endswith(f"{END}after\n")
    assert "old" not in told


def test_detection_is_measured_beside_plain_leiden() -> None:
    rows = measure_detect(600)

    assert [row.unit for row in rows] == ["CPU s", "MiB"]
    assert all(row.plain > 0 for row in rows)
