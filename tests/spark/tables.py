"""An account graph written as the tables that Spark reads, in an order of its own."""

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ringfence.domain.graph import NO_TIME, AccountGraph, Ints
from ringfence.store.graph_tables import ACCOUNTS, IDENTIFIERS, LINKS

FILES = 3


def write_tables(graph: AccountGraph, folder: Path, *, seed: int = 1) -> Path:
    """Write the graph under nodes and in rows that chance orders, and return the folder."""
    chance = np.random.default_rng(seed)
    nodes = chance.permutation(len(graph.accounts) + len(graph.identifiers))
    account, identifier = nodes[: len(graph.accounts)], nodes[len(graph.accounts) :]
    ends = {
        "account": account[graph.links.account],
        "identifier": identifier[graph.links.identifier],
    }
    _write(folder / "accounts", ACCOUNTS, _told(graph.accounts, node=account), chance)
    _write(folder / "identifiers", IDENTIFIERS, _told(graph.identifiers, node=identifier), chance)
    _write(folder / "links", LINKS, _told(graph.links, **ends), chance)
    return folder


def _told(table: object, **nodes: Ints) -> dict[str, Any]:
    singular = {"ids": "id", "kinds": "kind", "values": "value"}
    columns = {
        singular.get(one.name, one.name): getattr(table, one.name)
        for one in fields(table)  # type: ignore[arg-type]
    }
    return columns | nodes


def _write(
    folder: Path, schema: pa.Schema, told: dict[str, Any], chance: np.random.Generator
) -> None:
    folder.mkdir(parents=True)
    table = pa.table([_column(told[one.name], one.type) for one in schema], schema=schema)
    table = table.take(pa.array(chance.permutation(len(table))))
    size = len(table) // FILES + 1
    for part in range(FILES):
        pq.write_table(table.slice(part * size, size), folder / f"part-{part}.parquet")


def _column(values: Any, form: pa.DataType) -> pa.Array:
    column = pa.array(values, form)
    if form != pa.int64():
        return column
    return pc.if_else(pc.equal(column, int(NO_TIME)), pa.scalar(None, form), column)
