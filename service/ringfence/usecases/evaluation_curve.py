"""The trade-off of every method as CSV, so that precision can be compared at equal recall."""

import csv
from collections.abc import Iterator
from pathlib import Path

from ringfence.detection.ranking_quality import RankingQuality
from ringfence.errors import InvalidInput
from ringfence.usecases.evaluate import Evaluation

HEADER = ("method", "threshold", "precision", "recall")
OURS = "ringfence"


def write_curve(evaluation: Evaluation, path: Path) -> None:
    """Write a line a method and threshold: ours by ring score, the others by group size.

    Raises:
        InvalidInput: the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(HEADER)
            for name, ranking in rankings(evaluation):
                for point in ranking.curve:
                    figures = (point.threshold, point.precision, point.recall)
                    writer.writerow((name, *(f"{it:.6g}" for it in figures)))
    except OSError as error:
        raise InvalidInput(f"{path}: {error}. Expected a file that can be written.") from error


def rankings(evaluation: Evaluation) -> Iterator[tuple[str, RankingQuality]]:
    """Every method that ranks accounts, ours first."""
    yield OURS, evaluation.ranking
    for name, method in evaluation.baselines.items():
        if method.ranking:
            yield name, method.ranking
