"""What GraphQL refuses, and how it says so."""

import httpx
import pytest

from tests.api.live import API_KEY, LiveApi
from tests.api.test_doors import problem_of

RESPONSE_JSON = "application/graphql-response+json"
RINGS = "{ rings(first: 1) { nodes { ringId } } }"


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize("first", [-1, 0, 101, 2_147_483_647])
@pytest.mark.parametrize(
    "query",
    [
        "{{ rings(first: {}) {{ nodes {{ id }} }} }}",
        "{{ detectionRuns(first: {}) {{ nodes {{ id }} }} }}",
        '{{ search(term: "x", first: {}) {{ totalCount }} }}',
        '{{ ring(id: "ring_a") {{ members(first: {}) {{ nodes {{ role }} }} }} }}',
        '{{ ring(id: "ring_a") {{ evidence(first: {}) {{ nodes {{ kind }} }} }} }}',
        '{{ ring(id: "ring_a") {{ heaviestUsers(first: {}) {{ share }} }} }}',
        '{{ ring(id: "ring_a") {{ relatedRings(first: {}) {{ kinds }} }} }}',
        '{{ account(id: "acct_1") {{ links(first: {}) {{ totalCount }} }} }}',
        '{{ account(id: "acct_1") {{ memberships(first: {}) {{ totalCount }} }} }}',
    ],
)
def test_first_is_bounded(api: LiveApi, query: str, first: int) -> None:
    error = api.refused(query.format(first))

    assert error["extensions"] == {"code": "invalid_input"}
    assert error["message"] == f"`first` is {first}; expected a number from 1 to 100."


def test_first_is_required(api: LiveApi) -> None:
    error = api.refused("{ rings { nodes { id } } }")

    assert error["message"] == (
        "Argument 'Query.rings(first:)' of type 'Int!' is required, but it was not provided."
    )
    assert error["extensions"] == {"code": "invalid_query"}


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize("after", ["", "x", "W10", "WyJyaW5ncyJd", "é", "A" * 5_000, "bnVsbA"])
def test_cursor_that_is_none_is_refused(api: LiveApi, after: str) -> None:
    error = api.refused(
        "query ($after: String) { rings(first: 1, after: $after) { nodes { id } } }", after=after
    )

    assert error["extensions"] == {"code": "invalid_input"}
    assert error["message"].startswith("`after` is no cursor of this list in this order.")


@pytest.mark.usefixtures("small_graph")
def test_cursor_of_another_order_is_refused(api: LiveApi) -> None:
    cursor = api.ask("{ rings(first: 1) { pageInfo { endCursor } } }")["rings"]["pageInfo"]

    error = api.refused(
        "query ($after: String) { rings(first: 1, after: $after, orderBy: { by: SIZE }) "
        "{ nodes { id } } }",
        after=cursor["endCursor"],
    )

    assert error["extensions"] == {"code": "invalid_input"}


@pytest.mark.parametrize("node_id", ["", "x", "cmluZ19h", "é", "UmluZw==", "A" * 5_000])
def test_id_that_is_none_is_refused_by_node(api: LiveApi, node_id: str) -> None:
    error = api.refused("query ($id: ID!) { node(id: $id) { id } }", id=node_id)

    assert error["extensions"] == {"code": "invalid_input"}


def test_too_many_nodes_at_once_are_refused(api: LiveApi) -> None:
    error = api.refused("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["x"] * 101)

    assert error["message"] == "Got 101 ids, take 100 at once."


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize(("times", "depth"), [(3, 12), (4, 15)])
def test_queries_that_nest_too_deep_are_refused(api: LiveApi, times: int, depth: int) -> None:
    query = "id"
    for _ in range(times):
        query = f"operation {{ rings(first: 1) {{ nodes {{ {query} }} }} }}"

    response = api.post_query(f"{{ rings(first: 1) {{ nodes {{ {query} }} }} }}")

    if depth <= 12:
        assert "errors" not in response.json()
    else:
        assert [error["message"] for error in response.json()["errors"]] == [
            f"The query nests {depth} fields deep; 12 are taken."
        ]
        assert response.json()["errors"][0]["extensions"] == {"code": "limit_exceeded"}


@pytest.mark.parametrize(("count", "taken"), [(30, True), (31, False)])
def test_queries_of_too_many_aliases_are_refused(api: LiveApi, count: int, taken: bool) -> None:
    aliases = " ".join(f"a{number}: __typename" for number in range(count))
    query = "{ " + " ".join(f'a{number}: ring(id: "x") {{ id }}' for number in range(count)) + " }"

    response = api.post_query(query)

    assert ("errors" not in response.json()) is taken
    assert api.post_query(f"{{ {aliases} }}").status_code == 200


def test_fragments_count_as_often_as_they_are_spread(api: LiveApi) -> None:
    spreads = " ".join("...some" for _ in range(16))
    query = f"""{{ ring(id: "x") {{ {spreads} }} }}
        fragment some on Ring {{ a: id b: id }}"""

    error = api.refused(query)

    assert error["message"] == "The query has 32 aliases; 30 are taken."


def test_fragments_that_spread_fragments_are_judged_at_once(api: LiveApi) -> None:
    fragments = " ".join(
        f"fragment f{number} on Ring {{ ...f{number + 1} ...f{number + 1} }}"
        for number in range(60)
    )
    query = f'{{ ring(id: "x") {{ ...f0 }} }} {fragments} fragment f60 on Ring {{ a: id }}'

    response = api.client.post("/graphql", json={"query": query}, timeout=5)

    assert f"The query has {2**60} aliases; 30 are taken." in response.text


@pytest.mark.parametrize(
    "query",
    [
        '{ ring(id: "x") { ...a } } fragment a on Ring { ...b } fragment b on Ring { ...a }',
        "{ ...nowhere }",
        "{ rings(first: 1) { nodes { nothing } } }",
        "{ rings(first: 1",
        "fragment a on Ring { id }",
        "{ " + 'ring(id: "x") { id } ' * 700 + "}",
        "{" * 900,
        "query ($a: Int!) { rings(first: $a) { totalCount } }",
    ],
    ids=[
        "circle",
        "unknown fragment",
        "unknown field",
        "cut off",
        "no operation",
        "too many tokens",
        "nested deeply",
        "missing variable",
    ],
)
def test_broken_documents_are_the_callers_fault(api: LiveApi, query: str) -> None:
    response = api.post_query(query)

    assert response.status_code in (200, 400)
    assert "Did you mean" not in response.text
    assert "internal" not in response.text


@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { types { name } } }",
        '{ __type(name: "Ring") { fields { name } } }',
        "{ rings(first: 1) { ... on Query { __schema { types { name } } } } }",
    ],
)
def test_introspection_is_closed_outside_of_the_demo(api: LiveApi, query: str) -> None:
    answer = api.post_query(query).json()

    assert answer.get("data") is None
    assert answer["errors"]


def test_introspection_is_open_in_the_demo(demo_api: LiveApi) -> None:
    told = demo_api.ask('{ __type(name: "Ring") { name description } }')

    assert told["__type"] == {
        "name": "Ring",
        "description": "A group of accounts that one operator seems to run.",
    }


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("application/json", "application/json"),
        (RESPONSE_JSON, RESPONSE_JSON),
        (f"{RESPONSE_JSON}, application/json;q=0.9", RESPONSE_JSON),
        (f"text/html, {RESPONSE_JSON}", RESPONSE_JSON),
    ],
)
def test_answer_has_the_media_type_that_is_accepted(
    api: LiveApi, accept: str | None, expected: str
) -> None:
    headers = {"Accept": accept} if accept else {}

    answer = api.client.post("/graphql", json={"query": RINGS}, headers=headers)

    assert answer.headers["content-type"] == f"{expected}; charset=utf-8"
    assert answer.json()["data"] == {"rings": {"nodes": [{"ringId": "ring_a"}]}}


def test_answer_in_another_media_type_is_refused(api: LiveApi) -> None:
    answer = api.client.post(
        "/graphql", json={"query": RINGS}, headers={"Accept": "application/xml"}
    )

    assert answer.status_code == 406
    assert problem_of(answer)["code"] == "not_acceptable"


@pytest.mark.parametrize("query", ["{ nothing }", "{ rings(first: 1", "{ rings }"])
@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (RESPONSE_JSON, 400)])
def test_refused_document_has_the_status_of_its_media_type(
    api: LiveApi, query: str, accept: str, status: int
) -> None:
    answer = api.client.post("/graphql", json={"query": query}, headers={"Accept": accept})

    assert answer.status_code == status
    assert "data" not in answer.json()


@pytest.mark.usefixtures("small_graph")
def test_query_may_come_by_get_with_variables(api: LiveApi) -> None:
    answer = api.client.get(
        "/graphql",
        params={
            "query": "query ($id: ID!) { ring(id: $id) { ringId } }",
            "variables": '{"id": "ring_b"}',
        },
    )

    assert answer.json()["data"] == {"ring": {"ringId": "ring_b"}}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'[{"query": "{ __typename }"}]', "application/json", 400),
        (b"5", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"query": 5}', "application/json", 400),
        (b'{"query": null}', "application/json", 400),
        (b'{"query": ""}', "application/json", 400),
        (b'{"query": "{ __typename }", "variables": []}', "application/json", 400),
        (b'{"query": "{ __typename }", "variables": "{}"}', "application/json", 400),
        (b'{"query": "{ __typename }", "operationName": 5}', "application/json", 400),
        (b'{"query": "query A { __typename }", "operationName": "B"}', "application/json", 400),
        (b'{"query": "mutation { x }"}', "application/json", 200),
        (b"query=%7B__typename%7D", "application/x-www-form-urlencoded", 415),
        (b"--x", "multipart/form-data; boundary=x", 415),
        (b"{ __typename }", "application/graphql", 415),
    ],
    ids=lambda value: value.decode()[:50] if isinstance(value, bytes) else None,
)
def test_what_is_no_graphql_request_is_refused(
    api: LiveApi, body: bytes, content_type: str, status: int
) -> None:
    answer = api.client.post("/graphql", content=body, headers={"Content-Type": content_type})

    assert answer.status_code == status
    if status != 200:
        problem_of(answer)


def test_broken_get_is_refused(api: LiveApi) -> None:
    for params in ({}, {"query": ""}, {"query": "{ __typename }", "variables": "{"}):
        assert api.client.get("/graphql", params=params).status_code == 400


@pytest.mark.usefixtures("small_graph")
def test_page_of_the_demo_is_open_and_asks_nobody_else(demo_api: LiveApi) -> None:
    answer = httpx.get(f"{demo_api.url}/graphql", headers={"Accept": "text/html"})

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    assert API_KEY in answer.text
    assert "The rings most surely fake, and why" in answer.text
    assert "://" not in answer.text.replace("http-equiv", "")


def test_page_is_closed_outside_of_the_demo(api: LiveApi) -> None:
    for_nobody = httpx.get(f"{api.url}/graphql", headers={"Accept": "text/html"})
    for_the_key = api.client.get("/graphql", headers={"Accept": "text/html"})

    assert for_nobody.status_code == 401
    assert API_KEY not in for_the_key.text
    assert for_the_key.status_code == 406


def test_demo_still_wants_the_key_for_every_question(demo_api: LiveApi) -> None:
    by_post = httpx.post(f"{demo_api.url}/graphql", json={"query": RINGS})
    by_get = httpx.get(
        f"{demo_api.url}/graphql", params={"query": RINGS}, headers={"Accept": "text/html"}
    )

    assert (by_post.status_code, by_get.status_code) == (401, 401)
