"""Verdicts: what people say of a ring, and which of them may be said in which state."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from ringfence.domain.rings import RingState
from ringfence.errors import Conflict, InvalidInput

MAX_REASON: Final = 2_000
MAX_NAME: Final = 256


class VerdictKind(StrEnum):
    """What people may say of a ring."""

    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


MOVES: Final[Mapping[RingState, tuple[VerdictKind, ...]]] = {
    RingState.OPEN: (VerdictKind.CONFIRMED, VerdictKind.DISMISSED),
    RingState.CONFIRMED: (VerdictKind.DISMISSED,),
    RingState.DISMISSED: (VerdictKind.CONFIRMED,),
    RingState.WATCHED: (VerdictKind.CONFIRMED, VerdictKind.DISMISSED),
    RingState.TAKEN_DOWN: (),
    RingState.CLOSED: (),
}
"""Verdicts that each state allows."""


def check_verdict(kind: VerdictKind, *, reason: str, by: str) -> None:
    """Return if a verdict is told as it must be.

    Raises:
        InvalidInput: the reason or the name is empty or too long.
    """
    for name, text, longest in (("reason", reason, MAX_REASON), ("name", by, MAX_NAME)):
        if not text.strip() or len(text) > longest:
            raise InvalidInput(
                f"The {name} of a verdict ({kind.value}) has {len(text.strip()):,} characters; "
                f"expected 1 to {longest:,}. Tell who judges, and why."
            )


def check_move(ring_id: str, state: RingState, kind: VerdictKind) -> None:
    """Return if a ring in that state may get that verdict.

    Raises:
        Conflict: it may not; the message names the verdicts that it may get.
    """
    allowed = MOVES[state]
    if kind not in allowed:
        words = " or ".join(one.value for one in allowed) or "nothing"
        raise Conflict(
            f"Ring {ring_id} is {state.value.replace('_', ' ')} and cannot be {kind.value}. "
            f"From there it can be: {words}."
        )
