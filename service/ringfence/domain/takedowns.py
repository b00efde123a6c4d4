"""Takedowns: the words for acting on the accounts of a ring, and for taking it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final


class Standing(StrEnum):
    """What an account may do at the provider, the mildest first."""

    ACTIVE = "active"
    VERIFICATION_REQUIRED = "verification_required"
    THROTTLED = "throttled"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"


RANK_BY_STANDING: Final[Mapping[str, int]] = {one.value: n for n, one in enumerate(Standing)}
"""How strict each standing is."""


class TakedownAction(StrEnum):
    """What is done to each account, the mildest first."""

    REQUIRE_VERIFICATION = "require_verification"
    THROTTLE = "throttle"
    RESTRICT = "restrict"
    SUSPEND = "suspend"

    @property
    def standing(self) -> Standing:
        """Where it leaves an account that nothing stricter holds."""
        return _STANDING_BY_ACTION[self]


_STANDING_BY_ACTION: Final = {
    TakedownAction.REQUIRE_VERIFICATION: Standing.VERIFICATION_REQUIRED,
    TakedownAction.THROTTLE: Standing.THROTTLED,
    TakedownAction.RESTRICT: Standing.RESTRICTED,
    TakedownAction.SUSPEND: Standing.SUSPENDED,
}


class TakedownState(StrEnum):
    """Where a takedown is in its life."""

    PLANNED = "planned"
    APPROVED = "approved"
    VOID = "void"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class TargetState(StrEnum):
    """What became of one account of a takedown."""

    HELD = "held"
    QUEUED = "queued"
    ACTED = "acted"
    CANCELLED = "cancelled"
    UNDONE = "undone"


class HoldReason(StrEnum):
    """Why a member is held out of a plan."""

    PROTECTED = "protected"
    VERIFIED_ORGANISATION = "verified_organisation"
    APPEAL_OPEN = "appeal_open"


class ActionKind(StrEnum):
    """Whether an action does something to an account or takes it back."""

    APPLY = "apply"
    REVERT = "revert"


@dataclass(frozen=True, slots=True)
class AccountAction:
    """One thing that the provider's systems are told to do, in the order of `seq`.

    Attributes:
        seq: from 1, in the order of commits; what a reader continues after.
        id: unique, the same at each delivery: whoever has done it need not do it again.
        standing: what the account shall have from now on.
        previous_standing: what it had by what Ringfence knew.
        reason: of the takedown, or why it is taken back.
        expires_at: when it will be taken back unless renewed; None: never.
    """

    seq: int
    id: str
    kind: ActionKind
    account_id: str
    takedown_id: str
    ring_id: str
    standing: Standing
    previous_standing: Standing
    reason: str
    at: datetime
    expires_at: datetime | None = None
