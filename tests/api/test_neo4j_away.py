import socket
from collections.abc import Iterator
from time import perf_counter

import httpx
import pytest

from tests.api.line import Line, line_to, silent_server
from tests.api.live import LiveApi, live_api
from tests.api.small_graph import Writer
from tests.api.test_doors import problem_of
from tests.api.test_events import event
from tests.conftest import Neo4jServer

RINGS = "{ rings(first: 1) { nodes { ringId } } }"
WITHIN_S = 8.0
SECRETS = ("Couldn't connect", "127.0.0.1", "bolt", "neo4j.exceptions", "Connection")


@pytest.fixture
def lonely_api() -> Iterator[LiveApi]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with live_api(f"bolt://127.0.0.1:{port}", "neo4j", "none") as api:
        yield api


def test_api_starts_and_tells_that_it_is_not_ready(lonely_api: LiveApi) -> None:
    started = perf_counter()

    healthy = httpx.get(f"{lonely_api.url}/healthz")
    ready = httpx.get(f"{lonely_api.url}/readyz", timeout=30)

    assert healthy.status_code == 200
    assert ready.status_code == 503
    assert problem_of(ready)["code"] == "graph_unavailable"
    assert perf_counter() - started < WITHIN_S


def test_question_is_answered_with_503_and_a_code(lonely_api: LiveApi) -> None:
    started = perf_counter()

    answer = lonely_api.post_query(RINGS)

    assert perf_counter() - started < WITHIN_S
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    told = answer.json()
    assert {"errors": told["errors"], "data": told["data"]} == {
        "errors": [
            {
                "message": "Neo4j does not answer. Nothing is lost: repeat this in a few seconds.",
                "locations": [{"line": 1, "column": 3}],
                "path": ["rings"],
                "extensions": {"code": "graph_unavailable"},
            }
        ],
        "data": None,
    }


def test_events_are_answered_with_503_and_a_problem(lonely_api: LiveApi) -> None:
    started = perf_counter()

    answer = lonely_api.client.post("/v1/events", json=[event(1)])

    assert perf_counter() - started < WITHIN_S
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    told = problem_of(answer)
    assert told["code"] == "graph_unavailable"
    assert not [secret for secret in SECRETS if secret in answer.text]


def test_silent_neo4j_is_given_up_in_bounded_time() -> None:
    with silent_server() as uri, live_api(uri, "neo4j", "none", query_timeout_s=2.0) as api:
        started = perf_counter()

        answer = api.post_query(RINGS)

        assert perf_counter() - started < WITHIN_S
        assert answer.status_code == 503
        assert answer.json()["code" if "code" in answer.json() else "errors"]


def test_wrong_password_is_no_fault_of_the_caller(neo4j_server: Neo4jServer) -> None:
    with live_api(neo4j_server.uri, neo4j_server.user, "not-the-password") as api:
        answer = api.post_query(RINGS)

    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"] == {"code": "graph_unavailable"}


@pytest.fixture
def line(neo4j_server: Neo4jServer) -> Iterator[Line]:
    with line_to(neo4j_server.uri) as line:
        yield line


@pytest.mark.usefixtures("small_graph")
def test_answers_come_back_by_themselves_with_neo4j(line: Line, neo4j_server: Neo4jServer) -> None:
    with live_api(line.uri, neo4j_server.user, neo4j_server.password) as api:
        before = api.post_query(RINGS)
        line.cut()
        meanwhile = [api.post_query(RINGS), api.client.post("/v1/events", json=[])]
        not_ready = httpx.get(f"{api.url}/readyz", timeout=30)
        line.mend()
        after = api.post_query(RINGS)
        ready = httpx.get(f"{api.url}/readyz")

    expected = {"rings": {"nodes": [{"ringId": "ring_a"}]}}
    assert before.json()["data"] == after.json()["data"] == expected
    assert [answer.status_code for answer in meanwhile] == [503, 200]
    assert (not_ready.status_code, ready.status_code) == (503, 200)


def test_graph_without_migrations_is_not_ready(api: LiveApi, writer: Writer) -> None:
    writer.run(
        "MATCH (m:Migration) WITH m ORDER BY m.number DESC LIMIT 1 SET m:Hidden REMOVE m:Migration"
    )
    try:
        ready = httpx.get(f"{api.url}/readyz")
    finally:
        writer.run("MATCH (m:Hidden) SET m:Migration REMOVE m:Hidden")

    assert ready.status_code == 503
    told = problem_of(ready)
    assert told["code"] == "schema_out_of_date"
    assert "ringfence migrate" in told["detail"]
