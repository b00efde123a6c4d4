from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import orjson
import pytest

from ringfence.domain.events import parse_event
from ringfence.errors import InvalidInput
from ringfence.worlds import build_world
from ringfence.worlds.calendar import to_ms
from ringfence.worlds.programme import categories

from .reading import World, read_world

NOW_MS = 1_800_000_000_000
FILES = ["addresses.csv", "events.ndjson", "summary.json", "truth.csv"]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    build_world(folder, 5_000, 11)
    return read_world(folder)


def test_same_accounts_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        build_world(tmp_path / folder, 700, 5)

    for name in FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == FILES


def test_another_seed_gives_another_world_of_other_ratios(tmp_path: Path) -> None:
    one = build_world(tmp_path / "a", 2_000, 1)
    two = build_world(tmp_path / "b", 2_000, 2)

    assert one["categories"]["household"] != two["categories"]["household"]
    assert not read_world(tmp_path / "a").truth.keys() & read_world(tmp_path / "b").truth.keys()


def test_every_event_keeps_the_contract_and_stands_in_order_of_time(world: World) -> None:
    events = [parse_event(line, now_ms=NOW_MS) for line in world.lines]

    times = [event.time_ms for event in events]
    assert times == sorted(times)
    assert to_ms("2025-03-01T00:00:00Z") <= times[0]
    assert times[-1] < to_ms("2026-06-06T00:00:00Z")
    assert len({event.key for event in events}) == len(events)


def test_truth_covers_exactly_the_accounts_that_signed_up_first(world: World) -> None:
    first_event_type: dict[str, str] = {}
    for event in map(orjson.loads, world.lines):
        first_event_type.setdefault(event["subject"], event["type"])

    assert first_event_type.keys() == world.truth.keys()
    assert set(first_event_type.values()) == {"account.signed_up"}
    assert len(world.truth) == 5_000


def test_campaign_is_a_sixth_and_makes_exactly_1152_exchanges_an_account(world: World) -> None:
    campaign = {account for account, row in world.truth.items() if row.ring == "campaign"}

    exchanges = Counter[str]()
    for event in map(orjson.loads, world.lines):
        if event["type"] == "usage.reported" and event["subject"] in campaign:
            exchanges[event["subject"]] += event["data"]["requests"]

    assert len(campaign) == 5_000 // 6
    assert exchanges.total() == 1_152 * len(campaign)
    assert len(exchanges) == len(campaign)
    assert max(exchanges.values()) < 30_000


def test_every_category_is_present_and_fake_ones_are_a_fifth(world: World) -> None:
    counts = Counter(row.category for row in world.truth.values())
    fake = sum(row.is_fake for row in world.truth.values())

    assert counts.keys() == categories().keys()
    assert 0.16 <= fake / len(world.truth) <= 0.22
    for row in world.truth.values():
        assert row.is_fake == categories()[row.category] == bool(row.ring)


@pytest.mark.parametrize("accounts", [500, 601, 1_999, 10_000])
def test_world_has_exactly_as_many_accounts_as_asked_for(tmp_path: Path, accounts: int) -> None:
    summary = build_world(tmp_path, accounts, accounts)

    assert sum(row["accounts"] for row in summary["categories"].values()) == accounts
    assert summary["events_by_type"]["account.signed_up"] == accounts
    assert 0.16 <= summary["prevalence"] <= 0.22


def test_rings_have_five_members_or_more_and_twins_come_in_pairs(world: World) -> None:
    sizes = Counter(row.ring for row in world.truth.values() if row.is_fake)

    assert min(sizes.values()) >= 5
    assert sum(ring.startswith("shared_proxies-") for ring in sizes) % 2 == 0
    assert sum(ring.startswith("three_paths-") for ring in sizes) >= 1


def test_files_stay_small(world: World) -> None:
    size = sum(map(len, world.lines))

    assert len(world.lines) / 5_000 <= 12
    assert size / 5_000 <= 3_000


def test_ids_tell_nothing_of_the_truth(world: World) -> None:
    accounts = sorted(world.truth)
    fake = [world.truth[account].is_fake for account in accounts]
    devices: dict[str, bool] = {}
    for event in map(orjson.loads, world.lines):
        if device := event["data"].get("device_id"):
            devices[device] = world.truth[event["subject"]].is_fake

    assert _order_gain(fake) < 0.01
    assert _order_gain([devices[device] for device in sorted(devices)]) < 0.01
    assert _first_symbol_gap(accounts, fake) < 0.1


def test_a_world_too_small_for_its_parts_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"

    with pytest.raises(InvalidInput, match="needs 500 accounts or more, got 499"):
        build_world(out, 499, 1)

    assert not out.exists()


def _order_gain(fake: Sequence[bool]) -> float:
    """Variance of the fake share over 40 runs of the order, beyond what chance explains."""
    share = sum(fake) / len(fake)
    size = len(fake) // 40
    shares = [sum(fake[at * size : (at + 1) * size]) / size for at in range(40)]
    return sum((it - share) ** 2 for it in shares) / 40 - share * (1 - share) / size


def _first_symbol_gap(ids: Sequence[str], fake: Sequence[bool]) -> float:
    """How far the fake share of the ids with one first symbol lies from that of all."""
    counts: dict[str, list[bool]] = {}
    for account, is_fake in zip(ids, fake, strict=True):
        counts.setdefault(account.removeprefix("acct_")[0], []).append(is_fake)
    share = sum(fake) / len(fake)
    return max(abs(sum(its) / len(its) - share) for its in counts.values())
