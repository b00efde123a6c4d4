"""What graphql-cop, a checklist of attacks on GraphQL, looks for: each is tried, and none works."""

import pytest

from tests.api.live import LiveApi

FORM = "application/x-www-form-urlencoded"


def codes_of(api: LiveApi, query: str) -> set[str]:
    answer = api.post_query(query)
    assert answer.elapsed.total_seconds() < 5
    return {error["extensions"]["code"] for error in answer.json().get("errors", [])}


def test_introspection_is_closed(api: LiveApi) -> None:
    assert codes_of(api, "query cop { __schema { types { name fields { name } } } }")


@pytest.mark.parametrize("path", ["/graphql", "/graphiql", "/playground", "/console", "/altair"])
def test_no_page_for_queries_is_served(api: LiveApi, path: str) -> None:
    answer = api.client.get(path, headers={"Accept": "text/html"})

    assert answer.status_code in (404, 406)
    assert not answer.headers["content-type"].startswith("text/html")


def test_no_field_is_suggested(api: LiveApi) -> None:
    answer = api.post_query("query cop { __schema { directive } ringz(first: 1) { node } }")

    assert "Did you mean" not in answer.text


def test_nothing_traces_a_query(api: LiveApi) -> None:
    answer = api.post_query("query cop { __typename }")

    assert set(answer.json()["extensions"]) == {"cost"}


@pytest.mark.parametrize("query", ["query cop { __typename }", "mutation cop { __typename }"])
def test_forms_are_refused(api: LiveApi, query: str) -> None:
    answer = api.client.post("/graphql", data={"query": query})

    assert answer.request.headers["content-type"] == FORM
    assert answer.status_code == 415


def test_mutation_by_get_is_refused(api: LiveApi) -> None:
    answer = api.client.get("/graphql", params={"query": "mutation cop { __typename }"})

    assert answer.status_code in (400, 405)
    assert "data" not in answer.json()


def test_get_with_a_body_of_a_form_runs_nothing(api: LiveApi) -> None:
    answer = api.client.request(
        "GET",
        "/graphql",
        content=b"query=mutation+cop+%7B__typename%7D",
        headers={"Content-Type": FORM},
    )

    assert answer.status_code == 400


def test_batches_are_refused(api: LiveApi) -> None:
    answer = api.client.post("/graphql", json=[{"query": "query cop { __typename }"}] * 10)

    assert answer.status_code == 400


def test_overload_by_aliases_is_refused(api: LiveApi) -> None:
    query = "query cop { " + " ".join(f"alias{at}: __typename" for at in range(1, 1_001)) + " }"

    assert codes_of(api, query) == {"invalid_query"}


def test_overload_by_directives_is_refused(api: LiveApi) -> None:
    unknown = "query cop { __typename " + "@aa" * 900 + " }"
    known = "query cop { __typename " + "@include(if: true)" * 250 + " }"

    assert codes_of(api, unknown) == {"invalid_query"}
    assert codes_of(api, known) == {"invalid_query"}


def test_overload_by_one_field_is_refused(api: LiveApi) -> None:
    assert codes_of(api, "query cop { " + "__typename \n" * 2_100 + "}") == {"invalid_query"}


def test_circular_introspection_is_refused(api: LiveApi) -> None:
    deep = "name"
    for _ in range(9):
        deep = f"fields {{ type {{ {deep} }} }}"

    assert codes_of(api, f"query cop {{ __schema {{ types {{ {deep} }} }} }}")


def test_circular_fragments_are_refused(api: LiveApi) -> None:
    query = "query cop { ...a } fragment a on Query { ...b } fragment b on Query { ...a }"

    assert codes_of(api, query) == {"invalid_query"}


def test_faults_tell_nothing_of_the_inside(api: LiveApi) -> None:
    answer = api.post_query("query cop { rings(first: 1, after: 5) { nodes { id } } }")

    for word in ("Traceback", ".py", "neo4j", "strawberry"):
        assert word not in answer.text
