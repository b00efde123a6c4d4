"""What is known at a moment, in the words of Prometheus: names, labels and values."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from prometheus_client.core import GaugeMetricFamily

from ringfence.domain.rings import LONG_AGO, RingState, Tier
from ringfence.domain.takedowns import TakedownState
from ringfence.store.metrics import Delivery, GraphFigures
from ringfence.usecases.screen import Screener
from ringfence.usecases.screening_upkeep import Upkeep


@dataclass(frozen=True, slots=True)
class GraphReading:
    """What the graph said.

    Attributes:
        up: whether it answered; if not, nothing else is known.
        waiting: units of work that wait for their turn.
        at: the moment of telling.
        migrations_pending: -1 where graph and version disagree.
        audit_looked_at: entries that the watch's present round has found sound.
    """

    up: bool
    waiting: int = 0
    at: datetime = LONG_AGO
    migrations_pending: int = 0
    figures: GraphFigures | None = None
    audit_fault: bool = False
    audit_looked_at: int = 0

    def with_waiting(self, waiting: int, at: datetime) -> Self:
        """The same, told now."""
        return replace(self, waiting=waiting, at=at)


def of_graph(reading: GraphReading) -> Iterator[GaugeMetricFamily]:
    """Figures of the graph; of one that is away, that it is."""
    yield _one("ringfence_graph_up", "Whether Neo4j answers.", reading.up)
    yield _one(
        "ringfence_graph_turns_waiting",
        "Units of work of this process that wait for their turn at Neo4j.",
        reading.waiting,
    )
    if reading.figures is None:
        return
    yield _one(
        "ringfence_migrations_pending",
        "Migrations that the graph lacks; -1: graph and version disagree.",
        reading.migrations_pending,
    )
    yield _one(
        "ringfence_audit_intact",
        "0 from when an entry of the audit log was found touched.",
        not reading.audit_fault,
    )
    yield _one(
        "ringfence_audit_looked_at",
        "Entries of the audit log that the present round has found as they were written.",
        reading.audit_looked_at,
    )
    yield from _of_rings(reading.figures)
    yield from _of_takedowns(reading.figures)
    yield from _of_runs(reading.figures)
    yield from _of_deliveries(reading.figures.deliveries, reading.at)


def of_screener(screener: Screener | None, upkeep: Upkeep | None) -> Iterator[GaugeMetricFamily]:
    """Figures of the sign-up check of this process."""
    if screener is None:
        return
    index = screener.known.index
    yield _one(
        "ringfence_screening_journal_held",
        "Sign-up checks that wait to be written to Neo4j.",
        screener.waiting,
    )
    yield _one("ringfence_screening_index_ready", "Whether there is an index.", index is not None)
    if index:
        age_s = max(0.0, time.time() - index.built_ms / 1000)
        yield _one("ringfence_screening_index_age_seconds", "Age of the index.", age_s)
    if upkeep is None:
        return
    yield _one(
        "ringfence_screening_index_stale",
        "Whether anything changed since the index was built.",
        upkeep.stale,
    )
    yield _one(
        "ringfence_screening_agreement_compared",
        "Answers that were compared with what the index after them says.",
        upkeep.agreement.compared,
    )
    yield _one(
        "ringfence_screening_agreement_equal",
        "Answers among these that agree with it.",
        upkeep.agreement.equal,
    )


def _of_rings(figures: GraphFigures) -> Iterator[GaugeMetricFamily]:
    rings = GaugeMetricFamily("ringfence_rings", "Rings.", labels=["state", "tier"])
    for state in RingState:
        for tier in Tier:
            rings.add_metric([state, tier], figures.rings.get((state, tier), 0))
    yield rings


def _of_takedowns(figures: GraphFigures) -> Iterator[GaugeMetricFamily]:
    takedowns = GaugeMetricFamily("ringfence_takedowns", "Takedowns.", labels=["state"])
    for state in TakedownState:
        takedowns.add_metric([state], figures.takedowns.get(state, 0))
    yield takedowns
    yield _one(
        "ringfence_takedowns_halted", "Whether the kill switch of takedowns is on.", figures.halted
    )


def _of_runs(figures: GraphFigures) -> Iterator[GaugeMetricFamily]:
    if figures.last_run is None:
        return
    started, finished = figures.last_run
    yield _one(
        "ringfence_detection_finished_timestamp_seconds",
        "When the last finished detection ended, in seconds since 1970.",
        finished.timestamp(),
    )
    yield _one(
        "ringfence_detection_seconds",
        "How long the last finished detection took.",
        (finished - started).total_seconds(),
    )


def _of_deliveries(deliveries: tuple[Delivery, ...], at: datetime) -> Iterator[GaugeMetricFamily]:
    labels = ["endpoint"]
    waiting = GaugeMetricFamily(
        "ringfence_webhook_actions_waiting", "Actions not told yet.", labels=labels
    )
    lag = GaugeMetricFamily(
        "ringfence_webhook_lag_seconds", "Age of the first action not told yet.", labels=labels
    )
    dead = GaugeMetricFamily("ringfence_webhook_dead_letters", "Dead letters.", labels=labels)
    disabled = GaugeMetricFamily(
        "ringfence_webhook_disabled", "Whether it is sent nothing.", labels=labels
    )
    for one in deliveries:
        behind_s = (at - one.oldest_at).total_seconds() if one.oldest_at and one.waiting else 0.0
        waiting.add_metric([one.endpoint_id], one.waiting)
        lag.add_metric([one.endpoint_id], max(behind_s, 0.0))
        dead.add_metric([one.endpoint_id], one.dead)
        disabled.add_metric([one.endpoint_id], one.disabled)
    yield from (waiting, lag, dead, disabled)


def _one(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)
