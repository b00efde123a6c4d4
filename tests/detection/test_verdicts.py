"""What verdicts on known rings make of the rings found now."""

import math

import pytest

from ringfence.detection.verdicts import respect_verdicts
from ringfence.domain.rings import KnownRing, RingState, Tier
from tests.detection.rings_by_hand import dismissal, known, ring

DISMISSED = RingState.DISMISSED


def dismissed(members: str, *, devices: tuple[str, ...] = ("d1",)) -> KnownRing:
    told = dismissal("K", size=len(members), devices=devices)
    return known("K", members, state=DISMISSED, dismissed=told)


def test_dismissed_ring_stays_dismissed() -> None:
    (found,) = respect_verdicts([ring("K", "abcde")], [dismissed("abcd")])

    assert (found.state, found.verdict_id) == (DISMISSED, None)


def test_dismissal_holds_for_the_same_accounts_under_another_id() -> None:
    (found,) = respect_verdicts([ring("N", "abcx")], [dismissed("abcd")])

    assert (found.state, found.verdict_id) == (DISMISSED, "verdict_1")


def test_dismissal_does_not_hold_where_less_than_half_of_the_core_was_judged() -> None:
    before = ring("N", "abXYZ")

    assert respect_verdicts([before], [dismissed("abcd")]) == (before,)


@pytest.mark.parametrize(
    ("members", "devices"), [("abcdef", ("d1",)), ("abcd", ("d1", "d2"))], ids=["grown", "device"]
)
def test_ring_that_outgrew_its_dismissal_is_open_and_names_it(
    members: str, devices: tuple[str, ...]
) -> None:
    (found,) = respect_verdicts([ring("N", members, devices=devices)], [dismissed("abcd")])

    against = next(one for one in found.reasons if one.code == "dismissed_before")
    assert found.state is RingState.OPEN
    assert found.tier is Tier.REVIEW
    assert against.weight < 0
    assert "ana dismissed ring K on 2026-02-01, when it had 4 members" in against.text
    assert "a school class" in against.text
    moved = math.log(found.score / (1 - found.score)) - math.log(0.9 / 0.1)
    assert moved == pytest.approx(against.weight, abs=1e-4)


def test_confirmed_ring_stays_at_least_in_review() -> None:
    before = [known("K", "abc", state=RingState.CONFIRMED)]

    watched, auto = (
        respect_verdicts([ring("K", "abc", tier=tier)], before)[0]
        for tier in (Tier.WATCH, Tier.AUTO)
    )

    assert (watched.state, watched.tier) == (RingState.CONFIRMED, Tier.REVIEW)
    assert (auto.state, auto.tier) == (RingState.CONFIRMED, Tier.AUTO)


def test_rings_that_nobody_judged_are_left_alone() -> None:
    found = (ring("K", "abc"), ring("N", "xyz"))

    assert respect_verdicts(found, [known("K", "abc"), known("L", "xyz")]) == found
