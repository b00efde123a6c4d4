"""Matching of rings to known ones, and the names of those that match none."""

from dataclasses import replace
from datetime import UTC, datetime

from ringfence.detection.identity import match_known, name_rings
from ringfence.domain.rings import KnownRing, RingState
from tests.detection.rings_by_hand import EARLY, LATE, dismissal, known, ring


def matched(rings: list[str], before: list[KnownRing]) -> dict[int, str]:
    found = match_known([ring("", members) for members in rings], before)
    return {at: one.id for at, one in found.items()}


def test_split_ring_gives_its_id_to_the_larger_part() -> None:
    assert matched(["de", "abc"], [known("K", "abcde")]) == {1: "K"}


def test_split_ring_gives_its_id_to_the_larger_core_not_to_the_larger_part() -> None:
    before = [known("K", "ABCdefgh")]

    assert matched(["Cdefgh", "AB"], before) == {1: "K"}


def test_merged_rings_of_equal_age_take_the_id_of_the_larger_one() -> None:
    assert matched(["abcde"], [known("K", "ab"), known("L", "cde")]) == {0: "L"}


def test_merged_ring_takes_the_id_of_the_older_one_though_it_be_smaller() -> None:
    before = [known("K", "ab", found_at=EARLY), known("L", "cdefgh", found_at=LATE)]

    assert matched(["abcdefgh"], before) == {0: "K"}


def test_older_ring_that_left_only_a_few_members_takes_no_id() -> None:
    before = [known("K", "abcd", found_at=EARLY), known("L", "efgh", found_at=LATE)]

    assert matched(["aefgh", "bcd"], before) == {0: "L", 1: "K"}


def test_confirmed_ring_keeps_its_id_in_a_merger_with_an_older_one() -> None:
    before = [
        known("K", "abcd", found_at=EARLY),
        known("L", "ef", found_at=LATE, state=RingState.CONFIRMED),
    ]

    assert matched(["abcdef"], before) == {0: "L"}


def test_ring_that_split_into_a_merger_lives_on_in_its_other_part() -> None:
    before = [known("K", "abcde", found_at=LATE), known("L", "fgh", found_at=EARLY)]

    assert matched(["abcfgh", "de"], before) == {0: "L", 1: "K"}


def test_ring_that_shares_less_than_half_is_a_new_one() -> None:
    assert matched(["axyz"], [known("K", "abcd")]) == {}


def test_matching_leaves_no_known_ring_out_that_could_continue() -> None:
    before = [known("K", "abcdef"), known("L", "abgh")]

    assert matched(["abcdefgh", "ab"], before) == {0: "K", 1: "L"}


def test_ring_that_outgrew_a_dismissal_does_not_take_the_id_of_the_dismissed_one() -> None:
    before = known("K", "abcd", state=RingState.DISMISSED, dismissed=dismissal("K", size=4))

    assert matched(["abcde"], [before]) == {0: "K"}
    assert matched(["abcdef"], [before]) == {}


def test_new_ring_takes_no_id_that_was_ever_given() -> None:
    named = name_rings([ring("", "abc")], [0], [])[0].id
    of_ring = known(named, "xyz")
    of_alias = known("ring_other", "xyz", aliases=(named,))
    second = name_rings([ring("", "abc")], [0], [of_ring])[0].id
    of_both = replace(of_ring, aliases=(second,))

    third = name_rings([ring("", "abc")], [0], [of_both])[0].id

    assert second == name_rings([ring("", "abc")], [0], [of_alias])[0].id
    assert len({named, second, third}) == 3


def test_names_do_not_depend_on_the_order_of_rings_and_known_ones() -> None:
    drafts = [ring("", "abc"), ring("", "def"), ring("", "ghi")]
    before = [known("K", "abcdef", found_at=datetime(2026, 1, 1, tzinfo=UTC)), known("L", "gh")]

    there = name_rings(drafts, [0, 1, 2], before)
    back = name_rings(drafts[::-1], [2, 1, 0], before[::-1])

    assert there == back
