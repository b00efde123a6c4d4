"""What a policy says of an assessment: thresholds, bursts, re-entry, lists and budget.

The block list goes before the allow list, and both before all else. Of the other rules, the one
that burdens most decides. Same sign-up, same version, same lists: same answer, but for the budget.
"""

from typing import Final

from ringfence.domain.masking import mask
from ringfence.domain.policies import Policy, Thresholds
from ringfence.domain.policy_lists import ListEntry, ListName, Lists
from ringfence.domain.rings import Reason
from ringfence.domain.screenings import Assessment, Attempt, Burst, Decision, ReEntry, Ruling
from ringfence.screening.friction import Admission, FrictionBudget

_Rule = tuple[Decision, Reason]
_BELOW_ALL: Final = Reason("below_all_thresholds", 0.0, "No rule of the policy asks for more.")
_NOT_PERMITTED: Final = Reason(
    "block_not_permitted", 0.0, "The policy lets no sign-up of such a ring be blocked."
)
_SPENT: Final = Reason(
    "friction_budget_spent", 0.0, "Let in and watched: the day's friction budget is spent."
)


def rule(
    policy: Policy,
    lists: Lists,
    attempt: Attempt,
    assessment: Assessment,
    budget: FrictionBudget | None,
) -> Ruling:
    """The ruling of one policy.

    Args:
        policy: of any mode.
        lists: shared by all policies; entries hold on the day of the attempt.
        attempt: the sign-up.
        assessment: what is known of it.
        budget: counts the sign-up and takes friction away when it is spent; None: evaluate only,
            as for shadows and replays.
    """
    intended, reasons, exempt = _intended(policy, lists, attempt, assessment)
    decision = intended
    if budget is not None and not exempt:
        budget.count_sign_up(policy.friction_budget, attempt)
        if intended.is_friction:
            admission = budget.admit(policy.friction_budget, attempt)
            if admission is not Admission.GRANTED:
                decision, reasons = Decision.ALLOW, (_SPENT, *reasons)
    return Ruling(decision, intended, reasons, policy.id, policy.version)


def _intended(
    policy: Policy, lists: Lists, attempt: Attempt, assessment: Assessment
) -> tuple[Decision, tuple[Reason, ...], bool]:
    """Decision, reasons, and whether the budget leaves it alone."""
    if entry := lists.find(ListName.BLOCK, attempt):
        return Decision.BLOCK, (_listed(entry),), True
    if entry := lists.find(ListName.ALLOW, attempt):
        return Decision.ALLOW, (_listed(entry),), False
    rules = _rules(policy, attempt, assessment)
    if not rules:
        return Decision.ALLOW, (_BELOW_ALL,), False
    decision, reasons = rules[0][0], tuple(reason for _, reason in rules)
    if decision is not Decision.BLOCK:
        return decision, reasons, False
    if not _may_block(policy, assessment):
        return Decision.CHALLENGE, (_NOT_PERMITTED, *reasons), False
    ring = assessment.ring
    return decision, reasons, ring is not None and ring.grade in policy.friction_budget.exempt


def _rules(policy: Policy, attempt: Attempt, assessment: Assessment) -> list[_Rule]:
    """The rules that speak against letting in, the one that burdens most first."""
    rules = []
    if by_score := _by_score(_thresholds(policy, attempt, assessment), assessment.score):
        rules.append(by_score)
    if re_entry := assessment.re_entry:
        decision: Decision = getattr(policy.re_entry, re_entry.likelihood.value)
        rules.append((decision, _returned(re_entry)))
    if assessment.bursts:
        rules.append((policy.burst, _burst(assessment.bursts[0])))
    rules = [one for one in rules if one[0] is not Decision.ALLOW]
    if len(rules) > 1:
        rules.sort(key=lambda one: -one[0].burden)
    return rules


def _thresholds(policy: Policy, attempt: Attempt, assessment: Assessment) -> Thresholds:
    if not policy.overrides:
        return policy.thresholds
    tier = assessment.ring.tier if assessment.ring else None
    country = attempt.country.upper() if attempt.country else None
    for override in policy.overrides:
        if override.when.fits(tier, country, attempt.plan):
            return policy.thresholds.changed(override)
    return policy.thresholds


def _by_score(thresholds: Thresholds, score: float) -> _Rule | None:
    if score >= thresholds.block:
        return Decision.BLOCK, _reached("score_block", score, thresholds.block)
    if score >= thresholds.challenge:
        return Decision.CHALLENGE, _reached("score_challenge", score, thresholds.challenge)
    if score >= thresholds.review:
        return Decision.REVIEW, _reached("score_review", score, thresholds.review)
    return None


def _may_block(policy: Policy, assessment: Assessment) -> bool:
    ring, needs = assessment.ring, policy.block_needs
    return ring is not None and ring.grade in needs.grades and ring.tier in needs.tiers


def _reached(code: str, score: float, threshold: float) -> Reason:
    return Reason(code, 0.0, f"The score {score:.3f} reaches the threshold {threshold:g}.")


def _returned(re_entry: ReEntry) -> Reason:
    return Reason(
        f"re_entry_{re_entry.likelihood.value}",
        0.0,
        f"Return {re_entry.generation} of the ring {re_entry.ring_id}, which was taken down.",
    )


def _burst(burst: Burst) -> Reason:
    told = f"{burst.count:,} sign-ups in {burst.window_s:,} s share one {burst.key.kind}"
    return Reason("burst", 0.0, f"{told}; up to {burst.limit:,} are ordinary.")


def _listed(entry: ListEntry) -> Reason:
    name, key = entry.list_name.value, entry.key
    told = f"On the {name} list until {entry.ends}: {key.kind} {mask(key)}"
    return Reason(f"{name}_list", 0.0, f"{told}, by {entry.owner}: {entry.reason}")
