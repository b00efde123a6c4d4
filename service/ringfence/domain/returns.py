"""Rings that were taken down and came back as rings of new accounts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringfence.domain.screenings import Likelihood

RETURNS_TOLD: Final = 100
"""Returns of one ring that are told, the soonest ones."""


@dataclass(frozen=True, slots=True)
class GoneRing:
    """A ring that was taken down and did not come back to life.

    Attributes:
        came_from: ids of rings that it had returned from itself, over all generations.
    """

    id: str
    taken_down_ms: int
    came_from: frozenset[str]


@dataclass(frozen=True, slots=True)
class RecognisedReturn:
    """A ring that another one came back as.

    Attributes:
        old_ring_id: of the ring that was taken down.
        generation: which return it is, from 1.
        replacement_rate: share, from 0 to 1, of the strong and medium identifiers of its core
            that are not remembered of the old ring; of those who signed up after the takedown.
        hours_to_return: from the takedown to the first sign-up after it.
    """

    old_ring_id: str
    likelihood: Likelihood
    generation: int
    replacement_rate: float
    hours_to_return: float


@dataclass(frozen=True, slots=True)
class Return:
    """A return, as it is told of the old ring; see `RecognisedReturn`."""

    ring_id: str
    likelihood: Likelihood
    generation: int
    replacement_rate: float
    hours_to_return: float


@dataclass(frozen=True, slots=True)
class Watch:
    """What is known of the return of a ring, from both sides.

    Attributes:
        generation: how often it, or what it came from, had returned; 0: never.
        returned_from: id of the ring that it returned from, if it did; the next three are known
            then and only then.
        taken_down_at: when it was taken down first, if it was.
        returns: rings that it came back as, the soonest first.
        new_members_since_takedown: who joined it under its own id since its last takedown began.
        first_named_at: of the first sign-up check after its takedown that named it.
    """

    ring_id: str
    generation: int = 0
    returned_from: str | None = None
    likelihood: Likelihood | None = None
    replacement_rate: float | None = None
    hours_to_return: float | None = None
    taken_down_at: datetime | None = None
    returns: tuple[Return, ...] = ()
    new_members_since_takedown: int = 0
    first_named_at: datetime | None = None
