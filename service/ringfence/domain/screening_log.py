"""The log of sign-up checks: what was answered, and what became of it as the provider tells."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ringfence.domain.screenings import Screening


class Outcome(StrEnum):
    """What a sign-up turned out to be."""

    FRAUD = "fraud"
    HONEST = "honest"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ReportedOutcome:
    """What somebody says that a sign-up turned out to be; the last report holds."""

    outcome: Outcome
    at: datetime
    by: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedScreening:
    """An answer as the log keeps it.

    Attributes:
        key_hash: hash of the idempotency key that it was asked with, if it was.
        reported: what became of it, once somebody said so; the log is not written with it.
    """

    screening: Screening
    key_hash: str | None = None
    reported: ReportedOutcome | None = None
