"""What a request may ask for, by itself and over time, and how long it may take."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from ringfence.api.app import create_app
from ringfence.api.graphql.cost import MAX_COST
from ringfence.api.parts import Parts
from ringfence.api.throttle import Throttle
from ringfence.errors import InvalidInput
from ringfence.store.graph import Graph
from tests.api.live import LiveApi, live_api
from tests.api.test_doors import problem_of
from tests.conftest import Neo4jServer

RESPONSE_JSON = "application/graphql-response+json"
TRUSTED = "query Rings { rings(first: 2) { nodes { ringId } } }\n"


def cost(api: LiveApi, query: str, **variables: object) -> int:
    told: int = api.post_query(query, **variables).json()["extensions"]["cost"]["requested"]
    return told


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize(
    ("query", "variables", "expected"),
    [
        ("{ __typename }", {}, 0),
        ('{ ring(id: "x") { id score } }', {}, 1),
        ("{ rings(first: 50) { nodes { id } } }", {}, 51),
        ("{ rings(first: 50) { edges { cursor node { id } } pageInfo { endCursor } } }", {}, 51),
        (
            "{ rings(first: 50) { nodes { members(first: 20) { nodes { role } } } } }",
            {},
            1 + 50 * (1 + 1 + 20),
        ),
        ("query ($n: Int!) { rings(first: $n) { nodes { id } } }", {"n": 7}, 8),
        ("query ($n: Int! = 9) { rings(first: $n) { nodes { id } } }", {}, 10),
        ("{ rings(first: 3) { ...some } } fragment some on RingConnection { nodes { id } }", {}, 4),
        ("{ rings(first: 3) { ... { nodes { ... on Ring { id } } } } }", {}, 4),
        ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a", "b", "c"]}, 3),
        ("{ rings(first: 2) @skip(if: true) { nodes { id } } }", {}, 3),
        ('{ whyNot(accountId: "acct_1") { text } }', {}, 5_001),
    ],
)
def test_cost_counts_the_objects_that_may_be_returned(
    api: LiveApi, query: str, variables: dict[str, object], expected: int
) -> None:
    assert cost(api, query, **variables) == expected


def test_query_that_costs_too_much_is_refused_before_it_runs(api: LiveApi) -> None:
    query = """{ rings(first: 100) { nodes { members(first: 100) { nodes {
        account { links(first: 100) { totalCount nodes { __typename } } } } } } } }"""
    api.graph.statements.clear()

    answer = api.client.post("/graphql", json={"query": query}, headers={"Accept": RESPONSE_JSON})

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "limit_exceeded"}
    assert "1,030,201 points" in error["message"]
    assert f"{MAX_COST:,} are taken" in error["message"]
    assert api.graph.statements == []


def test_fragments_upon_fragments_are_priced_at_once(api: LiveApi) -> None:
    fragments = " ".join(
        f"fragment f{at} on Ring {{ relatedRings(first: 1) {{ ring {{ ...f{at + 1} }} }} "
        f"...f{at + 1} }}"
        for at in range(4)
    )
    query = f'{{ ring(id: "x") {{ ...f0 }} }} {fragments} fragment f4 on Ring {{ id }}'

    answer = api.client.post("/graphql", json={"query": query}, timeout=5)

    assert "limit_exceeded" in answer.text or "cost" in answer.json()["extensions"]


@pytest.fixture
def poor_api(neo4j_server: Neo4jServer) -> Iterator[LiveApi]:
    """An API whose callers have 100 points, and get one back a second; its clock stands still."""
    server = (neo4j_server.uri, neo4j_server.user, neo4j_server.password)
    with live_api(*server, throttle=Throttle(100, 1.0, clock=lambda: 0.0)) as api:
        yield api


@pytest.mark.usefixtures("small_graph")
def test_caller_without_points_is_told_when_to_come_back(poor_api: LiveApi) -> None:
    query = "{ rings(first: 59) { nodes { id } } }"

    first, second = poor_api.post_query(query), poor_api.post_query(query)

    assert first.json()["extensions"]["cost"] == {
        "requested": 60,
        "limit": MAX_COST,
        "available": 40,
        "capacity": 100,
        "restoredPerSecond": 1.0,
    }
    assert (second.status_code, second.headers["retry-after"]) == (429, "20")
    (error,) = second.json()["errors"]
    assert error["extensions"] == {"code": "rate_limited", "retryAfter": 20}
    assert "data" not in second.json()


@pytest.fixture
def trusting_api(neo4j_server: Neo4jServer, tmp_path: Path) -> Iterator[LiveApi]:
    """An API that runs one document and no other."""
    (tmp_path / "rings.graphql").write_text(TRUSTED)
    server = (neo4j_server.uri, neo4j_server.user, neo4j_server.password)
    with live_api(*server, trusted_documents=tmp_path) as api:
        yield api


@pytest.mark.usefixtures("small_graph")
def test_trusted_document_runs_by_id_or_text(trusting_api: LiveApi) -> None:
    hashed = sha256(TRUSTED.encode()).hexdigest()

    answers = [
        trusting_api.client.post("/graphql", json=body).json()["data"]
        for body in (
            {"documentId": f"sha256:{hashed}"},
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hashed}}},
            {"query": TRUSTED},
        )
    ]

    assert answers == [{"rings": {"nodes": [{"ringId": "ring_a"}, {"ringId": "ring_b"}]}}] * 3


@pytest.mark.parametrize(
    "body", [{"query": "{ __typename }"}, {"documentId": "sha256:00"}, {"query": TRUSTED + " "}]
)
def test_documents_that_are_not_trusted_are_refused(
    trusting_api: LiveApi, body: dict[str, str]
) -> None:
    answer = trusting_api.client.post("/graphql", json=body)

    assert answer.status_code == 403
    assert problem_of(answer)["code"] == "document_not_trusted"


@pytest.mark.parametrize("text", ["{ nothing }", "{ rings(", ""])
def test_folder_of_broken_documents_stops_the_start(
    neo4j_server: Neo4jServer, tmp_path: Path, text: str
) -> None:
    (tmp_path / "broken.graphql").write_text(text)
    server = (neo4j_server.uri, neo4j_server.user, neo4j_server.password)

    with pytest.raises(InvalidInput, match=r"broken\.graphql"):
        create_app(Parts(Graph.connect(*server), "key", trusted_documents=tmp_path))


@pytest.mark.parametrize("told", ["0", "-1", "1.5", "x", "9" * 12, "²"])
def test_time_budget_that_is_none_is_refused(api: LiveApi, told: str) -> None:
    answer = api.client.post(
        "/graphql",
        json={"query": "{ __typename }"},
        headers=[(b"X-Time-Budget-Ms", told.encode("latin-1"))],
    )

    assert answer.status_code == 422
    assert problem_of(answer)["code"] == "invalid_input"
