import asyncio
import gzip
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from ringfence import neo4j
from ringfence.errors import Conflict
from ringfence.neo4j import Memory
from ringfence.store.graph import Graph
from ringfence.usecases.bulk_import import bulk_import
from ringfence.usecases.ingest import LoadTally, Reject, ingest
from ringfence.usecases.migrate import migrate
from tests.scale.many_events import write_events
from tests.usecases.test_ingest import exported, line, shuffled_copy

NOW_MS = 1_790_000_000_000
SMALL = Memory(heap="512m", page_cache="64m")
ODD_TEXTS = (
    *("", " ", '"', '""', "a,b", "a;b", "'", "\\", '\\"', "two\nlines", "\r", "\r\n", "\n", '"\n"'),
    *(
        "\t",
        "\0",
        "\x7f",
        "\x85",
        "\u2028",
        "\ufeff",
        "ä 😀",
        "null",
        "1",
        "1.5",
        "true",
        "a" * 200,
    ),
)


@asynccontextmanager
async def served(home: Path, cache: Path) -> AsyncIterator[Graph]:
    """A home's graph, migrated."""
    with neo4j.start(home, cache, bound=True, memory=SMALL) as server:
        async with Graph.connect(server.uri, server.user, server.password) as graph:
            await migrate(graph)
            yield graph


async def load_in_bulk(home: Path, cache: Path, *files: Path, **options: Any) -> LoadTally:
    return await asyncio.to_thread(bulk_import, home, cache, files, now_ms=NOW_MS, **options)


def counts(tally: LoadTally) -> tuple[int, int, int, int]:
    return tally.read, tally.loaded, tally.duplicates, tally.rejected


def odd_lines(texts: Sequence[str]) -> bytes:
    """Every odd text as whatever an event may hold, in events of all types."""
    return b"".join(
        line(f"{kind} {at}", f"acct {text}", type=kind, data=data)
        for at, text in enumerate(texts)
        for kind, data in odd_data(text).items()
    )


def odd_data(text: str) -> dict[str, dict[str, Any]]:
    shared = [{"kind": kind, "value": f"{text}."} for kind in ("promo_code", "device", "email")]
    card = {"instrument_id": f"card{text}"}
    paid = {"amount_minor": 10**15, "currency": "eur" if text > "a" else "USD"}
    return {
        "account.signed_up": {"email": text, "plan": text, "user_agent": text},
        "account.signed_in": {"device_id": f"dev{text}.", "ip": "2001:DB8::1"},
        "billing.instrument_attached": card | {"bin": text, "country": text, "kind": "card"},
        "billing.charged": card | paid | {"outcome": "succeeded", "identifiers": shared},
        "usage.reported": {"requests": 10**15, "tokens": 3},
    }


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "texts",
    [
        pytest.param(ODD_TEXTS, id="an empty text", marks=pytest.mark.slow),
        pytest.param(ODD_TEXTS[1:], id="none"),
    ],
)
async def test_bulk_load_makes_the_graph_of_the_normal_way_and_a_normal_load_adds_nothing_to_it(
    graph: Graph, jar_cache: Path, tmp_path: Path, texts: Sequence[str]
) -> None:
    odd, plain, home = tmp_path / "odd.ndjson", tmp_path / "plain.ndjson", tmp_path / "home"
    odd.write_bytes(
        odd_lines(texts)
        + line("1", subject="")
        + line("1") * 3
        + line("2", data={"ip": ""})
        + b"{\n"
    )
    total = write_events(plain, accounts=300)
    packed = tmp_path / "packed.gz"
    packed.write_bytes(gzip.compress(shuffled_copy(plain, tmp_path / "shuffled").read_bytes()))
    normal_rejects: list[Reject] = []
    rejects: list[Reject] = []
    normal = await ingest(
        graph, [odd, plain, packed], now_ms=NOW_MS, on_reject=normal_rejects.append
    )
    expected = await exported(graph)

    tally = await load_in_bulk(home, jar_cache, odd, plain, packed, on_reject=rejects.append)

    async with served(home, jar_cache) as loaded:
        first = await exported(loaded)
        again = await ingest(loaded, [odd, plain], now_ms=NOW_MS)
        assert await exported(loaded) == expected
    assert first == expected
    assert counts(tally) == counts(normal)
    assert tally.duplicates == total + 2
    assert rejects == normal_rejects
    assert [reject.field for reject in rejects] == ["subject", "data.ip", ""]
    assert again.loaded == 0
    assert not any(home.glob("bulk-*"))
    assert not neo4j.Home(home).import_log.exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_store_that_holds_nothing_is_taken_and_one_that_holds_something_or_serves_is_not(
    jar_cache: Path, tmp_path: Path
) -> None:
    home, events = tmp_path / "home", tmp_path / "events.ndjson"
    events.write_bytes(line("1"))
    async with served(home, jar_cache):
        password = neo4j.Home(home).password()
        with pytest.raises(Conflict, match="needs the store to itself"):
            await load_in_bulk(home, jar_cache, events)

    tally = await load_in_bulk(home, jar_cache, events)

    async with served(home, jar_cache) as graph:
        before = await exported(graph)
    assert tally.loaded == 1
    assert b'"acct_1"' in before
    assert neo4j.Home(home).password() == password
    with pytest.raises(Conflict, match=r"holds 2 nodes, and a bulk load needs an empty one"):
        await load_in_bulk(home, jar_cache, events)
    async with served(home, jar_cache) as graph:
        assert await exported(graph) == before


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("left_behind", ["lines-*", "accounts-*", "data/*"])
async def test_bulk_load_that_was_killed_leaves_nothing_and_another_one_completes_it(
    jar_cache: Path, tmp_path: Path, left_behind: str
) -> None:
    home, events = tmp_path / "home", tmp_path / "events.ndjson"
    total = write_events(events, accounts=3_000)

    await kill_when(home, f"bulk-*/{left_behind}", ["ingest", "--bulk", str(events)])

    assert not (home / "data").exists()
    assert (await load_in_bulk(home, jar_cache, events)).loaded == total
    assert sorted(one.name for one in (home / "data" / "databases").iterdir()) == ["neo4j"]
    assert not any(home.glob("bulk-*"))


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_command_tells_what_it_loaded_and_that_some_lines_were_rejected(
    jar_cache: Path, tmp_path: Path
) -> None:
    home, events, rejects = tmp_path / "home", tmp_path / "events", tmp_path / "rejects"
    events.write_bytes(line("1") + line("2", subject="") + line("1"))

    code, out = await command(
        home, ["ingest", "--bulk", str(events), "--rejects", str(rejects), "--json"]
    )
    again, told = await command(home, ["ingest", str(events), "--json"])

    assert code == again == 3
    assert [json.loads(out)[name] for name in ("read", "loaded", "duplicates")] == [3, 1, 1]
    assert [json.loads(told)[name] for name in ("read", "loaded", "duplicates")] == [3, 0, 2]
    assert [json.loads(one)["field"] for one in rejects.read_text().splitlines()] == ["subject"]


async def test_bulk_load_into_a_server_of_ones_own_is_refused(tmp_path: Path) -> None:
    events = tmp_path / "events.ndjson"
    events.write_bytes(line("1"))

    code, told = await command(
        tmp_path / "home",
        ["ingest", "--bulk", str(events)],
        {"RINGFENCE_NEO4J_URI": "bolt://127.0.0.1:1", "RINGFENCE_NEO4J_PASSWORD": "secret"},
    )

    assert code == 2
    assert "Unset it, or load without --bulk" in told
    assert not (tmp_path / "home").exists()


async def start(
    home: Path, arguments: Sequence[str], more: dict[str, str] | None = None
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ringfence", *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=os.environ | {"RINGFENCE_HOME": str(home)} | (more or {}),
    )


async def command(
    home: Path, arguments: Sequence[str], more: dict[str, str] | None = None
) -> tuple[int | None, str]:
    process = await start(home, arguments, more)
    out, err = await process.communicate()
    return process.returncode, (out or err).decode()


async def kill_when(home: Path, pattern: str, arguments: Sequence[str]) -> None:
    """Kill a command as soon as a file of that pattern is in the home."""
    process = await start(home, arguments)
    await asyncio.to_thread(_await_file, home, pattern)
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert process.returncode == -signal.SIGKILL


def _await_file(home: Path, pattern: str) -> None:
    deadline = monotonic() + 120
    while not any(home.glob(pattern)) and monotonic() < deadline:
        sleep(0.01)
