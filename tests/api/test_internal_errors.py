"""What nobody foresaw is told as such, and nothing more."""

from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from tests.api.live import LiveApi, live_api
from tests.api.small_graph import Writer
from tests.api.test_doors import problem_of
from tests.api.test_events import event
from tests.conftest import Neo4jServer


def test_field_that_breaks_is_masked_and_its_neighbour_is_told(
    api: LiveApi, writer: Writer
) -> None:
    writer.ring("ring_bad", grade="a grade of the far future")

    with capture_logs() as lines:
        answer = api.post_query('{ ring(id: "ring_bad") { id } account(id: "x") { id } }')

    assert answer.status_code == 200
    told = answer.json()
    assert told["data"] == {"ring": None, "account": None}
    assert told["errors"] == [
        {
            "message": "The fault is ours; the service's log holds it.",
            "locations": [{"line": 1, "column": 3}],
            "path": ["ring"],
            "extensions": {"code": "internal"},
        }
    ]
    (broke,) = [line for line in lines if line["event"] == "field_broke"]
    assert isinstance(broke["exc_info"], ValueError)


@pytest.mark.usefixtures("writer")
def test_route_that_breaks_is_a_problem_to_be_found_in_the_log(neo4j_server: Neo4jServer) -> None:
    def broken_clock() -> NoReturn:
        raise ZeroDivisionError("the clock stands still")

    with (
        live_api(
            neo4j_server.uri, neo4j_server.user, neo4j_server.password, now_ms=broken_clock
        ) as api,
        capture_logs() as lines,
    ):
        answer = api.client.post("/v1/events", json=[event(1)])

    assert answer.status_code == 500
    assert "clock" not in answer.text
    told = answer.json()
    assert told["code"] == "internal"
    (broke,) = [line for line in lines if line["event"] == "request_broke"]
    assert broke["instance"] == told["instance"]
    assert isinstance(broke["exc_info"], ZeroDivisionError)
    assert [line for line in lines if line["event"] == "server_said"] == []


def test_document_of_many_syntax_errors_is_one_error(api: LiveApi) -> None:
    error = api.refused("{ " + "} " * 50)

    assert error["extensions"] == {"code": "invalid_query"}


def test_unknown_routes_are_problems_even_for_strange_methods(api: LiveApi) -> None:
    assert problem_of(api.client.request("PROPFIND", "/graphql"))["code"] == "method_not_allowed"
