"""Grades and tiers by rule."""

import pytest

from ringfence.detection import load_config
from ringfence.detection.grading import grade_of, tier_of
from ringfence.domain.rings import Grade, Tier

RHYTHM = frozenset({"burst"})


@pytest.mark.parametrize(
    ("kinds", "likenesses", "grade"),
    [
        (("device", "payment_instrument"), set(), Grade.CONCLUSIVE),
        (("device", "ip"), {"burst", "email_shape"}, Grade.CONCLUSIVE),
        (("device", "fingerprint"), {"burst", "email_shape"}, Grade.CORROBORATED),
        (("device",), {"burst"}, Grade.CORROBORATED),
        (("device",), set(), Grade.CIRCUMSTANTIAL),
        (("postal_address", "fingerprint"), {"burst"}, Grade.CORROBORATED),
        (("ip",), {"burst", "email_shape"}, Grade.CIRCUMSTANTIAL),
        ((), set(), Grade.CIRCUMSTANTIAL),
    ],
)
def test_grade_counts_independent_witnesses(
    kinds: tuple[str, ...], likenesses: set[str], grade: Grade
) -> None:
    assert grade_of(kinds, frozenset(likenesses)) is grade


@pytest.mark.parametrize(
    ("score", "grade", "size", "likenesses", "tier"),
    [
        (0.99, Grade.CONCLUSIVE, 20, RHYTHM, Tier.AUTO),
        (0.99, Grade.CONCLUSIVE, 20, frozenset(), Tier.REVIEW),
        (0.99, Grade.CORROBORATED, 20, RHYTHM, Tier.REVIEW),
        (0.80, Grade.CONCLUSIVE, 20, RHYTHM, Tier.REVIEW),
        (0.50, Grade.CONCLUSIVE, 20, RHYTHM, Tier.WATCH),
        (0.99, Grade.CONCLUSIVE, 4, RHYTHM, Tier.REVIEW),
        (0.99, Grade.CORROBORATED, 4, RHYTHM, Tier.WATCH),
        (0.99, Grade.CONCLUSIVE, 3, RHYTHM, Tier.WATCH),
    ],
)
def test_tier_needs_proof_score_and_size(
    score: float, grade: Grade, size: int, likenesses: frozenset[str], tier: Tier
) -> None:
    assert tier_of(score, grade, size, likenesses, load_config().rings) is tier
