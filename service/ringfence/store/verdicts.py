"""Verdicts in the graph: given to rings by people, kept with what they were given on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.changes import Change, ChangeTopic
from ringfence.domain.identifiers import STRENGTH_BY_KIND, Strength
from ringfence.domain.rings import LONG_AGO, RingState
from ringfence.domain.verdicts import VerdictKind
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.outbox import tell
from ringfence.store.times import moment

_ACTIONS = {
    VerdictKind.CONFIRMED: AuditAction.RING_CONFIRMED,
    VerdictKind.DISMISSED: AuditAction.RING_DISMISSED,
}
MAX_VERDICTS = 100
"""Verdicts of a ring that are told, the latest ones."""


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """What somebody said of a ring.

    Attributes:
        ring_id: the ring that was judged; a dismissal holds for others too.
        state_before: state of the ring until then.
    """

    id: str
    ring_id: str
    kind: VerdictKind
    by: str
    reason: str
    at: datetime
    state_before: RingState


async def find_ring_state(graph: Graph, ring_id: str) -> tuple[str, RingState] | None:
    """Own id and state of the ring that an id leads to, or None where there is none."""
    rows = await graph.read("verdicts/find_state", ring_id=ring_id)
    return (rows[0]["id"], RingState(rows[0]["state"])) if rows else None


async def save_verdict(graph: Graph, verdict: StoredVerdict) -> StoredVerdict | None:
    """Give a ring its verdict, and return it with the moment at which it was given.

    The audit log says that it was given.

    Returns:
        None, and nothing is written, if the ring is not in the state that the verdict names.
    """

    async def work(transaction: Transaction) -> list[Row]:
        rows = await transaction.run(
            "verdicts/save",
            id=verdict.id,
            ring_id=verdict.ring_id,
            state_before=verdict.state_before.value,
            verdict=verdict.kind.value,
            by=verdict.by,
            reason=verdict.reason,
            strong_kinds=[kind for kind, one in STRENGTH_BY_KIND.items() if one is Strength.STRONG],
        )
        if rows:
            told = Change(ChangeTopic.RING, verdict.kind.value, verdict.ring_id, verdict.id)
            await tell(transaction, [told])
            facts = {"verdict_id": verdict.id, "reason": verdict.reason}
            action = _ACTIONS[verdict.kind]
            await append_entry(transaction, AuditRecord(verdict.by, action, verdict.ring_id, facts))
        return rows

    rows = await graph.in_write(work)
    if not rows:
        return None
    return _verdict(
        {
            "id": verdict.id,
            "ring_id": verdict.ring_id,
            "verdict": verdict.kind,
            "by": verdict.by,
            "reason": verdict.reason,
            "at_ms": rows[0]["at_ms"],
            "state_before": verdict.state_before,
        }
    )


async def find_verdicts(graph: Graph, ring_ids: Sequence[str]) -> dict[str, list[StoredVerdict]]:
    """The verdicts that each ring got or that hold for it, the latest first."""
    rows = await graph.read("verdicts/find_of_rings", ring_ids=ring_ids, limit=MAX_VERDICTS)
    return {row["ring_id"]: [_verdict(told) for told in row["verdicts"]] for row in rows}


def _verdict(told: Row) -> StoredVerdict:
    return StoredVerdict(
        id=told["id"],
        ring_id=told["ring_id"],
        kind=VerdictKind(told["verdict"]),
        by=told["by"],
        reason=told["reason"],
        at=moment(told["at_ms"]) or LONG_AGO,
        state_before=RingState(told["state_before"]),
    )
