import json
from datetime import UTC, datetime, timedelta

import pytest

from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.graph import Graph
from tests.cli.conftest import Ask
from tests.conftest import Neo4jServer
from tests.store.ring_dump import memberships


@pytest.fixture
async def ring_id(farms: Graph, ask: Ask, neo4j_server: Neo4jServer) -> str:
    """The larger of two rings that a run found."""
    assert (await farms.read("graph/count"))[0]["accounts"] == 250
    await ask("detect", "--json")
    sizes = {name: len(accounts) for name, accounts in (await memberships(neo4j_server)).items()}
    return max(sizes, key=lambda name: sizes[name])


@pytest.mark.usefixtures("ring_id")
async def test_list_holds_those_of_a_tier_in_an_order(ask: Ask, neo4j_server: Neo4jServer) -> None:
    listed = json.loads((await ask("rings", "list", "--json")).stdout)
    by_size = json.loads((await ask("rings", "list", "--json", "--order", "size")).stdout)
    tier = listed[0]["tier"]
    of_tier = json.loads((await ask("rings", "list", "--json", "--tier", tier)).stdout)
    one = json.loads((await ask("rings", "list", "--json", "--limit", "1")).stdout)

    scores = [ring["score"] for ring in listed]
    sizes = [ring["size"] for ring in by_size]
    assert {ring["id"] for ring in listed} == set(await memberships(neo4j_server))
    assert scores == sorted(scores, reverse=True)
    assert sizes == sorted(sizes, reverse=True) == [30, 20]
    assert of_tier == [ring for ring in listed if ring["tier"] == tier]
    assert one == listed[:1]


async def test_rings_alone_lists_them_for_people(ask: Ask, ring_id: str) -> None:
    told = await ask("rings")

    assert told.exit_code == 0
    assert ring_id in told.stdout


async def test_list_of_a_moment_before_the_first_run_is_empty(ask: Ask, ring_id: str) -> None:
    before = (datetime.now(UTC) - timedelta(days=1)).isoformat()

    told = await ask("rings", "list", "--as-of", before, "--json")
    gone = await ask("rings", "show", ring_id, "--as-of", before)

    assert json.loads(told.stdout) == []
    assert isinstance(gone.exception, NotFound)


async def test_show_tells_all_of_a_ring(ask: Ask, ring_id: str) -> None:
    told = json.loads((await ask("rings", "show", ring_id, "--limit", "3", "--json")).stdout)
    for_people = (await ask("rings", "show", ring_id)).stdout

    assert (told["ring"]["id"], told["ring"]["size"]) == (ring_id, 30)
    assert len(told["members"]) == len(told["evidence"]) == 3
    assert set(told["evidence"][0]["key"]) == {"kind", "value"}
    assert [event["event"]["kind"] for event in told["events"]] == ["born"]
    assert told["verdicts"] == []
    assert ring_id in for_people
    assert "30 accounts" in for_people
    assert told["ring"]["reasons"][0]["text"].split()[0] in for_people


async def test_verdicts_are_given_shown_and_told_in_the_lineage(ask: Ask, ring_id: str) -> None:
    first = await ask("rings", "dismiss", ring_id, "--reason", "one class", "--by", "ana")
    second = await ask("rings", "confirm", ring_id, "--reason", "stolen cards", "--by", "bo")

    lineage = json.loads((await ask("rings", "lineage", ring_id, "--json")).stdout)
    shown = json.loads((await ask("rings", "show", ring_id, "--json")).stdout)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert f"Ring {ring_id} is dismissed by ana." in " ".join(first.stdout.split())
    assert [one["event"]["kind"] for one in lineage] == ["born", "dismissed", "confirmed"]
    assert [(one["by"], one["reason"]) for one in shown["verdicts"]] == [
        ("bo", "stolen cards"),
        ("ana", "one class"),
    ]
    assert "stolen cards" in (await ask("rings", "show", ring_id)).stdout


async def test_verdict_that_is_not_allowed_is_refused(ask: Ask, ring_id: str) -> None:
    await ask("rings", "confirm", ring_id, "--reason", "seen")

    again = await ask("rings", "confirm", ring_id, "--reason", "seen")
    empty = await ask("rings", "dismiss", ring_id, "--reason", " ")
    unknown = await ask("rings", "dismiss", "ring_none", "--reason", "seen")

    assert isinstance(again.exception, Conflict)
    assert str(again.exception).endswith("From there it can be: dismissed.")
    assert isinstance(empty.exception, InvalidInput)
    assert isinstance(unknown.exception, NotFound)
    listed = json.loads((await ask("rings", "list", "--state", "confirmed", "--json")).stdout)
    assert [ring["id"] for ring in listed] == [ring_id]


async def test_id_of_a_merged_ring_is_taken_everywhere(
    ask: Ask, farms: Graph, ring_id: str, neo4j_server: Neo4jServer
) -> None:
    await farms.run_schema(
        f"MATCH (r:Ring {{id: '{ring_id}'}}) CREATE (:Ring {{id: 'ring_old', state: 'closed'}})"
        "-[:MERGED_INTO {at: datetime()}]->(r)"
    )

    shown = json.loads((await ask("rings", "show", "ring_old", "--json")).stdout)
    lineage = json.loads((await ask("rings", "lineage", "ring_old", "--json")).stdout)
    exported = (await ask("export", "rings", "--ring", "ring_old")).stdout.splitlines()[1:]
    judged = json.loads(
        (await ask("rings", "dismiss", "ring_old", "--reason", "seen", "--json")).stdout
    )

    assert len(exported) == 30
    assert {line.split(",")[1] for line in exported} == {ring_id}
    assert (shown["ring"]["id"], shown["ring"]["aliases"]) == (ring_id, ["ring_old"])
    assert [one["event"]["kind"] for one in lineage] == ["born"]
    assert judged["ring_id"] == ring_id
    assert set(await memberships(neo4j_server)) >= {ring_id}
