"""Figures of quality, worked out by hand."""

import pytest

from ringfence.detection.grouping_quality import LargeRing, RingCount
from ringfence.detection.quality import CategoryCount, TrueAccount, measure_quality
from ringfence.detection.ranking_quality import at_prevalence


def truth() -> dict[str, TrueAccount]:
    known = {f"a{at}": TrueAccount(True, "A", "farm") for at in range(4)}
    known |= {f"b{at}": TrueAccount(True, "B", "drip") for at in range(2)}
    known |= {f"h{at}": TrueAccount(False, None, "household") for at in range(4)}
    return known


def test_figures_of_a_partly_right_answer() -> None:
    groups = {"a0": "1", "a1": "1", "a2": "2", "b0": "2", "h0": "2", "stranger": "1"}

    quality = measure_quality(groups, truth())

    assert quality.accounts.precision == pytest.approx(4 / 5)
    assert quality.accounts.recall == pytest.approx(4 / 6)
    assert quality.flagged == 5
    assert quality.innocents == CategoryCount(4, 1)
    assert quality.innocents_by_category == {"household": CategoryCount(4, 1)}
    assert quality.fakes_by_category == {"drip": CategoryCount(2, 1), "farm": CategoryCount(4, 3)}
    rings = quality.grouping
    assert rings
    assert rings.b_cubed.precision == pytest.approx((1 + 1 + 1 / 3 + 1 / 3 + 1 / 3) / 5)
    assert rings.b_cubed.recall == pytest.approx((0.5 + 0.5 + 0.25 + 0.25 + 0.5 + 0.5) / 6)
    assert rings.pairwise.precision == pytest.approx(1 / 4)
    assert rings.pairwise.recall == pytest.approx(1 / 7)
    assert (rings.rings, rings.rings_found) == (2, 0)
    assert (rings.groups, rings.contaminated) == (2, 1)
    assert rings.rings_by_category == {"drip": RingCount(1, 0), "farm": RingCount(1, 0)}
    by_chance = 4 * 7 / 21
    assert rings.adjusted_rand == pytest.approx((1 - by_chance) / (5.5 - by_chance))
    assert rings.largest[0] == LargeRing("A", 4, 3, 2 / 3, None)


def test_perfect_answer_is_perfect() -> None:
    groups = {account: known.ring for account, known in truth().items() if known.ring}

    quality = measure_quality(groups, truth())

    rings = quality.grouping
    assert rings
    assert quality.accounts.f1 == rings.b_cubed.f1 == rings.pairwise.f1 == 1.0
    assert rings.adjusted_rand == rings.fragments == rings.largest_fragment_share == 1.0
    assert (rings.rings_found, rings.rings, rings.contaminated) == (2, 2, 0)


def test_empty_answer_has_no_precision_and_no_recall() -> None:
    quality = measure_quality({}, truth())

    assert quality.grouping
    assert (quality.accounts.precision, quality.accounts.recall) == (0, 0)
    assert quality.grouping.fragments == 0


def test_innocent_at_the_edge_of_a_ring_does_not_contaminate_its_core() -> None:
    groups = {"a0": "1", "a1": "1", "h0": "1"}

    quality = measure_quality(groups, truth(), core={"a0", "a1"})

    assert quality.grouping
    assert quality.grouping.contaminated == 0


def test_ring_over_two_groups_of_one_operation_is_told_as_such() -> None:
    groups = {"a0": "1", "a1": "1", "a2": "2", "a3": "2"}

    quality = measure_quality(groups, truth(), operation_by_account=dict.fromkeys(groups, "op"))

    assert quality.grouping
    assert quality.grouping.largest[0] == LargeRing("A", 4, 4, 0.5, 1.0)


def test_truth_without_rings_and_categories_leaves_their_figures_out() -> None:
    bare = {account: TrueAccount(known.is_fake) for account, known in truth().items()}

    quality = measure_quality({"a0": "1", "h0": "1"}, bare)

    assert quality.grouping is None
    assert quality.innocents_by_category == quality.fakes_by_category == {}
    assert quality.accounts.precision == 0.5


def test_precision_falls_with_prevalence_at_the_same_recall() -> None:
    assert at_prevalence(0.9, 0.001, 0.5) == pytest.approx(0.9 / 0.901)
    assert at_prevalence(0.9, 0.001, 0.001) == pytest.approx(0.0009 / (0.0009 + 0.000999))
    assert at_prevalence(0.0, 0.0, 0.16) == 0.0
