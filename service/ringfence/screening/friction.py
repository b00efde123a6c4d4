"""The friction budget: how many sign-ups of a cohort and day may be challenged or blocked."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Final

from ringfence.domain.policies import FrictionTerms
from ringfence.domain.policy_lists import DAY_MS
from ringfence.domain.screenings import Attempt
from ringfence.screening.counts import Counts

DAY_S: Final = 86_400
MAX_WORD: Final = 64
"""Characters of a country or plan that tell cohorts apart; the counts must stay small."""


class Admission(StrEnum):
    """Whether a cohort's budget has room for one more challenge or block."""

    GRANTED = "granted"
    SPENT = "spent"
    SPENT_FIRST_TIME = "spent_first_time"


class FrictionBudget:
    """Counts sign-ups and frictions by cohort and UTC day.

    Several workers with shared counts may together grant as many too many as there are workers, no
    more: each looks before it adds.

    Args:
        counts: shared by all who answer.
        tell: called with cohort and day (days since 1970) when its budget is spent, once each.
    """

    def __init__(self, counts: Counts, tell: Callable[[str, int], None] | None = None) -> None:
        self._counts = counts
        self._tell = tell

    def count_sign_up(self, terms: FrictionTerms, attempt: Attempt) -> None:
        """Count a sign-up that the budget is a share of, before it is admitted."""
        self._counts.add(_key("sign_ups", terms, attempt), DAY_S, attempt.at_ms)

    def admit(self, terms: FrictionTerms, attempt: Attempt) -> Admission:
        """Grant one more challenge or block and count it, or say that the budget is spent.

        Frictions of a cohort and day stay within `share` of its sign-ups or within `minimum`,
        whichever is more.
        """
        key, at_ms = _key("frictions", terms, attempt), attempt.at_ms
        so_far = self._counts.count(key, DAY_S, at_ms)
        if so_far < terms.minimum or so_far + 1 <= terms.share * self._sign_ups(terms, attempt):
            self._counts.add(key, DAY_S, at_ms)
            return Admission.GRANTED
        if self._counts.add(_key("told", terms, attempt), DAY_S, at_ms) > 1:
            return Admission.SPENT
        if self._tell:
            self._tell(cohort_of(attempt, terms.cohort_by), at_ms // DAY_MS)
        return Admission.SPENT_FIRST_TIME

    def _sign_ups(self, terms: FrictionTerms, attempt: Attempt) -> int:
        return self._counts.count(_key("sign_ups", terms, attempt), DAY_S, attempt.at_ms)


def cohort_of(attempt: Attempt, cohort_by: Sequence[str]) -> str:
    """The cohort of a sign-up in words, such as `country=FR plan=free`; `all` where one is all."""
    words = []
    if "country" in cohort_by:
        words.append(f"country={(attempt.country or '?').upper()[:MAX_WORD]}")
    if "plan" in cohort_by:
        words.append(f"plan={(attempt.plan or '?')[:MAX_WORD]}")
    return " ".join(words) or "all"


def _key(what: str, terms: FrictionTerms, attempt: Attempt) -> str:
    """The day is part of it, so that a window which slides cannot mix days."""
    return f"friction/{attempt.at_ms // DAY_MS}/{what}/{cohort_of(attempt, terms.cohort_by)}"
