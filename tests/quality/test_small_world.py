"""Floors that detection must not fall through, on a small seeded world."""

import pytest

from ringfence.detection import load_config
from ringfence.detection.baselines import BASELINES
from ringfence.detection.grouping_quality import GroupingQuality
from ringfence.detection.quality import Quality
from ringfence.usecases.evaluate import Evaluation, evaluate
from ringfence.worlds import build_world

from .seeds import CI

ACCOUNTS = 3000
LARGE_CATEGORY = 50


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    out = tmp_path_factory.mktemp("world")
    build_world(out, ACCOUNTS, CI)
    return evaluate(
        out / "events.ndjson",
        out / "truth.csv",
        load_config(),
        addresses=out / "addresses.csv",
    )


def grouping(quality: Quality) -> GroupingQuality:
    assert quality.grouping
    return quality.grouping


def test_flags_are_right_and_most_fakes_are_flagged(evaluation: Evaluation) -> None:
    # One build server of 16 accounts is half a percent of the innocents of so small a world.
    assert evaluation.ours.accounts.precision >= 0.97
    assert evaluation.ours.accounts.recall >= 0.85
    assert evaluation.ours.innocents.share <= 0.005


def test_core_of_tier_auto_is_all_but_certain(evaluation: Evaluation) -> None:
    assert evaluation.auto_core.accounts.precision >= 0.99
    assert evaluation.auto_core.accounts.recall >= 0.75


def test_rings_are_whole(evaluation: Evaluation) -> None:
    ours = grouping(evaluation.ours)

    assert ours.b_cubed.f1 >= 0.87
    assert ours.fragments <= 1.3


def test_campaign_is_one_ring_of_one_operation(evaluation: Evaluation) -> None:
    campaign = grouping(evaluation.ours).largest[0]

    assert campaign.ring == "campaign"
    assert campaign.in_one_group >= 0.9
    assert campaign.in_one_operation is not None
    assert campaign.in_one_operation >= 0.95


def test_no_kind_of_innocents_is_singled_out(evaluation: Evaluation) -> None:
    shares = {
        name: count.share
        for name, count in evaluation.ours.innocents_by_category.items()
        if count.accounts >= LARGE_CATEGORY
    }

    assert {name: share for name, share in shares.items() if share > 0.05} == {}


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_is_beaten_in_accounts_and_in_rings(
    evaluation: Evaluation, name: str
) -> None:
    baseline = evaluation.baselines[name].quality

    assert baseline
    assert evaluation.ours.accounts.f1 > baseline.accounts.f1
    assert grouping(evaluation.ours).b_cubed.f1 > grouping(baseline).b_cubed.f1
