"""Webhooks: who is told of actions, what a message holds, and when it is tried again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

import orjson

from ringfence.domain.takedowns import AccountAction
from ringfence.errors import InvalidInput

MESSAGE_TYPE: Final = "takedown.actions"
BATCH: Final = 100
MAX_BATCH: Final = 500
"""Actions of one message."""
LONGEST_RETRY_AFTER_S: Final = 3_600.0
"""How long a receiver can have a message wait that it was not ready for."""


class DeadBecause(StrEnum):
    """Why an action was not delivered."""

    FAILED = "failed"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class AskedEndpoint:
    """Somewhere that messages are to be sent to.

    Attributes:
        url: HTTPS, of a public address.
        batch: most actions of one message, 1 to 500.
        after: number of the last action that it is not told of; None: the last there is.
    """

    url: str
    batch: int = BATCH
    after: int | None = None


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Somewhere that messages are sent to.

    Attributes:
        batch: most actions of one message.
        cursor: number of the last action that it was told of, or that is a dead letter of it.
        secrets: sealed, the newest first; two at the most.
        old_secret_until: when the second one signs no more.
        disabled_because: why nothing is sent to it; None: messages are sent.
        tries: of the message at hand that failed so far.
        retry_at: when that is tried again.
        last_failure: what the last failed try met.
        replaying: whether its dead letters are being sent again.
        waiting: actions behind the cursor.
        dead: its dead letters.
    """

    id: str
    url: str
    batch: int
    cursor: int
    created_by: str
    created_at: datetime
    secrets: tuple[str, ...] = field(repr=False)
    old_secret_until: datetime | None = None
    disabled_because: str | None = None
    delivered_at: datetime | None = None
    tries: int = 0
    retry_at: datetime | None = None
    last_failure: str | None = None
    replaying: bool = False
    waiting: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An action that an endpoint was not told of.

    Attributes:
        because: it failed itself, or stands behind one of its account that did.
        failure: what the last try met.
    """

    action_seq: int
    account_id: str
    because: DeadBecause
    failure: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Message:
    """Actions that go to an endpoint together; what it holds stays as it is until it is settled.

    Attributes:
        endpoint_id, url: where it goes.
        secrets: sealed, those that sign.
        seqs: numbers of its actions, ascending.
        replay: whether they were dead letters.
        tries: that failed so far.
        actions: those that there still are.
    """

    endpoint_id: str
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    seqs: tuple[int, ...]
    replay: bool
    tries: int
    actions: tuple[AccountAction, ...]

    @property
    def id(self) -> str:
        """The same for the same actions, whenever and by whomever they are sent."""
        told = f"{self.endpoint_id} {' '.join(map(str, self.seqs))}"
        return f"msg_{sha256(told.encode()).hexdigest()[:32]}"

    @property
    def body(self) -> bytes:
        """JSON, the same at each try."""
        told = [told_action(action) for action in self.actions]
        facts = {"type": MESSAGE_TYPE, "timestamp": told[-1]["at"], "data": {"actions": told}}
        return orjson.dumps(facts)


def told_action(action: AccountAction) -> dict[str, object]:
    """An action as it is told outside: times in RFC 3339, to the millisecond."""
    return {
        "id": action.id,
        "seq": action.seq,
        "kind": action.kind.value,
        "account_id": action.account_id,
        "takedown_id": action.takedown_id,
        "ring_id": action.ring_id,
        "standing": action.standing.value,
        "previous_standing": action.previous_standing.value,
        "reason": action.reason,
        "at": _spelled(action.at),
        "expires_at": _spelled(action.expires_at) if action.expires_at else None,
    }


def expect_numbers(asked: AskedEndpoint) -> None:
    """Return if the numbers of an endpoint are in their ranges.

    Raises:
        InvalidInput: one is not.
    """
    if not 1 <= asked.batch <= MAX_BATCH:
        raise InvalidInput(f"Got {asked.batch:,} actions a message, expected 1 to {MAX_BATCH}.")
    if asked.after is not None and not 0 <= asked.after < 2**63:
        raise InvalidInput(f"Got the number {asked.after}; expected an action's, or 0 for all.")


def sort_out(page: Sequence[tuple[int, bool]]) -> tuple[list[int], list[int]]:
    """Numbers of the actions to send, and of those that must stay behind a dead letter.

    Args:
        page: of each action its number, and whether its account has a dead letter.
    """
    return [seq for seq, closed in page if not closed], [seq for seq, closed in page if closed]


def retry_delay_s(
    failed: int,
    *,
    told_s: float | None,
    first_s: float,
    longest_s: float,
    draw: Callable[[], float],
) -> float:
    """Seconds until a message is tried again: twice as long after each try, less up to a half.

    Args:
        failed: tries so far, 1 or more.
        told_s: what the receiver asked for, or None; it waits no less, up to an hour.
        first_s: until the second try.
        longest_s: most that it grows to.
        draw: a number in [0, 1), so that those who failed together do not come back together.
    """
    grown = min(longest_s, first_s * 2.0 ** min(failed - 1, 60))
    return max(grown * (1 - draw() / 2), min(told_s or 0.0, LONGEST_RETRY_AFTER_S))


def _spelled(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
