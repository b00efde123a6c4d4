"""Evaluate: detection from a file of events against a truth, beside what every team tries first."""

import csv
import gzip
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

import numpy as np

from ringfence.detection import DetectionConfig, detect_rings
from ringfence.detection.baselines import components_baseline, louvain_baseline
from ringfence.detection.quality import Quality, TrueAccount, measure_quality
from ringfence.domain.assembling import IdentifierNote, graph_from_fold
from ringfence.domain.events import Event, RejectedEvent, parse_event
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.graph import AccountGraph, Ints
from ringfence.domain.identifiers import IP, IdentifierKey, normalise_ip
from ringfence.domain.rings import Detection, Ring, Role, Tier
from ringfence.errors import InvalidInput
from ringfence.logs import get_logger

log = get_logger(__name__)

FLAGGED = frozenset({Tier.AUTO, Tier.REVIEW})
_TRUE_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What detection found in a file, and how good it is.

    Attributes:
        ours: accounts of rings in tier auto or review.
        auto_core: core members of rings in tier auto alone.
        absent: accounts of the truth that no event names; `unknown`: the other way round.
    """

    detection: Detection
    ours: Quality
    auto_core: Quality
    components: Quality
    louvain: Quality
    accounts: int
    links: int
    rejects: int
    absent: int
    unknown: int
    took_s: dict[str, float]


def evaluate(
    events: Path, truth: Path, config: DetectionConfig, *, addresses: Path | None = None
) -> Evaluation:
    """Detect rings in a file of events and compare them with the truth.

    Args:
        events: NDJSON, or `.gz` of it.
        config: parameters of detection.
        truth: CSV `account_id,is_fake,ring,category`; the last two may be missing.
        addresses: CSV `address,class`, what a feed says of IP addresses.

    Raises:
        InvalidInput: a file cannot be read or breaks its form.
    """
    took_s: dict[str, float] = {}
    known = read_truth(truth)
    with _timed(took_s, "read"):
        reader = EventReader(events)
        fold = fold_events(once_each(reader))
        graph = graph_from_fold(fold, read_addresses(addresses) if addresses else None)
    with _timed(took_s, "detect"):
        detection = detect_rings(graph, config)
    with _timed(took_s, "baselines"):
        components = _grouped(graph, components_baseline(graph))
        louvain = _grouped(graph, louvain_baseline(graph, seed=config.seed))
    present = set(graph.accounts.ids)
    evaluation = Evaluation(
        detection=detection,
        ours=measure_quality(ring_by_account(detection.rings), known),
        auto_core=measure_quality(core_ring_by_account(detection.rings), known),
        components=measure_quality(components, known),
        louvain=measure_quality(louvain, known),
        accounts=len(graph.accounts),
        links=len(graph.links),
        rejects=reader.rejects,
        absent=len(known.keys() - present),
        unknown=len(present - known.keys()),
        took_s=took_s,
    )
    log.info("evaluated", accounts=evaluation.accounts, rings=len(detection.rings), **took_s)
    return evaluation


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


class EventReader:
    """Iterates over the valid events of a file once, counting the rejects."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rejects = 0

    def __iter__(self) -> Iterator[Event]:
        now_ms = time.time_ns() // 1_000_000
        with _opened(self._path) as stream:
            try:
                for line in stream:
                    if not line.strip():
                        continue
                    try:
                        yield parse_event(line, now_ms=now_ms)
                    except RejectedEvent:
                        self.rejects += 1
            except (EOFError, gzip.BadGzipFile) as error:
                raise InvalidInput(f"{self._path}: {error}. Expected a whole gzip file.") from error


def read_truth(path: Path) -> dict[str, TrueAccount]:
    """Truth by account id.

    Raises:
        InvalidInput: a column is missing, an account comes twice or `is_fake` is no yes or no.
    """
    truth: dict[str, TrueAccount] = {}
    for line, row in _rows(path, ("account_id", "is_fake")):
        account_id = row["account_id"]
        is_fake = _TRUE_WORDS.get((row["is_fake"] or "").strip().lower())
        if not account_id or account_id in truth or is_fake is None:
            raise InvalidInput(
                f"{path} line {line}: expected a new account_id and is_fake 0 or 1, "
                f"got {account_id!r} and {row['is_fake']!r}. Correct the truth."
            )
        truth[account_id] = TrueAccount(is_fake, row.get("ring") or None, row.get("category"))
    return truth


def read_addresses(path: Path) -> dict[IdentifierKey, IdentifierNote]:
    """Class of each address that a feed knows.

    Raises:
        InvalidInput: a column is missing or an address does not parse.
    """
    notes = {}
    for line, row in _rows(path, ("address", "class")):
        try:
            key = IdentifierKey(IP, normalise_ip(row["address"] or ""))
        except ValueError as error:
            raise InvalidInput(f"{path} line {line}: {row['address']!r}: {error}.") from None
        notes[key] = IdentifierNote(address_class=row["class"] or None)
    return notes


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
                raise InvalidInput(
                    f"{path}: expected the columns {', '.join(columns)}, "
                    f"missing {', '.join(missing)}. Add them to the first line."
                )
            for row in reader:
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: {error}. Expected a readable CSV file in UTF-8.") from error


def _opened(path: Path) -> BufferedIOBase:
    try:
        return gzip.open(path) if path.suffix == ".gz" else path.open("rb")
    except OSError as error:
        raise InvalidInput(f"{path}: {error}. Expected a readable file of events.") from error


def _grouped(graph: AccountGraph, group: Ints) -> dict[str, str]:
    ids = graph.accounts.ids
    return {ids[at]: str(group[at]) for at in np.flatnonzero(group >= 0).tolist()}


@contextmanager
def _timed(took_s: dict[str, float], step: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    took_s[step] = round(time.perf_counter() - start, 3)
