"""The log of sign-up checks through GraphQL: who may read it, and who may say what came of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from ringfence.domain.access import Scope
from ringfence.domain.changes import Change, ChangeTopic
from ringfence.domain.screening_log import LoggedScreening
from ringfence.domain.screenings import Decision, Screening
from ringfence.store.graph import Graph
from ringfence.store.screenings import save_screenings
from ringfence.usecases.api_keys import create_key
from ringfence.usecases.audit import read_log
from tests.api.live import API_KEY, LiveApi
from tests.api.small_graph import Writer, write_small_graph
from tests.api.test_live import follow, next_change, receive, ring, say, socket_to
from tests.conftest import Neo4jServer
from tests.store.drawn_screenings import ADDRESS, CARD, EMAIL, screening

WHOLE = """query ($id: ID!) { screening(id: $id) {
    id screeningId at decision score modelVersion tookMs failMode degraded
    attempt { attemptId accountId email ip deviceId userAgent country plan
        instrument { instrumentId bin funding country } identifiers { kind value } }
    account { accountId } reasons { code weight text }
    ruling { decision intended policyId policyVersion reasons { code } }
    shadows { decision policyId policyVersion }
    touched { ringId likelihood score grade tier state size ring { ringId size } }
    links { kind value members others weight }
    reEntry { ringId likelihood generation matched { kind value } ring { state } }
    bursts { kind value windowS count limit }
    counterfactuals { without { kind value } decision text } outcome { outcome } } }"""
LIST = """query ($filter: ScreeningFilter, $first: Int! = 2, $after: String) {
    screenings(first: $first, after: $after, filter: $filter) {
        totalCount nodes { screeningId } pageInfo { hasNextPage endCursor } } }"""
REPORT = """mutation ($input: ReportOutcomeInput!) { reportOutcome(input: $input) { __typename
    ... on OutcomeReported { screening { screeningId outcome { outcome by note } } }
    ... on OutcomeRefused { code message } } }"""


@pytest.fixture
async def graph(neo4j_server: Neo4jServer, writer: Writer) -> AsyncIterator[Graph]:
    """The small graph with a log of four sign-up checks."""
    write_small_graph(writer)
    writer.run("MATCH (n:SmallGraph) REMOVE n:SmallGraph")
    async with Graph.connect(neo4j_server.uri, neo4j_server.user, neo4j_server.password) as graph:
        await log(
            graph,
            screening("s1", account_id="acct_1"),
            screening("s2", minutes=1, account_id="acct_1", decision=Decision.BLOCK),
            screening("s3", minutes=2, ring_id="ring_a", decision=Decision.CHALLENGE),
            screening("s4", minutes=3, account_id="yet to come", degraded="no_index"),
        )
        yield graph


async def log(graph: Graph, *answers: Screening) -> None:
    await save_screenings(graph, [LoggedScreening(answer) for answer in answers])


def ask(api: LiveApi, query: str, key: str, **variables: object) -> httpx.Response:
    """An answer to who gives no reason to see personal data."""
    told = {"query": query, "variables": variables}
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.post(f"{api.url}/graphql", json=told, headers=headers)


def listed(api: LiveApi, **wanted: object) -> list[str]:
    found = api.ask(LIST, filter=wanted, first=9)["screenings"]
    assert found["totalCount"] == len(found["nodes"])
    return [node["screeningId"] for node in found["nodes"]]


@pytest.mark.usefixtures("graph")
def test_answer_is_told_whole(api: LiveApi) -> None:
    told = api.ask(WHOLE, id="s3")["screening"]

    again = api.ask(
        "query ($id: ID!) { node(id: $id) { ... on Screening { screeningId } } }", id=told["id"]
    )
    assert again["node"] == {"screeningId": "s3"}
    del told["id"]
    device = {"kind": "device", "value": "dev_1"}
    assert told == {
        "screeningId": "s3",
        "at": "2026-05-01T12:02:00+00:00",
        "decision": "CHALLENGE",
        "score": 0.75,
        "modelVersion": "model_7",
        "tookMs": 1.25,
        "failMode": "OPEN",
        "degraded": None,
        "attempt": {
            "attemptId": "attempt of s3",
            "accountId": None,
            "email": EMAIL.value,
            "ip": ADDRESS.value,
            "deviceId": "dev_1",
            "userAgent": "curl/8",
            "country": "FR",
            "plan": "free",
            "instrument": {
                "instrumentId": CARD.value,
                "bin": "411111",
                "funding": "prepaid",
                "country": "FR",
            },
            "identifiers": [
                device,
                {"kind": "email", "value": EMAIL.value},
                {"kind": "ip", "value": ADDRESS.value},
                {"kind": "payment_instrument", "value": CARD.value},
            ],
        },
        "account": None,
        "reasons": [
            {
                "code": "shared_device",
                "weight": 3.5,
                "text": "3 members of the ring share the device",
            }
        ],
        "ruling": {
            "decision": "CHALLENGE",
            "intended": "BLOCK",
            "policyId": "careful",
            "policyVersion": 3,
            "reasons": [{"code": "ring_auto"}],
        },
        "shadows": [{"decision": "REVIEW", "policyId": "mild", "policyVersion": 1}],
        "touched": {
            "ringId": "ring_a",
            "likelihood": 0.75,
            "score": 0.98,
            "grade": "CONCLUSIVE",
            "tier": "AUTO",
            "state": "OPEN",
            "size": 5,
            "ring": {"ringId": "ring_a", "size": 5},
        },
        "links": [
            device | {"members": 3, "others": 1, "weight": 3.5},
            {
                "kind": "payment_instrument",
                "value": CARD.value,
                "members": 1,
                "others": 0,
                "weight": 2.5,
            },
        ],
        "reEntry": {
            "ringId": "ring_gone",
            "likelihood": "LIKELY",
            "generation": 2,
            "matched": [{"kind": "payment_instrument", "value": CARD.value}],
            "ring": {"state": "CLOSED"},
        },
        "bursts": [{"kind": "ip", "value": ADDRESS.value, "windowS": 3600, "count": 9, "limit": 5}],
        "counterfactuals": [
            {"without": device, "decision": "ALLOW", "text": "Without the device: allow."}
        ],
        "outcome": None,
    }


@pytest.mark.usefixtures("graph")
def test_unknown_screening_is_null(api: LiveApi) -> None:
    assert api.ask(WHOLE, id="nowhere") == {"screening": None}


@pytest.mark.usefixtures("graph")
def test_personal_data_is_masked_without_a_reason(api: LiveApi) -> None:
    answer = ask(api, WHOLE, API_KEY, id="s3")

    attempt = answer.json()["data"]["screening"]["attempt"]
    assert (attempt["email"], attempt["ip"]) == ("ma…@mailhub.example", "203.0.113.…")
    assert attempt["instrument"]["instrumentId"] == "card_1a…"
    assert not [one for one in (EMAIL, ADDRESS, CARD) if one.value in answer.text]


async def test_each_look_at_personal_data_is_recorded(api: LiveApi, graph: Graph) -> None:
    api.ask(WHOLE, id="s3")

    (entry,) = [entry async for entry in read_log(graph)]

    assert entry.action == "personal_data_revealed"
    assert [kind in entry.detail for kind in ("email", "ip", "payment_instrument")] == [True] * 3
    assert not [one for one in (EMAIL, ADDRESS, CARD) if one.value in entry.detail]


@pytest.mark.usefixtures("graph")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, ["s4", "s3", "s2", "s1"]),
        ({"decision": ["BLOCK", "CHALLENGE"]}, ["s3", "s2"]),
        ({"ringId": "ring_a"}, ["s3"]),
        ({"accountId": "acct_1", "decision": ["ALLOW"]}, ["s1"]),
        ({"attemptId": "attempt of s2"}, ["s2"]),
        ({"degraded": True}, ["s4"]),
        ({"outcome": ["FRAUD"]}, []),
        ({"policyId": "careful", "policyVersion": 3}, ["s4", "s3", "s2", "s1"]),
        ({"since": "2026-05-01T12:01:00Z", "until": "2026-05-01T14:03:00+02:00"}, ["s3", "s2"]),
    ],
    ids=str,
)
def test_log_is_narrowed(api: LiveApi, wanted: dict[str, Any], expected: list[str]) -> None:
    assert listed(api, **wanted) == expected


@pytest.mark.usefixtures("graph")
def test_moment_without_a_zone_is_refused(api: LiveApi) -> None:
    error = api.refused(LIST, filter={"since": "2026-05-01T12:01:00"})

    assert error["message"].startswith("`since` is 2026-05-01T12:01:00; expected a zone")


@pytest.mark.usefixtures("graph")
def test_log_is_read_page_by_page(api: LiveApi) -> None:
    page = api.ask(LIST)["screenings"]
    rest = api.ask(LIST, after=page["pageInfo"]["endCursor"])["screenings"]

    assert [node["screeningId"] for node in page["nodes"] + rest["nodes"]] == [
        "s4",
        "s3",
        "s2",
        "s1",
    ]
    assert (page["totalCount"], rest["pageInfo"]["hasNextPage"]) == (4, False)


@pytest.mark.usefixtures("graph")
def test_account_and_ring_list_their_screenings_in_one_statement(api: LiveApi) -> None:
    api.graph.statements.clear()

    told = api.ask(
        """{ account(id: "acct_1") { screenings(first: 1) { totalCount nodes {
                screeningId account { accountId } } } }
            rings(first: 9) { nodes { ringId screenings(first: 5) { nodes { screeningId } } } } }"""
    )

    assert told["account"]["screenings"] == {
        "totalCount": 2,
        "nodes": [{"screeningId": "s2", "account": {"accountId": "acct_1"}}],
    }
    assert {
        ring["ringId"]: [one["screeningId"] for one in ring["screenings"]["nodes"]]
        for ring in told["rings"]["nodes"]
    } == {"ring_a": ["s3"], "ring_b": []}
    assert api.graph.statements.count("screenings/page_of_rings") == 1


async def test_last_outcome_holds_and_the_former_is_in_the_audit_log(
    api: LiveApi, graph: Graph
) -> None:
    first = api.ask(REPORT, input={"screeningId": "s2", "outcome": "HONEST", "note": " a visit "})
    whole = api.ask(WHOLE, id="s2")["screening"]
    second = api.ask(REPORT, input={"screeningId": whole["id"], "outcome": "FRAUD"})

    assert first["reportOutcome"]["screening"] == {
        "screeningId": "s2",
        "outcome": {"outcome": "HONEST", "by": "root", "note": "a visit"},
    }
    assert second["reportOutcome"]["screening"]["outcome"] == {
        "outcome": "FRAUD",
        "by": "root",
        "note": None,
    }
    assert listed(api, outcome=["FRAUD"]) == ["s2"]
    said = [
        (entry.actor, entry.subject, entry.detail)
        async for entry in read_log(graph)
        if entry.action == "outcome_reported"
    ]
    assert said == [
        ("root", "s2", '{"former":null,"outcome":"honest"}'),
        ("root", "s2", '{"former":"honest","outcome":"fraud"}'),
    ]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"screeningId": "nowhere", "outcome": "FRAUD"}, "NOT_FOUND"),
        ({"screeningId": "s2", "outcome": "FRAUD", "note": " "}, "INVALID_INPUT"),
        ({"screeningId": "s2", "outcome": "FRAUD", "note": "x" * 2_001}, "INVALID_INPUT"),
    ],
)
async def test_outcome_that_is_none_is_refused_and_changes_nothing(
    api: LiveApi, graph: Graph, asked: dict[str, str], code: str
) -> None:
    refused = api.ask(REPORT, input=asked)["reportOutcome"]

    assert (refused["__typename"], refused["code"]) == ("OutcomeRefused", code)
    assert api.ask(WHOLE, id="s2")["screening"]["outcome"] is None
    assert "outcome_reported" not in [entry.action async for entry in read_log(graph)]


async def test_outcome_needs_the_scope_of_screening(api: LiveApi, graph: Graph) -> None:
    scopes = frozenset({Scope.READ, Scope.VERDICT})
    _, key = await create_key(graph, "k", scopes, now=datetime.now(UTC), by="ana")
    asked = {"screeningId": "s2", "outcome": "FRAUD"}

    answer = ask(api, REPORT, key, input=asked)

    assert answer.json()["errors"][0]["extensions"] == {"code": "not_permitted"}
    assert "`screening`" in answer.json()["errors"][0]["message"]


async def test_who_follows_rings_hears_nothing_of_screenings(api: LiveApi, graph: Graph) -> None:
    async with socket_to(api) as socket:
        await follow(socket)
        await asyncio.sleep(1.0)
        await log(graph, screening("s5", ring_id="ring_a"))
        await say(graph, ring("grew"))
        await log(graph, screening("s6", ring_id="ring_a"))
        await say(graph, ring("shrank"))

        heard = [await next_change(socket) for _ in range(2)]

    assert [change["kind"] for change in heard] == ["GREW", "SHRANK"]


async def test_who_follows_runs_hears_nothing_of_screenings(api: LiveApi, graph: Graph) -> None:
    async with socket_to(api) as socket:
        await socket.send('{"type": "connection_init"}')
        assert (await receive(socket))["type"] == "connection_ack"
        payload = '{"query": "subscription { runFinished { runId } }"}'
        await socket.send(f'{{"id": "1", "type": "subscribe", "payload": {payload}}}')
        await asyncio.sleep(1.0)
        await log(graph, screening("s5"))
        await say(graph, Change(ChangeTopic.RUN, "finished", "run_9", "run_9"))

        told = await receive(socket)

    assert told["payload"]["data"] == {"runFinished": {"runId": "run_9"}}
