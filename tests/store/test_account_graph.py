from dataclasses import fields
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.domain.assembling import graph_from_fold
from ringfence.domain.events import Event, parse_event
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.graph import AccountGraph
from ringfence.errors import Conflict
from ringfence.store import account_graph
from ringfence.store.account_graph import read_account_graph
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.loading import BATCH_EVENTS, save_events
from ringfence.usecases.migrate import migrate
from ringfence.worlds import MIN_ACCOUNTS, build_world
from tests.conftest import clear
from tests.detection.drawing import Drawing, farm
from tests.store.event_lists import DAYS, NOW_MS, START, event_lists

few = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

ROLLED_BACK = (
    "ids",
    "first_seen_ms",
    "signed_up_ms",
    "email",
    "country",
    "plan",
    "user_agent",
    "first_paid_ms",
)
"""Columns of accounts that a past moment knows exactly."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    folder = tmp_path_factory.mktemp("world")
    build_world(folder, MIN_ACCOUNTS, seed=5)
    lines = (folder / "events.ndjson").read_bytes().splitlines()
    return [parse_event(line, now_ms=NOW_MS) for line in lines]


def drawn() -> Drawing:
    drawing = Drawing()
    drawing.strangers(30)
    farm(drawing, "ring", 20)
    return drawing


async def load(graph: Graph, events: list[Event]) -> None:
    for first in range(0, len(events), BATCH_EVENTS):
        await save_events(graph, events[first : first + BATCH_EVENTS])


def folded(events: list[Event]) -> AccountGraph:
    return graph_from_fold(fold_events(once_each(events)))


def assert_equal(left: AccountGraph, right: AccountGraph) -> None:
    for table in fields(AccountGraph):
        ours, theirs = getattr(left, table.name), getattr(right, table.name)
        for column in fields(ours):
            one, other = getattr(ours, column.name), getattr(theirs, column.name)
            assert type(one) is type(other), column.name
            assert list(one) == list(other), column.name
    assert left.fingerprint() == right.fingerprint()


async def test_empty_graph_reads_as_empty_columns(graph: Graph) -> None:
    read = await read_account_graph(graph)

    assert_equal(read, folded([]))


async def test_seeded_world_reads_as_it_folds(graph: Graph, world: list[Event]) -> None:
    await load(graph, world)

    read = await read_account_graph(graph)

    assert len(read.links) > 1_000
    assert_equal(read, folded(world))


@few
@given(events=event_lists())
async def test_any_events_read_as_they_fold(open_graph: Graph, events: list[Event]) -> None:
    await clear(open_graph)
    await migrate(open_graph)
    await load(open_graph, events)

    read = await read_account_graph(open_graph)

    assert_equal(read, folded(events))


@few
@given(events=event_lists(), hours=st.integers(0, DAYS * 24))
async def test_past_moment_reads_as_the_events_until_then_fold_but_for_counts(
    open_graph: Graph, events: list[Event], hours: int
) -> None:
    as_of = START + timedelta(hours=hours)
    as_of_ms = int(as_of.timestamp() * 1000)
    until_then = folded([event for event in events if event.time_ms <= as_of_ms])
    await clear(open_graph)
    await migrate(open_graph)
    await load(open_graph, events)

    read = await read_account_graph(open_graph, as_of=as_of)

    for name in ROLLED_BACK:
        assert list(getattr(read.accounts, name)) == list(getattr(until_then.accounts, name)), name
    assert read.identifiers == until_then.identifiers
    for name in ("account", "identifier", "first_seen_ms"):
        assert list(getattr(read.links, name)) == list(getattr(until_then.links, name)), name
    for table, folded_table in (
        (read.accounts, until_then.accounts),
        (read.links, until_then.links),
    ):
        assert np.all(table.last_seen_ms >= folded_table.last_seen_ms)
        assert np.all(table.last_seen_ms <= as_of_ms)
    assert np.all(read.accounts.last_paid_ms <= as_of_ms)


async def test_parts_and_chunks_of_any_size_make_the_same_graph(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = drawn().events
    await load(graph, events)
    monkeypatch.setattr(account_graph, "PART_SIZE", 7)
    monkeypatch.setattr(account_graph, "CHUNK_SIZE", 3)

    read = await read_account_graph(graph)

    assert_equal(read, folded(events))


async def test_accounts_that_arrive_during_the_reading_do_no_harm(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = drawn().events
    late = Drawing()
    late.sign_up("late", device="ring-device0", ip="10.9.9.9")
    await load(graph, events)
    plain_run = Transaction.run

    async def run(self: Transaction, name: str, /, **parameters: object) -> list[Row]:
        rows = await plain_run(self, name, **parameters)
        if name == "account_graph/read_identifier_links":
            await load(graph, late.events)
        return rows

    monkeypatch.setattr(Transaction, "run", run)

    read = await read_account_graph(graph)

    before = folded(events)
    assert set(read.accounts.ids) == {*before.accounts.ids, "late"}
    assert len(read.links) == len(before.links)


async def test_links_whose_account_was_deleted_during_the_reading_are_refused(
    graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load(graph, drawn().events)
    plain_run = Transaction.run

    async def run(self: Transaction, name: str, /, **parameters: object) -> list[Row]:
        rows = await plain_run(self, name, **parameters)
        if name == "account_graph/read_identifier_links":
            await graph.run_schema("MATCH (a:Account {id: 'ring0001'}) DETACH DELETE a")
        return rows

    monkeypatch.setattr(Transaction, "run", run)

    with pytest.raises(Conflict, match="deleted while they were read"):
        await read_account_graph(graph)


async def test_class_of_an_address_and_description_of_a_card_are_read(graph: Graph) -> None:
    drawing = Drawing()
    drawing.sign_up("a", ip="10.0.0.1")
    drawing.attach("a", "card")
    await load(graph, drawing.events)
    await graph.run_schema(
        "MATCH (i:IpAddress {address: '10.0.0.1'}) SET i.class = 'vpn', i:ProxyIp"
    )
    await graph.run_schema(
        "MATCH (p:PaymentInstrument {id: 'card'}) SET p.funding = 'prepaid', p.country = 'DE'"
    )

    read = await read_account_graph(graph, as_of=datetime(2027, 1, 1, tzinfo=UTC))

    assert read.identifiers.kinds == ["ip", "payment_instrument"]
    assert read.identifiers.address_class == ["vpn", None]
    assert read.identifiers.funding == [None, "prepaid"]
    assert read.identifiers.country == [None, "DE"]
    assert read.identifiers.bin == [None, None]
