"""What dossiers tell that nothing else reads: uses with their times, runs and takedowns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ringfence.domain.dossiers import DAY_MS, ToldTakedown
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.takedowns import TakedownAction, TargetState
from ringfence.store.graph import Graph, Row
from ringfence.store.times import milliseconds, moment


@dataclass(frozen=True, slots=True)
class Use:
    """Uses of one identifier by one account."""

    key: IdentifierKey
    first_seen_ms: int | None
    last_seen_ms: int | None
    events: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What a takedown decided of one account.

    Attributes:
        approved: whether a second person agreed.
    """

    action: TakedownAction
    state: TargetState
    approved: bool
    acted_at: datetime | None
    undone_at: datetime | None
    expires_at: datetime | None


async def read_uses(graph: Graph, account_ids: Sequence[str]) -> dict[str, list[Use]]:
    """What each account used, in no order; one that used nothing has an empty list."""
    rows = await graph.read("dossiers/read_links", account_ids=account_ids)
    return {
        account_id: [_use(*told) for told in links] for account_id, links in rows[0]["accounts"]
    }


async def read_usage_until(
    graph: Graph, account_ids: Sequence[str], at: datetime
) -> dict[str, tuple[int, int]]:
    """Exchanges and tokens of each account up to the end of a day in UTC, where there were any."""
    rows = await graph.read(
        "dossiers/read_usage_until", account_ids=account_ids, day=milliseconds(at) // DAY_MS
    )
    return {account_id: (requests, tokens) for account_id, requests, tokens in rows[0]["accounts"]}


async def find_run_id(graph: Graph, ring_id: str, as_of: datetime | None) -> str | None:
    """The last run that told something of a ring by a moment (None: now)."""
    rows = await graph.read("dossiers/find_run", ring_id=ring_id, as_of=as_of)
    return rows[0]["run_id"] if rows else None


async def find_takedowns(
    graph: Graph, ring_id: str, as_of: datetime | None
) -> tuple[ToldTakedown, ...]:
    """Takedowns of a ring planned by a moment (None: now), the earliest first."""
    rows = await graph.read("dossiers/find_takedowns", ring_id=ring_id, as_of=as_of)
    until = None if as_of is None else milliseconds(as_of)
    return tuple(_takedown(row, until) for row in rows)


async def find_decision(graph: Graph, takedown_id: str, account_id: str) -> Decision | None:
    """What a takedown decided of an account, or None where it had no such account."""
    rows = await graph.read(
        "dossiers/find_decision", takedown_id=takedown_id, account_id=account_id
    )
    if not rows:
        return None
    row = rows[0]
    return Decision(
        action=TakedownAction(row["action"]),
        state=TargetState(row["state"]),
        approved=row["approved_by"] is not None,
        acted_at=moment(row["acted_ms"]),
        undone_at=moment(row["undone_ms"]),
        expires_at=moment(row["expires_ms"]),
    )


def _use(kind: str, value: str, first: int | None, last: int | None, events: int) -> Use:
    return Use(IdentifierKey(kind, value), first, last, events)


def _takedown(row: Row, until: int | None) -> ToldTakedown:
    """A takedown as it was by a moment: what came later is left out."""

    def by_then(at_ms: int | None) -> int | None:
        return at_ms if until is None or (at_ms is not None and at_ms <= until) else None

    approved = by_then(row["approved_ms"])
    return ToldTakedown(
        id=row["id"],
        action=row["action"],
        state=row["state"] if until is None else None,
        reason=row["reason"] or "",
        size=row["size"],
        planned_by=row["planned_by"],
        planned_at_ms=row["planned_ms"],
        approved_by=None if approved is None else row["approved_by"],
        approved_at_ms=approved,
        started_at_ms=by_then(row["started_ms"]),
        ended_at_ms=by_then(row["ended_ms"]),
        expires_at_ms=row["expires_ms"] if until is None else None,
    )
