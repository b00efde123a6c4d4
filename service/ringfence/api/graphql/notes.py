"""Notes on rings and who looks after them, in GraphQL."""

from datetime import datetime

import strawberry

from ringfence.store import notes as stored_notes
from ringfence.usecases.ring_desk import MAX_NOTE


@strawberry.type
class Note:
    """What somebody wrote about a ring."""

    note_id: str = strawberry.field(description="Its plain id.")
    by: str = strawberry.field(description="Who wrote it.")
    text: str = strawberry.field(description=f"The note; {MAX_NOTE:,} characters at the most.")
    at: datetime = strawberry.field(description="When, in UTC.")


@strawberry.type
class Assignment:
    """Who looks after a ring."""

    assignee: str = strawberry.field(description="Who does.")
    at: datetime = strawberry.field(description="Since when, in UTC.")


def note(stored: stored_notes.Note) -> Note:
    """The note as GraphQL tells it."""
    return Note(note_id=stored.id, by=stored.by, text=stored.text, at=stored.at)


def assignment(stored: stored_notes.Assignment) -> Assignment:
    """The assignment as GraphQL tells it."""
    return Assignment(assignee=stored.assignee, at=stored.at)
