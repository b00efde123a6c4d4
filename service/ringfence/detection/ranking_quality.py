"""How good a ranking of accounts is: what a team sees that works down the list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

from ringfence.detection.ratios import Ratio
from ringfence.domain.rings import Ring

REVIEW_BUDGETS = (100, 1000)
"""Accounts that a team can look at; precision is told among so many from the top."""
RECALLS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Recalls at which the precision of methods is compared."""
PREVALENCES = (0.001, 0.01, 0.16)
"""Shares of fake accounts for which precision is told: a quiet door, a busy one, and the share of
sign-ups that Stripe linked to multi-account abuse at AI companies in 2026."""
CALIBRATION_BOUNDS = (0.0, 0.5, 0.75, 0.9, 0.97, 1.0)


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Precision and recall of all accounts ranked at the threshold or above it."""

    threshold: float
    precision: float
    recall: float


@dataclass(frozen=True, slots=True)
class RankingQuality:
    """Figures of a ranking; accounts without a score are never looked at.

    Attributes:
        average_precision: area under the curve, by steps, without interpolation.
        precision_at: precision among the first k, or among all ranked if they are fewer; ties are
            taken at their mean.
        curve: from the highest threshold down.
    """

    average_precision: float
    precision_at: dict[int, float]
    curve: tuple[CurvePoint, ...]

    def precision_at_recall(self, recall: float) -> float | None:
        """The best precision at that recall or a higher one; None if it is never reached."""
        reached = [point.precision for point in self.curve if point.recall >= recall]
        return max(reached, default=None)


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Rings scored from `low` to `high`: their mean score, and the share that is truly fake."""

    low: float
    high: float
    rings: int
    mean_score: float
    fake_share: float


def measure_ranking(
    score_by_account: Mapping[str, float], is_fake_by_account: Mapping[str, bool]
) -> RankingQuality:
    """Measure scores; accounts that the truth does not know are left out."""
    fakes = sum(is_fake_by_account.values())
    steps = list(_steps(score_by_account, is_fake_by_account))
    area = hits = said = 0.0
    points = []
    for threshold, right, count in steps:
        hits += right
        said += count
        ratio = Ratio.of(hits, said, fakes)
        area += ratio.precision * (right / fakes if fakes else 0.0)
        points.append(CurvePoint(threshold, ratio.precision, ratio.recall))
    return RankingQuality(
        average_precision=area,
        precision_at={budget: _precision_at(budget, steps) for budget in REVIEW_BUDGETS},
        curve=tuple(points),
    )


def at_prevalence(recall: float, false_alarm_share: float, prevalence: float) -> float:
    """Precision of the same detector where that share of all accounts is fake.

    Args:
        recall: share of fake accounts flagged.
        false_alarm_share: share of innocents flagged.
        prevalence: share of accounts that are fake, in (0, 1).
    """
    right = recall * prevalence
    wrong = false_alarm_share * (1 - prevalence)
    return right / (right + wrong) if right + wrong else 0.0


def measure_calibration(
    rings: tuple[Ring, ...], is_fake_by_account: Mapping[str, bool]
) -> tuple[CalibrationBin, ...]:
    """Scores of rings against how many of them are mostly fake; bins without rings are left out."""
    judged = []
    for ring in rings:
        known = [
            is_fake_by_account[member.account_id]
            for member in ring.members
            if member.account_id in is_fake_by_account
        ]
        if known:
            judged.append((ring.score, 2 * sum(known) > len(known)))
    bins = []
    for low, high in pairwise(CALIBRATION_BOUNDS):
        inside = [it for it in judged if low <= it[0] < high or (high == 1.0 and it[0] == high)]
        if inside:
            count = len(inside)
            mean = sum(score for score, _ in inside) / count
            bins.append(CalibrationBin(low, high, count, mean, sum(it for _, it in inside) / count))
    return tuple(bins)


def _steps(
    score_by_account: Mapping[str, float], is_fake_by_account: Mapping[str, bool]
) -> Iterator[tuple[float, int, int]]:
    """Each score, the fake accounts that have it, and all that do; highest first."""
    known = (
        (score, is_fake_by_account[account])
        for account, score in score_by_account.items()
        if account in is_fake_by_account
    )
    for score, same in groupby(sorted(known, reverse=True), key=lambda it: it[0]):
        fakes = [is_fake for _, is_fake in same]
        yield score, sum(fakes), len(fakes)


def _precision_at(budget: int, steps: list[tuple[float, int, int]]) -> float:
    hits, seen = 0.0, 0
    for _, right, count in steps:
        taken = min(count, budget - seen)
        hits += right * taken / count
        seen += taken
        if seen == budget:
            break
    return hits / seen if seen else 0.0
