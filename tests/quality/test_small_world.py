"""Floors that detection must not fall through, on a small seeded world."""

import pytest

from ringfence.detection import load_config
from ringfence.usecases.evaluate import Evaluation, evaluate
from ringfence.worlds import build_world

ACCOUNTS = 4000
SEED = 5
LARGE_CATEGORY = 50


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    out = tmp_path_factory.mktemp("world")
    build_world(out, ACCOUNTS, SEED)
    return evaluate(
        out / "events.ndjson",
        out / "truth.csv",
        load_config(),
        addresses=out / "addresses.csv",
    )


def test_flags_are_right_and_most_fakes_are_flagged(evaluation: Evaluation) -> None:
    assert evaluation.ours.accounts.precision >= 0.97
    assert evaluation.ours.accounts.recall >= 0.83
    assert evaluation.ours.innocents.share <= 0.005


def test_core_of_tier_auto_is_all_but_certain(evaluation: Evaluation) -> None:
    assert evaluation.auto_core.accounts.precision >= 0.99
    assert evaluation.auto_core.accounts.recall >= 0.7


def test_rings_are_whole(evaluation: Evaluation) -> None:
    assert evaluation.ours.b_cubed.f1 >= 0.83
    assert evaluation.ours.fragments <= 1.4


def test_no_kind_of_innocents_is_singled_out(evaluation: Evaluation) -> None:
    shares = {
        name: count.share
        for name, count in evaluation.ours.innocents_by_category.items()
        if count.accounts >= LARGE_CATEGORY
    }

    assert {name: share for name, share in shares.items() if share > 0.05} == {}


def test_both_baselines_are_beaten(evaluation: Evaluation) -> None:
    for baseline in (evaluation.components, evaluation.louvain):
        assert evaluation.ours.accounts.f1 > baseline.accounts.f1 + 0.1
        assert evaluation.ours.b_cubed.f1 > baseline.b_cubed.f1 + 0.1
