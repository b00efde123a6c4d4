"""Notes on rings, and who looks after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.rings import LONG_AGO
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.times import moment

NotePlace = tuple[int, str]
"""Place in the list of notes: milliseconds since 1970, and the note's id."""


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a ring."""

    id: str
    by: str
    text: str
    at: datetime
    place: NotePlace


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who looks after a ring, and since when."""

    assignee: str
    at: datetime


async def save_note(
    graph: Graph, ring_id: str, *, note_id: str, by: str, text: str
) -> tuple[str, Note] | None:
    """Write a note; the ring's own id and the note, or None where no ring has that id.

    The audit log says that it was written.
    """

    async def work(transaction: Transaction) -> list[Row]:
        rows = await transaction.run("notes/save", id=note_id, ring_id=ring_id, by=by, text=text)
        for row in rows:
            facts = {"note_id": note_id}
            record = AuditRecord(by, AuditAction.NOTE_ADDED, row["ring_id"], facts)
            await append_entry(transaction, record)
        return rows

    rows = await graph.in_write(work)
    if not rows:
        return None
    at_ms = rows[0]["at_ms"]
    note = Note(note_id, by, text, moment(at_ms) or LONG_AGO, (at_ms, note_id))
    return rows[0]["ring_id"], note


async def page_notes(
    graph: Graph, ring_ids: Sequence[str], *, after: NotePlace | None, limit: int
) -> dict[str, list[Note]]:
    """The next notes on each ring, the latest first."""
    before_ms, before_id = after or (None, None)
    rows = await graph.read(
        "notes/page", ring_ids=ring_ids, before_ms=before_ms, before_id=before_id, limit=limit
    )
    return {
        row["ring_id"]: [
            Note(
                told["id"],
                told["by"],
                told["text"],
                moment(told["at_ms"]) or LONG_AGO,
                (told["at_ms"], told["id"]),
            )
            for told in row["notes"]
        ]
        for row in rows
    }


async def count_notes(graph: Graph, ring_ids: Sequence[str]) -> dict[str, int]:
    """How many notes there are on each ring."""
    rows = await graph.read("notes/count", ring_ids=ring_ids)
    return {row["ring_id"]: row["notes"] for row in rows}


async def save_assignment(
    graph: Graph, ring_id: str, assignee: str | None, *, by: str
) -> str | None:
    """Give a ring to somebody, or to nobody; its own id, or None where no ring has that id.

    The audit log says that it was given.
    """

    async def work(transaction: Transaction) -> list[Row]:
        rows = await transaction.run("assignments/save", ring_id=ring_id, assignee=assignee)
        for row in rows:
            facts = {"assignee": assignee}
            record = AuditRecord(by, AuditAction.RING_ASSIGNED, row["ring_id"], facts)
            await append_entry(transaction, record)
        return rows

    rows = await graph.in_write(work)
    return rows[0]["ring_id"] if rows else None


async def find_assignments(graph: Graph, ring_ids: Sequence[str]) -> dict[str, Assignment]:
    """Who looks after each ring; those of nobody are left out."""
    rows = await graph.read("assignments/find_of_rings", ring_ids=ring_ids)
    return {
        row["ring_id"]: Assignment(row["assignee"], moment(row["at_ms"]) or LONG_AGO)
        for row in rows
    }
