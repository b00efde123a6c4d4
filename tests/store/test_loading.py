import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringfence.domain.events import ChargeData, Event, parse_event
from ringfence.store.graph import Graph
from ringfence.store.graph_export import export_graph
from ringfence.store.loading import save_events
from tests.conftest import Neo4jServer, clear, connect
from tests.store.event_lists import NOW_MS, event_lists

few = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


async def exported(graph: Graph) -> bytes:
    return b"".join([line async for line in export_graph(graph)])


async def facts(graph: Graph) -> list[dict[str, Any]]:
    return [json.loads(line) async for line in export_graph(graph)]


async def account_of(graph: Graph) -> dict[str, Any]:
    (account,) = [fact["account"] for fact in await facts(graph) if "account" in fact]
    return dict(account)


def event(id_: str, type_: str, time: str, account_id: str = "acct_1", **data: object) -> Event:
    told = {
        "specversion": "1.0",
        "id": id_,
        "source": "/test",
        "type": type_,
        "subject": account_id,
        "time": f"2026-04-{time}Z",
        "data": data,
    }
    return parse_event(json.dumps(told), now_ms=NOW_MS)


def charge(id_: str, time: str, amount: int, currency: str, outcome: str) -> Event:
    return event(
        id_,
        "billing.charged",
        time,
        instrument_id="card_1",
        amount_minor=amount,
        currency=currency,
        outcome=outcome,
    )


def told(time: str) -> str:
    return f"2026-04-{time}.000000000+00:00"


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Event], list[list[Event]]]:
    """Events, and the same events again shuffled, some twice, cut into up to four parts."""
    events = draw(event_lists())
    again = draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    shuffled = draw(st.permutations(events + again))
    parts = draw(st.lists(st.integers(0, 3), min_size=len(shuffled), max_size=len(shuffled)))
    pairs = list(zip(parts, shuffled, strict=True))
    return events, [[one for at, one in pairs if at == part] for part in range(4)]


@few
@given(deliveries())
async def test_order_repeats_and_batches_do_not_matter(
    graph: Graph, delivered: tuple[list[Event], list[list[Event]]]
) -> None:
    events, parts = delivered
    await clear(graph)
    await save_events(graph, events)
    expected = await exported(graph)

    await clear(graph)
    for part in parts:
        await save_events(graph, part)

    assert await exported(graph) == expected


@few
@given(deliveries())
async def test_loaders_at_once_give_the_same_graph(
    graph: Graph, delivered: tuple[list[Event], list[list[Event]]]
) -> None:
    events, parts = delivered
    await clear(graph)
    await save_events(graph, events)
    expected = await exported(graph)

    await clear(graph)
    await asyncio.gather(*(save_events(graph, part) for part in (*parts, *parts)))

    assert await exported(graph) == expected


async def test_account_holds_what_its_events_say(graph: Graph) -> None:
    sign_up = {"email": "A@mail.example", "country": "DE", "plan": "free", "user_agent": "Agent"}
    events = [
        event("1", "account.signed_up", "22T10:00:00.001", **sign_up),
        event("2", "account.signed_in", "23T00:00:00"),
        charge("3", "23T01:00:00", 500, "usd", "succeeded"),
        charge("4", "23T02:00:00", 700, "USD", "succeeded"),
        charge("5", "23T03:00:00", 900, "EUR", "declined"),
        event("6", "usage.reported", "24T10:00:00", requests=3, tokens=40),
        event("7", "usage.reported", "23T10:00:00", requests=1),
        event("8", "usage.reported", "24T11:00:00", requests=2, tokens=2),
    ]

    await save_events(graph, events)

    assert await account_of(graph) == {
        "id": "acct_1",
        "first_seen_at": "2026-04-22T10:00:00.001000000+00:00",
        "last_seen_at": told("24T11:00:00"),
        "event_keys": sorted(one.key for one in events),
        "signed_up_at": "2026-04-22T10:00:00.001000000+00:00",
        "signed_up_key": events[0].key,
        **sign_up,
        "email": "a@mail.example",
        "charges_succeeded": 2,
        "charges_declined": 1,
        "charges_refunded": 0,
        "charges_disputed": 0,
        "first_paid_at": told("23T01:00:00"),
        "last_paid_at": told("23T02:00:00"),
        "paid_minor_USD": 1200,
        "requests": 6,
        "tokens": 42,
        "usage_days": [20566, 20567],
        "usage_requests": [1, 5],
        "usage_tokens": [0, 42],
    }


async def test_links_hold_first_and_last_time_and_number_of_events(graph: Graph) -> None:
    phone = [{"kind": "phone", "value": "+49 30 1"}]
    attached = {"instrument_id": "card_1", "kind": "card", "bin": "411111", "funding": "prepaid"}
    early = event("1", "account.signed_in", "22T10:00:00", ip="10.0.0.1", device_id="dev_1")
    late = event("2", "account.signed_in", "23T10:00:00", device_id="dev_1", identifiers=phone)
    attachment = event("3", "billing.instrument_attached", "22T11:00:00", country="DE", **attached)

    for one in (late, attachment, early):
        await save_events(graph, [one])

    found = await facts(graph)
    assert [fact["identifier"] for fact in found if "identifier" in fact] == [
        {"kind": "device", "labels": ["Device"], "properties": {"id": "dev_1"}},
        {"kind": "ip", "labels": ["IpAddress"], "properties": {"address": "10.0.0.1"}},
        {
            "kind": "payment_instrument",
            "labels": ["PaymentInstrument"],
            "properties": {
                "id": "card_1",
                "kind": "card",
                "bin": "411111",
                "funding": "prepaid",
                "country": "DE",
                "described_at": told("22T11:00:00"),
                "described_key": attachment.key,
            },
        },
        {
            "kind": "phone",
            "labels": ["Identifier"],
            "properties": {"kind": "phone", "value": "+49 30 1"},
        },
    ]
    spans = [
        ("PAID_WITH", None, "card_1", "22T11:00:00", "22T11:00:00", 1),
        ("SEEN_AT", None, "10.0.0.1", "22T10:00:00", "22T10:00:00", 1),
        ("USED_DEVICE", None, "dev_1", "22T10:00:00", "23T10:00:00", 2),
        ("USES_IDENTIFIER", "phone", "+49 30 1", "23T10:00:00", "23T10:00:00", 1),
    ]
    assert [fact["link"] for fact in found if "link" in fact] == [
        {
            "account_id": "acct_1",
            "type": type_,
            "kind": kind,
            "value": value,
            "properties": {"first_seen_at": told(first), "last_seen_at": told(last), "events": n},
        }
        for type_, kind, value, first, last, n in spans
    ]


async def test_late_sign_up_fills_in_an_account_that_events_made(graph: Graph) -> None:
    sign_in = event("1", "account.signed_in", "23T10:00:00")
    sign_up = event("2", "account.signed_up", "22T10:00:00", email="a@mail.example")

    await save_events(graph, [sign_in])
    before = await account_of(graph)
    await save_events(graph, [sign_up])
    after = await account_of(graph)

    assert "signed_up_at" not in before
    assert before["first_seen_at"] == told("23T10:00:00")
    assert after["signed_up_at"] == after["first_seen_at"] == told("22T10:00:00")
    assert after["email"] == "a@mail.example"


async def test_earlier_sign_up_replaces_all_that_a_later_one_told(graph: Graph) -> None:
    later = event("1", "account.signed_up", "23T10:00:00", email="b@mail.example", plan="pro")
    earlier = event("2", "account.signed_up", "22T10:00:00", email="a@mail.example")

    await save_events(graph, [later])
    await save_events(graph, [earlier])

    account = await account_of(graph)
    assert account["email"] == "a@mail.example"
    assert "plan" not in account


async def test_known_events_are_told_and_not_counted_again(graph: Graph) -> None:
    first = event("1", "usage.reported", "22T10:00:00", requests=3)
    second = event("2", "usage.reported", "22T11:00:00", requests=4)
    await save_events(graph, [first])

    known = await save_events(graph, [first, second, second])

    assert known == {(first.key, "acct_1")}
    assert (await account_of(graph))["requests"] == 7


async def test_no_events_change_nothing(graph: Graph) -> None:
    assert await save_events(graph, []) == set()
    assert await exported(graph) == b""


async def test_failure_in_a_batch_keeps_nothing_of_it(graph: Graph) -> None:
    fine = event("1", "account.signed_in", "22T10:00:00", device_id="dev_1")
    await save_events(graph, [fine])
    before = await exported(graph)
    new = event("2", "account.signed_in", "23T10:00:00", device_id="dev_2")
    body = ChargeData("card_1", 2**63, "USD", "succeeded")
    too_large = Event(3, "acct_1", fine.time_ms, (), body)

    with pytest.raises(OverflowError):
        await save_events(graph, [new, too_large])

    assert await exported(graph) == before


async def test_sums_stop_at_the_largest_number_that_neo4j_holds(graph: Graph) -> None:
    largest = 2**63 - 1
    await save_events(
        graph,
        [
            charge("1", "22T10:00:00", 1, "USD", "succeeded"),
            event("2", "usage.reported", "22T10:00:00", requests=1, tokens=1),
        ],
    )
    await graph.run_schema(
        f"MATCH (a:Account) SET a.paid_minor_USD = {largest - 5}, a.usage_requests = [{largest}]"
    )

    await save_events(
        graph,
        [
            charge("3", "22T10:00:00", 6, "USD", "succeeded"),
            event("4", "usage.reported", "22T10:00:00", requests=1, tokens=1),
            event("5", "usage.reported", "21T10:00:00", requests=1, tokens=1),
        ],
    )

    account = await account_of(graph)
    assert account["paid_minor_USD"] == largest
    assert account["usage_requests"] == [1, largest]
    assert account["requests"] == largest
    assert account["tokens"] == 3


async def test_many_writers_on_the_same_things_never_lock_in_a_circle(
    graph: Graph, neo4j_server: Neo4jServer, caplog: pytest.LogCaptureFixture
) -> None:
    events = [
        event(
            f"{at}",
            ("account.signed_in", "billing.instrument_attached")[at % 2],
            f"22T10:00:{at % 60:02}",
            account_id=f"acct_{at % 23}",
            ip=f"10.0.0.{at % 7}",
            device_id=f"dev_{at % 5}",
            instrument_id=f"card_{at % 3}",
            identifiers=[{"kind": f"kind_{at % 2}", "value": str(at % 11)}],
        )
        for at in range(600)
    ]
    await save_events(graph, events)
    expected = await exported(graph)
    await clear(graph)

    with caplog.at_level(logging.WARNING, logger="neo4j"):
        await asyncio.gather(
            *(load_turned(neo4j_server, events, by=turn * 60) for turn in range(10))
        )

    assert [record.getMessage() for record in caplog.records] == []
    assert await exported(graph) == expected


async def load_turned(server: Neo4jServer, events: Sequence[Event], *, by: int) -> None:
    """Load all events over a connection of its own, beginning somewhere in their middle."""
    turned = [*events[by:], *events[:by]]
    async with connect(server) as graph:
        for start in range(0, len(turned), 50):
            await save_events(graph, turned[start : start + 50])
