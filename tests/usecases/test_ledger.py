"""The ledger of seen events: it forgets, and still counts nothing twice."""

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import orjson
import pytest

from ringfence.domain.retention import RetainedKind, RetentionRules
from ringfence.store.graph import Graph
from ringfence.store.graph_export import export_graph
from ringfence.store.ledger import find_ledger_begin, turn_ledgers
from ringfence.usecases.ingest import Reject, ingest
from ringfence.usecases.load_items import ItemOutcome, LoadedItem, load_items
from ringfence.usecases.retention import run_retention

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
KEPT: Final = 30
NOTHING: Final = dict.fromkeys(RetainedKind, 0)


def event(number: int, day: float, account_id: str = "acct_1") -> bytes:
    """Usage of one request on a day after the start."""
    at = START + timedelta(days=day)
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"e{number}",
            "source": "/tests",
            "type": "usage.reported",
            "time": at,
            "subject": account_id,
            "data": {"requests": 1, "tokens": 1, "from": at, "to": at},
        }
    )


async def send(graph: Graph, events: Sequence[bytes], *, day: float) -> list[LoadedItem]:
    """Load events on a day after the start."""
    now_ms = round((START + timedelta(days=day)).timestamp() * 1000)
    return await load_items(graph, events, now_ms=now_ms)


async def keep(graph: Graph, *, day: float, kept: int = KEPT) -> int:
    """Run retention on a day after the start, and say how many events were forgotten."""
    rules = RetentionRules(NOTHING | {RetainedKind.LEDGER: kept})
    at = START + timedelta(days=day)
    report = await run_retention(graph, rules, secret=b"a secret of the tests", by="tess", at=at)
    return report.gone["ledger"]


async def requests_of(graph: Graph) -> int:
    """Requests that all accounts have together."""
    lines = [orjson.loads(line) async for line in export_graph(graph)]
    return sum(line["account"].get("requests", 0) for line in lines if "account" in line)


async def test_events_are_forgotten_once_they_are_refused(graph: Graph) -> None:
    await send(graph, [event(1, 0), event(2, 0.5)], day=1)
    assert await keep(graph, day=1) == 0
    (again,) = await send(graph, [event(1, 0)], day=2)
    assert again.outcome is ItemOutcome.DUPLICATE

    assert await keep(graph, day=50) == 0
    (late,) = await send(graph, [event(1, 0)], day=50)
    assert (late.outcome, late.field) == (ItemOutcome.REJECTED, "time")
    assert late.reason == "lies before 2026-01-21 00:00Z, where the ledger begins"
    assert await keep(graph, day=51) == 2
    assert await requests_of(graph) == 2


async def test_line_of_a_file_that_is_too_late_is_rejected(graph: Graph, tmp_path: Path) -> None:
    await keep(graph, day=100)
    file = tmp_path / "events.ndjson"
    file.write_bytes(b"\n".join([event(1, 60), event(2, 80)]))
    rejects: list[Reject] = []

    tally = await ingest(graph, [file], on_reject=rejects.append)

    assert (tally.loaded, tally.rejected) == (1, 1)
    assert [(one.line, one.field) for one in rejects] == [(1, "time")]


async def test_begin_of_the_ledger_never_moves_back(graph: Graph) -> None:
    await keep(graph, day=100, kept=10)
    begin = await find_ledger_begin(graph)

    await keep(graph, day=101, kept=90)

    assert await find_ledger_begin(graph) == begin
    assert begin == (START + timedelta(days=90)).timestamp() * 1000


async def test_what_loaders_may_not_have_read_yet_lets_nothing_be_forgotten(graph: Graph) -> None:
    await send(graph, [event(1, 0)], day=1)
    await keep(graph, day=1)
    await keep(graph, day=90)

    assert await keep(graph, day=90 + 5 / (24 * 60)) == 0
    assert await keep(graph, day=90 + 1 / 24) == 1


@pytest.mark.parametrize("seed", range(4))
async def test_no_event_counts_twice_whenever_it_comes_again(graph: Graph, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 reproducible, not secret
    times = [dice.uniform(0, 150) for _ in range(60)]
    loaded: list[int] = []
    forgotten, day = 0, 0.0
    while day < 200:
        day += dice.uniform(0, 8)
        chosen = dice.sample([at for at, time in enumerate(times) if time <= day + 1], k=1)
        chosen += [at for at, time in enumerate(times) if time <= day and dice.random() < 0.3]
        told = await send(graph, [event(at, times[at]) for at in chosen], day=day)
        loaded += [
            at for at, one in zip(chosen, told, strict=True) if one.outcome is ItemOutcome.LOADED
        ]
        if dice.random() < 0.6:
            forgotten += await keep(graph, day=day)

    assert len(loaded) == len(set(loaded)) == await requests_of(graph)
    assert forgotten > 10


async def test_pages_that_are_turned_while_events_come_lose_none(graph: Graph) -> None:
    ids = [f"acct_{n}" for n in range(5)]
    events = [event(n, 1, ids[n % 5]) for n in range(200)]

    async def turn(day: int) -> None:
        at = START + timedelta(days=day)
        await turn_ledgers(graph, ids, settled=START, at=at)

    for first in range(0, 200, 20):
        await asyncio.gather(
            send(graph, events[first : first + 20], day=2),
            turn(first),
            turn(first),
            send(graph, events[first : first + 20], day=2),
        )
    again = await send(graph, events, day=2)

    assert {one.outcome for one in again} == {ItemOutcome.DUPLICATE}
    assert await requests_of(graph) == 200
