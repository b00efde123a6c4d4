"""Traces: a span for each request and statement, and nobody's name in any of them."""

import json
from collections.abc import Iterator
from time import sleep
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ringfence import tracing
from ringfence.errors import InvalidInput
from ringfence.tracing import asked_for, is_traced, look_for_tracer, span, start_tracing
from tests.api.live import LiveApi
from tests.api.test_events import event

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SECRETS = {
    "email": "jane.doe@example.com",
    "device_id": "device-of-jane-77",
    "ip": "203.0.113.77",
    "card": "card-of-jane-4242",
}


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What is traced; OpenTelemetry lets a process set its tracer once only, so it is lent here."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with monkeypatch.context() as lent:
        lent.setattr(trace, "get_tracer_provider", lambda: provider)
        look_for_tracer()
        yield exporter
    look_for_tracer()
    provider.shutdown()


def finished(exporter: InMemorySpanExporter, name: str) -> ReadableSpan:
    """A span by name; that of a request ends just after its answer was sent."""
    for _ in range(100):
        if found := [one for one in exporter.get_finished_spans() if one.name == name]:
            return found[-1]
        sleep(0.02)
    raise AssertionError(f"no span {name}: {[one.name for one in exporter.get_finished_spans()]}")


@pytest.mark.usefixtures("writer")
def test_request_and_its_statements_are_one_trace_that_goes_on_the_callers(
    api: LiveApi, spans: InMemorySpanExporter
) -> None:
    parent = f"00-{TRACE_ID}-00f067aa0ba902b7-01"

    api.client.post("/v1/events", json=[event(1)], headers={"traceparent": parent})
    request = finished(spans, "POST /v1/events")

    assert request.attributes == {
        "http.request.method": "POST",
        "http.route": "/v1/events",
        "http.response.status_code": 200,
    }
    assert f"{request.context.trace_id:032x}" == TRACE_ID
    statements = [one for one in spans.get_finished_spans() if one.name.startswith("cypher ")]
    assert {one.context.trace_id for one in statements} == {request.context.trace_id}
    assert all(one.attributes == {"db.system.name": "neo4j"} for one in statements)
    assert len(statements) >= 2


@pytest.mark.usefixtures("writer")
def test_nothing_that_came_from_outside_is_in_a_span(
    api: LiveApi, spans: InMemorySpanExporter
) -> None:
    search = "query ($term: String!) { search(term: $term, first: 5) { totalCount } }"
    told = event(1) | {"data": {name: SECRETS[name] for name in ("email", "device_id", "ip")}}
    api.client.post("/v1/events", json=[told])
    for secret in SECRETS.values():
        api.client.post("/graphql", json={"query": search, "variables": {"term": secret}})
        api.client.post("/graphql", json={"query": f'{{ search(term: "{secret}") }}'})
        api.client.post("/v1/events", json=event(3, data={"ip": secret, "plan": 5}))
        api.client.get(f"/accounts/{secret}?email={secret}", headers={"User-Agent": secret})
        api.client.get(f"/v1/appeals/{secret}")
        api.client.request("PROPFIND", "/graphql", headers={"tracestate": f"a={secret}"})

    finished(spans, "other other")
    text = json.dumps([one.to_json() for one in spans.get_finished_spans()])

    assert [secret for secret in SECRETS.values() if secret in text] == []
    assert "jane" not in text.lower()
    assert "propfind" not in text.lower()
    scopes = {one.instrumentation_scope for one in spans.get_finished_spans()}
    assert {scope and scope.name for scope in scopes} == {"ringfence"}


def test_error_is_told_by_its_kind_alone(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="jane"), span("step", {"members": 3}):
        raise ValueError("jane")

    step = finished(spans, "step")

    assert step.attributes == {"members": 3, "error.type": "ValueError"}
    assert (step.status.status_code.name, step.status.description, step.events) == (
        "ERROR",
        None,
        (),
    )


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "ringfence"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://c:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://c:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "otlp"}, False),
    ],
)
def test_standard_variables_turn_traces_on(variables: dict[str, str], expected: bool) -> None:
    assert asked_for(variables) is expected


def test_without_variables_there_is_no_tracer_and_a_span_is_nothing() -> None:
    assert not start_tracing({})
    assert not is_traced()

    with span("step") as opened:
        assert opened is None


def test_traces_without_their_library_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "find_spec", lambda _: None)
    asked: dict[str, Any] = {"OTEL_TRACES_EXPORTER": "otlp"}

    with pytest.raises(InvalidInput, match=r"ringfence\[otel\]"):
        start_tracing(asked)

    assert not is_traced()
