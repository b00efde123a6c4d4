import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from neo4j import AsyncGraphDatabase
from ringfence.errors import SchemaOutOfDate
from ringfence.store.graph import Graph
from ringfence.store.migrations import (
    Migration,
    checksum_of,
    find_applied,
    migration_lock,
    read_migrations,
)
from ringfence.usecases.migrate import migrate, pending_migrations
from tests.conftest import Neo4jServer, connect

ONE = Migration(1, "one", checksum_of("ONE"), "ONE")
TWO = Migration(2, "two", checksum_of("TWO"), "TWO")
THREE = Migration(3, "three", checksum_of("THREE"), "THREE")
HOLD_THE_LOCK = """
import asyncio, sys
from ringfence.store.graph import Graph
from ringfence.store.migrations import migration_lock

async def main():
    async with Graph.connect(*sys.argv[1:]) as graph, migration_lock(graph):
        print("locked", flush=True)
        await asyncio.sleep(600)

asyncio.run(main())
"""


@pytest_asyncio.fixture(loop_scope="session")
async def untouched(open_graph: Graph, neo4j_server: Neo4jServer) -> AsyncIterator[Graph]:
    """A graph that no migration has had; the tests that follow migrate it again."""
    await wipe(neo4j_server)
    yield open_graph
    await wipe(neo4j_server)


async def wipe(server: Neo4jServer) -> None:
    for kind in ("CONSTRAINT", "INDEX"):
        for name in await schema_names(server, kind):
            await run_text(server, f"DROP {kind} {name}")
    await run_text(server, "MATCH (n) DETACH DELETE n")


async def schema_names(server: Neo4jServer, kind: str) -> list[str]:
    """Names of constraints or indexes, but for Neo4j's own two look-up indexes."""
    beside_own = "WHERE type <> 'LOOKUP'" if kind == "INDEX" else ""
    rows = await run_text(server, f"SHOW {kind} YIELD name, type {beside_own} RETURN name")
    return [name for (name,) in rows]


async def run_text(server: Neo4jServer, text: str) -> list[tuple[str, ...]]:
    auth = (server.user, server.password)
    async with AsyncGraphDatabase.driver(server.uri, auth=auth) as driver, driver.session() as one:
        return [tuple(record) async for record in await one.run(text)]


def titles(migrations: list[Migration]) -> list[str]:
    return [migration.title for migration in migrations]


async def test_empty_graph_gets_each_migration_once(
    untouched: Graph, neo4j_server: Neo4jServer
) -> None:
    known = read_migrations()

    first, second = await migrate(untouched), await migrate(untouched)

    assert first == titles(known)
    assert second == []
    recorded = [replace(migration, text=None) for migration in known]
    assert await find_applied(untouched) == recorded
    of_schema = re.compile("^CREATE (CONSTRAINT|INDEX)", re.MULTILINE)
    assert set(await schema_names(neo4j_server, "INDEX")) == {
        one.name for one in known if of_schema.search(one.text or "")
    }


async def test_keys_of_the_graph_are_unique(graph: Graph, neo4j_server: Neo4jServer) -> None:
    assert set(await schema_names(neo4j_server, "CONSTRAINT")) == {
        "account_id",
        "action_seq",
        "api_key_id",
        "appeal_id",
        "audit_entry_seq",
        "audit_log_name",
        "dead_letter_endpoint_seq",
        "detection_run_id",
        "device_id",
        "discount_kind_value",
        "erased_hash",
        "erasure_receipt_id",
        "identifier_kind_value",
        "investigation_id",
        "ip_address_address",
        "lease_name",
        "ledger_name",
        "legal_hold_id",
        "migration_number",
        "note_id",
        "operation_id",
        "outbox_entry_seq",
        "outbox_name",
        "payment_instrument_id",
        "policy_id_version",
        "policy_list_entry_key_version",
        "policy_set_name",
        "ring_event_run_ring_kind",
        "ring_id",
        "screening_id",
        "shared_indicator_hash_source",
        "takedown_desk_name",
        "takedown_id",
        "tombstone_ring_hash",
        "verdict_id",
        "webhook_endpoint_id",
    }


async def test_ten_at_once_apply_each_migration_once(
    untouched: Graph, neo4j_server: Neo4jServer
) -> None:
    async def start() -> list[str]:
        async with connect(neo4j_server) as graph:
            return await migrate(graph)

    applied = await asyncio.gather(*(start() for _ in range(10)))

    assert sorted(applied, key=len) == [[]] * 9 + [titles(read_migrations())]


async def test_new_migration_is_applied_alone(untouched: Graph) -> None:
    known = read_migrations()
    await migrate(untouched, known[:-1])

    assert await migrate(untouched) == [known[-1].title]


async def test_earlier_members_get_their_place_in_the_lists_of_their_ring(
    untouched: Graph, neo4j_server: Neo4jServer
) -> None:
    await migrate(untouched, [one for one in read_migrations() if one.number < 50])
    await run_text(
        neo4j_server,
        "CREATE (r:Ring {id: 'r'}) WITH r UNWIND range(1, 3) AS n "
        "CREATE (:Account {id: 'acct_' + n})-[:MEMBER_OF {role: 'core', strength: n / 2.0}]->(r)",
    )

    await migrate(untouched)

    places = await run_text(
        neo4j_server,
        "MATCH (:Account)-[m:MEMBER_OF]->(:Ring) "
        "RETURN m.ring_id, m.account_id, toString(m.rank) ORDER BY m.account_id",
    )
    assert places == [("r", "acct_1", "-0.5"), ("r", "acct_2", "-1.0"), ("r", "acct_3", "-1.5")]


async def test_step_that_ran_but_was_not_recorded_is_run_again(untouched: Graph) -> None:
    first, *_ = read_migrations()
    assert first.text
    await untouched.run_schema(first.text)

    assert await migrate(untouched, [first]) == [first.title]


async def test_changed_old_migration_is_refused_and_nothing_is_applied(untouched: Graph) -> None:
    first, second, third = read_migrations()[:3]
    await migrate(untouched, [first, second])
    before = await find_applied(untouched)
    changed = replace(second, checksum=checksum_of("CREATE INDEX else"))

    with pytest.raises(SchemaOutOfDate, match="0002_device_id was changed after the graph had it"):
        await migrate(untouched, [first, changed, third])

    assert await find_applied(untouched) == before


async def test_waiting_for_the_lock_ends_with_the_process_that_held_it(
    untouched: Graph, neo4j_server: Neo4jServer
) -> None:
    address = (neo4j_server.uri, neo4j_server.user, neo4j_server.password)
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD_THE_LOCK, *address, stdout=asyncio.subprocess.PIPE
    )
    assert holder.stdout
    assert await holder.stdout.readline() == b"locked\n"
    migrating = asyncio.create_task(migrate(untouched))
    await asyncio.sleep(1.0)
    assert not migrating.done()
    assert await find_applied(untouched) == []

    holder.kill()
    await holder.wait()

    assert await migrating == titles(read_migrations())


async def test_lock_is_free_again_after_its_holder_failed(graph: Graph) -> None:
    async def fail() -> None:
        async with migration_lock(graph):
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        await fail()

    async with asyncio.timeout(10), migration_lock(graph):
        pass


def test_checksum_sees_what_a_statement_does_and_not_how_it_is_written() -> None:
    plain = checksum_of("CREATE INDEX one FOR (a:A) ON (a.b)")

    assert checksum_of("// why\nCREATE INDEX one\n  FOR (a:A)  ON (a.b)\n") == plain
    assert checksum_of("CREATE INDEX one FOR (a:A) ON (a.c)") != plain


@pytest.mark.parametrize(
    ("known", "applied", "pending"),
    [
        ([], [], []),
        ([ONE, TWO], [], [ONE, TWO]),
        ([ONE, TWO], [ONE], [TWO]),
        ([ONE, TWO], [ONE, TWO], []),
    ],
)
def test_pending_are_those_that_the_graph_has_not_had(
    known: list[Migration], applied: list[Migration], pending: list[Migration]
) -> None:
    assert pending_migrations(known, applied) == pending


@pytest.mark.parametrize(
    ("known", "applied", "message"),
    [
        ([ONE], [ONE, TWO], "0002_two, which this version does not know"),
        ([ONE, THREE], [ONE, TWO], "0002_two, whose file is missing"),
        ([ONE, TWO], [replace(ONE, checksum="else")], "0001_one was changed"),
        ([ONE, TWO, THREE], [ONE, THREE], "0002_two is new but numbered before 0003"),
    ],
)
def test_disagreement_on_the_past_is_named(
    known: list[Migration], applied: list[Migration], message: str
) -> None:
    with pytest.raises(SchemaOutOfDate, match=message):
        pending_migrations(known, applied)


def test_two_migrations_of_one_number_are_refused(tmp_path: Path) -> None:
    for name in ("0001_one", "0001_other"):
        (tmp_path / f"{name}.cypher").write_text("RETURN 1")

    with pytest.raises(SchemaOutOfDate, match="0001_one and 0001_other bear the same number"):
        read_migrations(tmp_path)


def test_file_that_is_not_named_like_a_migration_is_refused(tmp_path: Path) -> None:
    (tmp_path / "first.cypher").write_text("RETURN 1")

    with pytest.raises(SchemaOutOfDate, match=r"first\.cypher is not named like"):
        read_migrations(tmp_path)
