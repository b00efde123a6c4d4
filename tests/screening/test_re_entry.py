"""Rings that come back: which sign-ups name one, how surely, and that innocents age out."""

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random
from time import perf_counter
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of
from ringfence.domain.re_entry import (
    HASH_BYTES,
    STRENGTHS,
    RememberedColumns,
    hash_of,
    is_remembered,
    key_id_of,
    lifetime_of,
)
from ringfence.domain.screenings import Likelihood, ReEntry
from ringfence.screening.keys import telling_key
from ringfence.screening.re_entry import RememberedRings, weight_at

SECRET: Final = b"a secret of the tests"
OTHER_SECRET: Final = b"another secret of the tests"
DAY_MS: Final = 86_400_000
DOWN_MS: Final = 1_777_636_800_000
"""When all rings of these tests were taken down, unless told otherwise."""
DEVICE = IdentifierKey("device", "dev_1")
CARD = IdentifierKey("payment_instrument", "card_1")
COOKIE = IdentifierKey("cookie", "c_1")
ADDRESS = IdentifierKey("ip", "203.0.113.7")
HOME = IdentifierKey("postal_address", "1 Main Street")
BIRTH = IdentifierKey("birth_date", "1990-01-01")
AGENT = IdentifierKey("user_agent", "curl/8")
POSSIBLE, LIKELY, CONFIRMED = Likelihood


@dataclass(frozen=True)
class Left:
    """An identifier that a ring left."""

    ring_id: str
    key: IdentifierKey
    at_ms: int = DOWN_MS
    generation: int = 0
    secret: bytes = SECRET

    @property
    def expires_ms(self) -> int:
        return self.at_ms + int(lifetime_of(self.key.kind).total_seconds() * 1000)


def columns(left: Iterable[Left]) -> RememberedColumns:
    rows = list(left)
    rings = sorted({one.ring_id for one in rows})
    keys = sorted({key_id_of(one.secret) for one in rows})
    hashes = b"".join(hash_of(one.secret, telling_key(one.key)) for one in rows)

    def ints(values: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array(list(values), dtype=np.int64)

    return RememberedColumns(
        hashes=np.frombuffer(hashes, dtype=">u8").reshape(-1, HASH_BYTES // 8).astype(np.uint64),
        ring=ints(rings.index(one.ring_id) for one in rows),
        strength=ints(STRENGTHS.index(strength_of(one.key.kind)) for one in rows),
        generation=ints(one.generation for one in rows),
        remembered_ms=ints(one.at_ms for one in rows),
        expires_ms=ints(one.expires_ms for one in rows),
        key=ints(keys.index(key_id_of(one.secret)) for one in rows),
        ring_ids=tuple(rings),
        key_ids=tuple(keys),
    )


def rings(*left: Left) -> RememberedRings:
    return RememberedRings(columns(left), SECRET)


def one_ring(*keys: IdentifierKey) -> RememberedRings:
    return rings(*(Left("ring_1", key) for key in keys))


def likelihood(found: ReEntry | None) -> int:
    """0 where no ring is named, else how sure it is."""
    return 0 if found is None else 1 + list(Likelihood).index(found.likelihood)


@pytest.mark.parametrize(
    ("carried", "days", "expected"),
    [
        ((DEVICE,), 1, LIKELY),
        ((DEVICE,), 90, LIKELY),
        ((DEVICE,), 91, POSSIBLE),
        ((DEVICE, CARD), 1, CONFIRMED),
        ((DEVICE, CARD), 170, LIKELY),
        ((DEVICE, BIRTH), 1, LIKELY),
        ((DEVICE, BIRTH, AGENT), 1, CONFIRMED),
        ((DEVICE, BIRTH, ADDRESS), 1, CONFIRMED),
        ((DEVICE, BIRTH, AGENT), 60, LIKELY),
        ((COOKIE, BIRTH), 1, POSSIBLE),
        ((BIRTH, AGENT), 1, POSSIBLE),
        ((ADDRESS, BIRTH), 1, POSSIBLE),
        ((COOKIE, HOME, BIRTH, AGENT), 0, POSSIBLE),
        ((COOKIE,), 1, None),
        ((BIRTH,), 1, None),
        ((ADDRESS,), 0, None),
        ((ADDRESS, HOME), 0, None),
        ((), 0, None),
    ],
)
def test_ring_is_named_by_what_is_carried_of_it(
    carried: tuple[IdentifierKey, ...], days: int, expected: Likelihood | None
) -> None:
    remembered = one_ring(DEVICE, CARD, COOKIE, ADDRESS, HOME, BIRTH, AGENT)

    found = remembered.match(carried, DOWN_MS + days * DAY_MS)

    assert (found and found.likelihood) == expected
    if found:
        assert (found.ring_id, found.generation) == ("ring_1", 1)
        assert set(found.matched) == set(carried)


def test_what_counts_most_is_told_first() -> None:
    found = one_ring(BIRTH, DEVICE).match((BIRTH, DEVICE), DOWN_MS)

    assert found == ReEntry("ring_1", LIKELY, 1, (DEVICE, BIRTH))


def test_two_addresses_do_not_make_two_witnesses() -> None:
    other = IdentifierKey("ip", "203.0.113.8")

    remembered = one_ring(DEVICE, ADDRESS, other)

    assert remembered.match((ADDRESS, other), DOWN_MS) is None
    found = remembered.match((DEVICE, ADDRESS, other), DOWN_MS)
    assert found
    assert found.likelihood is LIKELY


def test_innocent_who_inherits_an_address_is_not_taken_for_the_ring() -> None:
    remembered = one_ring(ADDRESS, BIRTH)

    week = 7 * DAY_MS
    assert remembered.match((ADDRESS, BIRTH), DOWN_MS + week - 1)
    assert remembered.match((ADDRESS, BIRTH), DOWN_MS + week) is None


def test_identifier_of_several_rings_names_the_one_that_left_it_last() -> None:
    remembered = rings(
        Left("ring_a", DEVICE, DOWN_MS - 100 * DAY_MS),
        Left("ring_b", DEVICE, generation=1),
        Left("ring_c", DEVICE, DOWN_MS - 50 * DAY_MS),
    )

    assert remembered.match((DEVICE,), DOWN_MS) == ReEntry("ring_b", LIKELY, 2, (DEVICE,))


def test_rings_that_are_named_alike_are_told_by_id() -> None:
    remembered = rings(Left("ring_b", DEVICE), Left("ring_a", DEVICE))

    found = remembered.match((DEVICE,), DOWN_MS)

    assert found
    assert found.ring_id == "ring_a"


def test_identifiers_of_different_rings_do_not_add_up() -> None:
    remembered = rings(Left("ring_a", BIRTH), Left("ring_b", AGENT))

    assert remembered.match((BIRTH, AGENT), DOWN_MS) is None


def test_other_spellings_of_a_mailbox_and_a_network_are_known() -> None:
    mail, host = IdentifierKey("email", "mia.lang@gmail.com"), IdentifierKey("ip", "2001:db8::1")
    remembered = one_ring(mail, host, BIRTH)

    spelled = (
        IdentifierKey("email", "mialang+new@googlemail.com"),
        IdentifierKey("ip", "2001:db8::ffff"),
    )
    found = remembered.match(spelled, DOWN_MS)

    assert found == ReEntry("ring_1", LIKELY, 1, spelled)


def test_one_mailbox_spelled_twice_counts_once() -> None:
    remembered = one_ring(IdentifierKey("email", "mia@gmail.com"))
    twice = (IdentifierKey("email", "mia@gmail.com"), IdentifierKey("email", "m.ia@gmail.com"))

    found = remembered.match(twice, DOWN_MS)

    assert found == ReEntry("ring_1", LIKELY, 1, twice[:1])


def test_what_was_hashed_with_another_secret_is_not_known() -> None:
    left = [Left("ring_1", DEVICE, secret=OTHER_SECRET), Left("ring_1", CARD)]

    remembered = RememberedRings(columns(left), SECRET)

    assert len(remembered) == 1
    assert remembered.match((DEVICE,), DOWN_MS) is None
    assert remembered.match((CARD,), DOWN_MS)


def test_nothing_is_known_where_nothing_is_remembered() -> None:
    assert rings().match((DEVICE,), DOWN_MS) is None
    assert len(rings()) == 0


def test_kind_and_value_are_told_apart() -> None:
    assert hash_of(SECRET, IdentifierKey("a", "bc")) != hash_of(SECRET, IdentifierKey("ab", "c"))
    assert len(hash_of(SECRET, DEVICE)) == HASH_BYTES
    assert hash_of(SECRET, DEVICE) != hash_of(OTHER_SECRET, DEVICE)
    assert SECRET.hex() not in key_id_of(SECRET)


def test_weak_kinds_are_not_remembered() -> None:
    kinds = ("device", "cookie", "ip", "promo_code", "a_kind_unknown")

    assert [is_remembered(kind) for kind in kinds] == [True, True, True, False, False]


def test_look_up_takes_microseconds() -> None:
    left = (Left(f"ring_{n % 50}", IdentifierKey("device", f"dev_{n}")) for n in range(50_000))
    remembered = rings(*left)
    keys = tuple(IdentifierKey("device", f"dev_{n}") for n in (7, *range(100_000, 100_007)))
    remembered.match(keys, DOWN_MS)

    took_s = min(_seconds(remembered, keys) for _ in range(300))

    # 20 µs where nothing else runs; a shared machine gets some slack.
    assert took_s < 60e-6


def _seconds(remembered: RememberedRings, keys: tuple[IdentifierKey, ...]) -> float:
    before = perf_counter()
    assert remembered.match(keys, DOWN_MS)
    return perf_counter() - before


KINDS = ("device", "payment_instrument", "email", "cookie", "postal_address", "ip", "birth_date")
_keys = st.builds(
    lambda kind, n: IdentifierKey(kind, f"203.0.113.{n}" if kind == "ip" else f"{kind}_{n}"),
    st.sampled_from(KINDS),
    st.integers(0, 2),
)
_left = st.lists(
    st.builds(
        Left,
        st.sampled_from(("ring_a", "ring_b", "ring_c")),
        _keys,
        st.integers(DOWN_MS - 400 * DAY_MS, DOWN_MS),
        st.integers(0, 3),
    ),
    min_size=4,
    max_size=14,
    unique_by=lambda one: (one.ring_id, one.key),
)
_moments = st.integers(DOWN_MS - 10 * DAY_MS, DOWN_MS + 400 * DAY_MS)


@given(
    st.floats(0, 10), st.integers(0, 10**13), st.integers(1, 10**11), st.lists(_moments, max_size=9)
)
def test_weight_never_rises_with_age_and_ends_at_nothing(
    full: float, remembered_ms: int, lifetime_ms: int, moments: list[int]
) -> None:
    expires_ms = remembered_ms + lifetime_ms
    moments = [*moments, remembered_ms, expires_ms - 1, expires_ms]

    weights = [
        weight_at(full, remembered_ms=remembered_ms, expires_ms=expires_ms, at_ms=at_ms)
        for at_ms in sorted(moments)
    ]

    assert weights == sorted(weights, reverse=True)
    assert all(0 <= weight <= full for weight in weights)
    assert weights[-1] == 0


@given(_left, st.lists(_keys, max_size=8), _moments, st.integers(0, 400 * DAY_MS))
def test_likelihood_never_rises_with_age(
    left: list[Left], carried: list[IdentifierKey], at_ms: int, later_ms: int
) -> None:
    remembered = rings(*left)

    now, later = (remembered.match(carried, moment) for moment in (at_ms, at_ms + later_ms))

    assert likelihood(later) <= likelihood(now)


@given(_left, st.lists(_keys, max_size=8), _moments)
def test_only_what_lives_is_matched(
    left: list[Left], carried: list[IdentifierKey], at_ms: int
) -> None:
    found = rings(*left).match(carried, at_ms)

    if found is None:
        return
    living = {one.key for one in left if one.ring_id == found.ring_id and at_ms < one.expires_ms}
    strong = [key for key in found.matched if strength_of(key.kind) is Strength.STRONG]
    assert set(found.matched) == living & set(carried)
    assert strong or len({key.kind for key in found.matched}) >= 2


@given(_left, st.lists(_keys, max_size=6), _keys, st.integers(0, 6), _moments)
def test_one_more_identifier_never_lowers_the_likelihood(
    left: list[Left], carried: list[IdentifierKey], more: IdentifierKey, place: int, at_ms: int
) -> None:
    remembered = rings(*left)

    without = remembered.match(carried, at_ms)
    with_it = remembered.match([*carried[:place], more, *carried[place:]], at_ms)

    assert likelihood(with_it) >= likelihood(without)


@given(_left, st.lists(_keys, max_size=6), _moments, st.randoms())
def test_order_of_what_is_remembered_does_not_matter(
    left: list[Left],
    carried: list[IdentifierKey],
    at_ms: int,
    chance: Random,
) -> None:
    mixed = list(left)
    chance.shuffle(mixed)

    assert rings(*mixed).match(carried, at_ms) == rings(*left).match(carried, at_ms)
