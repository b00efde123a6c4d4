"""The index built from a graph: the same for equal graphs, and true to a plain count."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.detection import load_config
from ringfence.domain.identifiers import DEVICE, EMAIL, IP, PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.domain.rings import HubClass, RingState, Tier
from ringfence.screening.building import build_index
from ringfence.screening.index import ARRAYS, HUBS, ScreeningIndex
from ringfence.screening.keys import key_hash
from tests.detection.drawing import Drawing
from tests.screening.graphs_by_hand import (
    EXITS,
    farm_index,
    farm_members,
    farm_world,
    index_of,
    known_ring,
    moment_ms,
)


def same(one: ScreeningIndex, other: ScreeningIndex) -> bool:
    facts = (one.version, one.built_ms, one.rings) == (other.version, other.built_ms, other.rings)
    return facts and all(np.array_equal(getattr(one, n), getattr(other, n)) for n in ARRAYS)


def told(index: ScreeningIndex, key: IdentifierKey) -> tuple[int, int] | None:
    """Accounts that carry an identifier, and the minute of its last use."""
    found = np.flatnonzero(index.keys == key_hash(*key)).tolist()
    return (int(index.degree[found[0]]), int(index.last_seen[found[0]])) if found else None


def members_with(index: ScreeningIndex, key: IdentifierKey) -> dict[str, tuple[int, int, int]]:
    """How many members of each ring use an identifier, and the minutes from when to when."""
    return {
        index.rings[int(index.use_ring[at])].id: (
            int(index.use_members[at]),
            int(index.use_first[at]),
            int(index.use_last[at]),
        )
        for at in np.flatnonzero(index.use_keys == key_hash(*key)).tolist()
    }


def minute(day: float) -> int:
    return moment_ms(day) // 60_000


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_equal_graphs_in_any_order_give_equal_indexes(seed: int) -> None:
    world = farm_world()
    order = np.random.default_rng(seed).permutation(len(world.events)).tolist()
    world.events = [world.events[at] for at in order]

    index = index_of(world, [known_ring("ring_one", reversed(farm_members()))])

    assert same(index, farm_index())


def test_order_of_rings_does_not_matter() -> None:
    rings = [known_ring(name, farm_members()[at::3]) for at, name in enumerate("abc")]

    assert same(index_of(farm_world(), rings), index_of(farm_world(), rings[::-1]))


@pytest.mark.parametrize(
    "change", [{"score": 0.5}, {"tier": Tier.REVIEW}, {"state": RingState.CONFIRMED}], ids=str
)
def test_version_changes_with_what_is_told_of_a_ring(change: dict[str, object]) -> None:
    ring = known_ring("ring_one", farm_members())

    versions = {index_of(farm_world(), [one]).version for one in (ring, replace(ring, **change))}  # type: ignore[arg-type]

    assert len(versions) == 2


_uses = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from([DEVICE, PAYMENT_INSTRUMENT, IP, "phone"]),
        st.integers(0, 3),
        st.integers(0, 90),
    ),
    max_size=40,
)


@given(_uses)
def test_counts_agree_with_a_plain_count(uses: Sequence[tuple[int, str, int, int]]) -> None:
    world = Drawing()
    carriers: dict[IdentifierKey, set[str]] = {}
    members: dict[tuple[IdentifierKey, str], set[str]] = {}
    days: dict[IdentifierKey, list[int]] = {}
    for account, kind, number, day in uses:
        key = IdentifierKey(kind, f"10.0.0.{number}" if kind == IP else f"{kind}{number}")
        world.sign_up(f"account{account}", day=day, also=[key])
        carriers.setdefault(key, set()).add(f"account{account}")
        ring = "ab"[account % 2]
        if account < 4:
            members.setdefault((key, ring), set()).add(f"account{account}")
        days.setdefault(key, []).append(day)
    rings = [known_ring("a", ["account0", "account2"]), known_ring("b", ["account1", "account3"])]

    index = index_of(world, rings)

    assert len(index.keys) == len(carriers)
    assert {key: told(index, key) for key in carriers} == {
        key: (len(accounts), minute(max(days[key]))) for key, accounts in carriers.items()
    }
    found = {
        (key, ring): used[0] for key in carriers for ring, used in members_with(index, key).items()
    }
    assert found == {pair: len(accounts) for pair, accounts in members.items()}


def test_spellings_of_one_mailbox_are_one_identifier() -> None:
    world = Drawing()
    world.sign_up("a", email="mia.lang+shop@gmail.com")
    world.sign_up("b", day=2, email="MiaLang@googlemail.com")
    world.sign_up("c", day=1, also=[(EMAIL, "mialang@gmail.com")])

    index = index_of(world, [known_ring("ring_1", ["a"])])

    mailbox = IdentifierKey(EMAIL, "mialang@gmail.com")
    assert len(index.keys) == 1
    assert told(index, mailbox) == (3, minute(2))
    assert members_with(index, mailbox) == {"ring_1": (1, minute(0), minute(0))}


def test_addresses_of_one_subscriber_are_one_identifier() -> None:
    world = Drawing()
    world.sign_up("a", ip="2001:db8:0:1::7")
    world.sign_up("b", day=2, ip="2001:db8:0:1:ffff::9")
    world.sign_up("c", day=3, ip="2001:db8:0:2::7")

    index = index_of(world, [])

    assert told(index, IdentifierKey(IP, "2001:db8:0:1::/64")) == (2, minute(2))
    assert told(index, IdentifierKey(IP, "2001:db8:0:2::/64")) == (1, minute(3))


def test_member_that_changes_its_address_within_its_network_was_there_all_the_time() -> None:
    world = Drawing()
    for day, host in ((10, "9"), (0, "5"), (30, "7")):
        world.sign_in("a", day=day, ip=f"2001:db8:0:1::{host}")

    index = index_of(world, [known_ring("ring_1", ["a"])])

    network = IdentifierKey(IP, "2001:db8:0:1::/64")
    assert told(index, network) == (1, minute(30))
    assert members_with(index, network) == {"ring_1": (1, minute(0), minute(30))}


def test_public_hub_is_known_as_one_and_leads_to_no_ring() -> None:
    world = farm_world()
    for at in range(60):
        world.sign_in(f"stranger{at:04d}", day=100, device="campus")
    for at in range(8):
        world.sign_in(f"one{at:04d}", day=100, device="campus")
    campus, own = IdentifierKey(DEVICE, "campus"), IdentifierKey(DEVICE, "one-device1")

    index = index_of(world, [known_ring("ring_one", farm_members())])

    assert index.public_among([own, campus, IdentifierKey(DEVICE, "unknown")]) == [campus]
    assert told(index, campus) == (68, minute(100))
    assert members_with(index, campus) == {}
    assert members_with(index, own)["ring_one"][0] == 8
    (at,) = np.flatnonzero(index.keys == key_hash(*own)).tolist()
    assert HUBS[int(index.hub[at])] is not HubClass.PUBLIC


def test_what_was_set_aside_leads_to_no_ring() -> None:
    world = farm_world()
    world.sign_in("one0001", ip="2001:db8:0:1::7", day=3)
    rings = [known_ring("ring_one", farm_members())]
    device, network = IdentifierKey(DEVICE, "one-device1"), IdentifierKey(IP, "2001:db8:0:1::/64")
    set_aside = [device, IdentifierKey(IP, "2001:db8:0:1::99"), IdentifierKey(DEVICE, "unknown")]
    exits = [IdentifierKey(IP, value) for value in EXITS]

    index = build_index(world.graph(), rings, load_config(), set_aside=set_aside)

    plain = index_of(world, rings)
    assert members_with(plain, device) != {} != members_with(plain, network)
    assert members_with(index, device) == {} == members_with(index, network)
    assert members_with(index, IdentifierKey(DEVICE, "one-device2")) != {}
    assert index.public_among([device]) == [device]
    assert index.version != plain.version
    assert index.public_among(exits) == []
    assert same(index, build_index(world.graph(), rings, load_config(), set_aside=set_aside[::-1]))


def test_network_that_was_set_aside_ties_nobody_seen_before_or_not(tmp_path: Path) -> None:
    rings = [known_ring("ring_one", farm_members())]
    network, unseen = IdentifierKey(IP, "198.51.100.0/24"), IdentifierKey(IP, "198.51.100.251")
    exits = [IdentifierKey(IP, value) for value in EXITS]

    index = build_index(farm_world().graph(), rings, load_config(), set_aside=[network])
    index.save(tmp_path / "index")
    opened = ScreeningIndex.open(tmp_path / "index")

    assert all(members_with(index, key) == {} for key in exits)
    assert all(members_with(index_of(farm_world(), rings), key) for key in exits)
    for one in (index, opened):
        assert one.public_among([*exits, unseen]) == [*exits, unseen]
        assert one.public_among([IdentifierKey(DEVICE, "one-device1")]) == []


@pytest.mark.parametrize(
    "change",
    [
        {"tier": Tier.WATCH},
        {"tier": None},
        {"state": RingState.DISMISSED},
        {"state": RingState.CLOSED},
        {"state": RingState.DISMISSED, "tier": Tier.WATCH},
    ],
    ids=str,
)
def test_ring_that_proves_nothing_is_not_compared_with(change: dict[str, object]) -> None:
    left_out = known_ring("ring_two", farm_members()[15:], **change)

    index = index_of(farm_world(), [known_ring("ring_one", farm_members()[:15]), left_out])

    assert [(ring.id, ring.size) for ring in index.rings] == [("ring_one", 15)]
    assert len(index.member_keys) == 15
    assert set(members_with(index, IdentifierKey(DEVICE, "one-device1"))) == {"ring_one"}


@pytest.mark.parametrize(
    "state", [RingState.CONFIRMED, RingState.TAKEN_DOWN, RingState.WATCHED], ids=str
)
def test_ring_that_people_judged_counts_whatever_its_tier(state: RingState) -> None:
    ring = known_ring("ring_one", farm_members(), state=state, tier=Tier.WATCH)

    index = index_of(farm_world(), [ring])

    assert [(one.id, one.state, one.tier) for one in index.rings] == [
        ("ring_one", state, Tier.WATCH)
    ]


def test_graph_without_accounts_gives_an_index_of_nothing() -> None:
    index = index_of(Drawing(), [known_ring("ring_1", ["gone"])])

    assert (len(index.keys), len(index.use_keys), len(index.member_keys)) == (0, 0, 0)
    assert index.built_ms == 0
