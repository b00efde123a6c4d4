"""Export rings: one line a member, as CSV, NDJSON or Parquet."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from io import StringIO
from itertools import repeat
from typing import BinaryIO, Final

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from ringfence.store.graph import Graph
from ringfence.store.known_rings import MemberColumns, stream_members
from ringfence.usecases.export_rows import MemberRow
from ringfence.usecases.ring_story import find_ring

ROW_GROUP_SIZE: Final = 100_000
"""Rows that Parquet keeps together, and that are held in memory."""

Write = Callable[[Sequence[MemberRow]], None]


class ExportFormat(StrEnum):
    """Form of an export."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


async def export_rings(
    graph: Graph, form: ExportFormat, stream: BinaryIO, *, ring_ids: Sequence[str] | None = None
) -> int:
    """Write the members of rings, by ring id, then account id, and return how many they are.

    Left out are rings that people dismissed: whoever reads an export acts on it.

    Args:
        graph: connected and migrated.
        form: of the export.
        stream: to write to.
        ring_ids: of rings, or of those that merged into them; None: all rings.

    Raises:
        NotFound: an id leads to no ring; nothing was written.
    """
    wanted = None
    if ring_ids is not None:
        wanted = {(await find_ring(graph, ring_id)).id for ring_id in ring_ids}
    count = 0
    with _WRITER_BY_FORM[form](stream) as write:
        async for ring in stream_members(graph, wanted):
            rows = _rows(ring)
            write(rows)
            count += len(rows)
    return count


def _rows(ring: MemberColumns) -> list[MemberRow]:
    return list(
        map(
            MemberRow,
            ring.account_ids,
            repeat(ring.ring_id),
            repeat(ring.operation_id),
            repeat(ring.score),
            repeat(ring.grade),
            repeat(ring.tier),
            ring.roles,
            ring.joined_because,
        )
    )


@contextmanager
def _csv(stream: BinaryIO) -> Iterator[Write]:
    def write(rows: Iterable[Sequence[object]]) -> None:
        lines = StringIO(newline="")
        csv.writer(lines, lineterminator="\n").writerows(rows)
        stream.write(lines.getvalue().encode())

    write([MemberRow._fields])
    yield write


@contextmanager
def _ndjson(stream: BinaryIO) -> Iterator[Write]:
    def write(rows: Sequence[MemberRow]) -> None:
        stream.writelines(
            orjson.dumps(row._asdict(), option=orjson.OPT_APPEND_NEWLINE) for row in rows
        )

    yield write


@contextmanager
def _parquet(stream: BinaryIO) -> Iterator[Write]:
    schema = pa.schema(
        [(name, pa.float64() if name == "score" else pa.string()) for name in MemberRow._fields]
    )
    waiting: list[MemberRow] = []
    with pq.ParquetWriter(stream, schema) as writer:

        def write_out() -> None:
            columns = list(zip(*waiting, strict=True)) or [()] * len(schema)
            writer.write_table(pa.table(list(map(pa.array, columns, schema.types)), schema=schema))
            waiting.clear()

        def write(rows: Sequence[MemberRow]) -> None:
            waiting.extend(rows)
            if len(waiting) >= ROW_GROUP_SIZE:
                write_out()

        yield write
        write_out()


_WRITER_BY_FORM: Final[dict[ExportFormat, Callable[[BinaryIO], AbstractContextManager[Write]]]] = {
    ExportFormat.CSV: _csv,
    ExportFormat.NDJSON: _ndjson,
    ExportFormat.PARQUET: _parquet,
}
