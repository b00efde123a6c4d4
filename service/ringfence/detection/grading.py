"""Grade by rule on independent kinds, and the tier that grade and score allow."""

from ringfence.detection.config import RingParameters
from ringfence.detection.families import family_of
from ringfence.domain.identifiers import Strength, strength_of
from ringfence.domain.rings import Grade, Tier


def grade_of(kinds: tuple[str, ...], likeness_codes: frozenset[str]) -> Grade:
    """How well a ring is proven.

    Conclusive: two strong families of kinds agree, or a strong one beside a further family and two
    likenesses.
    Corroborated: a strong kind, or two kinds one of which is medium, and anything beside it.
    Circumstantial: the rest.

    Args:
        kinds: kinds of identifiers whose ties reach enough of the ring.
        likeness_codes: codes of likenesses (rhythm, names, funding …) that count for it.
    """
    strong = _families(kinds, Strength.STRONG)
    medium = _families(kinds, Strength.MEDIUM) - strong
    witnesses = {family_of(kind) for kind in kinds}
    beside = len(witnesses) - 1 + len(likeness_codes)
    if len(strong) >= 2 or (strong and len(witnesses) >= 2 and len(likeness_codes) >= 2):
        return Grade.CONCLUSIVE
    if (strong and beside >= 1) or (medium and len(witnesses) >= 2 and beside >= 2):
        return Grade.CORROBORATED
    return Grade.CIRCUMSTANTIAL


def _families(kinds: tuple[str, ...], strength: Strength) -> set[str]:
    return {family_of(kind) for kind in kinds if strength_of(kind) is strength}


def tier_of(
    score: float,
    grade: Grade,
    size: int,
    likeness_codes: frozenset[str],
    parameters: RingParameters,
) -> Tier:
    """What may be done: auto needs proof, score and a likeness; a flag needs size or proof.

    Shared things alone never make a ring one to act on: an agency shares as much with its clients.
    """
    if size < parameters.flag_size:
        sure = grade is Grade.CONCLUSIVE and score >= parameters.small_score
        return Tier.REVIEW if sure and size >= parameters.least_flagged else Tier.WATCH
    if score >= parameters.auto_score and grade is Grade.CONCLUSIVE and likeness_codes:
        return Tier.AUTO
    return Tier.REVIEW if score >= parameters.review_score else Tier.WATCH
