import asyncio

import pytest

from ringfence.domain.audit import AuditAction, AuditRecord, ChainFault, FaultKind
from ringfence.store.graph import Graph
from ringfence.usecases.audit import AuditVerdict, append, read_log, verify
from tests.conftest import Neo4jServer, connect


def record(subject: str) -> AuditRecord:
    return AuditRecord("ana", AuditAction.NOTE_ADDED, subject, {"text": "é", "n": 1})


async def test_writers_at_once_make_one_chain(graph: Graph, neo4j_server: Neo4jServer) -> None:
    async with connect(neo4j_server) as other:
        await asyncio.gather(
            *(append((graph, other)[number % 2], record(f"r{number}")) for number in range(24))
        )

    entries = [entry async for entry in read_log(graph)]
    assert [entry.seq for entry in entries] == list(range(1, 25))
    assert {entry.subject for entry in entries} == {f"r{number}" for number in range(24)}
    assert await verify(graph) == AuditVerdict(24, None)


async def test_empty_log_is_intact(graph: Graph) -> None:
    assert await verify(graph) == AuditVerdict(0, None)


@pytest.mark.parametrize(
    ("meddling", "fault"),
    [
        ("MATCH (e:AuditEntry {seq: 2}) SET e.actor = 'eve'", (2, FaultKind.CHANGED)),
        (
            "MATCH (e:AuditEntry {seq: 2}) SET e.at = e.at - duration('PT1S')",
            (2, FaultKind.CHANGED),
        ),
        ("MATCH (e:AuditEntry {seq: 2}) DELETE e", (2, FaultKind.MISSING)),
        ("MATCH (e:AuditEntry {seq: 4}) DELETE e", (4, FaultKind.MISSING)),
        ("MATCH (e:AuditEntry) DELETE e", (1, FaultKind.MISSING)),
        (
            (
                "MATCH (a:AuditEntry {seq: 2}), (b:AuditEntry {seq: 3}) "
                "SET a.seq = 0 SET b.seq = 2 SET a.seq = 3"
            ),
            (2, FaultKind.CHANGED),
        ),
    ],
)
async def test_meddling_is_found(graph: Graph, meddling: str, fault: tuple[int, FaultKind]) -> None:
    for number in range(4):
        await append(graph, record(f"r{number}"))

    await graph.run_schema(meddling)

    verdict = await verify(graph)
    assert verdict.fault == ChainFault(*fault)
    assert verdict.entries == fault[0] - 1
