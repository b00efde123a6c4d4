"""The desk that a ring lies on: what people note about it, and who looks after it."""

import secrets
from datetime import UTC, datetime
from typing import Final

from ringfence.errors import InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.notes import Note, save_assignment, save_note

MAX_NOTE: Final = 10_000
MAX_NAME: Final = 256


async def add_note(graph: Graph, ring_id: str, *, text: str, by: str) -> tuple[str, Note]:
    """Write a note on a ring; returns the ring's own id and the note.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        text: what is noted.
        by: who notes it.

    Raises:
        InvalidInput: the text or the name is empty or too long.
        NotFound: no ring has that id.
    """
    checked(text, "note", MAX_NOTE)
    checked(by, "name of who writes", MAX_NAME)
    note_id = f"note_{datetime.now(UTC):%Y%m%dT%H%M%S}_{secrets.token_hex(4)}"
    saved = await save_note(graph, ring_id, note_id=note_id, by=by.strip(), text=text.strip())
    if saved is None:
        raise unknown_ring(ring_id)
    return saved


async def assign_ring(graph: Graph, ring_id: str, assignee: str | None, *, by: str) -> str:
    """Give a ring to somebody to look after, or to nobody (None); returns the ring's own id.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        assignee: who is to look after it.
        by: who gives it.

    Raises:
        InvalidInput: the name is empty or too long.
        NotFound: no ring has that id.
    """
    if assignee is not None:
        checked(assignee, "name of the assignee", MAX_NAME)
    own_id = await save_assignment(graph, ring_id, assignee and assignee.strip(), by=by)
    if own_id is None:
        raise unknown_ring(ring_id)
    return own_id


def checked(text: str, what: str, longest: int) -> str:
    """The text without blanks around it.

    Raises:
        InvalidInput: it is empty or too long.
    """
    length = len(text.strip())
    if not 1 <= length <= longest:
        raise InvalidInput(f"The {what} has {length:,} characters; expected 1 to {longest:,}.")
    return text.strip()


def unknown_ring(ring_id: str) -> NotFound:
    """The error for an id that leads to no ring."""
    return NotFound(f"No ring has the id {ring_id[:300]}. The list of rings shows them.")
