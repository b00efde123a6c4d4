"""What this process counts of itself, for Prometheus; labels have few values and name nobody."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from ringfence import __version__
from ringfence.tallies import Tally, Timings

REGISTRY: Final = CollectorRegistry()
"""Ours alone, so that no library that counts in the common one shows up here."""
ProcessCollector(registry=REGISTRY)

REQUEST_BUCKETS: Final = (
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1,
    2.5,
    5,
    10,
    30,
)
CHECK_BUCKETS: Final = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 1)
ROUND_BUCKETS: Final = (1, 5, 15, 30, 60, 120, 300, 600, 1_800, 3_600)
COST_BUCKETS: Final = (10, 100, 1_000, 5_000, 10_000, 50_000, 100_000, 1_000_000)

BUILD: Final = Gauge("ringfence_build_info", "1, with the version.", ["version"], registry=REGISTRY)
BUILD.labels(__version__).set(1)

REQUESTS: Final = Tally(
    "ringfence_http_requests",
    "Requests by route, method and status.",
    ("route", "method", "status"),
    registry=REGISTRY,
)
REQUEST_SECONDS: Final = Timings(
    "ringfence_http_request_seconds",
    "Time from a request to its answer.",
    "route",
    REQUEST_BUCKETS,
    registry=REGISTRY,
)
GRAPHQL_COST: Final = Histogram(
    "ringfence_graphql_cost_points",
    "Points that operations may cost.",
    buckets=COST_BUCKETS,
    registry=REGISTRY,
)
GRAPHQL_REFUSALS: Final = Counter(
    "ringfence_graphql_refusals",
    "Operations refused for their cost: too_costly, or rate_limited.",
    ["reason"],
    registry=REGISTRY,
)
EVENTS: Final = Counter(
    "ringfence_events",
    "Events taken over HTTP or out of Kafka: loaded, duplicate or rejected.",
    ["outcome"],
    registry=REGISTRY,
)
KAFKA_LAG: Final = Gauge(
    "ringfence_kafka_lag_messages",
    "Messages of its partitions that this member has still to load.",
    registry=REGISTRY,
)
KAFKA_WAITS: Final = Counter(
    "ringfence_kafka_waits",
    "Times that a batch waited for what it needs, by the code of the error.",
    ["reason"],
    registry=REGISTRY,
)
CHECKS: Final = Tally(
    "ringfence_screenings",
    "Sign-up checks by decision, and why they were not made in full: no, where they were.",
    ("decision", "degraded"),
    registry=REGISTRY,
)
CHECK_SECONDS: Final = Timings(
    "ringfence_screening_seconds",
    "Time that the decision itself took.",
    None,
    CHECK_BUCKETS,
    registry=REGISTRY,
)
ROUNDS: Final = Counter(
    "ringfence_rounds",
    "Rounds of detection and index: done or failed.",
    ["outcome"],
    registry=REGISTRY,
)
ROUND_SECONDS: Final = Histogram(
    "ringfence_round_seconds",
    "Time that rounds took.",
    buckets=ROUND_BUCKETS,
    registry=REGISTRY,
)
WEBHOOK_MESSAGES: Final = Counter(
    "ringfence_webhook_messages",
    "Tries of webhook messages: delivered, failed, gave_up or gone.",
    ["outcome"],
    registry=REGISTRY,
)
TAKEDOWN_STEPS: Final = Counter(
    "ringfence_takedown_steps",
    "Steps of takedowns and undoings that this process took.",
    registry=REGISTRY,
)

for _outcome in ("loaded", "duplicate", "rejected"):
    EVENTS.labels(_outcome)
for _outcome in ("done", "failed"):
    ROUNDS.labels(_outcome)
for _outcome in ("delivered", "failed", "gave_up", "gone"):
    WEBHOOK_MESSAGES.labels(_outcome)
for _outcome in ("too_costly", "rate_limited"):
    GRAPHQL_REFUSALS.labels(_outcome)
