import json
from dataclasses import replace
from datetime import timedelta
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.policies import (
    BlockNeeds,
    Override,
    Policy,
    PolicyMode,
    ReEntryDecisions,
    When,
)
from ringfence.domain.policy_lists import ListName, Lists, read_entry, read_key
from ringfence.domain.policy_reading import read_draft
from ringfence.domain.rings import Grade, Tier
from ringfence.domain.screenings import Assessment, Attempt, Decision, Likelihood
from ringfence.errors import InvalidInput
from ringfence.screening.default_policy import default_policy
from ringfence.screening.policy_diff import ChangedRuling, diff_rulings
from ringfence.screening.ruling import rule
from tests.screening.policies_by_hand import (
    BURST,
    DAY,
    TODAY,
    assessment,
    assessments,
    attempt,
    attempts,
    entry,
    policies,
    policy,
    re_entry,
    ring,
    scores,
)

ALLOW, BLOCK = ListName.ALLOW, ListName.BLOCK
EMPTY = Lists()


def told(
    assessed: Assessment,
    *,
    by: Policy | None = None,
    lists: Lists = EMPTY,
    tried: Attempt | None = None,
) -> tuple[Decision, list[str]]:
    ruling = rule(by or policy(), lists, tried or attempt(), assessed, None)
    assert ruling.decision is ruling.intended
    return ruling.decision, [reason.code for reason in ruling.reasons]


@pytest.mark.parametrize(
    ("score", "decision", "code"),
    [
        (0.0, Decision.ALLOW, "below_all_thresholds"),
        (0.499, Decision.ALLOW, "below_all_thresholds"),
        (0.5, Decision.REVIEW, "score_review"),
        (0.8, Decision.CHALLENGE, "score_challenge"),
        (0.95, Decision.BLOCK, "score_block"),
        (1.0, Decision.BLOCK, "score_block"),
    ],
)
def test_score_reaches_its_threshold(score: float, decision: Decision, code: str) -> None:
    assert told(assessment(score)) == (decision, [code])


@pytest.mark.parametrize(
    "touched", [None, ring(grade=Grade.CORROBORATED), ring(tier=Tier.REVIEW)], ids=str
)
def test_block_is_a_challenge_where_the_ring_does_not_permit_it(touched: Any) -> None:
    answer = told(assessment(1.0, ring=touched))

    assert answer == (Decision.CHALLENGE, ["block_not_permitted", "score_block"])


def test_ring_of_a_named_grade_and_tier_is_blocked() -> None:
    needs = BlockNeeds(grades=(Grade.CORROBORATED,), tiers=(Tier.REVIEW,))

    answer = told(
        assessment(1.0, ring=ring(Grade.CORROBORATED, Tier.REVIEW)), by=policy(block_needs=needs)
    )

    assert answer == (Decision.BLOCK, ["score_block"])


def test_first_override_that_fits_holds() -> None:
    ours = policy(
        overrides=(
            Override(when=When(country=("de",), plan=("free",)), review=0.1),
            Override(when=When(country=("DE",)), review=0.2),
            Override(when=When(tier=(Tier.AUTO,)), review=0.3),
        )
    )

    decided = [
        told(assessment(score), by=ours, tried=attempt(country=country, plan=plan))[0]
        for score, country, plan in [
            (0.1, "de", "free"),
            (0.1, "DE", "pro"),
            (0.2, "DE", "pro"),
            (0.2, "FR", "free"),
            (0.3, None, None),
        ]
    ]

    assert [one is Decision.REVIEW for one in decided] == [True, False, True, False, True]


@pytest.mark.parametrize("likelihood", Likelihood)
def test_rules_are_told_with_the_one_that_decides_first(likelihood: Likelihood) -> None:
    ours = policy(
        burst=Decision.REVIEW,
        re_entry=ReEntryDecisions(possible=Decision.ALLOW, likely=Decision.REVIEW),
    )
    assessed = assessment(0.6, re_entry=re_entry(likelihood), bursts=(BURST,))

    answer = told(assessed, by=ours)

    assert (
        answer
        == {
            Likelihood.POSSIBLE: (Decision.REVIEW, ["score_review", "burst"]),
            Likelihood.LIKELY: (Decision.REVIEW, ["score_review", "re_entry_likely", "burst"]),
            Likelihood.CONFIRMED: (
                Decision.CHALLENGE,
                ["re_entry_confirmed", "score_review", "burst"],
            ),
        }[likelihood]
    )


def test_built_in_policy_lets_a_burst_alone_in() -> None:
    answer = told(assessment(0.0, ring=None, bursts=(BURST,)), by=default_policy())

    assert answer == (Decision.REVIEW, ["burst"])
    assert (default_policy().id, default_policy().version) == ("default", 0)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("device", "dev_1"),
        ("device_id", " dev_1 "),
        ("email", "MIA@mailhub.example"),
        ("email_domain", "@MailHub.example."),
        ("ip", "203.0.113.77"),
        ("ip", "::ffff:203.0.113.77"),
        ("ip", "203.0.113.0/24"),
        ("ip", "203.0.0.0/16"),
        ("ip", "::ffff:203.0.113.0/120"),
    ],
)
def test_listed_identifier_is_found_in_any_spelling(kind: str, value: str) -> None:
    blocked = Lists([entry(BLOCK, kind, value)])
    allowed = Lists([entry(ALLOW, kind, value)])

    assert told(assessment(0.0), lists=blocked) == (Decision.BLOCK, ["block_list"])
    assert told(assessment(1.0), lists=allowed) == (Decision.ALLOW, ["allow_list"])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("email_domain", "hub.example"),
        ("email_domain", "a.mailhub.example"),
        ("ip", "203.0.112.0/24"),
        ("ip", "2001:db8::/32"),
        ("device", "DEV_1"),
        ("payment_instrument", "dev_1"),
    ],
)
def test_other_identifiers_are_not_listed(kind: str, value: str) -> None:
    answer = told(assessment(0.0), lists=Lists([entry(BLOCK, kind, value)]))

    assert answer == (Decision.ALLOW, ["below_all_thresholds"])


def test_address_of_version_6_is_found_in_its_network() -> None:
    lists = Lists([entry(BLOCK, "ip", "2001:db8::/32"), entry(BLOCK, "ip", "10.0.0.0/8")])
    inside = attempt(keys=(IdentifierKey("ip", "2001:db8:1::7"),))
    outside = attempt(keys=(IdentifierKey("ip", "2001:db9::7"),))

    assert told(assessment(0.0), lists=lists, tried=inside)[0] is Decision.BLOCK
    assert told(assessment(0.0), lists=lists, tried=outside)[0] is Decision.ALLOW


def test_email_address_that_is_not_among_the_identifiers_is_looked_up() -> None:
    lists = Lists([entry(BLOCK, "email_domain", "mailhub.example")])

    answer = told(assessment(0.0), lists=lists, tried=attempt(keys=(), email="Mia@MailHub.example"))

    assert answer == (Decision.BLOCK, ["block_list"])


@pytest.mark.parametrize("listed", ["mia.lang@gmail.com", "mialang+a@googlemail.com"])
@pytest.mark.parametrize("tried", ["mialang@gmail.com", "M.I.A.Lang+shop@Gmail.com"])
def test_entry_of_an_email_address_holds_for_its_mailbox_in_any_spelling(
    listed: str, tried: str
) -> None:
    lists = Lists(
        [
            entry(BLOCK, "email", listed),
            entry(BLOCK, "email", "mia.l.ang@gmail.com", until=TODAY - DAY),
        ]
    )

    assert told(assessment(0.0), lists=lists, tried=attempt(keys=(), email=tried)) == (
        Decision.BLOCK,
        ["block_list"],
    )
    assert lists.entries[0].key == IdentifierKey("email", listed)


def test_block_list_goes_before_the_allow_list() -> None:
    lists = Lists([entry(ALLOW, "device", "dev_1"), entry(BLOCK, "ip", "203.0.0.0/16")])

    assert told(assessment(0.0), lists=lists) == (Decision.BLOCK, ["block_list"])


def test_expired_narrow_network_does_not_hide_a_wide_one() -> None:
    lists = Lists(
        [
            entry(BLOCK, "ip", "203.0.113.0/24", until=TODAY - DAY),
            entry(BLOCK, "ip", "203.0.0.0/16"),
        ]
    )

    assert told(assessment(0.0), lists=lists) == (Decision.BLOCK, ["block_list"])


def test_entry_holds_from_its_first_to_its_last_day() -> None:
    lists = Lists([entry(BLOCK, "device", "dev_1", begins=TODAY, until=TODAY + DAY)])
    midnight = attempt().at_ms // 86_400_000 * 86_400_000
    moments = [midnight - 1, midnight, midnight + 2 * 86_400_000 - 1, midnight + 2 * 86_400_000]

    decided = [
        told(assessment(0.0), lists=lists, tried=attempt(at_ms=at_ms))[0] for at_ms in moments
    ]

    assert decided == [Decision.ALLOW, Decision.BLOCK, Decision.BLOCK, Decision.ALLOW]


def test_reason_of_a_list_names_no_address_in_full() -> None:
    lists = Lists([entry(BLOCK, "email", "mia@mailhub.example")])

    (reason,) = rule(policy(), lists, attempt(), assessment(0.0), None).reasons

    assert reason.text == (
        "On the block list until 2026-05-01: email m…@mailhub.example, by ana: reseller"
    )


@pytest.mark.parametrize(
    ("kind", "value", "fault"),
    [
        ("ip", "203.0.113.5/24", "value: the address has bits beyond its prefix; perhaps 203.0.11"),
        ("ip", "0.0.0.0/0", "value: /0 is too wide; expected /8 or narrower"),
        ("ip", "here/24", "value: expected an address, or a network such as"),
        ("ip", "here", "value: expected an IPv4 or IPv6 address"),
        ("email_domain", "a@b", "value: expected a domain such as"),
        ("no kind", "x", "kind: expected a word"),
        ("device", " ", "value: expected a value, got an empty one"),
    ],
)
def test_impossible_entry_is_refused_by_field(kind: str, value: str, fault: str) -> None:
    with pytest.raises(InvalidInput, match="block list, ") as refused:
        read_key(BLOCK, kind, value)

    assert fault in str(refused.value)


def test_entry_without_a_last_day_is_refused() -> None:
    with pytest.raises(InvalidInput, match="until: got nothing"):
        read_entry(BLOCK, "device", "d", reason="r", owner="o", until=None)
    with pytest.raises(InvalidInput, match="until: 2026-04-30 lies before from, 2026-05-01"):
        entry(BLOCK, "device", "d", begins=TODAY, until=TODAY - DAY)
    with pytest.raises(InvalidInput, match="owner: got 0 characters"):
        read_entry(BLOCK, "device", "d", reason="r", owner=" ", until=TODAY)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"id": "A B"}, "id: got 'A B', expected"),
        ({"id": None}, "id: got None, expected `str`"),
        ({"colour": 1}, "unknown field `colour`"),
        ({"version": 7}, "unknown field `version`, which saving and enforcing set"),
        ({"burst": "deny"}, "burst: Invalid enum value 'deny'; expected one of allow, review"),
        ({"thresholds": {"review": 0.5}}, "thresholds: Object missing required field `challenge`"),
        (
            {"thresholds": {"review": 0.5, "challenge": 0.4, "block": 1}},
            "thresholds: got review 0.5, challenge 0.4, block 1.0; expected each",
        ),
        (
            {"thresholds": {"review": 0, "challenge": 0.4, "block": 1}},
            "thresholds.review: got 0, expected `float` > 0.0",
        ),
        ({"overrides": [{"when": {}, "review": 0.1}]}, "overrides[0].when: got nothing"),
        (
            {"overrides": [{"when": {"tier": ["auto", "x"]}, "review": 0.1}]},
            "overrides[0].when.tier[1]: Invalid enum value 'x'; expected one of auto, review",
        ),
        (
            {"overrides": [{"when": {"plan": ["x"]}, "review": 0.9}]},
            "overrides[0], with the other thresholds: got review 0.9, challenge 0.8",
        ),
        (
            {"friction_budget": {"cohort_by": ["planet"]}},
            "friction_budget.cohort_by[0]: Invalid enum value 'planet'; expected one of country",
        ),
        ({"friction_budget": {"share": 2}}, "friction_budget.share: got 2, expected `float` <= 1"),
    ],
)
def test_impossible_policy_is_refused_by_field(change: dict[str, Any], fault: str) -> None:
    document = json.loads(policy().document()) | change

    with pytest.raises(InvalidInput) as refused:
        read_draft(json.dumps(document), where="ours.json")

    assert str(refused.value).startswith("ours.json: ")
    assert fault in str(refused.value)


def test_not_a_number_is_no_threshold() -> None:
    text = 'id = "x"\nname = "x"\nthresholds = {review = nan, challenge = 0.5, block = 0.9}'

    with pytest.raises(InvalidInput, match="thresholds"):
        read_draft(text, where="x.toml", toml=True)


@given(policies)
def test_document_gives_the_policy_back_exactly(ours: Policy) -> None:
    draft = read_draft(ours.document(), where="ours")

    assert Policy.of(draft, ours.version, ours.mode) == ours
    assert draft.content_hash() == ours.content_hash()


@given(policies, attempts, assessments, scores)
def test_a_higher_score_never_lowers_the_burden(
    ours: Policy, tried: Attempt, assessed: Assessment, other: float
) -> None:
    low, high = sorted((assessed.score, other))

    lower = rule(ours, EMPTY, tried, replace(assessed, score=low), None)
    higher = rule(ours, EMPTY, tried, replace(assessed, score=high), None)

    assert lower.decision.burden <= higher.decision.burden


@given(policies, attempts, assessments, st.booleans())
def test_block_list_never_gives_less_than_block(
    ours: Policy, tried: Attempt, assessed: Assessment, also_allowed: bool
) -> None:
    allowed = [entry(ALLOW, "device", "dev_1")] if also_allowed else []

    ruling = rule(ours, Lists([*allowed, entry(BLOCK, "device", "dev_1")]), tried, assessed, None)

    assert ruling.decision is Decision.BLOCK


@given(
    policies,
    attempts,
    assessments,
    st.sampled_from(ListName),
    st.sampled_from(
        [("device", "dev_1"), ("ip", "203.0.0.0/16"), ("email_domain", "mailhub.example")]
    ),
    st.integers(1, 400),
    st.booleans(),
)
def test_entry_outside_its_days_changes_nothing(
    ours: Policy,
    tried: Attempt,
    assessed: Assessment,
    name: ListName,
    key: tuple[str, str],
    days: int,
    is_over: bool,
) -> None:
    away = timedelta(days=days)
    one = (
        entry(name, *key, until=TODAY - away)
        if is_over
        else entry(name, *key, begins=TODAY + away, until=TODAY + away)
    )

    with_it = rule(ours, Lists([one]), tried, assessed, None)

    assert with_it == rule(ours, EMPTY, tried, assessed, None)


def test_a_hundred_thousand_entries_cost_a_ruling_no_more_than_ten() -> None:
    def lists(size: int) -> Lists:
        devices = [entry(BLOCK, "device", f"d{n}") for n in range(size // 2)]
        networks = [
            entry(ALLOW, "ip", f"10.{n >> 8}.{n & 255}.0/24") for n in range(size - size // 2)
        ]
        return Lists(devices + networks)

    few, many = lists(10), lists(100_000)
    tried, assessed, ours = attempt(), assessment(0.6), policy()

    def took_s(known: Lists) -> float:
        start = perf_counter()
        for _ in range(500):
            rule(ours, known, tried, assessed, None)
        return perf_counter() - start

    fastest_few = min(took_s(few) for _ in range(7))
    fastest_many = min(took_s(many) for _ in range(7))

    assert len(many) == 100_000
    assert fastest_many < 3 * fastest_few


def test_diff_tells_what_another_policy_would_change() -> None:
    pairs = [
        (tried, assessed, rule(policy(), EMPTY, tried, assessed, None))
        for tried, assessed in [
            (attempt(id="a"), assessment(0.1)),
            (attempt(id="b"), assessment(0.6)),
            (attempt(id="c", country="DE"), assessment(0.6)),
            (attempt(id="d", country="DE"), assessment(0.99)),
        ]
    ]
    stricter = policy(
        overrides=(Override(when=When(country=("DE",)), review=0.2, challenge=0.5, block=0.999),)
    )

    diff = diff_rulings(iter(pairs), stricter, EMPTY, examples=1)

    allow, review, challenge = Decision.ALLOW, Decision.REVIEW, Decision.CHALLENGE
    assert (diff.attempts, diff.changed) == (4, 2)
    assert diff.moves == {
        (allow, allow): 1,
        (review, review): 1,
        (review, challenge): 1,
        (Decision.BLOCK, challenge): 1,
    }
    assert diff.moves_by_cohort["country=DE plan=free"] == {
        (review, challenge): 1,
        (Decision.BLOCK, challenge): 1,
    }
    assert diff.examples == (ChangedRuling("c", review, challenge, ("score_challenge",)),)
    assert (diff.old_friction, diff.new_friction) == (0.25, 0.5)


def test_diff_of_nothing_is_empty() -> None:
    diff = diff_rulings([], policy(), EMPTY)

    assert (diff.attempts, diff.changed, diff.old_friction, diff.new_friction) == (0, 0, 0.0, 0.0)


def test_mode_of_a_policy_does_not_change_what_it_says() -> None:
    shadow = Policy.of(policy(), 3, PolicyMode.SHADOW)

    assert rule(shadow, EMPTY, attempt(), assessment(0.6), None) == rule(
        policy(), EMPTY, attempt(), assessment(0.6), None
    )
