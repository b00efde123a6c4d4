"""Rings keep their ids while a tenth of all accounts leaves and as many come, day after day."""

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from ringfence.detection import detect_rings, load_config
from ringfence.detection.lineage import trace_lineage
from ringfence.domain.assembling import graph_from_fold
from ringfence.domain.events import Event, parse_event
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.graph import AccountGraph
from ringfence.domain.lineage import RingEventKind
from ringfence.domain.rings import KnownRing, Ring, Role
from ringfence.worlds import build_world

ACCOUNTS = 5_000
DAYS = 5
ACTIVE = 0.6
"""Part of the accounts that is there on each day; the others have left or are still to come."""
CHURN = 0.1
START = datetime(2026, 1, 1, tzinfo=UTC)
BAR = 0.98

log = logging.getLogger(__name__)


@dataclass
class Week:
    """What a store would know, and how many rings that survived a day kept their ids."""

    known: list[KnownRing]
    survived: int = 0
    kept: int = 0

    def live(self, rings: tuple[Ring, ...], day: int) -> None:
        for before, now in survivors(self.known, rings):
            self.survived += 1
            self.kept += before == now
        events = trace_lineage(self.known, rings)
        into = {e.ring_id: e.other_ring_ids[0] for e in events if e.kind is RingEventKind.ABSORBED}
        old = {ring.id: ring for ring in self.known}
        found = [known_of(ring, old.get(ring.id), day) for ring in rings]
        names = {ring.id for ring in rings} | into.keys()
        self.known = found + [ring for ring in self.known if ring.id not in names]


def survivors(known: list[KnownRing], rings: tuple[Ring, ...]) -> list[tuple[str, str]]:
    """Ids before and now of rings that more than half of the members of one went to.

    Of rings that merged, the one that gave the most members counts.
    """
    ring_by_account = {m.account_id: ring.id for ring in rings for m in ring.members}
    heirs: dict[str, tuple[int, str]] = {}
    for ring in known:
        went = Counter(ring_by_account[a] for a in ring.members if a in ring_by_account)
        for heir, members in went.items():
            if 2 * members > len(ring.members):
                heirs[heir] = max(heirs.get(heir, (0, "")), (members, ring.id))
    return [(before, now) for now, (_, before) in heirs.items()]


def known_of(ring: Ring, before: KnownRing | None, day: int) -> KnownRing:
    return KnownRing(
        id=ring.id,
        operation_id=ring.operation_id,
        strength_by_account_id={m.account_id: m.strength for m in ring.members},
        core=frozenset(m.account_id for m in ring.members if m.role is Role.CORE),
        found_at=before.found_at if before else START + timedelta(days=day),
    )


def read_events(folder: Path) -> list[Event]:
    with (folder / "events.ndjson").open("rb") as stream:
        return [parse_event(line, now_ms=2**42) for line in stream]


def churned(seed: int, folder: Path) -> Iterator[AccountGraph]:
    """The account graph of each day."""
    build_world(folder, ACCOUNTS, seed)
    events = read_events(folder)
    dice = np.random.default_rng(seed)
    waiting = dice.permutation(sorted({event.account_id for event in events})).tolist()
    size = int(ACTIVE * len(waiting))
    leaving = int(CHURN * size)
    active, waiting = waiting[:size], waiting[size:]
    for _ in range(DAYS + 1):
        present = set(active)
        there = (event for event in events if event.account_id in present)
        yield graph_from_fold(fold_events(once_each(there)))
        dice.shuffle(active)
        active, waiting = active[leaving:] + waiting[:leaving], waiting[leaving:]


def test_rings_that_survive_a_day_of_churn_keep_their_ids(tmp_path: Path) -> None:
    config, kept, survived = load_config(), 0, 0

    for seed in (21, 22, 23):
        week = Week([])
        for day, graph in enumerate(churned(seed, tmp_path / str(seed))):
            week.live(detect_rings(graph, config, week.known).rings, day)
        log.info("seed %d: %d of %d surviving rings keep ids", seed, week.kept, week.survived)
        kept, survived = kept + week.kept, survived + week.survived

    assert survived >= 150
    assert kept / survived >= BAR
