"""Detect: read the account graph, find its rings, write what changed, and record the run."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, Final, NamedTuple

import orjson

from ringfence import __version__
from ringfence.detection import DetectionConfig, detect_rings
from ringfence.detection.lineage import trace_lineage
from ringfence.detection.verdicts import respect_verdicts
from ringfence.domain.appeals import NO_DISCOUNTS, Discounts
from ringfence.domain.graph import AccountGraph
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.masking import mask
from ringfence.domain.rings import Detection, KnownRing
from ringfence.errors import InvalidInput, RingfenceError
from ringfence.logs import get_logger
from ringfence.store.account_graph import read_account_graph
from ringfence.store.appeals import find_discounts
from ringfence.store.detection_runs import (
    RunRecord,
    fail_run,
    finish_run,
    record_fingerprint,
    renew_lease,
    start_run,
)
from ringfence.store.found_rings import close_rings, find_ring_marks, in_batches, save_rings
from ringfence.store.graph import Graph
from ringfence.store.graph_snapshot import read_current_graph
from ringfence.store.known_rings import known_rings
from ringfence.store.outbox import trim_outbox
from ringfence.usecases.detection_summary import DetectionSummary, WhatWasRead, summarise
from ringfence.usecases.recognise_returns import recognise_returns
from ringfence.usecases.ring_changes import RingChanges, plan_changes, ring_activities

__all__ = ["DetectionSummary", "Engine", "Progress", "detect", "detect_respecting"]

log = get_logger(__name__)

LEASE_S: Final = 60
"""How long a run that died keeps others from starting; a living one renews it all along."""

Progress = Callable[[str, int, int], None]
"""Told the step (reading, detecting, writing), how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Engine:
    """Where the graph is read and its rings are found: in this process, or on many machines.

    Attributes:
        read: given Neo4j and the moment to look from, reads the graph.
        find: given what was read, finds its rings as `detect_respecting` does.
    """

    read: Callable[[Graph, datetime | None], Awaitable[WhatWasRead]]
    find: Callable[
        [Any, DetectionConfig, Sequence[KnownRing], KnownSharedList, Discounts], Detection
    ]


async def detect(  # noqa: PLR0913 - options, each with a default
    graph: Graph,
    config: DetectionConfig,
    *,
    as_of: datetime | None = None,
    known_shared: KnownSharedList = (),
    secret: bytes | None = None,
    lease_s: int = LEASE_S,
    progress: Progress = lambda *_: None,
    engine: Engine | None = None,
    snapshots: Path | None = None,
) -> DetectionSummary:
    """Find the rings of the graph and write back what changed, each ring whole.

    What happened to each ring since the last run is told beside it, and what people said of rings
    is respected. A run that finds what the graph holds already writes nothing but its record. One
    that dies stays recorded as running until the next one marks it abandoned; rings it had
    written are whole, and the next run writes the rest.

    Args:
        graph: connected and migrated.
        config: parameters; they are recorded with the run.
        as_of: moment in the past to look from, with a zone; None: now.
        known_shared: identifiers that prove nothing for some days; they are recorded too.
        secret: that identifiers of rings taken down are hashed with; None: returns of such rings
            are not recognised, nor are they where one looks from the past.
        lease_s: seconds after which a run that died is no longer waited for.
        progress: told of each step.
        engine: other than this process.
        snapshots: folder of what was read last, so that only what changed since is read here; None:
            all is read, as it is where one looks from the past.

    Raises:
        InvalidInput: `as_of` has no zone.
        Conflict: another detection is running, or took over from this one.
        GraphUnavailable: Neo4j went away; the same call again does the rest.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise InvalidInput(
            f"as_of is {as_of.isoformat()}: expected a zone, such as a Z at the end."
        )
    weighing = Weighing(known_shared, await find_discounts(graph))
    run = _new_run(config, as_of, weighing)
    if abandoned := await start_run(graph, run, lease_s=lease_s):
        log.warning("detection_runs_abandoned", run_ids=abandoned)
    try:
        async with _kept_lease(graph, run.id, lease_s):
            engine = engine or Engine(partial(_read_here, snapshots), detect_respecting)
            summary = await _Run(graph, run, lease_s, progress, engine).detect(config, weighing)
            if secret and as_of is None:
                await recognise_returns(graph, secret=secret, run_id=run.id, at=datetime.now(UTC))
        await finish_run(
            graph, run.id, rings=summary.rings, accounts_flagged=summary.accounts_flagged
        )
    except BaseException:
        with suppress(RingfenceError):
            await fail_run(graph, run.id)
        raise
    with suppress(RingfenceError):
        await trim_outbox(graph)
    log.info(
        "rings_detected",
        run_id=run.id,
        rings=summary.rings,
        written=summary.rings_written,
        closed=summary.rings_closed,
        accounts_flagged=summary.accounts_flagged,
        took_ms=round(1000 * (summary.read_s + summary.detect_s + summary.write_s)),
    )
    return summary


class Weighing(NamedTuple):
    """Identifiers that a run weighs otherwise than by kind and popularity."""

    known_shared: KnownSharedList
    discounts: Discounts


@dataclass(frozen=True, slots=True)
class _Run:
    """One run that has the lease."""

    graph: Graph
    record: RunRecord
    lease_s: int
    progress: Progress
    engine: Engine

    async def detect(self, config: DetectionConfig, weighing: Weighing) -> DetectionSummary:
        started = perf_counter()
        self.progress("reading", 0, 1)
        account_graph, known = await asyncio.gather(
            self.engine.read(self.graph, self.record.as_of), known_rings(self.graph)
        )
        read = perf_counter()
        self.progress("detecting", 0, 1)
        detection = await asyncio.to_thread(
            self.engine.find, account_graph, config, known, *weighing
        )
        detected = perf_counter()
        await record_fingerprint(self.graph, self.record.id, detection.graph_fingerprint)
        activities = list(ring_activities(detection.rings, account_graph.accounts))
        changes = plan_changes(
            detection.rings,
            activities,
            await find_ring_marks(self.graph),
            trace_lineage(known, detection.rings),
        )
        closed = await self._write(changes)
        return summarise(
            self.record.id,
            account_graph,
            detection,
            activities,
            written=len(changes.writes),
            closed=closed,
            seconds=(read - started, detected - read, perf_counter() - detected),
        )

    async def _write(self, changes: RingChanges) -> int:
        """Write and close rings, and return how many were closed."""
        total = len(changes.writes) + len(changes.closes)
        done = 0
        for batch in in_batches(changes.writes, lambda change: change.rows):
            self.progress("writing", done, total)
            await save_rings(self.graph, self.record.id, batch, lease_s=self.lease_s)
            done += len(batch)
        closed = 0
        for gone in in_batches(changes.closes, lambda event: event.size_before):
            self.progress("writing", done, total)
            closed += await close_rings(self.graph, self.record.id, gone, lease_s=self.lease_s)
            done += len(gone)
        self.progress("writing", total, total)
        return closed


async def _read_here(snapshots: Path | None, graph: Graph, as_of: datetime | None) -> AccountGraph:
    if snapshots is None or as_of is not None:
        return await read_account_graph(graph, as_of=as_of)
    return await read_current_graph(graph, snapshots)


def detect_respecting(
    account_graph: AccountGraph,
    config: DetectionConfig,
    known: Sequence[KnownRing],
    known_shared: KnownSharedList = (),
    discounts: Discounts = NO_DISCOUNTS,
) -> Detection:
    """The rings of a graph, named after the known ones and as the verdicts on those let them be."""
    detection = detect_rings(
        account_graph, config, known, known_shared=known_shared, discounts=discounts
    )
    return replace(detection, rings=respect_verdicts(detection.rings, known))


def _new_run(config: DetectionConfig, as_of: datetime | None, weighing: Weighing) -> RunRecord:
    now = datetime.now(UTC)
    return RunRecord(
        id=f"run_{now:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}",
        started_at=now.replace(microsecond=now.microsecond // 1000 * 1000),
        as_of=as_of.astimezone(UTC) if as_of else None,
        config=_told(config, weighing),
        seed=config.seed,
        version=__version__,
    )


def _told(config: DetectionConfig, weighing: Weighing) -> str:
    """The parameters as JSON, with both lists where there are any; contact data is masked."""
    if not any(weighing):
        return config.model_dump_json()
    told = config.model_dump(mode="json")
    if weighing.known_shared:
        told["known_shared"] = [
            {
                "kind": entry.key.kind,
                "value": mask(entry.key),
                "reason": entry.reason,
                "owner": entry.owner,
                "from": entry.begins,
                "until": entry.ends,
            }
            for entry in weighing.known_shared
        ]
    if weighing.discounts:
        told["discounts"] = [
            {"kind": key.kind, "value": mask(key), "overturned": times}
            for key, times in weighing.discounts.items()
        ]
    return orjson.dumps(told).decode()


@asynccontextmanager
async def _kept_lease(graph: Graph, run_id: str, lease_s: int) -> AsyncIterator[None]:
    """Renew the lease while the body works, however long it reads or computes."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(max(lease_s / 4, 1))
            try:
                await renew_lease(graph, run_id, lease_s=lease_s)
            except RingfenceError as error:
                log.warning("lease_not_renewed", run_id=run_id, reason=str(error))

    task = asyncio.create_task(renew())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
