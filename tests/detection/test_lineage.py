"""What happened to rings between runs: single stories, and laws that hold for all of them."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detection.identity import name_rings
from ringfence.detection.lineage import trace_lineage
from ringfence.domain.lineage import RingEvent, RingEventKind
from ringfence.domain.rings import KnownRing, Ring, RingState
from tests.detection.rings_by_hand import EARLY, LATE, known, ring

groups = st.lists(st.integers(0, 5), min_size=24, max_size=24)
"""A ring, or none (0), for each of 24 accounts."""

GONE = {RingEventKind.ABSORBED, RingEventKind.DORMANT, RingEventKind.DISSOLVED}


def told(before: list[KnownRing], rings: list[Ring]) -> list[tuple[str, str, tuple[str, ...]]]:
    events = trace_lineage(before, rings)
    return [(event.ring_id, event.kind.value, event.other_ring_ids) for event in events]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ([], [ring("K", "abc")], [("K", "born", ())]),
        ([known("K", "abc")], [ring("K", "abcd")], [("K", "grew", ())]),
        ([known("K", "abc")], [ring("K", "ab")], [("K", "shrank", ())]),
        ([known("K", "abc")], [ring("K", "abd")], [("K", "changed", ())]),
        ([known("K", "abc")], [ring("K", "abc", score=0.8)], [("K", "changed", ())]),
        ([known("K", "abc", score=0.8)], [ring("K", "abc", score=0.809)], []),
        ([known("K", "abc", score=0.8)], [ring("K", "abc", score=0.79)], [("K", "changed", ())]),
        ([known("K", "abc")], [ring("K", "abc")], []),
        ([known("K", "abc")], [], [("K", "dormant", ())]),
        ([known("K", "abc", dormant=True)], [], []),
        ([known("K", "abc", dormant=True)], [ring("K", "abc")], [("K", "returned", ())]),
        (
            [known("K", "abcde")],
            [ring("K", "abc"), ring("N", "de")],
            [("K", "split", ("N",)), ("N", "born", ("K",))],
        ),
        (
            [known("K", "abc"), known("L", "de")],
            [ring("K", "abcde")],
            [("K", "merged", ("L",)), ("L", "absorbed", ("K",))],
        ),
        (
            [known("K", "abcd"), known("L", "efghi"), known("M", "jklmn")],
            [ring("L", "abefghi"), ring("M", "cdjklmn")],
            [("K", "dissolved", ("L", "M")), ("L", "grew", ()), ("M", "grew", ())],
        ),
        (
            [known("K", "abc"), known("L", "de", state=RingState.CONFIRMED)],
            [ring("K", "abcde")],
            [("K", "grew", ()), ("L", "dissolved", ("K",))],
        ),
    ],
)
def test_story_of_rings(
    before: list[KnownRing], now: list[Ring], expected: list[tuple[str, str, tuple[str, ...]]]
) -> None:
    assert told(before, now) == expected


def test_event_tells_sizes_and_how_many_came_and_went() -> None:
    (event,) = trace_lineage([known("K", "abcde")], [ring("K", "cdefgh")])

    assert event == RingEvent(RingEventKind.GREW, "K", 5, 6, added=3, removed=2)


def known_after(
    before: Sequence[KnownRing], rings: Sequence[Ring], events: Sequence[RingEvent]
) -> list[KnownRing]:
    """What a store knows once a run is written."""
    known_by_id = {one.id: one for one in before}
    absorber = {e.ring_id: e.other_ring_ids[0] for e in events if e.kind is RingEventKind.ABSORBED}
    came: dict[str, tuple[str, ...]] = {}
    for name, into in absorber.items():
        came[into] = (*came.get(into, ()), name, *known_by_id[name].aliases)
    found = {one.id for one in rings}
    missed = [one for one in before if one.id not in found and one.id not in absorber]
    return [_as_known(one, known_by_id.get(one.id), came.get(one.id, ())) for one in rings] + [
        replace(one, dormant=True) for one in missed
    ]


def _as_known(one: Ring, old: KnownRing | None, came: tuple[str, ...]) -> KnownRing:
    return KnownRing(
        id=one.id,
        operation_id=one.operation_id,
        strength_by_account_id={m.account_id: m.strength for m in one.members},
        found_at=old.found_at if old else LATE,
        aliases=(*(old.aliases if old else ()), *came),
        score=one.score,
        grade=one.grade,
        tier=one.tier,
    )


def named(group: Sequence[int], before: Sequence[KnownRing]) -> tuple[Ring, ...]:
    members: dict[int, list[str]] = {}
    for at, one in enumerate(group):
        members.setdefault(one, []).append("abcdefghijklmnopqrstuvwx"[at])
    drafts = [ring("", many) for one, many in sorted(members.items()) if one and len(many) > 1]
    return name_rings(drafts, list(range(len(drafts))), before)


def first_known(group: Sequence[int]) -> list[KnownRing]:
    rings = named(group, [])
    after = known_after([], rings, trace_lineage([], rings))
    return [replace(one, found_at=EARLY if at % 2 else LATE) for at, one in enumerate(after)]


@given(groups, groups)
def test_every_ring_found_or_missed_is_explained_and_sizes_add_up(
    before: list[int], now: list[int]
) -> None:
    known_before = first_known(before)
    rings = named(now, known_before)

    events = trace_lineage(known_before, rings)

    size_before = {one.id: len(one.members) for one in known_before}
    size_after = {one.id: len(one.members) for one in rings}
    for event in events:
        assert event.size_after == event.size_before + event.added - event.removed
        assert event.size_before == size_before.get(event.ring_id, 0)
        if event.kind is RingEventKind.ABSORBED:
            assert event.size_after == 0
        else:
            assert event.size_after == size_after.get(event.ring_id, event.size_before)
    kinds = {(event.ring_id, event.kind) for event in events}
    assert len(kinds) == len(events)
    assert {name for name, kind in kinds if kind is RingEventKind.BORN} == (
        size_after.keys() - size_before.keys()
    )
    assert {name for name, kind in kinds if kind in GONE} == size_before.keys() - size_after.keys()
    changed = {one.id for one in rings if one.id in size_before} - {
        one.id for one in rings for old in known_before if _same(one, old)
    }
    assert changed <= {name for name, _ in kinds}


@given(groups, groups)
def test_merged_and_absorbed_tell_of_each_other_and_so_do_split_and_born(
    before: list[int], now: list[int]
) -> None:
    known_before = first_known(before)

    events = trace_lineage(known_before, named(now, known_before))

    def links(kind: RingEventKind) -> set[tuple[str, str]]:
        return {(e.ring_id, other) for e in events if e.kind is kind for other in e.other_ring_ids}

    found = {one.id for one in named(now, known_before)}
    assert links(RingEventKind.MERGED) == {(b, a) for a, b in links(RingEventKind.ABSORBED)}
    assert {(part, whole) for part, whole in links(RingEventKind.BORN) if whole in found} <= {
        (b, a) for a, b in links(RingEventKind.SPLIT)
    }


@given(groups, groups)
def test_run_that_finds_the_same_again_tells_nothing(before: list[int], now: list[int]) -> None:
    known_before = first_known(before)
    rings = named(now, known_before)
    after = known_after(known_before, rings, trace_lineage(known_before, rings))

    again = named(now, after)

    assert again == rings
    assert trace_lineage(after, again) == ()


@given(groups, groups, groups)
def test_two_runs_in_sequence_compose_and_no_id_is_ever_given_twice(
    before: list[int], middle: list[int], now: list[int]
) -> None:
    known_before = first_known(before)
    first = named(middle, known_before)
    first_events = trace_lineage(known_before, first)
    known_between = known_after(known_before, first, first_events)
    second = named(now, known_between)
    second_events = trace_lineage(known_between, second)
    known_now = known_after(known_between, second, second_events)

    size = {one.id: len(one.members) for one in known_before}
    for events in (first_events, second_events):
        for one in {event.ring_id: event for event in events}.values():
            size[one.ring_id] = size.get(one.ring_id, 0) + one.added - one.removed
    assert {one.id: len(one.members) for one in known_now} == {
        name: members for name, members in size.items() if members
    }
    given_out = [name for one in known_now for name in (one.id, *one.aliases)]
    assert len(given_out) == len(set(given_out))
    born = [e.ring_id for e in first_events + second_events if e.kind is RingEventKind.BORN]
    assert len(born) == len(set(born))
    assert set(born) | {one.id for one in known_before} == set(given_out)


def _same(one: Ring, old: KnownRing) -> bool:
    return one.id == old.id and {m.account_id for m in one.members} == set(old.members)
