import gzip
import json
from typing import Any

import httpx
import pytest

from tests.api.live import LiveApi
from tests.api.test_doors import problem_of

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"


def event(number: int, **changes: object) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"evt-{number}",
        "source": "/signup",
        "type": "account.signed_up",
        "time": "2026-04-22T10:00:00Z",
        "subject": f"acct_{number}",
        "data": {"email": f"{number}@example.com", "device_id": "dev_1"},
    } | changes


def send(api: LiveApi, body: object, content_type: str = BATCH) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return api.client.post("/v1/events", content=content, headers={"Content-Type": content_type})


def emails(api: LiveApi, *numbers: int) -> list[str | None]:
    found = [api.ask(f'{{ account(id: "acct_{n}") {{ email }} }}')["account"] for n in numbers]
    return [account and account["email"] for account in found]


@pytest.mark.usefixtures("writer")
def test_one_event_is_loaded_and_known_when_it_comes_again(api: LiveApi) -> None:
    first = send(api, event(1), ONE)
    again = send(api, event(1), ONE)

    assert first.status_code == again.status_code == 200
    assert first.json() == {
        "loaded": 1,
        "duplicate": 0,
        "rejected": 0,
        "items": [{"index": 0, "outcome": "loaded"}],
    }
    assert again.json() == {
        "loaded": 0,
        "duplicate": 1,
        "rejected": 0,
        "items": [{"index": 0, "outcome": "duplicate"}],
    }
    assert emails(api, 1) == ["1@example.com"]


@pytest.mark.usefixtures("writer")
def test_each_event_of_a_batch_has_its_own_outcome(api: LiveApi) -> None:
    batch = [event(1), event(2, time="yesterday"), event(1), event(3, data={"ip": "nowhere"})]

    answer = send(api, [*batch, 7, event(4)])

    assert answer.status_code == 200
    told = answer.json()
    assert (told["loaded"], told["duplicate"], told["rejected"]) == (2, 1, 3)
    assert [item["outcome"] for item in told["items"]] == [
        "loaded",
        "rejected",
        "duplicate",
        "rejected",
        "rejected",
        "loaded",
    ]
    assert [item.get("field") for item in told["items"]] == [
        None,
        "time",
        None,
        "data.ip",
        None,
        None,
    ]
    assert told["items"][3]["reason"] == "expected an IPv4 or IPv6 address"
    assert emails(api, 1, 2, 3, 4) == ["1@example.com", None, None, "4@example.com"]


@pytest.mark.usefixtures("writer")
def test_single_rejected_event_is_a_problem_and_changes_nothing(api: LiveApi) -> None:
    answer = send(api, event(1, type="account.flew_away"), ONE)

    told = problem_of(answer)
    assert answer.status_code == 422
    assert told["code"] == "invalid_input"
    assert told["detail"].startswith("type: ")
    assert told["rejected"] == 1
    assert told["items"][0]["field"] == "type"
    assert emails(api, 1) == [None]


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (event(1), "application/json"),
        ([event(1)], "application/json"),
        ([event(1)], "application/json; charset=utf-8"),
        ([event(1)], f"{BATCH}; charset=utf-8"),
        (event(1), "Application/CloudEvents+JSON"),
    ],
    ids=str,
)
def test_plain_json_is_taken_by_its_shape(api: LiveApi, body: object, content_type: str) -> None:
    answer = send(api, body, content_type)

    assert answer.json()["loaded"] == 1


@pytest.mark.usefixtures("writer")
def test_empty_batch_is_taken(api: LiveApi) -> None:
    assert send(api, []).json() == {"loaded": 0, "duplicate": 0, "rejected": 0, "items": []}


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", ONE, 400, "malformed_body"),
        (b"", ONE, 400, "malformed_body"),
        (b"[]", ONE, 400, "malformed_body"),
        (b"{}", BATCH, 400, "malformed_body"),
        (b"[{}", BATCH, 400, "malformed_body"),
        (b"[{} {}]", "application/json", 400, "malformed_body"),
        (b'"event"', "application/json", 400, "malformed_body"),
        (b"\xff\xfe", "application/json", 400, "malformed_body"),
        (b"[" * 100_000, BATCH, 400, "malformed_body"),
        (gzip.compress(b"{}"), "application/json", 400, "malformed_body"),
        (b"{}", "text/plain", 415, "unsupported_media_type"),
        (b"{}", "application/xml", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
        (b"[" + b",".join([b"{}"] * 5_001) + b"]", BATCH, 429, "limit_exceeded"),
        (b" " * (8 * 1024 * 1024 + 1), BATCH, 413, "body_too_large"),
    ],
    ids=[
        "cut off",
        "empty",
        "an array as one",
        "an object as a batch",
        "a batch cut off",
        "no comma",
        "a string",
        "no UTF-8",
        "nested deeply",
        "compressed",
        "text",
        "XML",
        "no type",
        "too many",
        "too long",
    ],
)
def test_what_is_no_event_is_a_problem(
    api: LiveApi, body: bytes, content_type: str, status: int, code: str
) -> None:
    answer = send(api, body, content_type)

    assert answer.status_code == status
    assert problem_of(answer)["code"] == code


@pytest.mark.usefixtures("writer")
def test_more_events_than_one_transaction_holds_are_loaded(api: LiveApi) -> None:
    answer = send(api, [event(number) for number in range(2_100)])

    assert answer.json()["loaded"] == 2_100
    assert api.ask(
        '{ search(term: "dev_1", first: 1) { nodes { ... on Identifier { accounts } } } }'
    )["search"]["nodes"] == [{"accounts": 2_100}]
