import io
import json

import orjson
import pyarrow.parquet as pq
import pytest

from ringfence.detection import load_config
from ringfence.store.graph import Graph
from ringfence.store.loading import BATCH_EVENTS, save_events
from ringfence.usecases import export_rings as export_module
from ringfence.usecases.detect import detect
from ringfence.usecases.export_rings import ExportFormat, export_rings
from ringfence.usecases.export_rows import MemberRow, rows_of_rings, write_csv
from tests.detection import drawing as drawn
from tests.detection.drawing import Drawing, farm

HEADER = b"account_id,ring_id,operation_id,score,grade,tier,role,joined_because\n"


def two_farms() -> Drawing:
    world = Drawing()
    world.strangers(200)
    farm(world, "one", 30, devices=7, cards=5)
    farm(world, "two", 20, day=90)
    return world


def rows_from_the_file() -> list[MemberRow]:
    return list(rows_of_rings(drawn.detect(two_farms().graph()).rings))


@pytest.fixture
async def farms(graph: Graph) -> Graph:
    events = two_farms().events
    for first in range(0, len(events), BATCH_EVENTS):
        await save_events(graph, events[first : first + BATCH_EVENTS])
    await detect(graph, load_config())
    return graph


async def test_csv_from_neo4j_equals_the_one_from_the_file(farms: Graph) -> None:
    expected = io.StringIO()
    write_csv(rows_from_the_file(), expected)
    stream = io.BytesIO()

    count = await export_rings(farms, ExportFormat.CSV, stream)

    assert stream.getvalue() == expected.getvalue().encode()
    assert count == stream.getvalue().count(b"\n") - 1 >= 50
    assert stream.getvalue().startswith(HEADER)


async def test_ndjson_holds_an_object_a_member(farms: Graph) -> None:
    stream = io.BytesIO()

    count = await export_rings(farms, ExportFormat.NDJSON, stream)

    lines = stream.getvalue().splitlines()
    assert [json.loads(line) for line in lines] == [row._asdict() for row in rows_from_the_file()]
    assert count == len(lines)


async def test_parquet_holds_the_same_rows_whatever_the_size_of_its_groups(
    farms: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_module, "ROW_GROUP_SIZE", 7)
    stream = io.BytesIO()

    count = await export_rings(farms, ExportFormat.PARQUET, stream)

    table = pq.read_table(stream)
    assert table.to_pylist() == [row._asdict() for row in rows_from_the_file()]
    assert count == table.num_rows


async def test_rows_are_ordered_by_ring_then_account(farms: Graph) -> None:
    stream = io.BytesIO()

    await export_rings(farms, ExportFormat.NDJSON, stream)

    rows = [orjson.loads(line) for line in stream.getvalue().splitlines()]
    keys = [(row["ring_id"], row["account_id"]) for row in rows]
    assert keys == sorted(keys)


async def test_dismissed_and_closed_rings_are_left_out(farms: Graph) -> None:
    ring_ids = sorted({row.ring_id for row in rows_from_the_file()})
    await farms.run_schema(f"MATCH (r:Ring {{id: '{ring_ids[0]}'}}) SET r.state = 'dismissed'")
    await farms.run_schema(f"MATCH (r:Ring {{id: '{ring_ids[1]}'}}) SET r.state = 'taken_down'")
    stream = io.BytesIO()

    await export_rings(farms, ExportFormat.NDJSON, stream)

    told = {orjson.loads(line)["ring_id"] for line in stream.getvalue().splitlines()}
    assert told == set(ring_ids[1:])


@pytest.mark.parametrize(
    ("form", "expected"), [(ExportFormat.CSV, HEADER), (ExportFormat.NDJSON, b"")]
)
async def test_export_without_rings_is_a_whole_file(
    graph: Graph, form: ExportFormat, expected: bytes
) -> None:
    stream = io.BytesIO()

    count = await export_rings(graph, form, stream)

    assert (count, stream.getvalue()) == (0, expected)


async def test_parquet_without_rings_has_its_columns(graph: Graph) -> None:
    stream = io.BytesIO()

    count = await export_rings(graph, ExportFormat.PARQUET, stream)

    table = pq.read_table(stream)
    assert (count, table.num_rows) == (0, 0)
    assert tuple(table.column_names) == MemberRow._fields
