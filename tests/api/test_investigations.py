"""Questions kept under a name: asked again, changed, handed on, taken away."""

from typing import Any

import pytest

from tests.api.live import LiveApi

SAVE = """mutation ($input: SaveInvestigationInput!) { saveInvestigation(input: $input) {
    __typename ... on InvestigationSaved { investigation {
        id investigationId name document variables asOf by } }
    ... on InvestigationRefused { code message } } }"""
DELETE = """mutation ($id: ID!) { deleteInvestigation(investigationId: $id) { __typename
    ... on InvestigationDeleted { investigationId } ... on InvestigationRefused { code } } }"""
LIST = "{ investigations(first: 10) { totalCount nodes { name } } }"
QUESTION = "query Q($n: Int!) { rings(first: $n) { nodes { ringId } } }"

pytestmark = pytest.mark.usefixtures("writer")


def save(api: LiveApi, **given: object) -> dict[str, Any]:
    asked = {"name": "big ones", "document": QUESTION, "variables": '{"n": 3}'} | given
    told: dict[str, Any] = api.ask(SAVE, input=asked)["saveInvestigation"]
    return told


def test_kept_question_is_found_by_its_id_and_runs(api: LiveApi) -> None:
    kept = save(api, asOf="2026-05-01T00:00:00Z")["investigation"]

    again = api.ask(
        """query ($id: ID!) { node(id: $id) { ... on Investigation {
            name document variables asOf } } }""",
        id=kept["id"],
    )["node"]

    assert again["name"] == "big ones"
    assert again["asOf"].startswith("2026-05-01T00:00:00")
    answer = api.client.post(
        "/graphql",
        content=b'{"query": "%s", "variables": %s}'
        % (again["document"].encode(), again["variables"].encode()),
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["data"] == {"rings": {"nodes": []}}


def test_changed_question_keeps_its_id_and_moves_to_the_top(api: LiveApi) -> None:
    first = save(api, name="first")["investigation"]
    save(api, name="second")

    changed = save(api, name="first, better", investigationId=first["id"])["investigation"]

    assert changed["investigationId"] == first["investigationId"]
    listed = api.ask(LIST)["investigations"]
    assert listed["totalCount"] == 2
    assert [one["name"] for one in listed["nodes"]] == ["first, better", "second"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"name": " "}, "INVALID_INPUT"),
        ({"document": "{ nothing }"}, "INVALID_INPUT"),
        ({"document": "{ rings("}, "INVALID_INPUT"),
        ({"variables": "[]"}, "INVALID_INPUT"),
        ({"variables": "{"}, "INVALID_INPUT"),
        ({"asOf": "2026-05-01T00:00:00"}, "INVALID_INPUT"),
        ({"investigationId": "nowhere"}, "NOT_FOUND"),
    ],
)
def test_question_that_breaks_its_bounds_is_not_kept(
    api: LiveApi, given: dict[str, str], code: str
) -> None:
    refused = save(api, **given)

    assert (refused["__typename"], refused["code"]) == ("InvestigationRefused", code)
    assert api.ask(LIST)["investigations"]["totalCount"] == 0


def test_question_is_taken_away_once(api: LiveApi) -> None:
    kept = save(api)["investigation"]

    gone = api.ask(DELETE, id=kept["id"])["deleteInvestigation"]
    again = api.ask(DELETE, id=kept["id"])["deleteInvestigation"]

    assert gone == {
        "__typename": "InvestigationDeleted",
        "investigationId": kept["investigationId"],
    }
    assert again == {"__typename": "InvestigationRefused", "code": "NOT_FOUND"}
