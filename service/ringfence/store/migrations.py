"""The numbered migrations of `cypher/migrations/`, and the record of those a graph has had."""

import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from itertools import pairwise
from typing import Final

from ringfence.errors import SchemaOutOfDate
from ringfence.store.graph import Graph
from ringfence.store.queries import cypher_root

LOCK_WAIT_S: Final = 300.0
_FILE_PATTERN = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.cypher")
_IN_BATCHES = "IN TRANSACTIONS"
_COMMENT_PATTERN = re.compile(r"^\s*//.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema; `text` is None for a step that only the graph knows."""

    number: int
    name: str
    checksum: str
    text: str | None = None

    @property
    def title(self) -> str:
        """Number and name, as in the file's name."""
        return f"{self.number:04}_{self.name}"


def read_migrations(folder: Traversable | None = None) -> list[Migration]:
    """The migrations that this version brings, by number.

    A migration must bear to be run again: a process that dies between a schema statement and the
    record of it leaves the step to the next one.

    Raises:
        SchemaOutOfDate: a file's name does not parse, or two bear the same number.
    """
    files = (folder or cypher_root().joinpath("migrations")).iterdir()
    found = sorted((_read(file) for file in files), key=lambda one: (one.number, one.name))
    for one, next_one in pairwise(found):
        if one.number == next_one.number:
            raise SchemaOutOfDate(
                f"Migrations {one.title} and {next_one.title} bear the same number. "
                "Give the newer one the next free number."
            )
    return found


def checksum_of(text: str) -> str:
    """Checksum of what a statement does: comments and spacing do not count."""
    words = " ".join(_COMMENT_PATTERN.sub("", text).split())
    return hashlib.sha256(words.encode()).hexdigest()


async def find_applied(graph: Graph) -> list[Migration]:
    """The migrations that the graph records, by number."""
    rows = await graph.read("schema/find_applied")
    return [Migration(**row) for row in rows]


async def apply_migration(graph: Graph, migration: Migration) -> None:
    """Run one migration and record it.

    Neo4j forbids schema and data in one transaction, so the record follows the statement.
    """
    if migration.text is None:
        raise SchemaOutOfDate(f"Migration {migration.title} has no statement to run.")
    run = graph.run_in_batches if _IN_BATCHES in migration.text else graph.run_schema
    await run(migration.text)
    await graph.write(
        "schema/save_applied",
        number=migration.number,
        name=migration.name,
        checksum=migration.checksum,
    )


async def await_indexes(graph: Graph) -> None:
    """Return once every index is filled, so that no plan does without."""
    await graph.read("schema/await_indexes", timeout_s=LOCK_WAIT_S, seconds=int(LOCK_WAIT_S))


@asynccontextmanager
async def migration_lock(graph: Graph) -> AsyncIterator[None]:
    """Keep every other process from migrating; a process that dies frees it by itself.

    It needs no constraint, since Neo4j 2026.08 lets concurrent `CREATE … IF NOT EXISTS` fail:

    1. Each process makes a lock node, and commits it, if it sees none; two may make one each.
    2. Each then writes to all the lock nodes it sees, in one order, in a transaction that stays
       open. Nodes are never deleted, so who comes later sees those of who came before, and waits.
    3. Schema statements run meanwhile in other transactions.
    4. Neo4j drops the open transaction, and its locks, when the connection ends.
    """
    await graph.write("schema/create_lock")
    async with graph.open_transaction(timeout_s=LOCK_WAIT_S) as transaction:
        await transaction.run("schema/take_lock")
        yield


def _read(file: Traversable) -> Migration:
    match = _FILE_PATTERN.fullmatch(file.name)
    if match is None:
        raise SchemaOutOfDate(
            f"cypher/migrations/{file.name} is not named like 0001_account_id.cypher. Rename it."
        )
    text = file.read_text(encoding="utf-8")
    return Migration(int(match["number"]), match["name"], checksum_of(text), text)
