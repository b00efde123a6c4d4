"""Personal data is masked unless it may be seen and a reason is given; each look is recorded."""

from base64 import b64decode
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest

from ringfence.domain.access import Scope
from ringfence.errors import GraphUnavailable
from ringfence.store.graph import Graph
from ringfence.usecases.api_keys import create_key
from ringfence.usecases.audit import read_log, verify
from tests.api.live import API_KEY, LiveApi
from tests.api.small_graph import Writer

REASON = "X-Reveal-Reason"
EMAIL, ADDRESS, CARD, DEVICE = "maria@mailhub.example", "203.0.113.77", "card_1a2b3c", "dev_1"
MASKED = {"device": DEVICE, "ip": "203.0.113.…", "payment_instrument": "card_1a…"}
FULL = {"device": DEVICE, "ip": ADDRESS, "payment_instrument": CARD}
QUERY = """{ account(id: "a") { email links(first: 9) {
    edges { cursor } nodes { identifier { id kind value } } } } }"""


@pytest.fixture
def maria(writer: Writer) -> None:
    writer.accounts({"id": "a", "email": EMAIL}, {"id": "b", "email": "b@mailhub.example"})
    writer.links("device", DEVICE, "a")
    writer.links("ip", ADDRESS, "a", "b")
    writer.links("payment_instrument", CARD, "a", "b")


def ask(api: LiveApi, query: str, reason: str | None = None, key: str = API_KEY) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} | ({REASON: reason} if reason else {})
    return httpx.post(f"{api.url}/graphql", json={"query": query}, headers=headers)


def told(answer: httpx.Response) -> tuple[str, dict[str, str]]:
    account = answer.json()["data"]["account"]
    found = [node["identifier"] for node in account["links"]["nodes"]]
    return account["email"], {one["kind"]: one["value"] for one in found}


async def entries(graph: Graph) -> list[tuple[str, str, str, dict[str, Any]]]:
    return [
        (entry.actor, entry.action, entry.subject, orjson.loads(entry.detail))
        async for entry in read_log(graph)
    ]


@pytest.mark.usefixtures("maria")
async def test_data_is_masked_without_a_reason_even_for_root(
    api: LiveApi, open_graph: Graph
) -> None:
    answer = ask(api, QUERY)

    assert told(answer) == ("ma…@mailhub.example", MASKED)
    assert await entries(open_graph) == []


@pytest.mark.usefixtures("maria")
async def test_reason_shows_the_data_and_leaves_one_entry(api: LiveApi, open_graph: Graph) -> None:
    answer = ask(api, QUERY, reason="a charge-back of May")

    assert told(answer) == (EMAIL, FULL)
    ids = {
        node["identifier"]["kind"]: [node["identifier"]["id"]]
        for node in answer.json()["data"]["account"]["links"]["nodes"]
    }
    assert await entries(open_graph) == [
        (
            "root",
            "personal_data_revealed",
            answer.headers["x-request-id"],
            {
                "reason": "a charge-back of May",
                "kinds": {
                    "account_email": {"objects": 1, "ids": ["a"]},
                    "ip": {"objects": 1, "ids": ids["ip"]},
                    "payment_instrument": {"objects": 1, "ids": ids["payment_instrument"]},
                },
            },
        )
    ]
    assert (await verify(open_graph)).fault is None


@pytest.mark.usefixtures("maria")
async def test_reason_without_the_scope_shows_nothing(api: LiveApi, open_graph: Graph) -> None:
    scopes = frozenset(Scope) - {Scope.PERSONAL_DATA}
    _, key = await create_key(open_graph, "k", scopes, now=datetime.now(UTC), by="ana")

    answer = ask(api, QUERY, reason="curious", key=key)

    assert told(answer) == ("ma…@mailhub.example", MASKED)
    assert [action for _, action, _, _ in await entries(open_graph)] == ["key_created"]


@pytest.mark.usefixtures("maria")
async def test_nothing_is_recorded_where_nothing_personal_is_shown(
    api: LiveApi, open_graph: Graph
) -> None:
    ask(api, '{ account(id: "a") { accountId plan } }', reason="to look")

    assert await entries(open_graph) == []


@pytest.mark.parametrize("reason", ["ab", "x" * 501])
@pytest.mark.usefixtures("maria")
def test_reason_that_says_too_little_or_too_much_is_refused(api: LiveApi, reason: str) -> None:
    answer = ask(api, QUERY, reason=reason)

    assert answer.status_code == 422
    assert answer.json()["code"] == "invalid_input"
    assert EMAIL not in answer.text


@pytest.mark.usefixtures("maria")
def test_ids_and_cursors_do_not_tell_what_is_masked_and_still_lead_there(api: LiveApi) -> None:
    account = ask(api, QUERY).json()["data"]["account"]
    card = next(
        node["identifier"]["id"]
        for node in account["links"]["nodes"]
        if node["identifier"]["kind"] == "payment_instrument"
    )
    node = f"""{{ node(id: "{card}") {{ ... on Identifier {{
        value links(first: 9) {{ nodes {{ account {{ accountId }} }} }} }} }} }}"""
    cursor = account["links"]["edges"][0]["cursor"]
    rest = f"""{{ account(id: "a") {{ links(first: 9, after: "{cursor}") {{
        nodes {{ identifier {{ kind }} }} }} }} }}"""

    found = ask(api, node).json()["data"]["node"]
    after = ask(api, rest).json()["data"]["account"]["links"]["nodes"]

    assert found["value"] == "card_1a…"
    assert [one["account"]["accountId"] for one in found["links"]["nodes"]] == ["a", "b"]
    assert [one["identifier"]["kind"] for one in after] == ["ip", "payment_instrument"]
    opaque = [card, *(edge["cursor"] for edge in account["links"]["edges"])]
    for text in opaque:
        decoded = b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
        assert not [value for value in FULL.values() if value.encode() in decoded]
        inner = decoded.partition(b":")[2]
        assert CARD.encode() not in b64decode(inner + b"=" * (-len(inner) % 4), altchars=b"-_")


@pytest.mark.usefixtures("maria")
def test_full_value_still_finds_what_is_masked(api: LiveApi) -> None:
    query = f"""{{ search(term: "{CARD}", first: 1) {{ nodes {{
        ... on Identifier {{ value accounts }} }} }} }}"""

    answer = ask(api, query)

    assert answer.json()["data"]["search"]["nodes"] == [{"value": "card_1a…", "accounts": 2}]


@pytest.mark.usefixtures("maria")
def test_texts_are_masked_even_for_a_reason(api: LiveApi) -> None:
    query = '{ whyLinked(a: "a", b: "b") { text steps { text } } }'

    answer = ask(api, query, reason="to test the texts")

    assert CARD not in answer.text
    assert "card_1a…" in answer.json()["data"]["whyLinked"]["text"]


@pytest.mark.usefixtures("maria")
async def test_every_change_is_recorded_with_who_made_it(
    api: LiveApi, writer: Writer, open_graph: Graph
) -> None:
    writer.ring("r", score=0.5)
    scopes = frozenset({Scope.READ, Scope.VERDICT})
    key, text = await create_key(open_graph, "k", scopes, now=datetime.now(UTC), by="ana")
    changes = [
        'confirmRing(input: {ringId: "r", reason: "seen"})',
        'dismissRing(input: {ringId: "r", reason: "not so"})',
        'dismissRing(input: {ringId: "r", reason: "again"})',
        'addNote(input: {ringId: "r", text: "look"})',
        'assignRing(input: {ringId: "r", assignee: "bo"})',
        'saveInvestigation(input: {name: "n", document: "{ __typename }"})',
        'deleteInvestigation(investigationId: "none")',
    ]

    for change in changes:
        assert ask(api, f"mutation {{ {change} {{ __typename }} }}", key=text).status_code == 200

    recorded = [(actor, action) for actor, action, _, _ in await entries(open_graph)]
    assert recorded == [
        ("ana", "key_created"),
        (f"key_{key.id}", "ring_confirmed"),
        (f"key_{key.id}", "ring_dismissed"),
        (f"key_{key.id}", "note_added"),
        (f"key_{key.id}", "ring_assigned"),
        (f"key_{key.id}", "investigation_saved"),
    ]
    assert (await verify(open_graph)).fault is None


@pytest.mark.usefixtures("maria")
async def test_nothing_is_shown_that_cannot_be_recorded(
    api: LiveApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise GraphUnavailable("Neo4j takes no writes.")

    monkeypatch.setattr(api.graph, "in_write", away)

    answer = ask(api, QUERY, reason="a charge-back of May")

    assert answer.status_code == 503
    assert answer.json()["code"] == "graph_unavailable"
    assert not [value for value in (EMAIL, ADDRESS, CARD) if value in answer.text]
