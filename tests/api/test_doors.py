"""Who may pass, and how errors are told."""

from typing import Any

import httpx
import pytest

from tests.api.live import API_KEY, LiveApi

PROBLEM = "application/problem+json"
ALL_DOORS = [
    ("POST", "/v1/events"),
    ("GET", "/v1/actions"),
    ("POST", "/v1/appeals"),
    ("GET", "/v1/appeals/appeal_1"),
    ("POST", "/v1/appeals/appeal_1/decision"),
    ("POST", "/v1/standings"),
    ("POST", "/v1/takedowns/td_1/receipts"),
    ("POST", "/graphql"),
    ("GET", "/graphql"),
    ("GET", "/graphql?query={__typename}"),
    ("GET", "/metrics"),
    ("GET", "/openapi.json"),
    ("GET", "/"),
    ("GET", "/docs"),
    ("GET", "/nowhere"),
    ("DELETE", "/v1/events"),
]


def problem_of(response: httpx.Response) -> dict[str, Any]:
    """The problem of an answer, whose fixed members are checked."""
    assert response.headers["content-type"] == PROBLEM
    told: dict[str, Any] = response.json()
    assert told["status"] == response.status_code
    assert told["type"] == f"urn:ringfence:problem:{told['code']}"
    assert told["instance"] == f"urn:uuid:{response.headers['x-request-id']}"
    assert told["title"]
    assert told["detail"]
    assert "Traceback" not in response.text
    return told


@pytest.mark.parametrize(("method", "path"), ALL_DOORS)
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Bearer {API_KEY}x"},
        {"Authorization": f"Basic {API_KEY}"},
        {"Authorization": API_KEY},
        {"Authorization": ""},
        {"X-API-Key": "wrong"},
        {"X-API-Key": ""},
        {"Cookie": f"key={API_KEY}"},
    ],
    ids=str,
)
def test_no_door_opens_without_the_key(
    api: LiveApi, method: str, path: str, headers: dict[str, str]
) -> None:
    response = httpx.request(method, api.url + path, headers=headers)

    told = problem_of(response)
    assert told["code"] == "unauthenticated"
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="ringfence"'


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {API_KEY}"},
        {"Authorization": f"bearer  {API_KEY}"},
        {"X-API-Key": API_KEY},
    ],
    ids=str,
)
def test_the_key_opens_in_either_header(api: LiveApi, headers: dict[str, str]) -> None:
    response = httpx.post(f"{api.url}/graphql", json={"query": "{ __typename }"}, headers=headers)

    assert response.status_code == 200
    assert response.json()["data"] == {"__typename": "Query"}


def test_health_is_open_and_tells_no_more_than_the_version(api: LiveApi) -> None:
    response = httpx.get(f"{api.url}/healthz")

    assert response.status_code == 200
    assert set(response.json()) == {"status", "version"}


@pytest.mark.usefixtures("writer")
def test_readiness_is_open_and_true_on_a_migrated_graph(api: LiveApi) -> None:
    response = httpx.get(f"{api.url}/readyz")

    assert (response.status_code, response.json()) == (200, {"status": "ready"})


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/nowhere", "not_found"),
        ("GET", "/", "not_found"),
        ("GET", "/docs", "not_found"),
        ("GET", "/v1/events", "method_not_allowed"),
        ("PUT", "/graphql", "method_not_allowed"),
    ],
)
def test_unknown_routes_and_methods_are_problems(
    api: LiveApi, method: str, path: str, code: str
) -> None:
    told = problem_of(api.client.request(method, path))

    assert told["code"] == code


def test_openapi_describes_every_route(api: LiveApi) -> None:
    described = api.client.get("/openapi.json").json()

    assert set(described["paths"]) == {
        "/healthz",
        "/readyz",
        "/metrics",
        "/v1/events",
        "/v1/screenings",
        "/v1/screenings/status",
        "/v1/screenings/{screening_id}",
        "/v1/actions",
        "/v1/appeals",
        "/v1/appeals/{appeal_id}",
        "/v1/appeals/{appeal_id}/decision",
        "/v1/standings",
        "/v1/takedowns/{takedown_id}/receipts",
        "/graphql",
    }
    assert set(described["paths"]["/v1/events"]["post"]["requestBody"]["content"]) == {
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/json",
    }


@pytest.mark.parametrize("path", ["/graphql", "/healthz", "/nowhere"])
def test_large_bodies_are_refused_by_their_length(api: LiveApi, path: str) -> None:
    told = problem_of(api.client.post(path, content=b" " * (256 * 1024 + 1)))

    assert told["code"] == "body_too_large"


def test_large_bodies_are_refused_though_they_come_in_pieces(api: LiveApi) -> None:
    pieces = (b" " * 64 * 1024 for _ in range(5))

    response = api.client.post(
        "/graphql", content=pieces, headers={"Content-Type": "application/json"}
    )

    assert problem_of(response)["code"] == "body_too_large"
