from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.policies import FrictionTerms
from ringfence.domain.policy_lists import ListName, Lists
from ringfence.domain.rings import Grade
from ringfence.domain.screenings import Assessment, Decision, Ruling
from ringfence.screening.friction import Admission, FrictionBudget, cohort_of
from ringfence.screening.ruling import rule
from tests.screening.policies_by_hand import (
    ExactCounts,
    assessment,
    assessments,
    attempt,
    entry,
    policy,
    ring,
)

DAY_MS = 86_400_000
EMPTY = Lists()
CHALLENGED = assessment(0.9)
BLOCKED = assessment(1.0)


def terms(**changes: object) -> FrictionTerms:
    return FrictionTerms(**{"share": 0.0, "minimum": 2} | changes)  # type: ignore[arg-type]


def told(rulings: list[Ruling]) -> list[str]:
    return [one.decision.value for one in rulings]


def test_friction_becomes_allow_when_the_budget_is_spent() -> None:
    ours, budget = policy(friction_budget=terms()), FrictionBudget(ExactCounts())

    rulings = [rule(ours, EMPTY, attempt(), CHALLENGED, budget) for _ in range(3)]

    assert told(rulings) == ["challenge", "challenge", "allow"]
    assert rulings[2].intended is Decision.CHALLENGE
    assert [reason.code for reason in rulings[2].reasons] == [
        "friction_budget_spent",
        "score_challenge",
    ]


def test_a_person_is_told_once_a_cohort_and_day() -> None:
    heard: list[tuple[str, int]] = []
    budget = FrictionBudget(ExactCounts(), lambda cohort, day: heard.append((cohort, day)))
    day = attempt().at_ms // DAY_MS
    limits = terms(minimum=1)
    tries = [attempt(country=name, at_ms=at * DAY_MS) for at in (day, day + 1) for name in "FD"]

    answers = [budget.admit(limits, tried) for _ in range(3) for tried in tries]

    assert (
        answers
        == [Admission.GRANTED] * 4 + [Admission.SPENT_FIRST_TIME] * 4 + [Admission.SPENT] * 4
    )
    assert heard == [(f"country={name} plan=free", at) for at in (day, day + 1) for name in "FD"]


def test_budget_grows_with_the_sign_ups_of_the_day() -> None:
    ours = policy(friction_budget=terms(share=0.1, minimum=0))
    budget = FrictionBudget(ExactCounts())
    assessed = [assessment(0.0)] * 18 + [CHALLENGED] * 3

    rulings = [rule(ours, EMPTY, attempt(), one, budget) for one in assessed]

    assert told(rulings[18:]) == ["challenge", "challenge", "allow"]


def test_days_do_not_mix_around_midnight() -> None:
    ours, budget = policy(friction_budget=terms(minimum=1)), FrictionBudget(ExactCounts())
    midnight = (attempt().at_ms // DAY_MS + 1) * DAY_MS
    moments = [midnight - 2, midnight - 1, midnight, midnight + 1]

    rulings = [rule(ours, EMPTY, attempt(at_ms=at), CHALLENGED, budget) for at in moments]

    assert told(rulings) == ["challenge", "allow", "challenge", "allow"]


def test_one_cohort_does_not_spend_the_budget_of_another() -> None:
    ours, budget = policy(friction_budget=terms(minimum=1)), FrictionBudget(ExactCounts())
    tries = [attempt(country=one) for one in ("FR", "fr", "DE", None)]

    rulings = [rule(ours, EMPTY, tried, CHALLENGED, budget) for tried in tries]

    assert told(rulings) == ["challenge", "allow", "challenge", "challenge"]


def test_blocks_of_exempt_rings_and_of_the_block_list_are_not_counted() -> None:
    ours, budget = policy(friction_budget=terms(minimum=1)), FrictionBudget(ExactCounts())
    listed = Lists([entry(ListName.BLOCK, "device", "dev_1")])

    blocked = [rule(ours, EMPTY, attempt(), BLOCKED, budget) for _ in range(50)]
    blocked += [rule(ours, listed, attempt(), assessment(0.0), budget) for _ in range(50)]
    then = [rule(ours, EMPTY, attempt(), CHALLENGED, budget) for _ in range(2)]

    assert told(blocked) == ["block"] * 100
    assert told(then) == ["challenge", "allow"]


def test_exempt_blocks_do_not_widen_the_budget_of_the_others() -> None:
    ours = policy(friction_budget=terms(share=0.1, minimum=0))
    budget = FrictionBudget(ExactCounts())

    for _ in range(100):
        rule(ours, EMPTY, attempt(), BLOCKED, budget)

    assert rule(ours, EMPTY, attempt(), CHALLENGED, budget).decision is Decision.ALLOW


def test_challenge_of_a_conclusive_ring_is_counted() -> None:
    ours, budget = policy(friction_budget=terms(minimum=0)), FrictionBudget(ExactCounts())

    ruling = rule(ours, EMPTY, attempt(), CHALLENGED, budget)

    assert CHALLENGED.ring == ring(Grade.CONCLUSIVE)
    assert (ruling.decision, ruling.intended) == (Decision.ALLOW, Decision.CHALLENGE)


def test_evaluation_without_a_budget_counts_nothing() -> None:
    ours, budget = policy(friction_budget=terms(minimum=1)), FrictionBudget(ExactCounts())

    for _ in range(5):
        rule(ours, EMPTY, attempt(), CHALLENGED, None)

    assert rule(ours, EMPTY, attempt(), CHALLENGED, budget).decision is Decision.CHALLENGE


def test_cohort_is_told_in_words() -> None:
    tried = attempt(country="fr", plan=None)

    assert cohort_of(tried, ("country", "plan")) == "country=FR plan=?"
    assert cohort_of(tried, ("plan",)) == "plan=?"
    assert cohort_of(tried, ()) == "all"


@given(
    st.floats(0, 1),
    st.integers(0, 5),
    st.lists(assessments, max_size=60),
    st.lists(st.sampled_from(Grade), unique=True).map(tuple),
)
def test_frictions_that_count_stay_within_share_or_minimum(
    share: float, minimum: int, assessed: list[Assessment], exempt: tuple[Grade, ...]
) -> None:
    limits = FrictionTerms(share=share, minimum=minimum, exempt=exempt)
    ours, budget = policy(friction_budget=limits), FrictionBudget(ExactCounts())
    counted = 0

    for n, one in enumerate(assessed, start=1):
        ruling = rule(ours, EMPTY, attempt(), one, budget)
        is_exempt = (
            ruling.decision is Decision.BLOCK and one.ring is not None and one.ring.grade in exempt
        )
        counted += ruling.decision.is_friction and not is_exempt
        assert counted <= max(minimum, share * n)
