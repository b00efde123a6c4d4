"""Evaluate: detection from a file of events against a truth, beside what every team tries first."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ringfence.detection import DetectionConfig, detect_rings
from ringfence.detection.baselines import BASELINES
from ringfence.detection.collector import collector_off
from ringfence.detection.config_diff import FLAGGED, DetectionDiff, compare_detections
from ringfence.detection.quality import Quality, TrueAccount, measure_quality
from ringfence.detection.ranking_quality import (
    CalibrationBin,
    RankingQuality,
    measure_calibration,
    measure_ranking,
)
from ringfence.domain.assembling import graph_from_fold
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.graph import AccountGraph
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.rings import Detection, Ring, Role, Tier
from ringfence.errors import InvalidInput
from ringfence.logs import get_logger
from ringfence.usecases.evaluation_input import EventReader, read_addresses, read_truth

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MethodQuality:
    """One baseline: its groups, ranked by size.

    Attributes:
        quality, ranking: None where the world is too large for it.
    """

    quality: Quality | None
    ranking: RankingQuality | None
    took_s: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What detection found in a file, and how good it is.

    Attributes:
        ours: accounts of rings in tier auto or review.
        auto_core: core members of rings in tier auto alone.
        ranking: accounts by the score of their ring, whatever its tier.
        baselines: by name.
        absent: accounts of the truth that no event names; `unknown`: the other way round.
        diff: what the second config says otherwise, where one was given.
    """

    detection: Detection
    ours: Quality
    auto_core: Quality
    ranking: RankingQuality
    calibration: tuple[CalibrationBin, ...]
    baselines: dict[str, MethodQuality]
    accounts: int
    links: int
    rejects: int
    absent: int
    unknown: int
    took_s: dict[str, float]
    diff: DetectionDiff | None = None


def evaluate(
    events: Path,
    truth: Path,
    config: DetectionConfig,
    *,
    addresses: Path | None = None,
    baselines: Sequence[str] = tuple(BASELINES),
    against: DetectionConfig | None = None,
    known_shared: KnownSharedList = (),
) -> Evaluation:
    """Detect rings in a file of events and compare them with the truth.

    Args:
        events: NDJSON, or `.gz` of it.
        truth: CSV `account_id,is_fake,ring,category`; the last two may be missing.
        config: parameters of detection.
        addresses: CSV `address,class`, what a feed says of IP addresses.
        baselines: names of methods to measure beside.
        against: other parameters, whose rings on the same data are compared with the first.
        known_shared: identifiers that prove nothing to our detection for some days.

    Raises:
        InvalidInput: a file cannot be read or breaks its form, or a baseline is not known.
    """
    if strange := [name for name in baselines if name not in BASELINES]:
        raise InvalidInput(
            f"no baseline {', '.join(strange)}. Known ones: {', '.join(BASELINES)}; or all, none."
        )
    took_s: dict[str, float] = {}
    known = read_truth(truth)
    with _timed(took_s, "read"):
        graph, rejects = read_graph(events, addresses)
    with _timed(took_s, "detect"):
        detection = detect_rings(graph, config, known_shared=known_shared)
    diff = None
    if against:
        with _timed(took_s, "detect_against"):
            other = detect_rings(graph, against, known_shared=known_shared)
            diff = compare_detections(detection, other)
    with _timed(took_s, "baselines"):
        beside = {name: _measure_baseline(name, graph, known, config.seed) for name in baselines}
    evaluation = _evaluation(detection, graph, known, beside, rejects, took_s, diff)
    log.info("evaluated", accounts=evaluation.accounts, rings=len(detection.rings), **took_s)
    return evaluation


def read_graph(events: Path, addresses: Path | None = None) -> tuple[AccountGraph, int]:
    """The account graph of a file of events, and how many lines were rejected.

    Raises:
        InvalidInput: a file cannot be read or breaks its form.
    """
    reader = EventReader(events)
    with collector_off():
        fold = fold_events(once_each(reader))
        graph = graph_from_fold(fold, read_addresses(addresses) if addresses else None)
    return graph, reader.rejects


def measure_detection(
    detection: Detection, truth: Mapping[str, TrueAccount]
) -> tuple[Quality, RankingQuality]:
    """Quality of the flagged accounts, and of the ranking by the score of each account's ring."""
    core = {m.account_id for ring in detection.rings for m in ring.members if m.role is Role.CORE}
    operation = {m.account_id: r.operation_id for r in detection.rings for m in r.members}
    quality = measure_quality(
        ring_by_account(detection.rings), truth, core=core, operation_by_account=operation
    )
    scores = {m.account_id: ring.score for ring in detection.rings for m in ring.members}
    return quality, measure_ranking(scores, _is_fake(truth))


def ring_by_account(rings: Iterable[Ring]) -> dict[str, str]:
    """Ring of each flagged account: tier auto or review."""
    return {m.account_id: ring.id for ring in rings if ring.tier in FLAGGED for m in ring.members}


def core_ring_by_account(rings: Iterable[Ring]) -> dict[str, str]:
    """Ring of each core member of tier auto."""
    return {
        member.account_id: ring.id
        for ring in rings
        if ring.tier is Tier.AUTO
        for member in ring.members
        if member.role is Role.CORE
    }


def _evaluation(
    detection: Detection,
    graph: AccountGraph,
    known: Mapping[str, TrueAccount],
    baselines: dict[str, MethodQuality],
    rejects: int,
    took_s: dict[str, float],
    diff: DetectionDiff | None,
) -> Evaluation:
    ours, ranking = measure_detection(detection, known)
    present = set(graph.accounts.ids)
    return Evaluation(
        detection=detection,
        ours=ours,
        auto_core=measure_quality(core_ring_by_account(detection.rings), known),
        ranking=ranking,
        calibration=measure_calibration(detection.rings, _is_fake(known)),
        baselines=baselines,
        accounts=len(graph.accounts),
        links=len(graph.links),
        rejects=rejects,
        absent=len(known.keys() - present),
        unknown=len(present - known.keys()),
        took_s=took_s,
        diff=diff,
    )


def _measure_baseline(
    name: str, graph: AccountGraph, known: Mapping[str, TrueAccount], seed: int
) -> MethodQuality:
    baseline, ids = BASELINES[name], graph.accounts.ids
    if baseline.is_too_slow_for(len(ids)):
        return MethodQuality(None, None, 0.0)
    start = time.perf_counter()
    label = baseline.group_accounts(graph, seed=seed)
    took_s = round(time.perf_counter() - start, 3)
    grouped = np.flatnonzero(label >= 0).tolist()
    sizes = np.bincount(label[grouped]) if grouped else np.zeros(1)
    ranking = measure_ranking({ids[at]: float(sizes[label[at]]) for at in grouped}, _is_fake(known))
    return MethodQuality(
        measure_quality({ids[at]: str(label[at]) for at in grouped}, known), ranking, took_s
    )


def _is_fake(truth: Mapping[str, TrueAccount]) -> dict[str, bool]:
    return {account: known.is_fake for account, known in truth.items()}


@contextmanager
def _timed(took_s: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    took_s[step] = round(time.perf_counter() - start, 3)
