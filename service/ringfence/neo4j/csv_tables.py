"""Tables of the offline import as CSV: slower to read, and the only way to an empty text.

Of a Parquet file Neo4j 2026.08 takes an empty text for none at all. In CSV the one is two quotes
and the other is nothing.
"""

from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

_TYPE_NAMES: Final = {pa.string(): "string", pa.int64(): "long"}


def to_csv(folder: Path, files: tuple[str, ...]) -> tuple[str, ...]:
    """Turn the Parquet files of one table into CSV files, the first with a header; return them."""
    return tuple(_turned(folder, file, header=at == 0) for at, file in enumerate(files))


def longest_line(file: Path) -> int:
    """In bytes: what a reader's buffer must hold, since a value may be as long."""
    with file.open("rb") as lines:
        return max(map(len, lines), default=0)


def _turned(folder: Path, file: str, *, header: bool) -> str:
    table = pq.read_table(folder / file)
    (folder / file).unlink()
    name = f"{Path(file).stem}.csv"
    columns = {_header(field): _plain(table[field.name]) for field in table.schema}
    options = pa_csv.WriteOptions(include_header=False, quoting_style="needed")
    with (folder / name).open("wb") as stream:
        if header:
            stream.write(",".join(columns).encode() + b"\n")
        pa_csv.write_csv(pa.table(columns), stream, options)
    return name


def _header(field: pa.Field) -> str:
    """Its name and type; ids and lists name their type already."""
    if ":" in field.name:
        return str(field.name)
    return f"{field.name}:{_TYPE_NAMES.get(field.type, 'datetime')}"


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_list(column.type):
        return pc.binary_join(pc.cast(column, pa.list_(pa.string())), ";")
    return column
