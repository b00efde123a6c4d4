"""Judge a ring: somebody confirms or dismisses it, and later runs respect that."""

import secrets
from datetime import UTC, datetime

from ringfence.domain.verdicts import VerdictKind, check_move, check_verdict
from ringfence.errors import Conflict, NotFound
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.verdicts import StoredVerdict, find_ring_state, save_verdict

log = get_logger(__name__)


async def judge_ring(
    graph: Graph, ring_id: str, kind: VerdictKind, *, reason: str, by: str
) -> StoredVerdict:
    """Give a ring a verdict, and return it with the id of the ring that was judged.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        kind: what is said of it.
        reason: why, in words.
        by: who says so.

    Raises:
        InvalidInput: the reason or the name is empty or too long.
        NotFound: no ring has that id.
        Conflict: the ring's state does not allow the verdict, or somebody else was first.
    """
    check_verdict(kind, reason=reason, by=by)
    found = await find_ring_state(graph, ring_id)
    if found is None:
        raise NotFound(f"No ring has the id {ring_id[:300]}. `ringfence rings list` shows them.")
    own_id, state = found
    check_move(own_id, state, kind)
    now = datetime.now(UTC)
    verdict = StoredVerdict(
        id=f"verdict_{now:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}",
        ring_id=own_id,
        kind=kind,
        by=by.strip(),
        reason=reason.strip(),
        at=now,
        state_before=state,
    )
    saved = await save_verdict(graph, verdict)
    if saved is None:
        raise Conflict(f"Ring {own_id} is {state.value} no more: somebody was first. Look again.")
    log.info("ring_judged", ring_id=own_id, verdict=kind.value, verdict_id=saved.id)
    return saved
