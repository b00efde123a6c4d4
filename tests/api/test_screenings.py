"""The sign-up check through its real door."""

from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx
import pytest

from ringfence.domain.screenings import FailMode
from tests.api.conftest import wait_until
from tests.api.line import Line, line_to, silent_server
from tests.api.live import LiveApi, live_api
from tests.conftest import Neo4jServer

BUDGET_S = 0.5
"""Within which every answer comes, whatever is away; many times what one takes."""
IN_LOG = "query ($id: ID!) { screening(id: $id) { decision degraded checkedAgain { decision } } }"


def post(api: LiveApi, body: object, **headers: str) -> httpx.Response:
    return api.client.post("/v1/screenings", json=body, headers=headers)


def answered(api: LiveApi, **attempt: Any) -> dict[str, Any]:
    response = post(api, {"attempt_id": "try_1", **attempt})
    told: dict[str, Any] = response.json()
    assert response.status_code == 200, told
    return told


def state(api: LiveApi) -> dict[str, Any]:
    told: dict[str, Any] = api.client.get("/v1/screenings/status").json()
    return told


def logged(api: LiveApi, screening_id: str) -> Any:
    return api.ask(IN_LOG, id=screening_id)["screening"]


def test_sign_up_that_shares_a_device_with_a_ring_is_named_its_ring(
    screening_api: LiveApi,
) -> None:
    told = answered(screening_api, device_id="dev_1", email="new@example.com")

    assert told["decision"] in ("review", "challenge")
    assert told["ring"]["ring_id"] == "ring_a"
    assert told["strongest_link"] == {
        "kind": "device",
        "value": "dev_1",
        "members": 3,
        "others": 0,
        "text": "device dev_1 is carried by 3 accounts of ring_a and no other",
    }
    assert told["would_change"] == [
        {"without": "device", "decision": "allow", "text": "allow without the device"}
    ]
    assert (told["degraded"], told["degraded_because"]) == (False, None)
    assert told["model_version"] == state(screening_api)["model_version"]


def test_sign_up_without_ties_is_allowed(screening_api: LiveApi) -> None:
    told = answered(screening_api, device_id="dev_never_seen", email="new@example.com")

    assert told["decision"] == "allow"
    assert [reason["code"] for reason in told["reasons"]][:1] == ["below_all_thresholds"]
    assert told["strongest_link"] is None


def test_answer_and_account_are_in_the_graph_soon_after(screening_api: LiveApi) -> None:
    told = answered(screening_api, device_id="dev_1", account_id="acct_new")

    wait_until(lambda: logged(screening_api, told["id"]) is not None)
    account = (
        '{ account(id: "acct_new") { accountId screenings(first: 5) { nodes { decision } } } }'
    )
    found = screening_api.ask(account)["account"]
    assert found["screenings"]["nodes"] == [{"decision": told["decision"].upper()}]
    assert state(screening_api)["waiting_to_be_written"] == 0


def test_graphql_gives_the_same_answer(screening_api: LiveApi) -> None:
    told = answered(screening_api, device_id="dev_1", email="new@example.com")

    mutation = """mutation ($asked: ScreenSignUpInput!) { screenSignUp(input: $asked) {
        ... on SignUpScreened { screening { decision score touched { ringId } } }
        ... on SignUpNotScreened { code message field } } }"""
    asked = {"attemptId": "try_1", "deviceId": "dev_1", "email": "new@example.com"}
    answer = screening_api.ask(mutation, asked=asked)["screenSignUp"]["screening"]

    assert answer["decision"] == told["decision"].upper()
    assert answer["touched"]["ringId"] == told["ring"]["ring_id"]
    refused = screening_api.ask(mutation, asked={"attemptId": "t", "ip": "nowhere"})
    assert refused["screenSignUp"]["code"] == "INVALID_INPUT"
    assert refused["screenSignUp"]["field"] == "ip"


def test_key_gives_the_same_answer_again_and_refuses_another_attempt(
    screening_api: LiveApi,
) -> None:
    headers = {"Idempotency-Key": "key-1"}
    body = {"attempt_id": "try_1", "device_id": "dev_1"}

    first, again = (post(screening_api, body, **headers) for _ in range(2))
    other = post(screening_api, body | {"device_id": "dev_2"}, **headers)

    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert other.status_code == 422
    assert "idempotency key" in other.json()["detail"]


def test_key_is_known_to_another_worker_once_its_answer_is_in_the_log(
    screening_api: LiveApi, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    server, headers = neo4j_server, {"Idempotency-Key": "key-2"}
    body = {"attempt_id": "try_1", "device_id": "dev_1"}
    first = post(screening_api, body, **headers).json()
    wait_until(lambda: logged(screening_api, first["id"]) is not None)

    with live_api(server.uri, server.user, server.password, screening=tmp_path / "t") as other:
        wait_until(lambda: state(other)["state"] == "ready")
        again = post(other, body, **headers).json()

    assert again == first


def test_batch_answers_each_and_names_what_is_wrong(screening_api: LiveApi) -> None:
    attempts = [{"attempt_id": "a", "device_id": "dev_1"}, {"attempt_id": "b", "ip": "nowhere"}]

    told = post(screening_api, attempts).json()

    assert told[0]["answer"]["attempt_id"] == "a"
    assert told[1] == {
        "index": 1,
        "field": "ip",
        "reason": "expected an IPv4 or IPv6 address",
    }
    assert post(screening_api, [{"attempt_id": "a"}] * 101).status_code == 429


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"attempt_id": "a", "ip": "nowhere"}, 422, "ip"),
        ({"attempt_id": "a", "time": "2020-01-01T00:00:00Z"}, 422, "time"),
        ({"email": "a@example.com"}, 422, "attempt_id"),
        ({"attempt_id": "a", "instrument": {"bin": "411111"}}, 422, "instrument.instrument_id"),
        ({"attempt_id": 7}, 422, "attempt_id"),
    ],
)
def test_bad_field_is_refused_by_name(
    screening_api: LiveApi, body: object, status: int, field: str
) -> None:
    answer = post(screening_api, body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["field"] == field


def test_what_is_no_attempt_is_refused(screening_api: LiveApi) -> None:
    client = screening_api.client

    text = client.post("/v1/screenings", content=b"{}", headers={"Content-Type": "text/plain"})
    torn = client.post(
        "/v1/screenings", content=b"[{", headers={"Content-Type": "application/json"}
    )

    assert (text.status_code, torn.status_code) == (415, 400)
    assert torn.json()["code"] == "malformed_body"


def test_outcome_is_taken_for_a_known_screening(screening_api: LiveApi) -> None:
    told = answered(screening_api, device_id="dev_1")
    wait_until(lambda: logged(screening_api, told["id"]) is not None)
    path = f"/v1/screenings/{told['id']}"

    taken = screening_api.client.patch(path, json={"outcome": "fraud", "note": "chargeback"})

    assert taken.json() == {"id": told["id"], "outcome": "fraud"}
    query = "query ($id: ID!) { screening(id: $id) { outcome { outcome note } } }"
    found = screening_api.ask(query, id=told["id"])["screening"]["outcome"]
    assert found == {"outcome": "FRAUD", "note": "chargeback"}
    unknown = screening_api.client.patch("/v1/screenings/none", json={"outcome": "fraud"})
    assert unknown.status_code == 404
    assert screening_api.client.patch(path, json={"outcome": "guilty"}).status_code == 400


@pytest.fixture
def line(small_graph: None, neo4j_server: Neo4jServer) -> Iterator[Line]:
    with line_to(neo4j_server.uri) as line:
        yield line


def test_answers_go_on_while_neo4j_is_away_and_are_checked_again(
    line: Line, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    server = neo4j_server
    with live_api(line.uri, server.user, server.password, screening=tmp_path / "s") as api:
        wait_until(lambda: state(api)["state"] == "ready")
        line.cut()
        wait_until(lambda: state(api)["degraded_because"] == "graph_unavailable")
        started = perf_counter()
        told = answered(api, device_id="dev_1", account_id="acct_while_away")
        took_s = perf_counter() - started
        line.mend()
        wait_until(lambda: state(api)["degraded_because"] is None, within_s=40)
        wait_until(lambda: state(api)["waiting_to_be_written"] == 0, within_s=40)
        found = logged(api, told["id"])

    assert took_s < BUDGET_S
    assert told["ring"]["ring_id"] == "ring_a"
    assert (told["degraded"], told["degraded_because"]) == (True, "graph_unavailable")
    assert found["degraded"] == "graph_unavailable"
    assert found["checkedAgain"]["decision"] in ("REVIEW", "CHALLENGE")


@pytest.mark.parametrize(
    ("mode", "decision"),
    [
        (FailMode.OPEN, "allow"),
        (FailMode.CHALLENGE, "challenge"),
        (FailMode.CLOSED, "block"),
    ],
)
def test_fail_mode_answers_in_time_while_neo4j_says_nothing(
    tmp_path: Path, mode: FailMode, decision: str
) -> None:
    with (
        silent_server() as uri,
        live_api(uri, "neo4j", "none", screening=tmp_path / "s", fail_mode=mode) as api,
    ):
        started = perf_counter()
        told = answered(api, device_id="dev_1")
        took_s = perf_counter() - started

    assert took_s < BUDGET_S
    assert told["decision"] == decision
    assert (told["degraded_because"], told["fail_mode"]) == ("index_cold", mode.value)
    assert told["reasons"][0]["code"] == "fail_mode"
