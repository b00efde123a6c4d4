"""Bring a graph's schema to this version: each migration once, under a lock."""

from time import perf_counter

from ringfence.errors import SchemaOutOfDate
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.migrations import (
    Migration,
    apply_migration,
    await_indexes,
    find_applied,
    migration_lock,
    read_migrations,
)

log = get_logger(__name__)


async def migrate(graph: Graph, known: list[Migration] | None = None) -> list[str]:
    """Apply the migrations that the graph lacks; any number of processes may call it at once.

    Args:
        graph: connected.
        known: migrations to bring, by number; None: those of this version.

    Returns:
        The titles of those applied now, in order, such as `0001_account_id`.

    Raises:
        SchemaOutOfDate: graph and version disagree on the past; nothing was applied.
        GraphUnavailable: Neo4j does not answer.
    """
    known = read_migrations() if known is None else known
    if not pending_migrations(known, await find_applied(graph)):
        return []
    started = perf_counter()
    async with migration_lock(graph):
        pending = pending_migrations(known, await find_applied(graph))
        for migration in pending:
            await apply_migration(graph, migration)
        await await_indexes(graph)
    titles = [migration.title for migration in pending]
    if titles:
        took_ms = round((perf_counter() - started) * 1000)
        log.info("migrations_applied", migrations=titles, took_ms=took_ms)
    return titles


def pending_migrations(known: list[Migration], applied: list[Migration]) -> list[Migration]:
    """The known migrations that are still to be applied.

    Raises:
        SchemaOutOfDate: the graph is newer than this version, or an old migration was changed,
            removed, or put in after a later one had been applied.
    """
    known_by_number = {migration.number: migration for migration in known}
    newest_known = max(known_by_number, default=0)
    for done in applied:
        _refuse_mismatch(done, known_by_number.get(done.number), newest_known)
    newest_applied = max((done.number for done in applied), default=0)
    done_numbers = {done.number for done in applied}
    pending = [migration for migration in known if migration.number not in done_numbers]
    if pending and pending[0].number < newest_applied:
        raise SchemaOutOfDate(
            f"Migration {pending[0].title} is new but numbered before {newest_applied:04}, which "
            "the graph has had. Give it the next free number."
        )
    return pending


def _refuse_mismatch(done: Migration, known: Migration | None, newest_known: int) -> None:
    if done.number > newest_known:
        raise SchemaOutOfDate(
            f"The graph has had migration {done.title}, which this version does not know. "
            "Install the version that brought it, or a later one."
        )
    if known is None:
        raise SchemaOutOfDate(
            f"The graph has had migration {done.title}, whose file is missing from this version. "
            "Restore the file; an applied migration is never removed."
        )
    if known.checksum != done.checksum:
        raise SchemaOutOfDate(
            f"Migration {known.title} was changed after the graph had it (as {done.title}). "
            "Restore the file, and put the change into a migration with the next free number."
        )
