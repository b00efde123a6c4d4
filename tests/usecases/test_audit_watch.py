"""The audit log is looked at part by part, and what is wrong with it is found within a round."""

import pytest

from ringfence.domain.audit import AuditAction, AuditRecord, ChainFault, FaultKind
from ringfence.store.graph import Graph
from ringfence.usecases.audit import append
from ringfence.usecases.audit_watch import AuditWatch


@pytest.fixture
async def five_entries(graph: Graph) -> Graph:
    for n in range(5):
        await append(graph, AuditRecord("tess", AuditAction.NOTE_ADDED, f"ring_{n}", {}))
    return graph


async def test_sound_log_is_read_round_and_round(five_entries: Graph) -> None:
    watch = AuditWatch(five_entries, part=2)
    looked_at = []

    for _ in range(6):
        await watch.look()
        looked_at.append(watch.looked_at)

    assert looked_at == [2, 4, 0, 2, 4, 0]
    assert watch.fault is None


@pytest.mark.parametrize(
    ("harm", "fault"),
    [
        ("MATCH (e:AuditEntry {seq: 4}) SET e.actor = 'eve'", ChainFault(4, FaultKind.CHANGED)),
        ("MATCH (e:AuditEntry {seq: 3}) DELETE e", ChainFault(3, FaultKind.MISSING)),
        ("MATCH (e:AuditEntry {seq: 5}) DELETE e", ChainFault(5, FaultKind.MISSING)),
        ("MATCH (e:AuditEntry) DELETE e", ChainFault(1, FaultKind.MISSING)),
    ],
)
async def test_fault_is_told_until_a_whole_round_finds_none(
    five_entries: Graph, harm: str, fault: ChainFault
) -> None:
    watch = AuditWatch(five_entries, part=2)
    await five_entries.run_schema(harm)

    told = []
    for _ in range(4):
        await watch.look()
        told.append(watch.fault)

    assert told[-1] == fault
    assert set(told) <= {None, fault}


async def test_log_without_entries_is_sound(graph: Graph) -> None:
    watch = AuditWatch(graph)

    await watch.look()

    assert (watch.fault, watch.looked_at) == (None, 0)
