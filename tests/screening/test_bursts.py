"""Bursts: what is counted, how long, and what is ordinary."""

import pytest

from ringfence.domain.identifiers import DEVICE, IP, IdentifierKey
from ringfence.domain.screenings import Burst
from ringfence.screening.bursts import LIMITS, WINDOWS, count_bursts
from ringfence.screening.counts import LocalCounts
from ringfence.screening.keys import NETWORK

NOON_MS = 1_777_636_800_000
HOUR_S, DAY_S = 3600, 86_400
DEVICE_1 = IdentifierKey(DEVICE, "dev_1")


def address(number: int) -> IdentifierKey:
    return IdentifierKey(IP, f"203.0.113.{number}")


def test_sign_ups_past_the_limit_are_a_burst() -> None:
    counts = LocalCounts()

    found = [count_bursts(counts, [DEVICE_1], NOON_MS + at) for at in range(6)]

    assert found[:3] == [(), (), ()]
    assert found[3] == (Burst(DEVICE_1, HOUR_S, 4, 3),)
    assert found[5] == (Burst(DEVICE_1, HOUR_S, 6, 3), Burst(DEVICE_1, DAY_S, 6, 5))


def test_window_that_passed_is_no_burst_any_more() -> None:
    counts = LocalCounts()
    for at in range(4):
        count_bursts(counts, [DEVICE_1], NOON_MS + at)

    later = count_bursts(counts, [DEVICE_1], NOON_MS + 2 * HOUR_S * 1000)
    next_day = count_bursts(counts, [DEVICE_1], NOON_MS + 27 * HOUR_S * 1000)

    assert (later, next_day) == ((), ())


def test_many_addresses_of_one_network_are_a_burst_of_the_network() -> None:
    counts = LocalCounts()

    found = [count_bursts(counts, [address(at)], NOON_MS) for at in range(61)]

    assert not any(found[:60])
    assert found[60] == (Burst(IdentifierKey(NETWORK, "203.0.113"), 60, 61, 60),)


def test_networks_of_version_6_are_those_of_48_bits() -> None:
    counts = LocalCounts()

    found = [
        count_bursts(counts, [IdentifierKey(IP, f"2001:db8:7:{at:x}::/64")], NOON_MS)
        for at in range(61)
    ]

    assert found[60] == (Burst(IdentifierKey(NETWORK, "2001:0db8:0007"), 60, 61, 60),)


def test_sign_up_with_two_addresses_of_a_network_counts_once_behind_it() -> None:
    counts = LocalCounts()

    for _ in range(40):
        found = count_bursts(counts, [address(1), address(2)], NOON_MS)

    assert [burst.key for burst in found] == [address(1), address(2)]


@pytest.mark.parametrize("kind", ["promo_code", "birth_date", "user_agent", "unheard_of"])
def test_kinds_without_a_limit_are_not_counted(kind: str) -> None:
    counts = LocalCounts()

    found = [count_bursts(counts, [IdentifierKey(kind, "x")], NOON_MS) for _ in range(1000)]

    assert not any(found)


def test_public_hubs_have_no_limit_and_neither_has_their_network() -> None:
    counts = LocalCounts()
    campus = address(1)

    found = [
        count_bursts(counts, [DEVICE_1, campus], NOON_MS, public=[DEVICE_1, campus])
        for _ in range(1000)
    ]

    assert not any(found)


def test_what_is_furthest_past_its_limit_is_told_first() -> None:
    counts = LocalCounts()
    phone = IdentifierKey("phone", "+33612345678")

    for _ in range(6):
        found = count_bursts(counts, [DEVICE_1, phone], NOON_MS)

    assert found == (
        Burst(phone, HOUR_S, 6, 2),
        Burst(DEVICE_1, HOUR_S, 6, 3),
        Burst(phone, DAY_S, 6, 3),
        Burst(DEVICE_1, DAY_S, 6, 5),
    )


def test_all_windows_are_counted_by_the_counts_that_workers_share() -> None:
    assert set(WINDOWS) == {window for limits in LIMITS.values() for window, _ in limits}
    assert all(limit > 0 for limits in LIMITS.values() for _, limit in limits)
