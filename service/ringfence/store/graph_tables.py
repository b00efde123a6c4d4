"""The account graph as Parquet files, part by part: what engines beyond one machine read.

The folder holds three tables, each in as many files as it has parts, and `manifest.json` once it
is whole:

- `accounts`: `node`, then the columns of an account; what is not known is null
- `identifiers`: `node`, `kind`, `value`, `funding`, `bin`, `country`, `address_class`
- `links`: `account`, `identifier` (nodes), `first_seen_ms`, `last_seen_ms`, `events`

A node is Neo4j's internal number: it holds within one export and nowhere else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ringfence.domain.graph import NO_TIME
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT
from ringfence.errors import InvalidInput
from ringfence.store.account_graph import CHUNK_SIZE, PART_SIZE, READ_TIMEOUT_S
from ringfence.store.graph import Graph, Row, Transaction

MANIFEST: Final = "manifest.json"
_ABSENT: Final = uuid4().hex

_INT, _TEXT = pa.int64(), pa.string()
ACCOUNTS: Final = pa.schema(
    [
        ("node", _INT),
        ("id", _TEXT),
        ("first_seen_ms", _INT),
        ("last_seen_ms", _INT),
        ("signed_up_ms", _INT),
        ("email", _TEXT),
        ("country", _TEXT),
        ("plan", _TEXT),
        ("user_agent", _TEXT),
        ("charges_succeeded", _INT),
        ("charges_declined", _INT),
        ("charges_refunded", _INT),
        ("charges_disputed", _INT),
        ("first_paid_ms", _INT),
        ("last_paid_ms", _INT),
        ("requests", _INT),
        ("tokens", _INT),
    ]
)
IDENTIFIERS: Final = pa.schema(
    [
        ("node", _INT),
        ("kind", _TEXT),
        ("value", _TEXT),
        ("funding", _TEXT),
        ("bin", _TEXT),
        ("country", _TEXT),
        ("address_class", _TEXT),
    ]
)
LINKS: Final = pa.schema(
    [
        ("account", _INT),
        ("identifier", _INT),
        ("first_seen_ms", _INT),
        ("last_seen_ms", _INT),
        ("events", _INT),
    ]
)

_SCHEMAS: Final = {"accounts": ACCOUNTS, "identifiers": IDENTIFIERS, "links": LINKS}


class TablesManifest(msgspec.Struct, frozen=True):
    """How many rows each table of a whole export has."""

    accounts: int
    identifiers: int
    links: int


@dataclass(frozen=True, slots=True)
class _Source:
    """Statements whose rows go into one table; `kind` where all its rows have the same."""

    statement: str
    counted_as: str
    table: str
    schema: pa.Schema
    kind: str | None = None


_SOURCES: Final = (
    _Source("read_device_links", "links", "links", LINKS),
    _Source("read_instrument_links", "links", "links", LINKS),
    _Source("read_address_links", "links", "links", LINKS),
    _Source("read_identifier_links", "links", "links", LINKS),
    _Source("read_accounts", "accounts", "accounts", ACCOUNTS),
    _Source("read_devices", "devices", "identifiers", IDENTIFIERS, DEVICE),
    _Source("read_instruments", "instruments", "identifiers", IDENTIFIERS, PAYMENT_INSTRUMENT),
    _Source("read_addresses", "addresses", "identifiers", IDENTIFIERS, IP),
    _Source("read_identifiers", "identifiers", "identifiers", IDENTIFIERS),
)
# What the statements call otherwise than the tables do.
_NAMES: Final = {
    "nodes": "node",
    "ids": "id",
    "kinds": "kind",
    "values": "value",
    "accounts": "account",
    "identifiers": "identifier",
}


async def export_tables(
    graph: Graph, folder: Path, *, timeout_s: float = READ_TIMEOUT_S
) -> TablesManifest:
    """Write the account graph into a new or empty folder; memory holds one part at a time.

    One transaction reads the links first and what they link after, so that no link lacks an end
    while events are being loaded.

    Args:
        graph: connected and migrated.
        folder: made where it is missing.
        timeout_s: longest time the reading may take.

    Raises:
        InvalidInput: the folder holds something, or cannot be written to.
        LimitExceeded: it took longer than `timeout_s`.
    """
    try:
        _prepare(folder)
        counts = await graph.in_read(partial(_write_all, folder=folder), timeout_s=timeout_s)
        manifest = TablesManifest(**counts)
        (folder / MANIFEST).write_bytes(msgspec.json.encode(manifest))
    except OSError as error:
        raise InvalidInput(f"{folder}: {error}. Name a folder that can be written to.") from error
    return manifest


def read_manifest(folder: Path) -> TablesManifest:
    """What a whole export says of itself.

    Raises:
        InvalidInput: the folder holds none, or one that broke off.
    """
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=TablesManifest)
    except (OSError, msgspec.DecodeError) as error:
        raise InvalidInput(
            f"{folder} holds no whole export. Write one: ringfence export graph --format parquet "
            f"-o {folder}."
        ) from error


def _prepare(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise InvalidInput(f"{folder} is not empty. Name a new folder.")
    for table in _SCHEMAS:
        (folder / table).mkdir()


def _empty(folder: Path) -> None:
    for file in folder.glob("*/*.parquet"):
        file.unlink()


async def _write_all(transaction: Transaction, folder: Path) -> dict[str, int]:
    """Rows written by table; what an attempt before this one wrote goes first."""
    _empty(folder)
    (counts,) = await transaction.run("account_graph/count")
    written = dict.fromkeys(_SCHEMAS, 0)
    for source in _SOURCES:
        parts = counts[source.counted_as] // PART_SIZE + 1
        for part in range(parts):
            rows = await transaction.run(
                f"account_graph/{source.statement}",
                parts=parts,
                part=part,
                span=parts * CHUNK_SIZE,
                as_of=None,
                absent=_ABSENT,
                no_time=NO_TIME,
            )
            if rows:
                table = _table(rows, source)
                name = f"{source.statement.removeprefix('read_')}-{part:05}.parquet"
                pq.write_table(table, folder / source.table / name, compression="zstd")
                written[source.table] += len(table)
    for table, schema in _SCHEMAS.items():
        if not written[table]:
            # Readers learn the columns from a file.
            pq.write_table(schema.empty_table(), folder / table / "none.parquet")
    return written


def _table(rows: Sequence[Row], source: _Source) -> pa.Table:
    return pa.concat_tables([_chunk(row, source) for row in rows])


def _chunk(row: Row, source: _Source) -> pa.Table:
    told = {_NAMES.get(name, name): values for name, values in row.items()}
    size = len(next(iter(told.values())))
    if source.kind:
        told["kind"] = [source.kind] * size
    columns = [_column(told.get(field.name), field.type, size) for field in source.schema]
    return pa.table(columns, schema=source.schema)


def _column(values: list[Any] | None, form: pa.DataType, size: int) -> pa.Array:
    """A column, null where the statements told that something is not known."""
    if values is None:
        return pa.nulls(size, form)
    column = pa.array(values, form)
    unknown = pa.scalar(_ABSENT if form == _TEXT else int(NO_TIME), form)
    return pc.if_else(pc.equal(column, unknown), pa.scalar(None, form), column)
