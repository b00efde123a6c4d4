import asyncio
import gzip
import json
import tracemalloc
from hashlib import sha256
from pathlib import Path

import pytest

from ringfence.errors import InvalidInput
from ringfence.logs import configure_logs
from ringfence.store.graph import Graph
from ringfence.store.graph_export import export_graph
from ringfence.usecases.ingest import LoadTally, Reject, ingest
from ringfence.usecases.reading_lines import MAX_LINE_BYTES
from tests.conftest import Neo4jServer, clear, connect
from tests.scale.many_events import write_events

NOW_MS = 1_780_272_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def line(id_: str, account_id: str = "acct_1", **changes: object) -> bytes:
    """A valid sign-in, changed."""
    event = {
        "specversion": "1.0",
        "id": id_,
        "source": "/test",
        "type": "account.signed_in",
        "subject": account_id,
        "time": "2026-04-22T10:00:00Z",
        "data": {"device_id": "dev_1"},
    }
    return json.dumps(event | changes).encode() + b"\n"


async def exported(graph: Graph) -> bytes:
    return b"".join([one async for one in export_graph(graph)])


def shuffled_copy(path: Path, copy: Path) -> Path:
    lines = path.read_bytes().splitlines(keepends=True)
    copy.write_bytes(b"".join(sorted(lines, key=lambda line: sha256(line).digest())))
    return copy


@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many batches of few events, so that a small file shows what a large one does."""
    monkeypatch.setattr("ringfence.usecases.ingest.WINDOW_EVENTS", 100)


@pytest.fixture(scope="module")
def events_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("events") / "events.ndjson"
    write_events(path, accounts=60)
    return path


async def test_each_bad_line_is_rejected_with_its_number_and_the_rest_is_loaded(
    graph: Graph, tmp_path: Path
) -> None:
    path = tmp_path / "events.ndjson"
    path.write_bytes(
        line("1")
        + b"\n"
        + line("2", type="account.deleted")
        + line("3", data={"ip": "10.0.0.256"})
        + b"  \r\n"
        + line("4", time="2031-01-01T00:00:00Z")
        + line("5").replace(b"acct_1", b"acct_\xff")
        + line("6", pad="x" * MAX_LINE_BYTES)
        + line("7", id="x" * 257)
        + line("8")[:-1]
    )
    rejects: list[Reject] = []

    tally = await ingest(graph, [path], now_ms=NOW_MS, on_reject=rejects.append)

    assert [(reject.line, reject.field, reject.reason) for reject in rejects] == [
        (3, "type", "Invalid value 'account.deleted'"),
        (4, "data.ip", "expected an IPv4 or IPv6 address"),
        (6, "time", "lies more than a day in the future"),
        (7, "", "'utf-8' codec can't decode byte 0xff in position 5: invalid start byte"),
        (8, "", f"is longer than {MAX_LINE_BYTES} bytes"),
        (9, "id", "Expected `str` of length <= 256"),
    ]
    assert {reject.file for reject in rejects} == {str(path)}
    assert (tally.read, tally.loaded, tally.duplicates, tally.rejected) == (8, 2, 0, 6)
    assert await graph.read("graph/count") == [{"accounts": 1, "rings": 0}]


async def test_plain_and_packed_files_together_count_each_event_once(
    graph: Graph, tmp_path: Path
) -> None:
    plain, packed = tmp_path / "plain.ndjson", tmp_path / "packed.gz"
    plain.write_bytes(BYTE_ORDER_MARK + line("1") + line("2") + line("2"))
    packed.write_bytes(gzip.compress(line("2")) + gzip.compress(line("3", "acct_2")))

    tally = await ingest(graph, [plain, packed], now_ms=NOW_MS)

    assert (tally.read, tally.loaded, tally.duplicates, tally.rejected) == (5, 3, 2, 0)
    assert (
        tally.bytes_done
        == tally.bytes_read
        == tally.bytes_total
        == plain.stat().st_size + packed.stat().st_size
    )


async def test_empty_file_loads_nothing(graph: Graph, tmp_path: Path) -> None:
    path = tmp_path / "empty.ndjson"
    path.touch()

    tally = await ingest(graph, [path], now_ms=NOW_MS)

    assert (tally.read, tally.loaded) == (0, 0)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("missing.ndjson", None, "There is no file"),
        ("plain.gz", b"{}\n", "is named .gz but is no gzip file"),
        ("folder", "folder", "is a folder"),
    ],
)
async def test_file_that_cannot_be_read_is_named_before_anything_is_loaded(
    graph: Graph, tmp_path: Path, name: str, content: bytes | str | None, message: str
) -> None:
    good, bad = tmp_path / "good.ndjson", tmp_path / name
    good.write_bytes(line("1"))
    if content == "folder":
        bad.mkdir()
    elif isinstance(content, bytes):
        bad.write_bytes(content)

    with pytest.raises(InvalidInput, match=message) as caught:
        await ingest(graph, [good, bad], now_ms=NOW_MS)

    assert str(bad) in str(caught.value)
    assert await exported(graph) == b""


async def test_damaged_gzip_is_told_and_the_lines_before_are_loaded(
    graph: Graph, tmp_path: Path
) -> None:
    path = tmp_path / "cut.gz"
    lines = [line(str(at), sha256(b"%d" % at).hexdigest()) for at in range(5_000)]
    path.write_bytes(gzip.compress(b"".join(lines))[:-1_000])
    tally = LoadTally()

    with pytest.raises(InvalidInput, match=r"cut\.gz cannot be read after line \d+") as caught:
        await ingest(graph, [path], now_ms=NOW_MS, tally=tally)

    (count,) = await graph.read("graph/count")
    assert count["accounts"] == tally.loaded == tally.read > 0
    assert f"after line {tally.read}" in str(caught.value)


async def test_loading_again_and_shuffled_changes_nothing(
    graph: Graph, events_file: Path, tmp_path: Path
) -> None:
    first = await ingest(graph, [events_file])
    before = await exported(graph)
    shuffled = shuffled_copy(events_file, tmp_path / "shuffled.ndjson")

    again = await ingest(graph, [shuffled])
    after = await exported(graph)
    await clear(graph)
    await ingest(graph, [shuffled])

    assert (first.loaded, first.duplicates) == (first.read, 0)
    assert (again.loaded, again.duplicates) == (0, first.read)
    assert after == before
    assert await exported(graph) == before


async def test_ten_loaders_at_once_give_the_graph_of_one(
    graph: Graph, neo4j_server: Neo4jServer, events_file: Path
) -> None:
    async def load() -> LoadTally:
        async with connect(neo4j_server) as own:
            return await ingest(own, [events_file])

    alone = await ingest(graph, [events_file])
    expected = await exported(graph)
    await clear(graph)

    tallies = await asyncio.gather(*(load() for _ in range(10)))

    assert sum(tally.loaded for tally in tallies) == alone.loaded
    assert sum(tally.duplicates for tally in tallies) == 9 * alone.loaded
    assert await exported(graph) == expected


@pytest.mark.usefixtures("small_windows")
async def test_cancelled_load_keeps_whole_batches_and_a_second_one_completes_it(
    graph: Graph, events_file: Path
) -> None:
    await ingest(graph, [events_file])
    expected = await exported(graph)
    await clear(graph)
    tally = LoadTally()

    def stop_after_first_batch(now: LoadTally) -> None:
        if now.loaded:
            load.cancel()

    load = asyncio.create_task(
        ingest(graph, [events_file], tally=tally, on_progress=stop_after_first_batch)
    )
    with pytest.raises(asyncio.CancelledError):
        await load
    stored = await graph.read("graph/count")
    completed = await ingest(graph, [events_file])

    assert 0 < tally.loaded < completed.read
    assert stored[0]["accounts"] < 60
    assert completed.duplicates == tally.loaded
    assert await exported(graph) == expected


async def test_contact_data_of_rejected_and_loaded_lines_stay_out_of_the_log(
    graph: Graph, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    private = ["jo.doe@mail.example", "+49 30 1234567", "203.0.113.77", "card_4111111111111111"]
    email, phone, address, card = private
    data = {"email": email, "ip": address, "identifiers": [{"kind": "phone", "value": phone}]}
    path = tmp_path / "events.ndjson"
    path.write_bytes(
        line("1", type="account.signed_up", data=data)
        + line("2", data=data | {"ip": f"{address}9"})
        + line("3", type="billing.instrument_attached", data={"instrument_id": card})
        + line("4", type="billing.charged", data={"instrument_id": card, "currency": email})
    )

    configure_logs(json=True)

    tally = await ingest(graph, [path], now_ms=NOW_MS)

    out, err = capfd.readouterr()
    assert (tally.loaded, tally.rejected) == (2, 2)
    assert "events_ingested" in out + err
    assert [one for one in private if one in out + err] == []


@pytest.mark.usefixtures("small_windows")
async def test_memory_does_not_grow_with_the_file(graph: Graph, tmp_path: Path) -> None:
    peaks = []
    for number, copies in enumerate((2_000, 20_000)):
        path = tmp_path / f"{number}.ndjson"
        path.write_bytes(line(str(number)) * copies)
        tracemalloc.start()
        await ingest(graph, [path], now_ms=NOW_MS)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] + 3_000_000
