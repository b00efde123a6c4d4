"""Lineage: what happened to each ring between two runs, from what was known and what is found."""

from collections.abc import Collection, Sequence
from typing import Final

from ringfence.detection.identity import is_mostly_in, overlaps
from ringfence.domain.lineage import RingEvent, RingEventKind
from ringfence.domain.rings import KnownRing, Ring

LEAST_MOVE: Final = 0.01
"""By how much a score has moved since it was told last when that is worth telling."""


def trace_lineage(known: Sequence[KnownRing], rings: Sequence[Ring]) -> tuple[RingEvent, ...]:
    """The events that lead from the known rings to those found, sorted by ring and kind.

    - born: continues no known ring; the others are those that most of it comes from.
    - returned: an earlier run had not found it.
    - split, merged: parts of it are other rings now; other rings are part of it now.
    - grew, shrank, changed: else, by its size; changed: other members, grade, tier or state, or a
      score that moved by `LEAST_MOVE` since it was told last.
    - absorbed: more than half of it is in a ring that continues another one; its id becomes an
      alias of that ring. It never befalls a ring that people have judged.
    - dormant: not found any more, and nothing contradicts it; told once, until it returns.
    - dissolved: the same, but at least half of its members are in other rings now.

    Args:
        known: rings of the run before, each id once.
        rings: found now and named after them.
    """
    known_by_id = {ring.id: ring for ring in known}
    found = {ring.id for ring in rings}
    kin = _Kin(known, rings)
    events = [
        event for ring in rings for event in _events_of_found(ring, known_by_id.get(ring.id), kin)
    ]
    events += [
        event for ring in known if ring.id not in found for event in _events_of_missed(ring, kin)
    ]
    return tuple(sorted(events, key=lambda event: (event.ring_id, event.kind)))


class _Kin:
    """Which rings found and which known ones have members in common, by id."""

    def __init__(self, known: Sequence[KnownRing], rings: Sequence[Ring]) -> None:
        found = {ring.id for ring in rings}
        self.parents: dict[str, list[str]] = {}
        self.parts: dict[str, list[str]] = {}
        self.absorbed: dict[str, list[str]] = {}
        self.absorber: dict[str, str] = {}
        self.ring_by_account: dict[str, str] = {
            member.account_id: ring.id for ring in rings for member in ring.members
        }
        for (ours, theirs), common in overlaps(rings, known).items():
            ring, before = rings[ours], known[theirs]
            if ring.id == before.id:
                continue
            self.parents.setdefault(ring.id, []).append(before.id)
            self.parts.setdefault(before.id, []).append(ring.id)
            if before.id not in found and not before.judged and is_mostly_in(before, common):
                self.absorbed.setdefault(ring.id, []).append(before.id)
                self.absorber[before.id] = ring.id


def _events_of_found(ring: Ring, before: KnownRing | None, kin: _Kin) -> list[RingEvent]:
    members = {member.account_id for member in ring.members}
    if before is None:
        parents = kin.parents.get(ring.id, ())
        return [_event(RingEventKind.BORN, ring.id, (), members, parents)]
    told: dict[RingEventKind, Sequence[str]] = {}
    if before.dormant:
        told[RingEventKind.RETURNED] = ()
    if parts := kin.parts.get(ring.id):
        told[RingEventKind.SPLIT] = parts
    if absorbed := kin.absorbed.get(ring.id):
        told[RingEventKind.MERGED] = absorbed
    if not told and (kind := _plain_change(ring, before, members)):
        told[kind] = ()
    return [_event(kind, ring.id, before.members, members, told[kind]) for kind in told]


def _events_of_missed(before: KnownRing, kin: _Kin) -> list[RingEvent]:
    if absorber := kin.absorber.get(before.id):
        return [_event(RingEventKind.ABSORBED, before.id, before.members, (), (absorber,))]
    if before.dormant:
        return []
    elsewhere = [kin.ring_by_account[a] for a in before.members if a in kin.ring_by_account]
    dissolved = 2 * len(elsewhere) >= len(before.members)
    kind = RingEventKind.DISSOLVED if dissolved else RingEventKind.DORMANT
    return [_event(kind, before.id, before.members, before.members, elsewhere)]


def _plain_change(ring: Ring, before: KnownRing, members: set[str]) -> RingEventKind | None:
    if len(members) != len(before.members):
        grew = len(members) > len(before.members)
        return RingEventKind.GREW if grew else RingEventKind.SHRANK
    figures = (ring.operation_id, ring.grade, ring.tier, ring.state)
    known_figures = (before.operation_id, before.grade, before.tier, before.state)
    same = members == set(before.members) and figures == known_figures
    return None if same and not _moved(ring.score, before) else RingEventKind.CHANGED


def _moved(score: float, before: KnownRing) -> bool:
    told = before.score if before.told_score is None else before.told_score
    return told is None or abs(score - told) >= LEAST_MOVE


def _event(
    kind: RingEventKind,
    ring_id: str,
    before: Collection[str],
    after: Collection[str],
    others: Sequence[str],
) -> RingEvent:
    old, new = set(before), set(after)
    return RingEvent(
        kind=kind,
        ring_id=ring_id,
        size_before=len(old),
        size_after=len(new),
        added=len(new - old),
        removed=len(old - new),
        other_ring_ids=tuple(sorted(set(others))),
    )
