"""Matching of rings to known ones."""

from ringfence.detection.identity import match_known
from ringfence.domain.rings import KnownRing


def known(name: str, *accounts: str) -> KnownRing:
    return KnownRing(name, f"op_{name}", dict.fromkeys(accounts, 1.0))


def matched(rings: list[str], before: list[KnownRing]) -> dict[int, str]:
    strengths = [dict.fromkeys(ring, 1.0) for ring in rings]
    return {at: ring.id for at, ring in match_known(strengths, before).items()}


def test_split_ring_gives_its_id_to_the_larger_part() -> None:
    assert matched(["abc", "de"], [known("K", *"abcde")]) == {0: "K"}


def test_merged_ring_takes_the_id_of_the_larger_one() -> None:
    assert matched(["abcde"], [known("K", *"ab"), known("L", *"cde")]) == {0: "L"}


def test_ring_that_shares_less_than_half_is_a_new_one() -> None:
    assert matched(["axyz"], [known("K", *"abcd")]) == {}


def test_matching_keeps_as_much_as_possible() -> None:
    before = [known("K", *"abcdef"), known("L", *"abgh")]

    assert matched(["abcdefgh", "ab"], before) == {0: "K", 1: "L"}
