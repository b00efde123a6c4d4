"""What GraphQL can change on the desk that a ring lies on: notes, and who looks after it."""

from enum import Enum
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import key_of
from ringfence.api.graphql.notes import Note, note
from ringfence.api.graphql.rings import Ring
from ringfence.errors import InvalidInput, NotFound
from ringfence.store.rings import find_rings
from ringfence.usecases.ring_desk import MAX_NAME, MAX_NOTE, add_note, assign_ring


@strawberry.enum
class DeskProblem(Enum):
    """Why a note or an assignment was not taken."""

    NOT_FOUND = NotFound.code
    INVALID_INPUT = InvalidInput.code


@strawberry.type
class DeskRefused:
    """What was not taken; nothing was changed."""

    code: DeskProblem = strawberry.field(description="Why, for machines.")
    message: str = strawberry.field(description="Why, in words, and what to do next.")


@strawberry.type
class NoteAdded:
    """A note that was taken."""

    note: Note = strawberry.field(description="The note.")
    ring: Ring = strawberry.field(description="The ring that it is on.")


@strawberry.type
class RingAssigned:
    """A ring that somebody looks after from now on, or nobody."""

    ring: Ring = strawberry.field(description="The ring, as it is now.")


@strawberry.input
class AddNoteInput:
    """A note on a ring."""

    ring_id: strawberry.ID = strawberry.field(
        description="A global id, the plain id, or that of a ring that merged into it."
    )
    text: str = strawberry.field(description=f"The note; 1 to {MAX_NOTE:,} characters.")


@strawberry.input
class AssignRingInput:
    """A ring, and who is to look after it."""

    ring_id: strawberry.ID = strawberry.field(
        description="A global id, the plain id, or that of a ring that merged into it."
    )
    assignee: str | None = strawberry.field(
        default=None, description=f"Who; 1 to {MAX_NAME} characters. Null: nobody."
    )


AddNoteResult = Annotated[
    NoteAdded | DeskRefused,
    strawberry.union("AddNoteResult", description="The note, or why it was not taken."),
]
AssignRingResult = Annotated[
    RingAssigned | DeskRefused,
    strawberry.union("AssignRingResult", description="The ring, or why it was not assigned."),
]


@strawberry.type
class DeskMutations:
    """What can be changed on the desk that a ring lies on."""

    @resolved
    async def add_note(
        self,
        info: Info,
        asked: Annotated[
            AddNoteInput, strawberry.argument(name="input", description="The ring and the note.")
        ],
    ) -> AddNoteResult:
        """Write a note on a ring."""
        graph, ring_id = info.context.graph, key_of("Ring", asked.ring_id)
        try:
            own_id, added = await add_note(graph, ring_id, text=asked.text, by=info.context.client)
        except (NotFound, InvalidInput) as error:
            return _refused(error)
        return NoteAdded(note=note(added), ring=await _ring(info, own_id))

    @resolved
    async def assign_ring(
        self,
        info: Info,
        asked: Annotated[
            AssignRingInput, strawberry.argument(name="input", description="The ring, and who.")
        ],
    ) -> AssignRingResult:
        """Give a ring to somebody to look after, or to nobody."""
        try:
            own_id = await assign_ring(
                info.context.graph,
                key_of("Ring", asked.ring_id),
                asked.assignee,
                by=info.context.client,
            )
        except (NotFound, InvalidInput) as error:
            return _refused(error)
        return RingAssigned(ring=await _ring(info, own_id))


def _refused(error: NotFound | InvalidInput) -> DeskRefused:
    return DeskRefused(code=DeskProblem(error.code), message=str(error))


async def _ring(info: Info, ring_id: str) -> Ring:
    found = await find_rings(info.context.graph, [ring_id])
    return Ring(stored=found[ring_id])
