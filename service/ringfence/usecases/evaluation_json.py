"""An evaluation as a JSON object with stable keys."""

from dataclasses import asdict
from typing import Any

from ringfence.detection.quality import CategoryCount, Quality, Ratio
from ringfence.domain.rings import Tier
from ringfence.usecases.evaluate import Evaluation


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation with stable keys; shares and ratios in [0, 1]."""
    tiers = [ring.tier for ring in evaluation.detection.rings]
    return {
        "accounts": evaluation.accounts,
        "links": evaluation.links,
        "rejects": evaluation.rejects,
        "truth_without_events": evaluation.absent,
        "events_without_truth": evaluation.unknown,
        "graph_fingerprint": evaluation.detection.graph_fingerprint,
        "rings": {tier.value: tiers.count(tier) for tier in Tier},
        "took_s": evaluation.took_s,
        "ours": _quality_json(evaluation.ours),
        "auto_core": _ratio_json(evaluation.auto_core.accounts),
        "baselines": {
            "components": _quality_json(evaluation.components),
            "louvain": _quality_json(evaluation.louvain),
        },
    }


def _quality_json(quality: Quality) -> dict[str, Any]:
    return {
        **_ratio_json(quality.accounts),
        "flagged": quality.flagged,
        "innocents": _count_json(quality.innocents),
        "innocents_by_category": {
            name: _count_json(count) for name, count in quality.innocents_by_category.items()
        },
        "fakes_by_category": {
            name: _count_json(count) for name, count in quality.fakes_by_category.items()
        },
        "b_cubed": _ratio_json(quality.b_cubed),
        "pairwise": _ratio_json(quality.pairwise),
        "fragments_per_ring": quality.fragments,
        "true_rings": quality.rings,
        "rings_found": quality.rings_found,
    }


def _ratio_json(ratio: Ratio) -> dict[str, float]:
    return {"precision": ratio.precision, "recall": ratio.recall, "f1": ratio.f1}


def _count_json(count: CategoryCount) -> dict[str, float]:
    return {**asdict(count), "share": count.share}
