"""Categories that a benchmark of rings must hold, and what makes each of them hard."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import orjson
import pytest

from ringfence.worlds import build_world
from ringfence.worlds.programme import categories

from .reading import World, read_world

LATE = frozenset(
    {
        "ci_accounts", "deleted_returned", "gift_card", "hijacked", "inherited_address",
        "locked_browser", "red_team", "sixes",
    }
)  # fmt: skip
Events = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    build_world(folder, 6_000, 21)
    return read_world(folder)


@pytest.fixture(scope="module")
def events(world: World) -> Events:
    found: Events = defaultdict(list)
    for event in map(orjson.loads, world.lines):
        found[event["subject"]].append(event)
    return found


def of(world: World, category: str) -> list[str]:
    return [account for account, row in world.truth.items() if row.category == category]


def values(events: Events, account: str, key: str) -> set[str]:
    return {event["data"][key] for event in events[account] if event["data"].get(key)}


def carriers(world: World, events: Events, key: str, *, fake: bool) -> set[str]:
    return {
        value
        for account, row in world.truth.items()
        if row.is_fake is fake
        for value in values(events, account, key)
    }


def test_small_worlds_do_without_the_rarest_categories(tmp_path: Path) -> None:
    build_world(tmp_path, 1_999, 21)

    present = {row.category for row in read_world(tmp_path).truth.values()}

    assert not present & LATE
    assert categories().keys() >= LATE


def test_hijacked_customers_are_honest_and_seen_on_a_rings_device(
    world: World, events: Events
) -> None:
    rings = carriers(world, events, "device_id", fake=True)

    for account in of(world, "hijacked"):
        used = values(events, account, "device_id")
        assert not world.truth[account].is_fake
        assert used & rings
        assert events[account][0]["data"].get("device_id") not in rings


def test_inherited_address_was_a_rings_and_is_now_a_customers_own(
    world: World, events: Events
) -> None:
    rings = carriers(world, events, "ip", fake=True)
    heirs = of(world, "inherited_address")

    assert heirs
    for account in heirs:
        sign_up = events[account][0]
        assert sign_up["data"]["ip"] in rings
        assert sign_up["time"] >= "2026-05-11"


def test_who_comes_back_after_deleting_shares_a_card_or_a_device(
    world: World, events: Events
) -> None:
    accounts_by_name: dict[str, set[str]] = defaultdict(set)
    for account in of(world, "deleted_returned"):
        for key in ("device_id", "instrument_id"):
            for value in values(events, account, key):
                accounts_by_name[value].add(account)
    shared = sum(len(accounts) == 2 for accounts in accounts_by_name.values())

    assert shared >= len(of(world, "deleted_returned")) / 4


def test_build_servers_accounts_come_by_script_from_one_line_without_a_device(
    world: World, events: Events
) -> None:
    accounts = of(world, "ci_accounts")

    assert len(accounts) >= 6
    for account in accounts:
        assert not values(events, account, "device_id")
        assert events[account][0]["data"]["email"].startswith("ci+")
        assert len(values(events, account, "ip")) == 1


def test_researchers_with_permission_are_honest_and_look_like_a_ring(
    world: World, events: Events
) -> None:
    team = of(world, "red_team")
    devices = {device for account in team for device in values(events, account, "device_id")}

    assert team
    assert not any(world.truth[account].is_fake for account in team)
    assert len(devices) < len(team)


def test_sittings_of_sixes_are_six_sign_ups_long(world: World, events: Events) -> None:
    by_ring: dict[str, list[str]] = defaultdict(list)
    for account in of(world, "sixes"):
        by_ring[world.truth[account].ring].append(events[account][0]["time"][:13])

    assert by_ring
    for hours in by_ring.values():
        assert len(set(hours)) <= 3 * -(-len(hours) // 6)


def test_resold_gift_card_has_two_owners_one_after_the_other(world: World, events: Events) -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for account in of(world, "gift_card"):
        for card in values(events, account, "instrument_id"):
            owners[card].add(account)

    assert owners
    assert max(map(len, owners.values())) == 2
