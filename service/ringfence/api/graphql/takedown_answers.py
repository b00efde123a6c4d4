"""What a change of a takedown gives back: the takedown, or why it was refused."""

from collections.abc import Awaitable
from enum import Enum
from typing import Annotated, Final

import strawberry

from ringfence.api.graphql.takedowns import Takedown, takedown
from ringfence.errors import Conflict, InvalidInput, NotFound, NotPermitted
from ringfence.store.takedowns import StoredTakedown

REFUSALS: Final = (NotFound, Conflict, InvalidInput, NotPermitted)
"""Errors that are told as refusals."""


@strawberry.enum
class TakedownProblem(Enum):
    """Why a takedown was not changed."""

    NOT_FOUND = NotFound.code
    CONFLICT = Conflict.code
    INVALID_INPUT = InvalidInput.code
    NOT_PERMITTED = NotPermitted.code


@strawberry.type
class TakedownRefused:
    """A change that was not made; a plan whose ring changed is void after it."""

    code: TakedownProblem = strawberry.field(description="Why, for machines.")
    message: str = strawberry.field(description="Why, in words, and what to do next.")


@strawberry.type
class TakedownMoved:
    """A takedown that was changed."""

    takedown: Takedown = strawberry.field(description="The takedown, as it is now.")


TakedownResult = Annotated[
    TakedownMoved | TakedownRefused,
    strawberry.union("TakedownResult", description="The takedown, or why it was not changed."),
]


async def moved(work: Awaitable[StoredTakedown]) -> TakedownMoved | TakedownRefused:
    """What a change gave back."""
    try:
        return TakedownMoved(takedown=takedown(await work))
    except REFUSALS as error:
        return refused(error)


def refused(error: NotFound | Conflict | InvalidInput | NotPermitted) -> TakedownRefused:
    """The refusal that an error is told as."""
    return TakedownRefused(code=TakedownProblem(error.code), message=str(error))
