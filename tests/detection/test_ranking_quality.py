"""Figures of a ranking, worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detection.ranking_quality import CurvePoint, measure_ranking

FAKE = {"a": True, "b": True, "c": False, "d": False, "e": True}


def test_average_precision_weighs_each_step_by_the_recall_it_adds() -> None:
    ranking = measure_ranking({"a": 0.9, "c": 0.8, "b": 0.7, "stranger": 1.0}, FAKE)

    assert ranking.average_precision == pytest.approx((1 + 2 / 3) / 3)
    assert ranking.curve[0] == CurvePoint(0.9, 1.0, 1 / 3)
    assert ranking.curve[-1] == CurvePoint(0.7, 2 / 3, 2 / 3)


def test_ties_are_one_step_and_count_at_their_mean() -> None:
    accounts = {f"x{at}": at < 50 for at in range(200)}

    ranking = measure_ranking(dict.fromkeys(accounts, 0.5), accounts)

    assert len(ranking.curve) == 1
    assert ranking.precision_at == {100: 0.25, 1000: 0.25}


def test_precision_at_a_recall_is_the_best_from_there_on() -> None:
    ranking = measure_ranking({"c": 0.9, "a": 0.8, "b": 0.7}, FAKE)

    assert ranking.precision_at_recall(0.3) == pytest.approx(2 / 3)
    assert ranking.precision_at_recall(0.9) is None


@given(st.dictionaries(st.text(min_size=1), st.tuples(st.floats(0, 1), st.booleans())))
def test_a_ranking_keeps_its_figures_when_scores_are_scaled(
    drawn: dict[str, tuple[float, bool]],
) -> None:
    fake = {account: is_fake for account, (_, is_fake) in drawn.items()}
    scores = {account: float(round(score, 3)) for account, (score, _) in drawn.items()}

    one = measure_ranking(scores, fake)
    other = measure_ranking({account: 8 * score for account, score in scores.items()}, fake)

    assert one.average_precision == other.average_precision
    assert one.precision_at == other.precision_at
    assert 0 <= one.average_precision <= 1
