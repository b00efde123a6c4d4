"""Figures of quality, worked out by hand."""

import pytest

from ringfence.detection.quality import CategoryCount, TrueAccount, measure_quality


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
    assert quality.b_cubed.precision == pytest.approx((1 + 1 + 1 / 3 + 1 / 3 + 1 / 3) / 5)
    assert quality.b_cubed.recall == pytest.approx((0.5 + 0.5 + 0.25 + 0.25 + 0.5 + 0.5) / 6)
    assert quality.pairwise.precision == pytest.approx(1 / 4)
    assert quality.pairwise.recall == pytest.approx(1 / 7)
    assert (quality.rings, quality.rings_found) == (2, 0)


def test_perfect_answer_is_perfect() -> None:
    groups = {account: known.ring for account, known in truth().items() if known.ring}

    quality = measure_quality(groups, truth())

    assert quality.accounts.f1 == quality.b_cubed.f1 == quality.pairwise.f1 == 1.0
    assert quality.fragments == 1.0
    assert quality.rings_found == quality.rings == 2


def test_empty_answer_has_no_precision_and_no_recall() -> None:
    quality = measure_quality({}, truth())

    assert (quality.accounts.precision, quality.accounts.recall, quality.fragments) == (0, 0, 0)
