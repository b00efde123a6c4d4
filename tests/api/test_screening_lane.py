"""Attempts pass the router by, and nothing else: what stands before routes stands before them."""

import httpx
import pytest

from tests.api.live import LiveApi

PATH = "/v1/screenings"
JSON = {"Content-Type": "application/json"}


def refused(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a problem, which has an instance as the request has an id."""
    told = response.json()
    assert response.headers["content-type"] == "application/problem+json"
    assert told["instance"] == f"urn:uuid:{response.headers['x-request-id']}"
    return response.status_code, told["code"]


def test_answer_has_the_id_of_its_request(screening_api: LiveApi) -> None:
    response = screening_api.client.post(PATH, json={"attempt_id": "try_1"})

    assert response.status_code == 200
    assert len(response.headers["x-request-id"]) == 36
    assert response.headers["content-type"] == "application/json"


def test_attempt_without_a_key_is_refused(screening_api: LiveApi) -> None:
    response = httpx.post(f"{screening_api.url}{PATH}", json={"attempt_id": "try_1"})

    assert refused(response) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("content", "headers", "expected"),
    [
        (b"x" * 300_000, JSON, (413, "body_too_large")),
        (b"{}", {"Content-Type": "text/plain"}, (415, "unsupported_media_type")),
        (b"{}", {}, (415, "unsupported_media_type")),
        (b'{"attempt_id": 1}', JSON, (422, "invalid_input")),
        (b"[1", JSON, (400, "malformed_body")),
        (b'{"attempt_id": "a"}', JSON | {"Idempotency-Key": "k" * 256}, (422, "invalid_input")),
    ],
)
def test_what_cannot_be_answered_is_refused(
    screening_api: LiveApi, content: bytes, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    response = screening_api.client.post(PATH, content=content, headers=headers)

    assert refused(response) == expected


def test_large_body_is_refused_while_it_comes(screening_api: LiveApi) -> None:
    parts = (b" " * 10_000 for _ in range(30))

    response = screening_api.client.post(PATH, content=parts, headers=JSON)

    assert refused(response) == (413, "body_too_large")


def test_service_without_checks_says_so(api: LiveApi) -> None:
    response = api.client.post(PATH, json={"attempt_id": "try_1"})

    assert refused(response) == (503, "graph_unavailable")


def test_other_methods_and_paths_go_to_the_router(screening_api: LiveApi) -> None:
    client = screening_api.client

    assert refused(client.get(PATH)) == (405, "method_not_allowed")
    assert refused(client.post(f"{PATH}/nothing/here")) == (404, "not_found")
