from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from ringfence.worlds.dice import Dice, Weighted
from ringfence.worlds.fake.campaign import shares


def test_a_stream_is_decided_by_its_names_alone() -> None:
    one, again, other = Dice(7, "vpn"), Dice(7, "vpn"), Dice(7, "vdi")

    drawn = [one.below(1_000) for _ in range(5)]

    assert drawn == [again.below(1_000) for _ in range(5)]
    assert drawn != [other.below(1_000) for _ in range(5)]


def test_a_stream_draws_the_same_on_every_machine() -> None:
    dice = Dice("golden", 1)

    assert [dice.below(10**6) for _ in range(4)] == [126_233, 932_048, 2_336, 448_231]


@given(st.integers(), st.integers(-50, 50), st.integers(0, 50))
def test_whole_numbers_stay_between_both_ends(seed: int, low: int, more: int) -> None:
    drawn = [Dice(seed, at).between(low, low + more) for at in range(20)]

    assert all(low <= number <= low + more for number in drawn)


def test_weights_decide_how_often_an_item_comes() -> None:
    dice, choice = Dice(1), Weighted({"often": 9, "seldom": 1, "never": 0})

    counts = Counter(dice.weighted(choice) for _ in range(10_000))

    assert 8_850 < counts["often"] < 9_150
    assert counts.total() == counts["often"] + counts["seldom"]


def test_quantiles_bound_what_is_drawn_and_halve_it() -> None:
    dice = Dice(2)

    drawn = [dice.along([0, 10, 1_000]) for _ in range(10_000)]

    assert 0 <= min(drawn) <= max(drawn) < 1_000
    assert 4_850 < sum(number < 10 for number in drawn) < 5_150


@given(st.lists(st.integers(0, 10**6), min_size=1).filter(any), st.integers(0, 10**9))
def test_shares_of_a_total_add_up_to_it(weights: list[int], total: int) -> None:
    found = shares(weights, total)

    assert sum(found) == total
    assert all(share >= 0 for share in found)
    assert all(share == 0 for share, weight in zip(found, weights, strict=True) if weight == 0)
