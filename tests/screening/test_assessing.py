"""What an attempt leads to: which ring, how surely, and the laws that the odds keep."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.domain.rings import Grade, RingState, Tier
from ringfence.domain.screenings import Assessment, Attempt, TouchedRing
from ringfence.screening.assessing import assess, note
from ringfence.screening.fresh import FreshSignUps
from ringfence.screening.index import ScreeningIndex
from ringfence.screening.keys import key_hash
from tests.detection.drawing import Drawing, farm
from tests.screening.graphs_by_hand import (
    EXITS,
    attempt,
    farm_index,
    farm_members,
    farm_world,
    index_of,
    known_ring,
)

OWN_DEVICE = IdentifierKey(DEVICE, "one-device1")
OWN_CARD = IdentifierKey(PAYMENT_INSTRUMENT, "one-card1")
OWN_EXIT = IdentifierKey(IP, EXITS[0])
CAMPUS = IdentifierKey(DEVICE, "campus")


def links(assessed: Assessment) -> list[tuple[IdentifierKey, int, int]]:
    return [(link.key, link.members, link.others) for link in assessed.links]


def campus_index() -> ScreeningIndex:
    """The farm's world with a device that 60 strangers and eight of the farm have used."""
    world = farm_world()
    for at in range(60):
        world.sign_in(f"stranger{at:04d}", day=50, device=CAMPUS.value)
    for at in range(8):
        world.sign_in(f"one{at:04d}", day=60, device=CAMPUS.value)
    return index_of(world, [known_ring("ring_one", farm_members())])


def two_farms(scores: tuple[float, float] = (0.95, 0.95)) -> ScreeningIndex:
    world = farm_world()
    farm(world, "two", 20, day=58)
    rings = [
        known_ring("ring_one", farm_members(), score=scores[0]),
        known_ring("ring_two", farm_members("two", 20), score=scores[1]),
    ]
    return index_of(world, rings)


def test_newcomer_on_a_rings_own_device_is_named_the_ring() -> None:
    assessed = assess(farm_index(), attempt(device="one-device1", email="mia.lang@gmail.com"))

    assert assessed.ring
    assert assessed.ring.likelihood > 0.85
    assert replace(assessed.ring, likelihood=1.0) == TouchedRing(
        "ring_one", 1.0, 0.95, Grade.CONCLUSIVE, Tier.AUTO, RingState.OPEN, 30
    )
    assert assessed.score == pytest.approx(assessed.ring.likelihood * 0.95)
    assert links(assessed) == [(OWN_DEVICE, 8, 0)]
    assert assessed.strongest
    assert assessed.strongest.key == OWN_DEVICE
    assert assessed.reasons[0].code == "shared_device"
    assert assessed.reasons[0].text == (
        "device one-device1 is carried by 8 accounts of ring_one and no other"
    )


def test_strongest_link_is_told_first_and_no_more_than_five() -> None:
    world = farm_world()
    for at in range(30):
        also = [(f"kind_{number}", "same") for number in range(6)]
        world.sign_up(f"one{at:04d}", day=60, also=also)
    index = index_of(world, [known_ring("ring_one", farm_members())])
    also = [(f"kind_{number}", "same") for number in range(6)]

    assessed = assess(index, attempt(device="one-device1", card="one-card1", also=also))

    weights = [link.weight for link in assessed.links]
    assert len(weights) == 5
    assert weights == sorted(weights, reverse=True)


def test_newcomer_that_shares_nothing_is_nobodys() -> None:
    assessed = assess(
        farm_index(), attempt(device="new", ip="10.9.9.9", card="new", email="petra_ek4@orange.fr")
    )

    assert assessed.score < 0.05
    assert assessed.links == ()


def test_attempt_that_says_nothing_has_the_odds_of_any_sign_up() -> None:
    (ring,) = farm_index().rings

    assessed = assess(farm_index(), attempt())

    assert assessed.ring
    assert assessed.ring.likelihood == pytest.approx(ring.prior)


def test_public_hub_ties_nobody() -> None:
    assessed = assess(campus_index(), attempt(device=CAMPUS.value, email="petra.ek@orange.fr"))

    assert assessed.links == ()
    assert assessed.score < 0.1


def test_public_hub_ties_nobody_after_sign_ups_of_a_ring_there() -> None:
    index, fresh = campus_index(), FreshSignUps()
    for at in range(20):
        member = attempt(id_=f"try_{at}", device=CAMPUS.value, card="one-card1")
        note(fresh, member, assess(index, member, fresh))

    assessed = assess(index, attempt(device=CAMPUS.value), fresh)

    assert CAMPUS not in [key for key, _, _ in links(assessed)]


@pytest.mark.parametrize(("day", "tied"), [(61, True), (62.9, True), (64, False), (200, False)])
def test_exit_ties_only_around_the_time_when_the_ring_was_there(day: float, *, tied: bool) -> None:
    assessed = assess(farm_index(), attempt(day=day, ip=EXITS[0]))

    assert links(assessed) == ([(OWN_EXIT, 15, 0)] if tied else [])
    assert (assessed.score > 0.5) is tied


def test_device_ties_however_long_ago_the_ring_had_it() -> None:
    assessed = assess(farm_index(), attempt(day=200, device="one-device1"))

    assert links(assessed) == [(OWN_DEVICE, 8, 0)]


def test_account_that_is_a_member_has_its_rings_score() -> None:
    assessed = assess(two_farms((0.95, 0.6)), attempt(account="two0003", device="one-device1"))

    assert assessed.score == 0.6
    assert assessed.ring
    assert (assessed.ring.ring_id, assessed.ring.likelihood) == ("ring_two", 1.0)
    assert [reason.code for reason in assessed.reasons] == ["member"]


def test_attempt_on_devices_of_two_rings_is_named_the_likelier_one() -> None:
    index = two_farms()

    assessed = assess(index, attempt(device="two-device1", also=[OWN_DEVICE], card="two-card1"))

    assert assessed.ring
    assert assessed.ring.ring_id == "ring_two"
    assert {key.value for key, _, _ in links(assessed)} == {"two-device1", "two-card1"}


_bases = st.builds(
    attempt,
    device=st.sampled_from([None, "new-device", "one-device1"]),
    ip=st.sampled_from([None, "10.9.9.9", *EXITS]),
    email=st.sampled_from([None, "petra_ek4@orange.fr", "oneuser777@gmail.com"]),
    account=st.sampled_from([None, "acct_new"]),
    country=st.sampled_from([None, "FR"]),
)


def with_key(base: Attempt, key: IdentifierKey) -> Attempt:
    return replace(base, keys=tuple(dict.fromkeys((*base.keys, key))))


@settings(max_examples=60, deadline=None)
@given(_bases, st.sampled_from([OWN_DEVICE, OWN_CARD, IdentifierKey(DEVICE, "one-device3")]))
def test_one_more_shared_strong_identifier_never_lowers_the_score(
    base: Attempt, key: IdentifierKey
) -> None:
    before = assess(farm_index(), base)

    after = assess(farm_index(), with_key(base, key))

    assert after.score >= before.score - 1e-12


@pytest.mark.parametrize("others", [0, 1, 5, 20, 60])
@pytest.mark.parametrize("members", [1, 5])
def test_sharing_with_members_is_never_worse_than_sharing_with_nobody(
    members: int, others: int
) -> None:
    world = farm_world()
    for at in range(members):
        world.attach(f"one{at:04d}", "passed-on", day=60)
    for at in range(others):
        world.attach(f"stranger{at:04d}", "passed-on", day=60)
    index = index_of(world, [known_ring("ring_one", farm_members())])

    shared = assess(index, attempt(card="passed-on"))
    alone = assess(index, attempt(card="new"))

    assert shared.score >= alone.score


def test_same_question_has_the_same_answer() -> None:
    newcomer = attempt(device="one-device1", ip=EXITS[1], email="oneuser777@gmail.com")

    answers = [assess(farm_index(), newcomer) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert assess(farm_index.__wrapped__(), newcomer) == answers[0]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a"), ("ring_9", "ring_10")], ids=str)
def test_names_of_rings_do_not_change_the_score(names: tuple[str, str]) -> None:
    world = farm_world()
    farm(world, "two", 20, day=58)
    members = (farm_members(), farm_members("two", 20))
    index = index_of(world, [known_ring(*one) for one in zip(names, members, strict=True)])
    newcomer = attempt(device="two-device1", ip=EXITS[0])

    assessed = assess(index, newcomer)

    expected = assess(two_farms(), newcomer)
    assert assessed.score == pytest.approx(expected.score, rel=1e-12)
    assert links(assessed) == links(expected)
    assert assessed.ring
    assert assessed.ring.ring_id == names[1]


@pytest.mark.parametrize("seed", range(5))
def test_order_of_identifiers_does_not_change_the_answer(seed: int) -> None:
    newcomer = attempt(
        device="one-device1", ip=EXITS[0], card="one-card1", also=[(DEVICE, "one-device2")]
    )
    order = np.random.default_rng(seed).permutation(len(newcomer.keys)).tolist()
    keys = [newcomer.keys[at] for at in order]

    assessed = assess(farm_index(), replace(newcomer, keys=tuple(keys)))

    expected = assess(farm_index(), newcomer)
    assert assessed.score == pytest.approx(expected.score, rel=1e-12)
    assert sorted(links(assessed)) == sorted(links(expected))


WHOLE: dict[str, Any] = {
    "device": "one-device1",
    "ip": EXITS[0],
    "card": "one-card1",
    "email": "oneuser777@gmail.com",
    "also": [("phone", "+33612345678")],
}


def keys_without(field: str) -> IdentifierKey:
    (key,) = {*_all_keys(attempt(**WHOLE))} - {*_all_keys(attempt(**WHOLE | {field: ()}))}
    return key


def _all_keys(asked: Attempt) -> tuple[IdentifierKey, ...]:
    return (*asked.keys, IdentifierKey("email", asked.email or ""))


@pytest.mark.parametrize("field", ["device", "card", "also"])
def test_looking_past_an_identifier_is_as_if_it_were_not_there(field: str) -> None:
    assert assess(farm_index(), attempt(**WHOLE), without=keys_without(field)) == assess(
        farm_index(), attempt(**WHOLE | {field: ()})
    )


@pytest.mark.parametrize(
    ("key", "field"), [(OWN_EXIT, "ip"), (IdentifierKey("email", "oneuser777@gmail.com"), "email")]
)
def test_looking_past_an_identifier_looks_past_its_manner_too(
    key: IdentifierKey, field: str
) -> None:
    other = attempt(**WHOLE | {field: None})

    assert assess(farm_index(), attempt(**WHOLE), without=key) == assess(farm_index(), other)


def test_likely_sign_up_counts_for_those_after_it() -> None:
    index, fresh = farm_index(), FreshSignUps()
    first = attempt(id_="try_1", device="one-device1", card="new-card")
    second = attempt(id_="try_2", device="new-device", card="new-card")
    before = assess(index, second, fresh)

    note(fresh, first, assess(index, first, fresh))

    after = assess(index, second, fresh)
    assert before.score < 0.05
    assert after.score > 0.8
    assert links(after) == [(IdentifierKey(PAYMENT_INSTRUMENT, "new-card"), 1, 0)]


def test_sign_up_that_is_tried_again_is_no_second_member_of_a_ring() -> None:
    index, fresh = farm_index(), FreshSignUps()
    tried = attempt(device="new-device", card="new-card", email="oneuser777@gmail.com")
    first = assess(index, tried, fresh)
    note(fresh, tried, first)

    again = assess(index, tried, fresh)

    assert 0.2 < first.score < 0.3
    assert again.score == first.score


def test_sharing_with_one_who_is_unlikely_a_rings_does_not_make_it_likely() -> None:
    index, fresh = farm_index(), FreshSignUps()
    doubtful = attempt(device="home-device", card="new-card", email="oneuser777@gmail.com")
    first = assess(index, doubtful, fresh)
    note(fresh, doubtful, first)

    second = assess(index, attempt(id_="try_2", device="home-device"), fresh)

    assert 0.2 < first.score < 0.3
    assert second.score <= first.score


def test_honest_sign_up_ties_nobody_after_it() -> None:
    index, fresh = farm_index(), FreshSignUps()
    for number in range(20):
        honest = attempt(id_=f"try_{number}", device="new-device", email=f"mia{number}@web.de")
        note(fresh, honest, assess(index, honest, fresh))

    assert assess(index, attempt(device="new-device"), fresh).links == ()


def test_sign_up_while_an_index_is_built_counts_with_the_new_index() -> None:
    index, fresh = farm_index(), FreshSignUps()
    early = attempt(id_="try_1", device="one-device1", card="early-card")
    note(fresh, early, assess(index, early, fresh))
    successor = fresh.successor()
    meanwhile = attempt(id_="try_2", device="one-device1", card="late-card")
    note(fresh, meanwhile, assess(index, meanwhile, fresh))

    tied = {
        card: [key.value for key, _, _ in links(assess(index, attempt(card=card), successor))]
        for card in ("early-card", "late-card")
    }

    assert tied == {"early-card": [], "late-card": ["late-card"]}
    assert successor.of(key_hash(DEVICE, "one-device1")).count == 1


def test_ring_that_the_index_no_longer_has_is_not_named_by_what_came() -> None:
    fresh = FreshSignUps()
    fresh.note(1, [key_hash(PAYMENT_INSTRUMENT, "card")], {"ring_gone": 0.9})

    assessed = assess(farm_index(), attempt(card="card"), fresh)

    assert assessed.links == ()


@pytest.mark.parametrize(
    "email",
    ["", "@", "x", "a@b@c", "+@gmail.com", "...@gmail.com", "\n@x", "ß@ß", "a@" + "b" * 1000],
)
def test_odd_mail_addresses_are_no_hindrance(email: str) -> None:
    world = Drawing()
    world.sign_up("a", email=email, device="d")
    world.sign_up("b", email="mia@example.com", device="d")
    index = index_of(world, [known_ring("ring_1", ["a", "b"])])

    assessed = assess(index, attempt(email=email, device="d"))

    assert 0 <= assessed.score <= 1
    assert IdentifierKey(DEVICE, "d") in [key for key, _, _ in links(assessed)]


def test_odds_of_a_large_pure_ring_are_finite() -> None:
    world = Drawing()
    for at in range(12_000):
        world.sign_up(f"one{at:04d}", also=[("serial_number", "same")])
        world.sign_up(f"stranger{at:04d}")
    index = index_of(world, [known_ring("ring_one", farm_members("one", 12_000))])

    assessed = assess(index, attempt(also=[("serial_number", "same")]))

    assert assessed.score == pytest.approx(0.95, abs=1e-4)
    assert links(assessed) == [(IdentifierKey("serial_number", "same"), 12_000, 0)]
