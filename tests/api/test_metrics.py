"""Figures for Prometheus: true, bounded, and naming nobody."""

import re
from collections.abc import Mapping
from pathlib import Path
from time import sleep

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from ringfence.api.rest import metrics as door
from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.store.graph import Graph
from ringfence.usecases.audit import append
from tests.api.live import LiveApi, live_api
from tests.api.small_graph import Writer
from tests.api.test_events import event
from tests.conftest import Neo4jServer

Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "FRESH_FOR_S", 0.0)


def scrape(api: LiveApi) -> Figures:
    response = api.client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def figure(figures: Figures, name: str, **labels: str) -> float:
    return figures.get((name, frozenset(labels.items())), 0.0)


def grown(before: Figures, after: Figures, name: str, **labels: str) -> float:
    return figure(after, name, **labels) - figure(before, name, **labels)


def test_figures_need_the_scope_read(api: LiveApi) -> None:
    assert httpx.get(f"{api.url}/metrics").status_code == 401
    assert scrape(api)


@pytest.mark.usefixtures("writer")
def test_requests_events_and_costs_are_counted(api: LiveApi) -> None:
    before = scrape(api)

    api.client.post("/v1/events", json=[event(1), event(1), event(2, time="never")])
    api.ask("{ __typename }")
    api.ask('{ ring(id: "no ring of this name") { size } }')
    api.client.get("/v1/appeals/appeal_17")
    api.client.get("/accounts/jane.doe@example.com")
    api.client.request("PROPFIND", "/graphql")
    sleep(0.05)  # A request is counted just after its answer was sent.
    after = scrape(api)

    events = {
        outcome: grown(before, after, "ringfence_events_total", outcome=outcome)
        for outcome in ("loaded", "duplicate", "rejected")
    }
    assert events == {"loaded": 1, "duplicate": 1, "rejected": 1}

    def requests(route: str, method: str, status: str) -> float:
        name = "ringfence_http_requests_total"
        return grown(before, after, name, route=route, method=method, status=status)

    assert requests("/v1/events", "POST", "200") == 1
    assert requests("/graphql", "POST", "200") == 2
    assert requests("/v1/appeals/{appeal_id}", "GET", "404") == 1
    assert requests("other", "GET", "404") == 1
    assert requests("other", "other", "405") == 1
    seconds = "ringfence_http_request_seconds_count"
    assert grown(before, after, seconds, route="/v1/events") == 1
    assert grown(before, after, "ringfence_graphql_cost_points_count") >= 1
    assert figure(after, "ringfence_graph_up") == 1
    assert figure(after, "ringfence_migrations_pending") == 0


@pytest.mark.usefixtures("small_graph")
def test_rings_and_runs_of_the_graph_are_told(api: LiveApi) -> None:
    expected: dict[tuple[str, str], float] = {}
    rings = api.ask("{ rings(first: 50) { nodes { state tier } } }")["rings"]["nodes"]
    for ring in rings:
        key = ring["state"].lower(), ring["tier"].lower()
        expected[key] = expected.get(key, 0) + 1

    figures = scrape(api)

    told = {
        (dict(labels)["state"], dict(labels)["tier"]): value
        for (name, labels), value in figures.items()
        if name == "ringfence_rings" and value
    }
    assert told == expected | {("closed", "review"): 1.0}  # which `rings` leaves out
    assert figure(figures, "ringfence_takedowns", state="paused") == 0
    assert ("ringfence_takedowns", frozenset({("state", "paused")})) in figures


def test_sign_up_checks_are_counted_by_decision(screening_api: LiveApi) -> None:
    before = scrape(screening_api)

    answers = [
        screening_api.client.post("/v1/screenings", json={"attempt_id": f"try_{n}"}).json()
        for n in range(3)
    ]
    after = scrape(screening_api)

    assert {answer["decision"] for answer in answers} == {"allow"}
    assert grown(before, after, "ringfence_screenings_total", decision="allow", degraded="no") == 3
    assert grown(before, after, "ringfence_screening_seconds_count") == 3
    assert figure(after, "ringfence_screening_index_ready") == 1
    assert figure(after, "ringfence_screening_journal_held") >= 0


async def test_endpoint_that_is_behind_and_its_dead_letters_are_told(
    api: LiveApi, writer: Writer
) -> None:
    writer.run(
        "CREATE (:TakedownDesk {name: 'actions', seq: 5}) "
        "CREATE (:TakedownDesk {name: 'switch', halted: true}) "
        "CREATE (:WebhookEndpoint {id: 'hook_1', cursor: 3, url: 'https://jane.example/h'}) "
        "CREATE (:DeadLetter {endpoint_id: 'hook_1', action_seq: 2, account_id: 'acct_jane'}) "
        "WITH 1 AS one UNWIND range(1, 5) AS n "
        "CREATE (:Action {seq: n, account_id: 'acct_jane', "
        "at: datetime.realtime() - duration({seconds: 600})})"
    )

    figures = scrape(api)

    assert figure(figures, "ringfence_webhook_actions_waiting", endpoint="hook_1") == 2
    assert 590 < figure(figures, "ringfence_webhook_lag_seconds", endpoint="hook_1") < 700
    assert figure(figures, "ringfence_webhook_dead_letters", endpoint="hook_1") == 1
    assert figure(figures, "ringfence_webhook_disabled", endpoint="hook_1") == 0
    assert figure(figures, "ringfence_takedowns_halted") == 1
    assert "jane" not in api.client.get("/metrics").text


async def test_audit_log_that_was_touched_is_told_until_it_is_sound(
    api: LiveApi, graph: Graph
) -> None:
    for n in range(3):
        await append(graph, AuditRecord("tess", AuditAction.NOTE_ADDED, f"ring_{n}", {}))
    sound = scrape(api)
    await graph.run_schema("MATCH (e:AuditEntry {seq: 2}) SET e.was = e.actor, e.actor = 'eve'")
    touched = scrape(api)
    await graph.run_schema("MATCH (e:AuditEntry {seq: 2}) SET e.actor = e.was REMOVE e.was")

    mended = scrape(api)

    assert figure(sound, "ringfence_audit_intact") == 1
    assert figure(touched, "ringfence_audit_intact") == 0
    assert figure(mended, "ringfence_audit_intact") == 1


def test_figures_are_told_while_neo4j_is_away(neo4j_server: Neo4jServer) -> None:
    with live_api("bolt://127.0.0.1:1", neo4j_server.user, "wrong", query_timeout_s=1) as api:
        figures = scrape(api)

    assert figure(figures, "ringfence_graph_up") == 0
    assert not any(name == "ringfence_rings" for name, _ in figures)
    assert any(name == "ringfence_http_requests_total" for name, _ in figures)


def test_names_that_dashboard_and_alerts_use_are_told(
    screening_api: LiveApi, observability: Mapping[str, str], writer: Writer
) -> None:
    writer.run("CREATE (:WebhookEndpoint {id: 'hook_1', cursor: 0, url: 'https://h.example'})")
    writer.run(
        "CREATE (:DetectionRun {id: 'run_9', state: 'finished', started_at: datetime.realtime(), "
        "finished_at: datetime.realtime()})"
    )
    known = {name for name, _ in scrape(screening_api)}

    for file, text in observability.items():
        recorded = set(re.findall(r"record: (\S+)", text))
        used = set(re.findall(r"\b((?:ringfence|process)[_:][a-z0-9_:]+)\b", text))
        unknown = used - known - recorded
        assert not unknown, f"{file} uses names that are told by nobody: {sorted(unknown)}"
        assert len(used) > 15


@pytest.fixture
def observability() -> dict[str, str]:
    folder = Path(__file__).parents[2] / "docker" / "observability"
    return {name: (folder / name).read_text() for name in ("dashboard.json", "alerts.yaml")}
