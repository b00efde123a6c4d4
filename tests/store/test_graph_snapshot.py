"""A graph read in part is the graph that is read as a whole, whatever happened in between."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.domain.events import Event
from ringfence.store import graph_snapshot
from ringfence.store.account_graph import read_account_graph
from ringfence.store.address_classes import AddressClass, save_address_classes
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.graph_snapshot import read_current_graph
from ringfence.store.loading import save_events
from ringfence.store.snapshot_files import PARTIAL, drop_snapshots
from ringfence.usecases.migrate import migrate
from tests.conftest import clear
from tests.detection.drawing import Drawing
from tests.store.event_lists import event_lists
from tests.store.test_account_graph import assert_equal, drawn, load

few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_snapshot, "SETTLED_AFTER_S", 0.0)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the statements that run."""
    names: list[str] = []
    plain_run = Transaction.run

    async def run(self: Transaction, name: str, /, **parameters: object) -> list[Row]:
        names.append(name)
        return await plain_run(self, name, **parameters)

    monkeypatch.setattr(Transaction, "run", run)
    return names


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def delete_links(graph: Graph, account_id: str) -> None:
    """As erasure does it, statement by statement."""
    rows = await graph.read("erasure/page_links", ids=[account_id], limit=100)
    pairs: dict[str, Any] = {
        "account_ids": [account_id for _ in rows],
        "identifiers": [row["identifier"] for row in rows],
    }
    await graph.write("erasure/delete_links", **pairs)


@few
@given(
    batches=st.lists(
        st.tuples(event_lists(), st.sampled_from(["", "class", "delete account"])), max_size=4
    )
)
async def test_any_loads_read_in_part_equal_a_whole_reading(
    open_graph: Graph, batches: list[tuple[list[Event], str]]
) -> None:
    await clear(open_graph)
    await migrate(open_graph)
    with TemporaryDirectory() as name:
        for at, (events, then) in enumerate(batches):
            await load(open_graph, events)
            if then == "class":
                told = AddressClass("10.0.0.1", date(2026, 3, at + 1), "feed", f"vpn{at}")
                await save_address_classes(open_graph, [told])
            elif then == "delete account":
                await open_graph.run_schema("MATCH (a:Account {id: 'a'}) DETACH DELETE a")

            read = await read_current_graph(open_graph, Path(name))

            assert_equal(read, await read_account_graph(open_graph))


async def test_only_what_changed_is_read(
    graph: Graph, tmp_path: Path, statements: list[str]
) -> None:
    await load(graph, drawn().events)
    await read_current_graph(graph, tmp_path)
    late = Drawing()
    late.sign_up("late", device="ring-device0", ip="10.9.9.9")
    await load(graph, late.events)
    statements.clear()

    read = await read_current_graph(graph, tmp_path)

    assert "account_graph/read_accounts" not in statements
    assert "late" in read.accounts.ids
    assert_equal(read, await read_account_graph(graph))


async def test_nothing_is_written_where_nothing_changed(graph: Graph, tmp_path: Path) -> None:
    await load(graph, drawn().events)
    await read_current_graph(graph, tmp_path)
    before = names_in(tmp_path)

    read = await read_current_graph(graph, tmp_path)

    assert names_in(tmp_path) == before
    assert_equal(read, await read_account_graph(graph))


async def test_links_that_were_taken_away_are_gone(graph: Graph, tmp_path: Path) -> None:
    await load(graph, drawn().events)
    before = await read_current_graph(graph, tmp_path)
    await delete_links(graph, "ring0001")

    read = await read_current_graph(graph, tmp_path)

    assert len(read.links) < len(before.links)
    assert_equal(read, await read_account_graph(graph))


async def test_account_that_takes_the_place_of_a_deleted_one_is_read_anew(
    graph: Graph, tmp_path: Path
) -> None:
    await load(graph, drawn().events)
    await read_current_graph(graph, tmp_path)
    await graph.run_schema("MATCH (a:Account) WHERE a.id STARTS WITH 'ring' DETACH DELETE a")
    late = Drawing()
    for at in range(5):
        late.sign_up(f"late{at}", device="other", ip="10.9.9.9")
    await load(graph, late.events)

    read = await read_current_graph(graph, tmp_path)

    assert_equal(read, await read_account_graph(graph))


async def test_change_that_left_no_mark_is_noticed_and_all_is_read(
    graph: Graph, tmp_path: Path
) -> None:
    await load(graph, drawn().events)
    await read_current_graph(graph, tmp_path)
    await graph.run_schema("MATCH (:Account {id: 'ring0001'})-[link:USED_DEVICE]->() DELETE link")

    read = await read_current_graph(graph, tmp_path)

    assert_equal(read, await read_account_graph(graph))


async def test_event_that_arrives_after_the_marks_is_read_the_next_time(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = Drawing()
    late.sign_up("late", device="ring-device0", ip="10.9.9.9")
    late.sign_up("ring0001", device="late-device", ip="10.9.9.9")
    await load(graph, drawn().events)
    await read_current_graph(graph, tmp_path)
    plain_run = Transaction.run

    async def run(self: Transaction, name: str, /, **parameters: object) -> list[Row]:
        rows = await plain_run(self, name, **parameters)
        if name == "account_graph/read_marks":
            monkeypatch.setattr(Transaction, "run", plain_run)
            await save_events(graph, late.events)
        return rows

    monkeypatch.setattr(Transaction, "run", run)

    await read_current_graph(graph, tmp_path)
    read = await read_current_graph(graph, tmp_path)

    assert "late" in read.accounts.ids
    assert_equal(read, await read_account_graph(graph))


@pytest.mark.parametrize("damage", ["facts.json", "accounts.ids.json", "links.events.npy"])
async def test_damaged_snapshot_is_not_trusted(graph: Graph, tmp_path: Path, damage: str) -> None:
    await load(graph, drawn().events)
    await read_current_graph(graph, tmp_path)
    own = tmp_path / names_in(tmp_path)[0]
    held = (own / damage).read_bytes()
    (own / damage).write_bytes(held[:-3] + b"000")

    read = await read_current_graph(graph, tmp_path)

    assert_equal(read, await read_account_graph(graph))


async def test_snapshot_of_another_store_or_one_half_written_is_not_opened(
    graph: Graph, tmp_path: Path, statements: list[str]
) -> None:
    await load(graph, drawn().events)
    await read_current_graph(graph, tmp_path)
    own = tmp_path / names_in(tmp_path)[0]
    own.rename(own.with_name(f"{own.name}{PARTIAL}"))
    statements.clear()

    await read_current_graph(graph, tmp_path)

    assert "account_graph/read_accounts" in statements


async def test_dropped_snapshots_leave_nothing(graph: Graph, tmp_path: Path) -> None:
    await load(graph, drawn().events)
    await read_current_graph(graph, tmp_path)

    drop_snapshots(tmp_path)

    assert names_in(tmp_path) == []


async def test_none_but_the_user_can_read_a_snapshot(graph: Graph, tmp_path: Path) -> None:
    await load(graph, drawn().events)

    await read_current_graph(graph, tmp_path / "own")

    folders = [tmp_path / "own", tmp_path / "own" / names_in(tmp_path / "own")[0]]
    assert [folder.stat().st_mode & 0o077 for folder in folders] == [0, 0]
