"""An evaluation as JSON with stable keys; figures that the truth cannot tell are left out."""

from dataclasses import asdict
from typing import Any

from ringfence.detection.grouping_quality import GroupingQuality
from ringfence.detection.quality import CategoryCount, Quality
from ringfence.detection.ranking_quality import RECALLS, RankingQuality
from ringfence.detection.ratios import Ratio
from ringfence.domain.rings import Tier
from ringfence.usecases.config_diff_json import diff_json
from ringfence.usecases.evaluate import Evaluation, MethodQuality


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation with stable keys; shares and ratios in [0, 1]."""
    tiers = [ring.tier for ring in evaluation.detection.rings]
    told = {
        "accounts": evaluation.accounts,
        "links": evaluation.links,
        "rejects": evaluation.rejects,
        "truth_without_events": evaluation.absent,
        "events_without_truth": evaluation.unknown,
        "graph_fingerprint": evaluation.detection.graph_fingerprint,
        "rings": {tier.value: tiers.count(tier) for tier in Tier},
        "took_s": evaluation.took_s,
        "ours": quality_json(evaluation.ours) | _ranking_json(evaluation.ranking),
        "auto_core": _ratio_json(evaluation.auto_core.accounts),
        "calibration": [asdict(it) for it in evaluation.calibration],
        "baselines": {name: _method_json(it) for name, it in evaluation.baselines.items()},
    }
    return told | ({"against": diff_json(evaluation.diff)} if evaluation.diff else {})


def quality_json(quality: Quality) -> dict[str, Any]:
    """Figures of one set of groups."""
    told = {
        **_ratio_json(quality.accounts),
        "flagged": quality.flagged,
        "precision_at_prevalence": {
            f"{prevalence:g}": precision
            for prevalence, precision in quality.precision_by_prevalence().items()
        },
        "innocents": _count_json(quality.innocents),
    }
    if quality.innocents_by_category or quality.fakes_by_category:
        told["innocents_by_category"] = _counts_json(quality.innocents_by_category)
        told["fakes_by_category"] = _counts_json(quality.fakes_by_category)
    return told | (_grouping_json(quality.grouping) if quality.grouping else {})


def _grouping_json(grouping: GroupingQuality) -> dict[str, Any]:
    told = {
        "b_cubed": _ratio_json(grouping.b_cubed),
        "pairwise": _ratio_json(grouping.pairwise),
        "adjusted_rand": grouping.adjusted_rand,
        "fragments_per_ring": grouping.fragments,
        "largest_fragment_share": grouping.largest_fragment_share,
        "groups": grouping.groups,
        "contaminated_groups": grouping.contaminated,
        "true_rings": grouping.rings,
        "rings_found": grouping.rings_found,
        "largest_rings": [_present(asdict(ring)) for ring in grouping.largest],
    }
    if grouping.rings_by_category:
        told["rings_by_category"] = {
            name: asdict(count) for name, count in grouping.rings_by_category.items()
        }
    return told


def _method_json(method: MethodQuality) -> dict[str, Any]:
    if not method.quality or not method.ranking:
        return {"skipped": "too slow for so many accounts"}
    return quality_json(method.quality) | _ranking_json(method.ranking) | {"took_s": method.took_s}


def _ranking_json(ranking: RankingQuality) -> dict[str, Any]:
    return {
        "average_precision": ranking.average_precision,
        "precision_at": {str(budget): it for budget, it in ranking.precision_at.items()},
        "precision_at_recall": _present(
            {f"{recall:g}": ranking.precision_at_recall(recall) for recall in RECALLS}
        ),
    }


def _ratio_json(ratio: Ratio) -> dict[str, float]:
    return {"precision": ratio.precision, "recall": ratio.recall, "f1": ratio.f1}


def _counts_json(counts: dict[str, CategoryCount]) -> dict[str, Any]:
    return {name: _count_json(count) for name, count in counts.items()}


def _count_json(count: CategoryCount) -> dict[str, float]:
    return {**asdict(count), "share": count.share}


def _present(told: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value is not None}
