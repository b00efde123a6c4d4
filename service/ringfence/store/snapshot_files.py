"""A snapshot of the account graph on disk: a file a column, in a folder that appears as a whole."""

import shutil
from dataclasses import dataclass, fields
from itertools import groupby
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, TypeVar

import numpy as np
import orjson

from ringfence.domain.graph import (
    AccountColumns,
    AccountGraph,
    IdentifierColumns,
    Ints,
    LinkColumns,
)

FORMAT: Final = "1"
PREFIX: Final = "account-graph-"
PARTIAL: Final = ".partial"
_FACTS: Final = "facts.json"

Table = TypeVar("Table", AccountColumns, IdentifierColumns, LinkColumns)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An account graph as it was read, and by what its accounts are known again.

    Attributes:
        nodes: (n,) internal number of each account.
        marks: (n,) mark that the account had before it was read; -1 where that is not known.
        database: names the store that it was read from.
    """

    graph: AccountGraph
    nodes: Ints
    marks: Ints
    database: str


def save_snapshot(snapshot: Snapshot, folder: Path) -> Path:
    """Write a snapshot into a folder of its own, remove those before it, and return the folder.

    It holds contact data, so that nobody but the user may read it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = folder / f"{PREFIX}{token_hex(8)}{PARTIAL}"
    partial.mkdir(mode=0o700)
    for table in fields(snapshot.graph):
        _save_table(getattr(snapshot.graph, table.name), partial, table.name)
    np.save(partial / "nodes.npy", snapshot.nodes)
    np.save(partial / "marks.npy", snapshot.marks)
    facts = {
        "format": FORMAT,
        "database": snapshot.database,
        "fingerprint": snapshot.graph.fingerprint(),
    }
    (partial / _FACTS).write_bytes(orjson.dumps(facts))
    before = list(folder.glob(f"{PREFIX}*"))
    whole = partial.rename(partial.with_suffix(""))
    for one in before:
        if one != partial:
            shutil.rmtree(one, ignore_errors=True)
    return whole


def open_snapshot(folder: Path, database: str) -> Snapshot | None:
    """The snapshot in the folder; None where there is none of that store that can be trusted.

    Whole numbers stay on disk until they are looked at.
    """
    for one in folder.glob(f"{PREFIX}*"):
        if one.suffix == PARTIAL:
            continue
        try:
            return _opened(one, database)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return None


def drop_snapshots(folder: Path) -> None:
    """Remove every snapshot, so that the next reading reads all and no copy outlives an erasure."""
    for one in folder.glob(f"{PREFIX}*"):
        shutil.rmtree(one, ignore_errors=True)


def _opened(folder: Path, database: str) -> Snapshot:
    facts = orjson.loads((folder / _FACTS).read_bytes())
    if (facts["format"], facts["database"]) != (FORMAT, database):
        raise ValueError("of another store or format")
    graph = AccountGraph(
        _open_table(AccountColumns, folder, "accounts"),
        _open_table(IdentifierColumns, folder, "identifiers"),
        _open_table(LinkColumns, folder, "links"),
    )
    nodes, marks = (np.load(folder / f"{name}.npy") for name in ("nodes", "marks"))
    if not len(nodes) == len(marks) == len(graph.accounts):
        raise ValueError("columns differ in length")
    if graph.fingerprint() != facts["fingerprint"]:
        raise ValueError("not what was written")
    return Snapshot(graph, nodes, marks, database)


def _save_table(table: Table, folder: Path, name: str) -> None:
    for column in fields(table):
        values = getattr(table, column.name)
        if isinstance(values, np.ndarray):
            np.save(folder / f"{name}.{column.name}.npy", values)
            continue
        if column.name == "kinds":
            values = [(kind, len(list(run))) for kind, run in groupby(values)]
        (folder / f"{name}.{column.name}.json").write_bytes(orjson.dumps(values))


def _open_table(table: type[Table], folder: Path, name: str) -> Table:
    columns: dict[str, Any] = {}
    for column in fields(table):
        numbers = folder / f"{name}.{column.name}.npy"
        if numbers.exists():
            columns[column.name] = np.asarray(np.load(numbers, mmap_mode="r"))
            continue
        values = orjson.loads((folder / f"{name}.{column.name}.json").read_bytes())
        if column.name == "kinds":
            values = [kind for kind, times in values for kind in [kind] * times]
        columns[column.name] = values
    return table(**columns)
