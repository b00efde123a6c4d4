"""Place and lift legal holds."""

import secrets
from datetime import UTC, datetime
from typing import Final

from ringfence.domain.legal_holds import HoldSubject, LegalHold
from ringfence.errors import NotFound
from ringfence.logs import get_logger
from ringfence.store import legal_holds as store
from ringfence.store.graph import Graph
from ringfence.store.times import present
from ringfence.usecases.ring_desk import MAX_NAME, checked

MAX_REASON: Final = 1_000

log = get_logger(__name__)


async def place_hold(
    graph: Graph, kind: HoldSubject, subject_id: str, *, reason: str, by: str
) -> LegalHold:
    """Keep an account, or a ring and all that are or were its members, from being erased.

    Raises:
        InvalidInput: the reason or the name is empty or too long.
        NotFound: there is no such account or ring, or the account is being erased.
    """
    now = present()
    hold = LegalHold(
        id=f"hold_{now:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}",
        subject_kind=kind,
        subject_id=subject_id,
        reason=checked(reason, "reason", MAX_REASON),
        placed_by=checked(by, "name of who places the hold", MAX_NAME),
        placed_at=now,
    )
    own_id = await store.place_hold(graph, hold)
    if own_id is None:
        raise NotFound(
            f"No {kind.value} has the id {subject_id[:300]}, or its erasure has begun. Nothing is "
            "held; give the id as the list of rings or of members shows it."
        )
    log.info("legal_hold_placed", hold_id=hold.id, on=kind.value)
    return LegalHold(hold.id, kind, own_id, hold.reason, hold.placed_by, hold.placed_at)


async def lift_hold(graph: Graph, hold_id: str, *, reason: str, by: str) -> LegalHold:
    """Lift a hold, and return it.

    Raises:
        InvalidInput: the reason or the name is empty or too long.
        NotFound: no hold of that id is in force.
    """
    reason = checked(reason, "reason", MAX_REASON)
    by = checked(by, "name of who lifts the hold", MAX_NAME)
    now = datetime.now(UTC)
    lifted = await store.lift_hold(graph, hold_id, reason=reason, by=by, at=now)
    if lifted is None:
        raise NotFound(
            f"No hold {hold_id[:300]} is in force. `ringfence holds list` shows those that are."
        )
    log.info("legal_hold_lifted", hold_id=hold_id)
    return lifted
