from pathlib import Path

import pytest

from ringfence.detection import load_config
from ringfence.detection.baselines import BASELINES
from ringfence.usecases.evaluate import evaluate

from .sparse_worlds import WORLDS


@pytest.mark.parametrize(
    ("name", "recall"), [("wallets", 0.6), ("devices", 0.9), ("identities", 0.9)]
)
def test_few_facts_spare_the_innocent_and_find_most_fakes(
    tmp_path: Path, name: str, recall: float
) -> None:
    events, truth = WORLDS[name](1).write(tmp_path)

    found = evaluate(events, truth, load_config())

    assert found.ours.accounts.precision >= 0.97
    assert found.ours.accounts.recall >= recall
    assert found.ours.innocents.share <= 0.005
    for baseline in BASELINES:
        quality = found.baselines[baseline].quality
        assert quality is None or found.ours.accounts.f1 > quality.accounts.f1 - 0.03, baseline
