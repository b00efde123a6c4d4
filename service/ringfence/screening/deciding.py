"""One answer: from what is known and the policies in force to a decision with its reasons.

All of it happens in memory and without waiting, so that it takes a fraction of a millisecond and
goes on whatever becomes of the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Final

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.policies import Policy
from ringfence.domain.policy_lists import Lists
from ringfence.domain.rings import Reason
from ringfence.domain.screenings import (
    Assessment,
    Attempt,
    Burst,
    Counterfactual,
    Decision,
    FailMode,
    Ruling,
    Screening,
)
from ringfence.screening.assessing import Case, assess_case, case_of, note_hashes
from ringfence.screening.bursts import count_bursts
from ringfence.screening.counts import Counts
from ringfence.screening.fresh import FreshSignUps
from ringfence.screening.friction import FrictionBudget
from ringfence.screening.index import ScreeningIndex
from ringfence.screening.keys import telling_keys
from ringfence.screening.re_entry import RememberedRings
from ringfence.screening.ruling import rule

MOST_COUNTERFACTUALS: Final = 3
UNCHECKED: Final = frozenset({"index_cold"})
"""Troubles in which nothing is known of an attempt, so that the fail mode answers."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The policies in force.

    Attributes:
        enforced: the one that answers.
        shadows: those that are tried out beside it.
        lists: of identifiers to allow or to block, shared by all.
    """

    enforced: Policy
    shadows: tuple[Policy, ...]
    lists: Lists


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What answers are made of at one moment.

    Attributes:
        index: None while none was built or read yet.
        fresh: who came since the index was built.
        remembered: rings that were taken down, or None while they are not read yet.
        trouble: why answers are degraded just now, or None.
    """

    index: ScreeningIndex | None
    fresh: FreshSignUps
    remembered: RememberedRings | None
    rules: Rules
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Shared:
    """What all who answer share, and how they fail."""

    counts: Counts
    budget: FrictionBudget
    fail_mode: FailMode


def decide(
    known: Knowledge, shared: Shared, attempt: Attempt, *, screening_id: str, at: datetime
) -> Screening:
    """Answer one attempt, and let it count for those that come after it.

    Args:
        known: at this moment.
        shared: by all who answer.
        attempt: as it was asked.
        screening_id: of the answer.
        at: the present, UTC.
    """
    started = perf_counter()
    index, trouble = known.index, known.trouble if known.index else "index_cold"
    facts = _facts(known, attempt)
    at_ms = int(at.timestamp() * 1000)
    bursts = count_bursts(shared.counts, facts.keys, at_ms, public=facts.public)
    assessment = _assessed(known, facts, bursts)
    enforced, shadows, lists = known.rules.enforced, known.rules.shadows, known.rules.lists
    ruling = rule(enforced, lists, attempt, assessment, shared.budget)
    if trouble in UNCHECKED:
        ruling = _by_fail_mode(ruling, shared.fail_mode, trouble)
        changes: tuple[Counterfactual, ...] = ()
    else:
        changes = _counterfactuals(known, facts, assessment, ruling)
    if facts.case:
        note_hashes(known.fresh, facts.case.who, facts.case.hashes, assessment)
    return Screening(
        id=screening_id,
        attempt=attempt,
        at=at,
        assessment=assessment,
        ruling=ruling,
        counterfactuals=changes,
        shadows=tuple([rule(policy, lists, attempt, assessment, None) for policy in shadows]),
        model_version=index.version if index else "",
        took_ms=round((perf_counter() - started) * 1000, 3),
        fail_mode=shared.fail_mode,
        degraded=trouble,
    )


def check_again(known: Knowledge, screening: Screening) -> Screening:
    """The answer that an attempt would get now; nothing counts, since it did so the first time."""
    attempt = screening.attempt
    assessment = _assessed(known, _facts(known, attempt), screening.assessment.bursts)
    return replace(
        screening,
        assessment=assessment,
        ruling=rule(known.rules.enforced, known.rules.lists, attempt, assessment, None),
        model_version=known.index.version if known.index else "",
        degraded=known.trouble if known.index else "index_cold",
    )


def counterfactuals(
    known: Knowledge, attempt: Attempt, assessment: Assessment, ruling: Ruling
) -> tuple[Counterfactual, ...]:
    """What the decision would be without one of the identifiers that it rests on."""
    return _counterfactuals(known, _facts(known, attempt), assessment, ruling)


@dataclass(frozen=True, slots=True)
class _Facts:
    """An attempt, what accounts can share of it, and how the index knows it, if there is one.

    Attributes:
        public: those of the keys that tie nobody.
    """

    attempt: Attempt
    keys: Sequence[IdentifierKey]
    case: Case | None
    public: Sequence[IdentifierKey]


def _facts(known: Knowledge, attempt: Attempt) -> _Facts:
    keys = telling_keys(attempt.keys, attempt.email)
    case = case_of(known.index, attempt, keys, known.fresh) if known.index else None
    return _Facts(attempt, keys, case, _public(keys, case) if case else ())


def _public(keys: Sequence[IdentifierKey], case: Case) -> Sequence[IdentifierKey]:
    ties_nobody = case.index.ties_nobody
    return [key for key, row in zip(keys, case.rows, strict=True) if ties_nobody(key, row)]


def _counterfactuals(
    known: Knowledge, facts: _Facts, assessment: Assessment, ruling: Ruling
) -> tuple[Counterfactual, ...]:
    if ruling.intended is Decision.ALLOW:
        return ()
    found = []
    for key in _resting_on(assessment):
        decision = _decision_without(known, facts, assessment, key)
        if decision is not ruling.intended:
            text = f"{decision.value} without the {_named(key)}"
            found.append(Counterfactual(key, decision, text))
    return tuple(found)


def _resting_on(assessment: Assessment) -> Sequence[IdentifierKey]:
    keys = [link.key for link in assessment.links]
    keys += assessment.re_entry.matched if assessment.re_entry else ()
    keys += [burst.key for burst in assessment.bursts]
    return list(dict.fromkeys(keys))[:MOST_COUNTERFACTUALS]


def _decision_without(
    known: Knowledge, facts: _Facts, assessment: Assessment, key: IdentifierKey
) -> Decision:
    bursts = assessment.bursts
    if bursts:
        bursts = tuple(burst for burst in bursts if burst.key != key)
    other = _assessed(known, facts, bursts, without=key)
    return rule(known.rules.enforced, known.rules.lists, facts.attempt, other, None).intended


def _assessed(
    known: Knowledge,
    facts: _Facts,
    bursts: tuple[Burst, ...],
    *,
    without: IdentifierKey | None = None,
) -> Assessment:
    """What is known of an attempt; of one without an identifier, only what a policy asks for."""
    re_entry = None
    if known.remembered is not None:
        # One of a ring taken down may have become public since, or been set aside.
        keys = [key for key in facts.keys if key != without and key not in facts.public]
        re_entry = known.remembered.match(keys, facts.attempt.at_ms)
    if facts.case is None:
        return Assessment(0.0, re_entry=re_entry, bursts=bursts)
    return assess_case(
        facts.case, without=without, in_words=without is None, re_entry=re_entry, bursts=bursts
    )


def _by_fail_mode(ruling: Ruling, mode: FailMode, trouble: str) -> Ruling:
    """What the owner chose for attempts of which nothing is known; lists still hold."""
    if ruling.reasons and ruling.reasons[0].code in ("allow_list", "block_list"):
        return ruling
    told = Reason("fail_mode", 0.0, f"Not checked ({trouble}): the fail mode is {mode.value}.")
    decision = max(mode.decision, ruling.decision, key=lambda one: one.burden)
    return replace(ruling, decision=decision, intended=decision, reasons=(told, *ruling.reasons))


def _named(key: IdentifierKey) -> str:
    return key.kind.replace("_", " ")
