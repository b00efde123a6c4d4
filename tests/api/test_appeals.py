"""Appeals through the real doors: REST for the support system, GraphQL for who decides."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from ringfence.domain.access import Scope
from ringfence.domain.appeals import MAX_STATEMENT
from ringfence.store.graph import Graph
from ringfence.usecases.api_keys import create_key
from tests.api.live import LiveApi
from tests.api.small_graph import Writer
from tests.conftest import Neo4jServer, connect
from tests.usecases.rings_taken_down import draw_ring, standings, started, worker

ACCOUNT = "ring_a_00001"
WORDS = "I share a flat with maria.lang@gmail.com."
FIELDS = "appealId accountId takedownId state openedBy decidedBy reason statement"


@pytest.fixture
def on_graph(neo4j_server: Neo4jServer) -> Callable[[Callable[[Graph], Awaitable[Any]]], Any]:
    """Run something on the graph of the API."""

    def run(work: Callable[[Graph], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            async with connect(neo4j_server) as graph:
                return await work(graph)

        return asyncio.run(connected())

    return run


@pytest.fixture
def takedown_id(writer: Writer, on_graph: Any) -> str:
    """A takedown that suspended four accounts."""
    assert writer

    async def act(graph: Graph) -> str:
        await draw_ring(graph)
        takedown = await started(graph)
        await worker(graph).work_off()
        return takedown.id

    told: str = on_graph(act)
    return told


def opened(api: LiveApi, **asked: str) -> httpx.Response:
    body = {"account_id": ACCOUNT, "statement": WORDS} | asked
    return api.client.post("/v1/appeals", json=body)


def test_appeal_is_opened_read_and_overturned(
    api: LiveApi, takedown_id: str, on_graph: Any
) -> None:
    answer = opened(api)

    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["takedown_id"], told["state"], told["opened_by"]) == (takedown_id, "open", "root")
    assert told["action_id"]
    assert opened(api).json() == told
    assert api.client.get(f"/v1/appeals/{told['id']}").json() == told
    decision = {"decision": "overturned", "reason": "A flat."}
    decided = api.client.post(f"/v1/appeals/{told['id']}/decision", json=decision)
    assert decided.status_code == 200, decided.text
    assert (decided.json()["state"], decided.json()["reason"]) == ("overturned", "A flat.")
    assert on_graph(standings)[:3] == ["suspended", "active", "suspended"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"account_id": "nobody"}, 404, "not_found"),
        ({"account_id": "ring_a_00005"}, 409, "conflict"),
        ({"takedown_id": "takedown_x"}, 409, "conflict"),
        ({"statement": " "}, 422, "invalid_input"),
        ({"statement": "x" * (MAX_STATEMENT + 1)}, 422, "invalid_input"),
        ({"account_id": ""}, 400, "malformed_body"),
    ],
)
@pytest.mark.usefixtures("takedown_id")
def test_what_cannot_be_an_appeal_is_a_problem(
    api: LiveApi, asked: dict[str, str], status: int, code: str
) -> None:
    answer = opened(api, **asked)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert api.ask("{ appeals(first: 5) { totalCount } }")["appeals"]["totalCount"] == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"decision": "perhaps", "reason": "x"}'])
@pytest.mark.usefixtures("writer")
def test_malformed_bodies_are_refused(api: LiveApi, body: bytes) -> None:
    for path in ("/v1/appeals", "/v1/appeals/appeal_x/decision"):
        answer = api.client.post(path, content=body)

        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_body")


@pytest.mark.usefixtures("writer")
def test_unknown_appeal_is_not_found(api: LiveApi) -> None:
    assert api.client.get("/v1/appeals/appeal_x").status_code == 404
    decision = {"decision": "upheld", "reason": "x"}
    assert api.client.post("/v1/appeals/appeal_x/decision", json=decision).status_code == 404


@pytest.mark.usefixtures("takedown_id")
def test_graphql_opens_lists_and_decides(api: LiveApi) -> None:
    result = f"__typename ... on AppealTaken {{ appeal {{ id {FIELDS} }} }}"
    refused = "... on AppealRefused { code message }"
    document = (
        f"mutation($in: OpenAppealInput!) {{ openAppeal(input: $in) {{ {result} {refused} }} }}"
    )

    told = api.ask(document, **{"in": {"accountId": ACCOUNT, "statement": WORDS}})["openAppeal"]
    no = api.ask(document, **{"in": {"accountId": "nobody", "statement": WORDS}})["openAppeal"]

    appeal = told["appeal"]
    assert (appeal["state"], appeal["statement"], no["code"]) == ("OPEN", WORDS, "NOT_FOUND")
    (again,) = api.ask(f"{{ appeals(first: 5) {{ nodes {{ id {FIELDS} }} }} }}")["appeals"]["nodes"]
    assert again == appeal
    node = api.ask(
        f"query($id: ID!) {{ node(id: $id) {{ ... on Appeal {{ {FIELDS} }} }} }}", id=appeal["id"]
    )["node"]
    assert node == {name: appeal[name] for name in node}
    decide = (
        f"mutation($in: DecideAppealInput!) {{ decideAppeal(input: $in) {{ {result} {refused} }} }}"
    )
    facts = {"appealId": appeal["id"], "decision": "UPHELD", "reason": "One of them."}
    decided = api.ask(decide, **{"in": facts})["decideAppeal"]["appeal"]
    assert (decided["state"], decided["decidedBy"]) == ("UPHELD", "root")
    listed = "query($states: [AppealState!]) { appeals(first: 5, states: $states) { totalCount } }"
    assert api.ask(listed, states=["OPEN"])["appeals"]["totalCount"] == 0
    assert api.ask(listed, states=["UPHELD"])["appeals"]["totalCount"] == 1


@pytest.mark.usefixtures("takedown_id")
def test_words_of_the_account_need_a_reason(api: LiveApi) -> None:
    assert opened(api).status_code == 201

    answer = api.client.post(
        "/graphql",
        json={"query": "{ appeals(first: 5) { nodes { statement } } }"},
        headers={"X-Reveal-Reason": ""},
    )

    assert "maria" not in answer.text


@pytest.mark.usefixtures("takedown_id")
def test_who_passes_appeals_on_decides_none(api: LiveApi, on_graph: Any) -> None:
    async def make(graph: Graph) -> str:
        scopes = frozenset({Scope.APPEALS})
        _, secret = await create_key(graph, "support", scopes, now=datetime.now(UTC), by="root")
        return secret

    headers = {"Authorization": f"Bearer {on_graph(make)}"}

    body = {"account_id": ACCOUNT, "statement": WORDS}
    answer = httpx.post(f"{api.url}/v1/appeals", json=body, headers=headers)
    decision = {"decision": "overturned", "reason": "x"}
    path = f"/v1/appeals/{answer.json()['id']}/decision"
    refused = httpx.post(api.url + path, json=decision, headers=headers)

    assert (answer.status_code, refused.status_code) == (201, 403)
    assert on_graph(standings)[1] == "suspended"


@pytest.mark.usefixtures("takedown_id")
def test_ring_tells_its_watch(api: LiveApi) -> None:
    told = api.ask(
        '{ ring(id: "ring_a") { watch { generation returnedFrom likelihood replacementRate '
        "hoursToReturn takenDownAt newMembersSinceTakedown firstNamedAt returns { ringId "
        "likelihood generation replacementRate hoursToReturn } } } }"
    )["ring"]["watch"]

    assert told.pop("takenDownAt")
    assert told == {
        "generation": 0,
        "returnedFrom": None,
        "likelihood": None,
        "replacementRate": None,
        "hoursToReturn": None,
        "newMembersSinceTakedown": told["newMembersSinceTakedown"],
        "firstNamedAt": None,
        "returns": [],
    }
