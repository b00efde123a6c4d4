"""Changes that people follow live: what changed, in the order in which it became true."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

REMEMBERED: Final = "remembered"
"""What a takedown tells once its ring is remembered, for sign-up checks to read it."""


class ChangeTopic(StrEnum):
    """What a change is about."""

    RING = "ring"
    RUN = "run"
    SCREENING = "screening"
    POLICY = "policy"
    TAKEDOWN = "takedown"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that became true.

    Attributes:
        kind: what happened, in the words of the topic: a ring's event, the state of a run, or what
            was done to a policy or a list.
        subject_id: of the ring, the run, the batch of screenings, the policy or the takedown;
            `allow` or `block` for a list.
        run_id: of the run, the verdict, the batch or the takedown that told it; of a policy or an
            entry, its version.
    """

    topic: ChangeTopic
    kind: str
    subject_id: str
    run_id: str


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change with its number in the order of commits, and the time when it was told."""

    seq: int
    at: datetime
    change: Change
