"""What would change if another policy answered: told before anybody switches it on."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from ringfence.domain.policies import Policy
from ringfence.domain.policy_lists import Lists
from ringfence.domain.screenings import Assessment, Attempt, Decision, Ruling
from ringfence.screening.friction import cohort_of
from ringfence.screening.ruling import rule

EXAMPLES: Final = 20
Move = tuple[Decision, Decision]
"""Decision of the old policy and of the new one."""


@dataclass(frozen=True, slots=True)
class ChangedRuling:
    """One sign-up that would be answered otherwise.

    Attributes:
        codes: of the new ruling's reasons, the deciding one first.
    """

    attempt_id: str
    old: Decision
    new: Decision
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyDiff:
    """How the answers to some sign-ups would change.

    Attributes:
        version: of the policy that would answer; 0 is the one that is built in.
        attempts: how many were looked at.
        changed: how many of them would be answered otherwise.
        moves: how many went from which decision to which; those that stay too.
        moves_by_cohort: the same for each cohort, as the new policy cuts them.
        examples: the first ones that change.
        old_friction, new_friction: share of all that was, and would be, challenged or blocked, as
            intended: the budget, which depends on the day, is left out of both.
    """

    version: int
    attempts: int
    changed: int
    moves: Mapping[Move, int]
    moves_by_cohort: Mapping[str, Mapping[Move, int]]
    examples: tuple[ChangedRuling, ...]
    old_friction: float
    new_friction: float


def diff_rulings(
    pairs: Iterable[tuple[Attempt, Assessment, Ruling]],
    candidate: Policy,
    lists: Lists,
    *,
    examples: int = EXAMPLES,
) -> PolicyDiff:
    """Rule anew on assessed sign-ups, and compare with what was intended then.

    Args:
        pairs: sign-ups with their assessment and ruling; read once.
        candidate: the policy to be tried.
        lists: as they are now; entries hold on the day of each sign-up.
        examples: how many changed ones are told in full.
    """
    by_cohort: dict[str, Counter[Move]] = {}
    told: list[ChangedRuling] = []
    for attempt, assessment, old in pairs:
        new = rule(candidate, lists, attempt, assessment, None)
        cohort = cohort_of(attempt, candidate.friction_budget.cohort_by)
        by_cohort.setdefault(cohort, Counter())[old.intended, new.intended] += 1
        if old.intended is not new.intended and len(told) < examples:
            codes = tuple(reason.code for reason in new.reasons)
            told.append(ChangedRuling(attempt.id, old.intended, new.intended, codes))
    moves: Counter[Move] = sum(by_cohort.values(), Counter())
    total = moves.total()
    return PolicyDiff(
        version=candidate.version,
        attempts=total,
        changed=changed_by(moves),
        moves=moves,
        moves_by_cohort=by_cohort,
        examples=tuple(told),
        old_friction=sum(n for (one, _), n in moves.items() if one.is_friction) / (total or 1),
        new_friction=sum(n for (_, one), n in moves.items() if one.is_friction) / (total or 1),
    )


def changed_by(moves: Mapping[Move, int]) -> int:
    """How many sign-ups of some moves would be answered otherwise."""
    return sum(count for (old, new), count in moves.items() if old is not new)
