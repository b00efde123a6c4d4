"""Actions told to those who ask, and their receipts, through the real door."""

import asyncio
import re
from typing import Any

import pytest

from ringfence.api.graphql.schema import build_schema
from ringfence.domain.takedowns import ActionKind
from tests.api.live import LiveApi
from tests.api.small_graph import Writer
from tests.conftest import Neo4jServer, connect
from tests.receiver import write_actions

RECEIPTS = "/v1/takedowns/td_1/receipts"


@pytest.fixture
def acted(writer: Writer, neo4j_server: Neo4jServer) -> Writer:
    """A takedown of 25 accounts, and the undoing of the first."""
    ids = [f"acct_{n:02}" for n in range(25)]
    writer.run(
        "CREATE (t:Takedown {id: 'td_1'}) WITH t UNWIND $ids AS id CREATE (a:Account {id: id}) "
        "CREATE (t)-[:TARGETS {takedown_id: 'td_1', account_id: id, state: 'acted'}]->(a)",
        ids=ids,
    )

    async def act() -> None:
        async with connect(neo4j_server) as graph:
            await write_actions(graph, ids)
            await write_actions(graph, ids[:1], kind=ActionKind.REVERT)

    asyncio.run(act())
    return writer


def page(api: LiveApi, **asked: int) -> dict[str, Any]:
    answer = api.client.get("/v1/actions", params=asked)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.usefixtures("acted")
def test_actions_are_told_page_by_page_until_there_are_none(api: LiveApi) -> None:
    seen: list[int] = []
    after = 0
    while True:
        told = page(api, after=after, limit=10)
        if not told["actions"]:
            break
        seen += [action["seq"] for action in told["actions"]]
        after = told["next_after"]

    assert seen == [*range(1, 27)]
    assert page(api, after=26) == {"actions": [], "next_after": 26}
    assert page(api, after=25)["actions"] == [
        {
            "id": "td_1.26",
            "seq": 26,
            "kind": "revert",
            "account_id": "acct_00",
            "takedown_id": "td_1",
            "ring_id": "ring_1",
            "standing": "active",
            "previous_standing": "suspended",
            "reason": "fake accounts",
            "at": "2026-06-01T12:00:00.250Z",
            "expires_at": None,
        }
    ]


@pytest.mark.parametrize(
    "asked", [{"after": -1}, {"after": 2**63}, {"limit": 0}, {"limit": 1_001}], ids=str
)
def test_number_out_of_range_is_refused(api: LiveApi, asked: dict[str, int]) -> None:
    answer = api.client.get("/v1/actions", params=asked)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


@pytest.mark.usefixtures("acted")
def test_each_receipt_is_answered(api: LiveApi) -> None:
    receipts = [
        {"account_id": "acct_00", "outcome": "done"},
        {"action_id": "td_1.2", "outcome": "failed", "reason": "no such customer"},
        {"account_id": "nobody", "outcome": "done"},
        {"action_id": "td_1.1", "outcome": "done"},
        {"account_id": "acct_03", "action_id": "td_1.4", "outcome": "done"},
        {"account_id": "acct_03"},
        {"account_id": "acct_03", "outcome": "perhaps"},
        {"account_id": "", "outcome": "done"},
        {"account_id": "acct_03", "outcome": "failed", "reason": "x" * 501},
        7,
    ]

    told = api.client.post(RECEIPTS, json={"receipts": receipts}).json()

    assert [one["outcome"] for one in told["items"]] == [
        "recorded",
        "recorded",
        "unknown",
        "superseded",
        *["rejected"] * 6,
    ]
    assert {name: told[name] for name in told if name != "items"} == {
        "recorded": 2,
        "unchanged": 0,
        "superseded": 1,
        "unknown": 1,
        "rejected": 6,
    }
    assert told["items"][4]["reason"] == "expected `account_id` or `action_id`, one of the two"


@pytest.mark.usefixtures("acted")
def test_five_thousand_receipts_are_taken_and_one_more_is_not(api: LiveApi) -> None:
    one = {"account_id": f"{'stranger' * 12}", "outcome": "failed", "reason": "no such customer"}

    taken = api.client.post(RECEIPTS, json={"receipts": [one] * 5_000})
    refused = api.client.post(RECEIPTS, json={"receipts": [one] * 5_001})

    assert (taken.status_code, taken.json()["unknown"]) == (200, 5_000)
    assert (refused.status_code, refused.json()["code"]) == (429, "limit_exceeded")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"receipts": {}}', b'{"receipts": [', b"\xff"]
)
def test_body_of_another_form_is_refused(api: LiveApi, body: bytes) -> None:
    answer = api.client.post(RECEIPTS, content=body)

    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


@pytest.mark.usefixtures("writer")
def test_receipts_for_no_takedown_are_not_taken(api: LiveApi) -> None:
    receipts = {"receipts": [{"account_id": "a", "outcome": "done"}]}

    answer = api.client.post("/v1/takedowns/td_9/receipts", json=receipts)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_bodies_at_other_doors_may_be_no_larger_than_before(api: LiveApi) -> None:
    large = b" " * (256 * 1024 + 1)

    answer = api.client.post("/v1/takedowns/td_1/else", content=large)
    taken = api.client.post(RECEIPTS, content=large)

    assert (answer.status_code, taken.status_code) == (413, 400)


def test_graphql_knows_nothing_of_webhooks_and_their_secrets() -> None:
    schema = build_schema(introspection=True).as_str()

    assert not re.search("webhook|secret|whsec", schema, re.IGNORECASE)
