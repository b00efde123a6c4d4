"""Whether a score of .8 means that eight in ten groups are rings, and the map that would mend it.

`python -m tests.quality.calibrate [--accounts 10000] [--worlds FOLDER] [--json]`

Platt's map, two numbers, is fitted on the seeds for choosing and judged on those for reporting,
over all groups that detection forms, flagged or not.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt

from ringfence.detection import detect_rings, load_config
from ringfence.logs import configure_logs
from ringfence.usecases.evaluate import read_graph
from ringfence.usecases.evaluation_input import read_truth

from .measuring import world_of
from .seeds import CHOOSING, REPORTING, REPORTING_ACCOUNTS

Floats = npt.NDArray[np.float64]
BINS = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.9, 0.97, 1.0)
STEPS = 50


@dataclass(frozen=True)
class ScoredGroups:
    """Groups of some worlds: what they scored, and whether most of each is fake."""

    score: Floats
    fake: Floats


@dataclass(frozen=True)
class Reliability:
    """How well scores and truth agree.

    Attributes:
        error: expected calibration error, over groups.
        brier: mean squared difference.
        auc: chance that a ring scores above a group that is none.
    """

    groups: int
    error: float
    brier: float
    auc: float


def main(arguments: Sequence[str] | None = None) -> None:
    """Fit, judge and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=REPORTING_ACCOUNTS)
    parser.add_argument("--worlds", type=Path, help="Folder of worlds that are kept.")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    configure_logs(json=False, level="WARNING")
    with TemporaryDirectory(prefix="worlds-") as spare:
        folder = asked.worlds or Path(spare)
        chosen = score_groups(CHOOSING, asked.accounts, folder)
        reported = score_groups(REPORTING, asked.accounts, folder)
    scale, shift = fit_platt(chosen)
    mapped = ScoredGroups(expit(scale * logit(reported.score) + shift), reported.fake)
    told = {
        "scale": round(scale, 3),
        "shift": round(shift, 3),
        "as_scored": asdict(reliability(reported)),
        "as_mapped": asdict(reliability(mapped)),
        "bins": list(bins_of(reported)),
    }
    sys.stdout.write(json.dumps(told, indent=None if asked.json else 2) + "\n")


def score_groups(seeds: Iterable[int], accounts: int, folder: Path) -> ScoredGroups:
    """All groups of the worlds of these seeds."""
    config = load_config()
    every = config.model_copy(
        update={"rings": config.rings.model_copy(update={"watch_score": 0.0})}
    )
    scores, fakes = [], []
    for seed in seeds:
        world = world_of(folder, accounts, seed)
        graph, _ = read_graph(world / "events.ndjson", world / "addresses.csv")
        truth = read_truth(world / "truth.csv")
        for ring in detect_rings(graph, every).rings:
            fake = sum(truth[member.account_id].is_fake for member in ring.members)
            scores.append(ring.score)
            fakes.append(2 * fake > len(ring.members))
    return ScoredGroups(np.array(scores, dtype=np.float64), np.array(fakes, dtype=np.float64))


def fit_platt(groups: ScoredGroups) -> tuple[float, float]:
    """Scale and shift of log-odds that make the truth most likely, by Newton's method."""
    odds = logit(groups.score)
    design = np.stack([odds, np.ones_like(odds)], axis=1)
    map_ = np.array([1.0, 0.0])
    for _ in range(STEPS):
        expected = expit(design @ map_)
        slope = design.T @ (expected - groups.fake)
        curve = design.T @ (design * (expected * (1 - expected))[:, None])
        map_ = map_ - np.linalg.solve(curve + 1e-9 * np.eye(2), slope)
    return float(map_[0]), float(map_[1])


def reliability(groups: ScoredGroups) -> Reliability:
    """How well scores and truth agree."""
    told = list(bins_of(groups))
    error = sum(one["groups"] * abs(one["score"] - one["fake"]) for one in told)
    rings, others = groups.score[groups.fake > 0], groups.score[groups.fake == 0]
    order = np.sort(others)
    below = np.searchsorted(order, rings, "left") + np.searchsorted(order, rings, "right")
    return Reliability(
        groups=len(groups.score),
        error=round(error / len(groups.score), 4),
        brier=round(float(np.mean((groups.score - groups.fake) ** 2)), 4),
        auc=round(float(below.mean() / 2 / len(others)), 4),
    )


def bins_of(groups: ScoredGroups) -> Iterable[dict[str, float]]:
    """Mean score and share of true rings, bin by bin."""
    for low, high in pairwise(BINS):
        inside = (groups.score >= low) & ((groups.score < high) | (high == 1.0))
        if inside.any():
            yield {
                "from": low,
                "groups": int(inside.sum()),
                "score": round(float(groups.score[inside].mean()), 3),
                "fake": round(float(groups.fake[inside].mean()), 3),
            }


def logit(score: Floats) -> Floats:
    """Log-odds of a score, kept finite."""
    kept = np.clip(score, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept / (1 - kept)), dtype=np.float64)


def expit(odds: Floats) -> Floats:
    """The score of log-odds."""
    return np.asarray(1 / (1 + np.exp(-odds)), dtype=np.float64)


if __name__ == "__main__":
    main()
