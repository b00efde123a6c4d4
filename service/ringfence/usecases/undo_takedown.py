"""Undo a takedown, whole or for some accounts: each gets back what it had, not merely `active`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringfence.domain.audit import AuditAction
from ringfence.domain.rings import RingState
from ringfence.domain.takedown_plans import MAX_REASON
from ringfence.domain.takedowns import TakedownState
from ringfence.errors import Conflict, InvalidInput
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.remembered import forget_ring
from ringfence.store.takedown_targets import (
    BATCH,
    cancel_queued,
    finish_undo,
    undo_accounts,
    undo_next,
)
from ringfence.store.takedowns import Step, StoredTakedown, move
from ringfence.usecases.approve_takedown import find_takedown
from ringfence.usecases.carry_out_takedown import SYSTEM
from ringfence.usecases.ring_desk import checked

IN_FORCE: Final = (
    TakedownState.RUNNING,
    TakedownState.PAUSED,
    TakedownState.STOPPED,
    TakedownState.DONE,
)
"""States in which something of a takedown holds or may come to hold."""
MAX_ACCOUNTS: Final = 25_000
EXPIRED: Final = "The takedown expired and nobody renewed it."

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UndoneAccounts:
    """What became of accounts that were to be undone.

    Attributes:
        undone: were acted on, which is taken back.
        cancelled: were to be acted on later, and will not be.
        untouched: are not of the takedown, or were let go of before.
    """

    undone: int
    cancelled: int
    untouched: int


async def begin_undo(graph: Graph, takedown_id: str, *, reason: str, by: str) -> StoredTakedown:
    """Begin to undo a takedown as a whole: nobody is acted on any more from now on.

    Raises:
        InvalidInput: there is no reason, or it is too long.
        NotFound: there is no such takedown.
        Conflict: it was not started, or is undone already.
    """
    reason = checked(reason, "reason", MAX_REASON)
    takedown = await find_takedown(graph, takedown_id)
    detail: dict[str, object] = {"because": reason}
    step = Step(
        by, AuditAction.TAKEDOWN_UNDO_BEGUN, takedown.id, TakedownState.UNDOING.value, detail
    )
    if not await move(
        graph, takedown.id, TakedownState.UNDOING, step, sources=IN_FORCE, because=reason
    ):
        raise Conflict(
            f"Takedown {takedown.id} is {takedown.state.value}; expected one that was started and "
            "is not undone."
        )
    log.info("takedown_undo_begun", takedown_id=takedown.id, by=by)
    return await find_takedown(graph, takedown.id)


async def undo_once(
    graph: Graph, takedown: StoredTakedown, *, at: datetime, batch: int = BATCH
) -> bool:
    """Take the next step of a takedown that is being undone, and say whether there was one.

    What is remembered of its ring is forgotten, or who was wronged would be met at the sign-up. Of
    a takedown that merely expired it stays, and the ring is watched.
    """
    because = takedown.because or EXPIRED
    if await cancel_queued(graph, takedown.id, because=because, at=at):
        return True
    if await undo_next(graph, takedown, because=because, at=at, limit=batch):
        return True
    if because != EXPIRED and await forget_ring(graph, takedown.ring_id, takedown_id=takedown.id):
        return True
    step = Step(SYSTEM, AuditAction.TAKEDOWN_UNDONE, takedown.id, TakedownState.UNDONE.value)
    state = RingState.WATCHED if because == EXPIRED else None
    return await finish_undo(graph, takedown, step, ring_state=state, at=at)


async def undo_of_accounts(
    graph: Graph,
    takedown_id: str,
    account_ids: Sequence[str],
    *,
    reason: str,
    by: str,
    at: datetime,
) -> UndoneAccounts:
    """Undo a takedown for some of its accounts; the others stay as they are.

    Each batch of accounts is kept whole; doing it again does the rest and nothing twice.

    Args:
        graph: connected and migrated.
        takedown_id: of the takedown.
        account_ids: each once or more, `MAX_ACCOUNTS` at the most.
        reason: why; the provider's systems and the audit log are told.
        by: id of who undoes it.
        at: now.

    Raises:
        InvalidInput: there is no reason, it is too long, or there are too many accounts.
        NotFound: there is no such takedown.
        Conflict: it was not started, or is undone already.
    """
    reason = checked(reason, "reason", MAX_REASON)
    asked = sorted(set(account_ids))
    if not 1 <= len(asked) <= MAX_ACCOUNTS:
        raise InvalidInput(
            f"Got {len(asked):,} accounts to undo, take 1 to {MAX_ACCOUNTS:,}. "
            "Leave them out to undo the whole takedown."
        )
    takedown = await find_takedown(graph, takedown_id)
    if takedown.state not in (*IN_FORCE, TakedownState.UNDOING):
        raise Conflict(f"Takedown {takedown.id} is {takedown.state.value}: nothing of it holds.")
    step = Step(
        by,
        AuditAction.TAKEDOWN_ACCOUNTS_UNDONE,
        takedown.id,
        takedown.state.value,
        {"because": reason},
    )
    undone = cancelled = 0
    for first in range(0, len(asked), BATCH):
        batch = asked[first : first + BATCH]
        done = await undo_accounts(graph, takedown, batch, step, because=reason, at=at)
        undone, cancelled = undone + done[0], cancelled + done[1]
    log.info("takedown_accounts_undone", takedown_id=takedown.id, undone=undone)
    return UndoneAccounts(undone, cancelled, len(asked) - undone - cancelled)
