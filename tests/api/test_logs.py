import json
from collections.abc import Sequence
from time import sleep

import httpx
import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from tests.api.live import LiveApi
from tests.api.test_events import event

SECRETS = {
    "email": "jane.doe@example.com",
    "device_id": "device-of-jane-77",
    "ip": "203.0.113.77",
    "card": "card-of-jane-4242",
    "phone": "+33699999977",
}


def lines_of_requests(lines: Sequence[EventDict], count: int) -> list[EventDict]:
    """The lines that tell of requests; a line is written just after its answer was sent."""
    for _ in range(100):
        told = [line for line in lines if line["event"] == "request_answered"]
        if len(told) >= count:
            return told
        sleep(0.05)
    return told


@pytest.mark.usefixtures("writer")
def test_contact_data_is_in_no_line_of_the_log(api: LiveApi) -> None:
    signed_up = event(1) | {
        "data": {
            "email": SECRETS["email"],
            "device_id": SECRETS["device_id"],
            "ip": SECRETS["ip"],
            "identifiers": [{"kind": "phone", "value": SECRETS["phone"]}],
        }
    }
    attached = event(2, type="billing.instrument_attached", subject="acct_1") | {
        "data": {"instrument_id": SECRETS["card"]}
    }
    search = "query ($term: String!) { search(term: $term, first: 5) { totalCount } }"

    with capture_logs() as lines:
        answers = [api.client.post("/v1/events", json=[signed_up, attached])]
        for secret in SECRETS.values():
            asked = {"query": search, "variables": {"term": secret}}
            in_query = {"query": search, "variables": json.dumps({"term": secret})}
            rejected = event(3, subject="acct_9", data={"ip": secret, "email": secret, "plan": 5})
            answers += [
                api.client.post("/graphql", json=asked),
                api.client.post("/graphql", json={"query": f'{{ search(term: "{secret}") }}'}),
                api.client.get("/graphql", params=in_query),
                api.client.post("/v1/events", json=rejected),
                api.client.get(f"/accounts/{secret}"),
                httpx.get(f"{api.url}/graphql", params=in_query),
                api.client.post("/graphql", content=secret),
            ]

        answered = lines_of_requests(lines, len(answers))

    assert {answer.status_code for answer in answers} == {200, 401, 404, 415, 422}
    assert len(answered) == len(answers)
    told = repr(lines)
    assert [secret for secret in SECRETS.values() if secret in told] == []


def test_each_request_is_one_line_with_its_id(api: LiveApi) -> None:
    with capture_logs() as lines:
        answer = api.post_query("{ __typename }")
        (line,) = lines_of_requests(lines, 1)

    assert {**line, "took_ms": 0} == {
        "event": "request_answered",
        "log_level": "info",
        "logger_name": "ringfence.api.doorkeeper",
        "method": "POST",
        "path": "/graphql",
        "status": 200,
        "took_ms": 0,
    }
    assert len(answer.headers["x-request-id"]) == 36


def test_request_ids_differ(api: LiveApi) -> None:
    ids = {api.client.get("/healthz").headers["x-request-id"] for _ in range(3)}

    assert len(ids) == 3
