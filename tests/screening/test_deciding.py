"""One answer: fail modes, lists, bursts, re-entry, shadows, and what would be without."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.detection import load_config
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.domain.policies import FrictionTerms, Policy, ReEntryDecisions, Thresholds
from ringfence.domain.policy_lists import ListName, Lists
from ringfence.domain.screening_log import LoggedScreening
from ringfence.domain.screenings import (
    Attempt,
    Burst,
    Decision,
    FailMode,
    Likelihood,
    Ruling,
    Screening,
)
from ringfence.screening.building import build_index
from ringfence.screening.counts import Counts, LocalCounts
from ringfence.screening.deciding import Knowledge, Rules, Shared, check_again, decide
from ringfence.screening.default_policy import default_policy
from ringfence.screening.fresh import FreshSignUps
from ringfence.screening.friction import FrictionBudget
from ringfence.usecases.screen import decode, encode
from tests.screening.graphs_by_hand import (
    EXITS,
    TODAY,
    attempt,
    farm_index,
    farm_members,
    farm_world,
    index_of,
    knowing,
    known_ring,
    moment_ms,
)
from tests.screening.policies_by_hand import entry, policy
from tests.screening.test_re_entry import Left, rings

AT = datetime.fromtimestamp(moment_ms(TODAY) / 1000, UTC)
LAST_DAY = AT.date()
OWN_DEVICE = IdentifierKey(DEVICE, "one-device1")
OWN_CARD = IdentifierKey(PAYMENT_INSTRUMENT, "one-card1")
NEW = attempt(device="new-device")
ON_OWN_DEVICE = attempt(device=OWN_DEVICE.value, card="new-card")


def shared(counts: Counts | None = None, mode: FailMode = FailMode.OPEN) -> Shared:
    counts = counts or LocalCounts()
    return Shared(counts, FrictionBudget(counts), mode)


def answered(known: Knowledge, asked: Attempt, by: Shared | None = None) -> Screening:
    return decide(known, by or shared(), asked, screening_id="scr_1", at=AT)


def codes(ruling: Ruling) -> list[str]:
    return [reason.code for reason in ruling.reasons]


def listing(name: ListName, key: IdentifierKey) -> Rules:
    return Rules(default_policy(), (), Lists([entry(name, *key, until=LAST_DAY)]))


def ruled_by(ours: Policy, *shadows: Policy) -> Rules:
    return Rules(ours, shadows, Lists())


def test_newcomer_of_a_ring_is_challenged_and_told_why() -> None:
    answer = answered(knowing(farm_index()), ON_OWN_DEVICE)

    assert answer.ruling.decision is Decision.CHALLENGE
    assert codes(answer.ruling) == ["score_challenge"]
    assert (answer.ruling.policy_id, answer.ruling.policy_version) == ("default", 0)
    assert answer.assessment.ring
    assert answer.assessment.ring.ring_id == "ring_one"
    assert (answer.degraded, answer.model_version) == (None, farm_index().version)
    assert (answer.id, answer.at, answer.attempt) == ("scr_1", AT, ON_OWN_DEVICE)


def test_newcomer_that_shares_nothing_is_let_in() -> None:
    answer = answered(knowing(farm_index()), NEW)

    assert answer.ruling.decision is Decision.ALLOW
    assert codes(answer.ruling) == ["below_all_thresholds"]
    assert answer.counterfactuals == ()


@pytest.mark.parametrize(
    ("mode", "decision"),
    [
        (FailMode.OPEN, Decision.ALLOW),
        (FailMode.CHALLENGE, Decision.CHALLENGE),
        (FailMode.CLOSED, Decision.BLOCK),
    ],
)
def test_without_an_index_the_fail_mode_answers(mode: FailMode, decision: Decision) -> None:
    answer = answered(knowing(None), ON_OWN_DEVICE, shared(mode=mode))

    assert (answer.ruling.decision, answer.ruling.intended) == (decision, decision)
    assert codes(answer.ruling) == ["fail_mode", "below_all_thresholds"]
    assert (answer.degraded, answer.model_version) == ("index_cold", "")
    assert (answer.fail_mode, answer.assessment.score) == (mode, 0.0)


@pytest.mark.parametrize("mode", FailMode)
def test_lists_hold_without_an_index(mode: FailMode) -> None:
    allowing = knowing(None, rules=listing(ListName.ALLOW, OWN_DEVICE))
    blocking = knowing(None, rules=listing(ListName.BLOCK, OWN_DEVICE))

    allowed = answered(allowing, ON_OWN_DEVICE, shared(mode=mode))
    blocked = answered(blocking, ON_OWN_DEVICE, shared(mode=mode))

    assert (allowed.ruling.decision, codes(allowed.ruling)) == (Decision.ALLOW, ["allow_list"])
    assert (blocked.ruling.decision, codes(blocked.ruling)) == (Decision.BLOCK, ["block_list"])
    assert allowed.degraded == blocked.degraded == "index_cold"


def test_ring_that_returns_is_known_without_an_index() -> None:
    known = knowing(None, remembered=rings(Left("ring_gone", OWN_DEVICE, moment_ms(50))))

    answer = answered(known, ON_OWN_DEVICE)

    assert answer.ruling.decision is Decision.CHALLENGE
    assert codes(answer.ruling) == ["fail_mode", "re_entry_likely"]


def test_trouble_is_told_and_changes_no_decision() -> None:
    answer = answered(knowing(farm_index(), trouble="graph_unavailable"), ON_OWN_DEVICE)

    assert answer.degraded == "graph_unavailable"
    assert answer.ruling == answered(knowing(farm_index()), ON_OWN_DEVICE).ruling
    assert answered(knowing(None, trouble="graph_unavailable"), NEW).degraded == "index_cold"


def test_without_the_identifier_that_ties_it_the_sign_up_would_be_let_in() -> None:
    answer = answered(knowing(farm_index()), ON_OWN_DEVICE)

    (told,) = answer.counterfactuals
    assert (told.without, told.decision) == (OWN_DEVICE, Decision.ALLOW)
    assert told.text == "allow without the device"


def test_nothing_is_promised_where_each_of_two_identifiers_is_enough() -> None:
    answer = answered(knowing(farm_index()), attempt(device="one-device1", card="one-card1"))

    assert answer.ruling.decision is Decision.CHALLENGE
    assert answer.counterfactuals == ()


def test_nothing_is_promised_while_the_fail_mode_answers() -> None:
    counts = LocalCounts()
    for _ in range(5):
        answer = answered(knowing(None), ON_OWN_DEVICE, shared(counts, FailMode.CHALLENGE))

    assert answer.ruling.decision is Decision.CHALLENGE
    assert answer.assessment.bursts
    assert answer.counterfactuals == ()


def lacking(asked: Attempt, key: IdentifierKey) -> Attempt:
    """The attempt as it would be without an identifier."""
    return replace(
        asked,
        keys=tuple(one for one in asked.keys if one != key),
        email=None if key.kind == "email" else asked.email,
        ip=None if key == (IP, asked.ip) else asked.ip,
        device_id=None if key == (DEVICE, asked.device_id) else asked.device_id,
        instrument=None if key.kind == PAYMENT_INSTRUMENT else asked.instrument,
    )


_attempts = st.builds(
    attempt,
    device=st.sampled_from(["new-device", "one-device1", "one-device2"]),
    card=st.sampled_from([None, "new-card", "one-card1", "stranger-card"]),
    ip=st.sampled_from([None, "10.9.9.9", *EXITS]),
    email=st.sampled_from([None, "petra_ek4@orange.fr", "oneuser777@gmail.com"]),
    also=st.sampled_from([(), [("phone", "+33612345678")], [(DEVICE, "one-device3")]]),
)
_policies = st.sampled_from(
    [
        default_policy(),
        policy(thresholds=Thresholds(review=0.001, challenge=0.01, block=0.1)),
        policy(thresholds=Thresholds(review=0.94, challenge=0.945, block=0.949)),
    ]
)


@settings(deadline=None)
@given(_attempts, _policies)
def test_what_is_said_of_an_answer_without_an_identifier_is_true(
    asked: Attempt, ours: Policy
) -> None:
    known = knowing(farm_index(), rules=ruled_by(ours))

    answer = answered(known, asked)

    for told in answer.counterfactuals:
        fresh = replace(known, fresh=FreshSignUps())
        without = answered(fresh, lacking(asked, told.without))
        if told.without.kind in (DEVICE, PAYMENT_INSTRUMENT):
            assert without.ruling.intended is told.decision is not answer.ruling.intended


def test_shadows_are_recorded_and_change_nothing() -> None:
    strict = policy(id="strict", thresholds=Thresholds(review=0.01, challenge=0.02, block=0.03))
    mild = policy(id="mild", thresholds=Thresholds(review=1, challenge=1, block=1))
    counts, alone = LocalCounts(), LocalCounts()

    rules = ruled_by(default_policy(), strict, mild)

    beside = answered(knowing(farm_index(), rules=rules), ON_OWN_DEVICE, shared(counts))
    plain = answered(knowing(farm_index()), ON_OWN_DEVICE, shared(alone))
    assert [(one.policy_id, one.decision) for one in beside.shadows] == [
        ("strict", Decision.BLOCK),
        ("mild", Decision.ALLOW),
    ]
    assert replace(beside, shadows=(), took_ms=0) == replace(plain, took_ms=0)
    assert vars_of(counts) == vars_of(alone)


def vars_of(counts: LocalCounts) -> object:
    return {name: dict(value) for name, value in vars(counts).items() if isinstance(value, dict)}


@pytest.mark.parametrize(
    ("left", "likelihood", "decision"),
    [
        ((OWN_DEVICE,), Likelihood.LIKELY, Decision.CHALLENGE),
        ((OWN_DEVICE, OWN_CARD), Likelihood.CONFIRMED, Decision.REVIEW),
    ],
)
def test_return_of_a_ring_leads_to_what_the_policy_says(
    left: tuple[IdentifierKey, ...], likelihood: Likelihood, decision: Decision
) -> None:
    remembered = rings(*(Left("ring_gone", key, moment_ms(50)) for key in left))
    ours = policy(
        re_entry=ReEntryDecisions(
            possible=Decision.ALLOW, likely=Decision.CHALLENGE, confirmed=Decision.REVIEW
        )
    )
    known = knowing(index_of(farm_world(), []), remembered=remembered, rules=ruled_by(ours))

    answer = answered(known, attempt(device="one-device1", card="one-card1"))

    re_entry = answer.assessment.re_entry
    assert re_entry
    assert (re_entry.ring_id, re_entry.likelihood, re_entry.generation) == (
        "ring_gone",
        likelihood,
        1,
    )
    assert answer.ruling.decision is decision
    assert codes(answer.ruling) == [f"re_entry_{likelihood.value}"]


def test_what_was_set_aside_is_no_trace_of_a_ring_that_returns() -> None:
    remembered = rings(Left("ring_gone", OWN_DEVICE, moment_ms(50)))
    graph, asked = farm_world().graph(), attempt(device="one-device1")
    plain = build_index(graph, [], load_config())
    aside = build_index(graph, [], load_config(), set_aside=[OWN_DEVICE])

    met = answered(knowing(plain, remembered=remembered), asked)
    passed = answered(knowing(aside, remembered=remembered), asked)

    assert met.assessment.re_entry is not None
    assert passed.assessment.re_entry is None
    assert passed.ruling.decision is Decision.ALLOW


def test_what_was_set_aside_is_handed_on_by_no_newcomer_either() -> None:
    graph, rings_known = farm_world().graph(), [known_ring("ring_one", farm_members())]
    card = IdentifierKey(PAYMENT_INSTRUMENT, "new-card")

    def links(*set_aside: IdentifierKey) -> list[IdentifierKey]:
        known = knowing(build_index(graph, rings_known, load_config(), set_aside=set_aside))
        answered(known, ON_OWN_DEVICE)
        follower = answered(known, attempt(id_="try_2", device="another", card=card.value))
        return [link.key for link in follower.assessment.links]

    assert links() == [card]
    assert links(card) == []


def test_sign_ups_that_share_a_device_become_a_burst() -> None:
    counts = LocalCounts()

    answers = [answered(knowing(farm_index()), NEW, shared(counts)) for _ in range(4)]

    assert [one.ruling.decision for one in answers] == [Decision.ALLOW] * 3 + [Decision.REVIEW]
    device = IdentifierKey(DEVICE, "new-device")
    assert answers[3].assessment.bursts == (Burst(device, 3600, 4, 3),)
    assert codes(answers[3].ruling) == ["burst"]
    (told,) = answers[3].counterfactuals
    assert (told.without, told.decision) == (device, Decision.ALLOW)


def test_public_hub_has_no_limit() -> None:
    world = farm_world()
    for at in range(60):
        world.sign_in(f"stranger{at:04d}", day=50, device="campus")
    known = knowing(index_of(world, [known_ring("ring_one", farm_members())]))
    counts = LocalCounts()

    answers = [answered(known, attempt(device="campus"), shared(counts)) for _ in range(30)]

    assert not any(one.assessment.bursts for one in answers)


def test_checking_again_counts_nothing() -> None:
    counts, known = LocalCounts(), knowing(farm_index())
    answer = answered(known, ON_OWN_DEVICE, shared(counts))
    before, carriers = vars_of(counts), len(known.fresh)

    for _ in range(10):
        check_again(known, answer)

    assert (vars_of(counts), len(known.fresh)) == (before, carriers)


def test_burst_that_an_answer_was_part_of_stays_when_it_is_checked_again() -> None:
    counts = LocalCounts()
    for _ in range(4):
        answer = answered(knowing(farm_index()), NEW, shared(counts))

    again = check_again(knowing(farm_index()), answer)

    assert again.assessment.bursts == answer.assessment.bursts
    assert again.ruling == answer.ruling


def test_answer_without_an_index_is_made_good_when_it_is_checked_again() -> None:
    answer = answered(knowing(None), ON_OWN_DEVICE, shared(mode=FailMode.CLOSED))

    again = check_again(knowing(farm_index()), answer)

    assert answer.ruling.decision is Decision.BLOCK
    assert (again.ruling.decision, again.degraded) == (Decision.CHALLENGE, None)
    assert again.model_version == farm_index().version


@settings(deadline=None)
@given(_attempts, _policies)
def test_logged_answer_comes_out_again_from_the_same_index_and_policy(
    asked: Attempt, ours: Policy
) -> None:
    rules = ruled_by(ours, default_policy())
    answer = answered(knowing(farm_index(), rules=rules), asked)

    logged = decode(encode(LoggedScreening(answer, "key"))).screening
    again = check_again(knowing(farm_index(), rules=rules), logged)

    assert logged == answer
    assert again.ruling == answer.ruling
    assert again.assessment == answer.assessment
    assert again.model_version == answer.model_version


def test_checking_again_with_what_came_since_does_not_take_itself_for_another() -> None:
    known = knowing(farm_index())
    answer = answered(known, ON_OWN_DEVICE)

    again = check_again(known, answer)

    assert again.assessment == answer.assessment


def test_spent_budget_takes_friction_away_and_keeps_what_was_intended() -> None:
    terms = FrictionTerms(share=0, minimum=2, cohort_by=())
    known = knowing(farm_index(), rules=ruled_by(policy(friction_budget=terms)))
    by = shared()

    answers = [answered(known, ON_OWN_DEVICE, by) for _ in range(3)]

    assert [one.ruling.decision for one in answers] == [
        Decision.CHALLENGE,
        Decision.CHALLENGE,
        Decision.ALLOW,
    ]
    assert answers[2].ruling.intended is Decision.CHALLENGE
    assert codes(answers[2].ruling)[0] == "friction_budget_spent"
