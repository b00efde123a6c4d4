"""The full table: ours and every baseline, over several seeds, by category.

`python -m tests.quality.scorecard --accounts 10000 --seeds 11-15 [--json] [--markdown FILE]`
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringfence.detection import load_config
from ringfence.detection.baselines import BASELINES
from ringfence.detection.grouping_quality import GroupingQuality
from ringfence.detection.quality import CategoryCount, Quality
from ringfence.detection.ranking_quality import RECALLS, RankingQuality
from ringfence.logs import configure_logs
from ringfence.usecases.evaluate import Evaluation

from .measuring import Spread, markdown_table, measure_worlds, parse_seeds
from .seeds import REPORTING

OURS = "ringfence"
RECALLS_TITLE = """**Precision at equal recall**

Ours by ring score, the others by group size; a dash where some world never reaches it.
"""
CATEGORIES_TITLE = """**{} flagged, by category**

Accounts, flagged and rings found are those of all worlds together, the shares means over worlds.
"""
Found = tuple[Quality, RankingQuality]


@dataclass(frozen=True)
class Figure:
    """One figure of a method and how it is told."""

    name: str
    of: Callable[[Quality, RankingQuality], float | None]
    digits: int = 3
    percent: bool = False


def whole(
    of: Callable[[GroupingQuality], float],
) -> Callable[[Quality, RankingQuality], float | None]:
    """A figure of the grouping, where the truth tells rings."""
    return lambda quality, _: of(quality.grouping) if quality.grouping else None


FIGURES = (
    Figure("precision", lambda q, _: q.accounts.precision),
    Figure("recall", lambda q, _: q.accounts.recall),
    Figure("F1", lambda q, _: q.accounts.f1),
    Figure("innocents flagged", lambda q, _: q.innocents.share, 2, percent=True),
    Figure("B-cubed F", whole(lambda g: g.b_cubed.f1)),
    Figure("pairwise F", whole(lambda g: g.pairwise.f1)),
    Figure("adjusted Rand", whole(lambda g: g.adjusted_rand)),
    Figure("pieces a ring", whole(lambda g: g.fragments), 2),
    Figure("largest piece", whole(lambda g: g.largest_fragment_share)),
    Figure("rings found", whole(lambda g: g.rings_found / g.rings)),
    Figure("groups with an innocent in the core", whole(lambda g: g.contaminated), 1),
    Figure("PR-AUC", lambda _, r: r.average_precision),
    Figure("P@100", lambda _, r: r.precision_at[100]),
    Figure("P@1000", lambda _, r: r.precision_at[1000]),
    Figure("precision at 0.1 % fake", lambda q, _: q.precision_by_prevalence()[0.001]),
    Figure("precision at 1 % fake", lambda q, _: q.precision_by_prevalence()[0.01]),
    Figure("precision at 16 % fake", lambda q, _: q.precision_by_prevalence()[0.16]),
    Figure("in one group, largest ring", whole(lambda g: g.largest[0].in_one_group)),
    Figure(
        "in one operation, largest ring",
        lambda q, _: q.grouping.largest[0].in_one_operation if q.grouping else None,
    ),
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and tell."""
    asked = parse_arguments(arguments)
    configure_logs(json=False, level="WARNING")
    names = tuple(BASELINES) if asked.baselines == "all" else tuple(asked.baselines.split(","))
    evaluations = measure_worlds(
        asked.accounts,
        asked.seeds,
        load_config(asked.config),
        baselines=() if asked.baselines == "none" else names,
        folder=asked.worlds,
        on_world=lambda seed: print(f"seed {seed} done", file=sys.stderr),  # noqa: T201
    )
    if asked.markdown:
        asked.markdown.write_text(as_markdown(evaluations), encoding="utf-8")
    told = json.dumps(as_json(evaluations), indent=2) if asked.json else as_markdown(evaluations)
    sys.stdout.write(told + "\n")


def methods(evaluations: Sequence[Evaluation]) -> dict[str, list[Found]]:
    """Each method's figures, one a world; a world that was too large for it is missing."""
    found: dict[str, list[Found]] = {OURS: [(it.ours, it.ranking) for it in evaluations]}
    for evaluation in evaluations:
        for name, method in evaluation.baselines.items():
            if method.quality and method.ranking:
                found.setdefault(name, []).append((method.quality, method.ranking))
    return found


def spread(figure: Figure, found: Sequence[Found]) -> Spread | None:
    """One figure over the worlds."""
    return Spread.of(figure.of(quality, ranking) for quality, ranking in found)


def as_json(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Every figure of every method, with its confidence interval."""
    return {
        "worlds": len(evaluations),
        "accounts": [it.accounts for it in evaluations],
        "detect_s": [it.took_s["detect"] for it in evaluations],
        "auto_core": {
            "precision": _json(Spread.of(it.auto_core.accounts.precision for it in evaluations)),
            "recall": _json(Spread.of(it.auto_core.accounts.recall for it in evaluations)),
        },
        "methods": {
            name: {figure.name: _json(spread(figure, found)) for figure in FIGURES}
            for name, found in methods(evaluations).items()
        },
        "innocents_by_category": _categories_json(evaluations, innocent=True),
        "fakes_by_category": _categories_json(evaluations, innocent=False),
    }


def as_markdown(evaluations: Sequence[Evaluation]) -> str:
    """All tables."""
    auto = [it.auto_core.accounts for it in evaluations]
    precision = Spread.of(it.precision for it in auto)
    recall = Spread.of(it.recall for it in auto)
    return "\n".join(
        [
            "**Methods**\n",
            _methods_table(evaluations),
            f"Tier auto, core members: precision {_text(precision)}, recall {_text(recall)}.\n",
            RECALLS_TITLE,
            _recalls_table(evaluations),
            CATEGORIES_TITLE.format("Innocents"),
            _categories_table(evaluations, innocent=True),
            CATEGORIES_TITLE.format("Fake accounts"),
            _categories_table(evaluations, innocent=False),
            "**Calibration: rings of every tier by score**\n",
            _calibration_table(evaluations),
        ]
    )


def _methods_table(evaluations: Sequence[Evaluation]) -> str:
    found = methods(evaluations)
    rows = []
    for figure in FIGURES:
        cells = [spread(figure, found[name]) for name in found]
        rows.append(
            [figure.name, *(_text(it, figure.digits, percent=figure.percent) for it in cells)]
        )
    return markdown_table(["", *found], rows)


def _recalls_table(evaluations: Sequence[Evaluation]) -> str:
    rows = []
    for name, found in methods(evaluations).items():
        at = [[ranking.precision_at_recall(recall) for _, ranking in found] for recall in RECALLS]
        reached = [None if None in column else Spread.of(column) for column in at]
        rows.append([name, *(_text(it) for it in reached)])
    return markdown_table(["recall", *(f"{recall:g}" for recall in RECALLS)], rows)


def _categories_table(evaluations: Sequence[Evaluation], *, innocent: bool) -> str:
    names = list(methods(evaluations))
    by_method = {name: _counts(evaluations, name, innocent=innocent) for name in names}
    rows = []
    for category, counts in by_method[OURS].items():
        total, flagged = sum(it.accounts for it in counts), sum(it.flagged for it in counts)
        share = Spread.of(it.share for it in counts)
        row = [category, str(total), str(flagged), _text(share, 2, percent=True)]
        row += [] if innocent else [_rings_text(evaluations, category)]
        rows.append([*row, *(_mean_share(by_method[name], category) for name in names[1:])])
    header = ["category", "accounts", "flagged", OURS, *([] if innocent else ["rings found"])]
    return markdown_table([*header, *names[1:]], rows)


def _mean_share(counts: Mapping[str, Sequence[CategoryCount]], category: str) -> str:
    share = Spread.of(it.share for it in counts.get(category, ()))
    return f"{share.mean:.2%}" if share else "-"


def _calibration_table(evaluations: Sequence[Evaluation]) -> str:
    rows = []
    for low, high in sorted({(it.low, it.high) for ev in evaluations for it in ev.calibration}):
        bins = [it for ev in evaluations for it in ev.calibration if it.low == low]
        rings = sum(it.rings for it in bins)
        score = sum(it.mean_score * it.rings for it in bins) / rings
        fake = sum(it.fake_share * it.rings for it in bins) / rings
        rows.append([f"{low:g} to {high:g}", str(rings), f"{score:.3f}", f"{fake:.3f}"])
    return markdown_table(["score", "rings", "mean score", "share truly fake"], rows)


def _counts(
    evaluations: Sequence[Evaluation], method: str, *, innocent: bool
) -> dict[str, list[CategoryCount]]:
    """Counts of each category, one a world that has it."""
    found: dict[str, list[CategoryCount]] = {}
    for quality, _ in methods(evaluations)[method]:
        by_category = quality.innocents_by_category if innocent else quality.fakes_by_category
        for name, count in by_category.items():
            found.setdefault(name, []).append(count)
    return dict(sorted(found.items()))


def _rings_text(evaluations: Sequence[Evaluation], category: str) -> str:
    counts = [
        grouping.rings_by_category[category]
        for grouping in (it.ours.grouping for it in evaluations)
        if grouping and category in grouping.rings_by_category
    ]
    return f"{sum(it.found for it in counts)} of {sum(it.rings for it in counts)}"


def _categories_json(evaluations: Sequence[Evaluation], *, innocent: bool) -> dict[str, Any]:
    return {
        name: {
            "accounts": sum(it.accounts for it in counts),
            "flagged": sum(it.flagged for it in counts),
            "share": _json(Spread.of(it.share for it in counts)),
        }
        for name, counts in _counts(evaluations, OURS, innocent=innocent).items()
    }


def _json(told: Spread | None) -> dict[str, Any] | None:
    return told.json() if told else None


def _text(told: Spread | None, digits: int = 3, *, percent: bool = False) -> str:
    return told.text(digits, percent=percent) if told else "-"


def parse_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the caller asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.scorecard", description=__doc__)
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--seeds", type=parse_seeds, default=REPORTING)
    parser.add_argument("--baselines", default="all", help="all, none, or names with commas")
    parser.add_argument("--config", type=Path, help="TOML file of parameters to change")
    parser.add_argument("--worlds", type=Path, help="folder to keep worlds in")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--markdown", type=Path, help="write the tables here too")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
