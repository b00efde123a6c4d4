"""What two configs say otherwise, as a JSON object with stable keys."""

from dataclasses import asdict
from typing import Any

from ringfence.detection.config_diff import DetectionDiff


def diff_json(diff: DetectionDiff) -> dict[str, Any]:
    """The differences with stable keys; ids in full, each list sorted."""
    return {
        "accounts_in": list(diff.accounts_in),
        "accounts_out": list(diff.accounts_out),
        "rings": {
            "matched": [list(pair) for pair in diff.rings_matched],
            "only_a": list(diff.rings_only_a),
            "only_b": list(diff.rings_only_b),
        },
        "tier_changes": [
            asdict(change) | {"reasons": [asdict(reason) for reason in change.reasons]}
            for change in diff.tier_changes
        ],
    }
