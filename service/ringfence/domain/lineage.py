"""What happened to a ring: the events of its life, from its birth on."""

from dataclasses import dataclass
from enum import StrEnum


class RingEventKind(StrEnum):
    """What happened to a ring.

    Runs tell the first ten, people the others.
    """

    BORN = "born"
    GREW = "grew"
    SHRANK = "shrank"
    CHANGED = "changed"
    SPLIT = "split"
    MERGED = "merged"
    ABSORBED = "absorbed"
    DORMANT = "dormant"
    DISSOLVED = "dissolved"
    RETURNED = "returned"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    TAKEN_DOWN = "taken_down"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class RingEvent:
    """One thing that happened to a ring between two runs.

    Size after is size before, plus those added, less those removed. A ring that is not found any
    more is remembered with its members, so that its size stays.

    Attributes:
        other_ring_ids: the rings that it came from (born), that took parts of it (split,
            dissolved), that merged into it (merged) or that it merged into (absorbed), sorted.
    """

    kind: RingEventKind
    ring_id: str
    size_before: int
    size_after: int
    added: int
    removed: int
    other_ring_ids: tuple[str, ...] = ()
