from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.audit import (
    AuditAction,
    AuditEntry,
    AuditRecord,
    ChainCheck,
    ChainFault,
    ChainHead,
    FaultKind,
    chained,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


def chain_of(length: int) -> list[AuditEntry]:
    head, entries = ChainHead(), []
    for number in range(length):
        record = AuditRecord("ana", AuditAction.NOTE_ADDED, f"ring_{number}", {"n": number})
        entries.append(chained(record, head, NOON + timedelta(seconds=number)))
        head = ChainHead(entries[-1].seq, entries[-1].hash)
    return entries


def fault_of(entries: list[AuditEntry], head: ChainHead) -> ChainFault | None:
    check = ChainCheck()
    for entry in entries:
        if fault := check.fault_in(entry):
            return fault
    return check.fault_at_end(head)


def head_of(entries: list[AuditEntry]) -> ChainHead:
    return ChainHead(entries[-1].seq, entries[-1].hash) if entries else ChainHead()


def test_untouched_chain_has_no_fault() -> None:
    for length in (0, 1, 5):
        entries = chain_of(length)

        assert fault_of(entries, head_of(entries)) is None


def test_order_of_facts_does_not_change_the_hash() -> None:
    one = AuditRecord("ana", AuditAction.NOTE_ADDED, "r", {"a": 1, "b": [2]})
    other = AuditRecord("ana", AuditAction.NOTE_ADDED, "r", {"b": [2], "a": 1})

    assert chained(one, ChainHead(), NOON).hash == chained(other, ChainHead(), NOON).hash


changes: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"actor": "eve"},
        {"action": "key_revoked"},
        {"subject": "ring_x"},
        {"detail": "{}"},
        {"at": NOON - timedelta(milliseconds=1)},
        {"hash": "f" * 64},
    ]
)


@given(st.integers(1, 6), st.data(), changes)
def test_changed_entry_is_named(length: int, data: st.DataObject, change: dict[str, Any]) -> None:
    entries = chain_of(length)
    head, at = head_of(entries), data.draw(st.integers(0, length - 1))

    entries[at] = replace(entries[at], **change)

    assert fault_of(entries, head) == ChainFault(at + 1, FaultKind.CHANGED)


@given(st.integers(1, 6), st.data())
def test_missing_entry_is_named_even_the_last(length: int, data: st.DataObject) -> None:
    entries = chain_of(length)
    head, at = head_of(entries), data.draw(st.integers(0, length - 1))

    del entries[at]

    assert fault_of(entries, head) == ChainFault(at + 1, FaultKind.MISSING)


def test_entries_that_changed_places_are_told() -> None:
    entries = chain_of(4)
    moved = [
        entries[0],
        chained(AuditRecord("a", AuditAction.NOTE_ADDED, "b", {}), ChainHead(1, "e" * 64), NOON),
    ]

    assert fault_of(moved, head_of(entries)) == ChainFault(2, FaultKind.REORDERED)
    assert fault_of([entries[0], entries[0]], head_of(entries)) == ChainFault(
        1, FaultKind.REORDERED
    )
