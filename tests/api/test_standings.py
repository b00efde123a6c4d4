"""`POST /v1/standings`: what the provider says of its accounts."""

from tests.api.live import LiveApi
from tests.api.small_graph import Writer
from tests.api.test_doors import problem_of

PATH = "/v1/standings"


def properties(writer: Writer, account_id: str) -> dict[str, object]:
    found = writer.driver.execute_query(
        "MATCH (a:Account {id: $id}) "
        "RETURN a {.standing, .told_standing, .verified_organisation, .protected_because} AS told",
        {"id": account_id},
    )
    told = dict(found.records[0]["told"])
    return {name: value for name, value in told.items() if value is not None}


def test_standings_are_taken_in_and_the_last_word_holds(api: LiveApi, writer: Writer) -> None:
    writer.accounts({"id": "a"}, {"id": "b"})
    items = [
        {"account_id": "a", "standing": "throttled", "protected_because": "a journalist"},
        {"account_id": "b", "verified_organisation": True},
        {"account_id": "nobody"},
    ]

    first = api.client.post(PATH, json={"standings": items})
    told = properties(writer, "a")
    second = api.client.post(PATH, json={"standings": [{"account_id": "a"}]})

    assert first.json() == {"taken": 2, "unknown": ["nobody"]}
    assert told == {
        "standing": "throttled",
        "told_standing": "throttled",
        "protected_because": "a journalist",
    }
    assert second.json() == {"taken": 1, "unknown": []}
    assert properties(writer, "a") == {}
    assert properties(writer, "b") == {"verified_organisation": True}


def test_standing_that_breaks_its_form_changes_nothing(api: LiveApi, writer: Writer) -> None:
    writer.accounts({"id": "a"})
    items = [{"account_id": "a", "standing": "restricted"}, {"account_id": "a", "standing": "gone"}]

    refused = api.client.post(PATH, json={"standings": items})

    assert refused.status_code == 422
    assert "faults" in problem_of(refused)
    assert properties(writer, "a") == {}
