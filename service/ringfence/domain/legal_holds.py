"""Legal holds: what nobody may erase, neither on request nor because its time is over."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HoldSubject(StrEnum):
    """What a hold keeps: an account, or a ring with all accounts that are or were its members."""

    ACCOUNT = "account"
    RING = "ring"


@dataclass(frozen=True, slots=True)
class LegalHold:
    """An order to keep something, in force until it is lifted.

    Attributes:
        subject_id: of the account or the ring; of an erased account, the keyed hash of its id.
        placed_by, lifted_by: ids of principals.
    """

    id: str
    subject_kind: HoldSubject
    subject_id: str
    reason: str
    placed_by: str
    placed_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None

    @property
    def in_force(self) -> bool:
        """Whether it was not lifted."""
        return self.lifted_at is None
