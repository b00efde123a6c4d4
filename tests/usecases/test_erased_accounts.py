"""Late events and late records of accounts that were erased bring nobody back."""

import json
from pathlib import Path
from typing import Final

from ringfence.store.graph import Graph
from ringfence.usecases.erase_account import erase_account
from ringfence.usecases.ingest import ingest
from ringfence.usecases.load_items import ItemOutcome, load_items
from ringfence.usecases.write_behind import write_behind
from tests.screening.graphs_by_hand import attempt
from tests.usecases.test_screen import worker

SECRET: Final = b"a secret of the tests"
NOW_MS: Final = 1_800_000_000_000


def event(number: int, account_id: str) -> bytes:
    told = {
        "specversion": "1.0",
        "id": f"evt-{number}",
        "source": "/signup",
        "type": "account.signed_up",
        "time": "2026-04-22T10:00:00Z",
        "subject": account_id,
        "data": {"device_id": "dev_1"},
    }
    return json.dumps(told).encode()


async def accounts(graph: Graph) -> list[str]:
    return [row["properties"]["id"] for row in await graph.read("graph/export_accounts")]


async def erased(graph: Graph) -> None:
    """A graph from which `maria` was erased, and in which `bo` is."""
    await load_items(graph, [event(1, "maria"), event(2, "bo")], now_ms=NOW_MS)
    await erase_account(graph, "maria", secret=SECRET, by="tess", reason="asked for")


async def test_late_event_over_http_counts_as_known(graph: Graph) -> None:
    await erased(graph)

    late = [event(1, "maria"), event(3, "maria"), event(4, "bo")]
    told = await load_items(graph, late, now_ms=NOW_MS, secret=SECRET)

    assert [one.outcome for one in told] == [
        ItemOutcome.DUPLICATE,
        ItemOutcome.DUPLICATE,
        ItemOutcome.LOADED,
    ]
    assert await accounts(graph) == ["bo"]


async def test_late_event_in_a_file_counts_as_known(graph: Graph, tmp_path: Path) -> None:
    await erased(graph)
    file = tmp_path / "late.ndjson"
    file.write_bytes(b"\n".join((event(5, "maria"), event(6, "bo"), event(7, "new"))))

    tally = await ingest(graph, [file], now_ms=NOW_MS, secret=SECRET)

    assert (tally.read, tally.loaded, tally.duplicates) == (3, 2, 1)
    assert await accounts(graph) == ["bo", "new"]


async def test_sign_up_that_waited_in_the_journal_is_let_go(graph: Graph, tmp_path: Path) -> None:
    screener = worker(tmp_path)
    screener.screen(attempt(account="maria", device="dev_1"), client="c")
    screener.screen(attempt(account="bo", device="dev_1"), client="c")
    await erased(graph)

    await write_behind(graph, screener.journal, screener.known, secret=SECRET)

    assert await accounts(graph) == ["bo"]
    assert screener.journal.held() == 0
    assert screener.journal.bytes_held() == 0
