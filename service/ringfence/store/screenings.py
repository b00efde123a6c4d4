"""The log of sign-up checks in the graph: written in batches, paged, and told what came of each."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.changes import Change, ChangeTopic
from ringfence.domain.screening_log import LoggedScreening, Outcome
from ringfence.domain.screenings import Decision, Screening
from ringfence.errors import LimitExceeded
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.outbox import tell
from ringfence.store.screening_columns import logged_screening, screening_columns
from ringfence.store.times import milliseconds, moment

SCREENED: Final = "screened"
"""Kind of the change that tells of a batch."""
MAX_REPLAYED: Final = 10_000
"""Screenings that are read at once to be replayed."""
_ALWAYS: Final = (datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC))

ScreeningPlace = tuple[int, str]
"""Place in the log: when it was answered, in milliseconds since 1970, and its id."""


@dataclass(frozen=True, slots=True)
class ScreeningFilter:
    """Which screenings are asked for; None means any.

    Attributes:
        ring_id: of a ring that was touched, or that one merged into it.
        degraded: whether the check was not made in full.
        outcomes: what was reported of them.
        since, until: when they were answered, from the first on and before the second.
    """

    decisions: tuple[Decision, ...] | None = None
    ring_id: str | None = None
    account_id: str | None = None
    attempt_id: str | None = None
    degraded: bool | None = None
    outcomes: tuple[Outcome, ...] | None = None
    policy_id: str | None = None
    policy_version: int | None = None
    since: datetime | None = None
    until: datetime | None = None


ANY: Final = ScreeningFilter()


async def save_screenings(graph: Graph, batch: Sequence[LoggedScreening]) -> int:
    """Log a batch in one transaction, and tell the outbox its id, which `find_batch` takes.

    What is logged already stays as it is, so that a batch may be sent again.

    Args:
        graph: connected and migrated.
        batch: some hundreds, in any order.

    Returns:
        How many were not logged before; nothing is told where that is 0.
    """
    if not batch:
        return 0
    batch_id = f"batch_{datetime.now(UTC):%Y%m%dT%H%M%S}_{secrets.token_hex(8)}"
    columns = screening_columns(batch)

    async def work(transaction: Transaction) -> int:
        (row,) = await transaction.run("screenings/save", batch_id=batch_id, **columns)
        if row["saved"]:
            told = Change(ChangeTopic.SCREENING, SCREENED, batch_id, batch_id)
            await tell(transaction, [told])
        return int(row["saved"])

    return await graph.in_write(work)


async def find_batch(graph: Graph, batch_id: str) -> list[LoggedScreening]:
    """What was logged first with a batch, the earliest first."""
    rows = await graph.read("screenings/find_batch", batch_id=batch_id)
    return [logged_screening(row["screening"]) for row in rows]


async def find_screenings(graph: Graph, ids: Sequence[str]) -> dict[str, LoggedScreening]:
    """Screenings by id; unknown ones are left out."""
    rows = await graph.read("screenings/find_many", ids=ids)
    return {row["id"]: logged_screening(row["screening"]) for row in rows}


async def find_screening(graph: Graph, screening_id: str) -> LoggedScreening | None:
    """One screening, or None."""
    return (await find_screenings(graph, [screening_id])).get(screening_id)


def place_of(logged: LoggedScreening) -> ScreeningPlace:
    """Where a screening lies in the log."""
    return milliseconds(logged.screening.at), logged.screening.id


async def page_screenings(
    graph: Graph, wanted: ScreeningFilter, *, after: ScreeningPlace | None, limit: int
) -> list[LoggedScreening]:
    """The next screenings after a place, the latest first.

    Reading starts from what the filter names, a ring before an attempt before an account, else from
    the time; whatever else it names is looked at on the way.
    """
    parameters = _parameters(wanted, after) | {"limit": limit}
    if (own := _own_list(wanted)) is None:
        rows = await graph.read("screenings/page", **parameters)
        return [logged_screening(row["screening"]) for row in rows]
    noun, key = own
    parameters |= {f"{noun}_ids": [key]}
    rows = await graph.read(f"screenings/page_of_{noun}s", **parameters)
    return [logged_screening(told) for row in rows for told in row["screenings"]]


async def count_screenings(graph: Graph, wanted: ScreeningFilter, *, limit: int) -> int:
    """How many screenings pass the filter, counted up to `limit`."""
    parameters = _parameters(wanted, None) | {"limit": limit}
    if (own := _own_list(wanted)) is None:
        rows = await graph.read("screenings/count", **parameters)
    else:
        noun, key = own
        parameters |= {f"{noun}_ids": [key]}
        rows = await graph.read(f"screenings/count_of_{noun}s", **parameters)
    return sum(row["screenings"] for row in rows)


async def page_account_screenings(
    graph: Graph, account_ids: Sequence[str], *, after: ScreeningPlace | None, limit: int
) -> dict[str, list[LoggedScreening]]:
    """The next screenings of each account, the latest first."""
    return await _page_of(graph, "account", account_ids, after, limit)


async def count_account_screenings(
    graph: Graph, account_ids: Sequence[str], *, limit: int
) -> dict[str, int]:
    """How many screenings each account has, counted up to `limit`."""
    return await _count_of(graph, "account", account_ids, limit)


async def page_ring_screenings(
    graph: Graph, ring_ids: Sequence[str], *, after: ScreeningPlace | None, limit: int
) -> dict[str, list[LoggedScreening]]:
    """The next screenings that touched each ring or one that merged into it, the latest first."""
    return await _page_of(graph, "ring", ring_ids, after, limit)


async def count_ring_screenings(
    graph: Graph, ring_ids: Sequence[str], *, limit: int
) -> dict[str, int]:
    """How many screenings touched each ring or one that merged into it, counted up to `limit`."""
    return await _count_of(graph, "ring", ring_ids, limit)


async def last_screenings(
    graph: Graph, limit: int, *, after: ScreeningPlace | None = None
) -> list[Screening]:
    """The answers given last, the latest first, to be compared or replayed.

    Args:
        graph: connected and migrated.
        limit: `MAX_REPLAYED` at the most.
        after: place of the last one seen, to read on from there.

    Raises:
        LimitExceeded: more are asked for at once.
    """
    if limit > MAX_REPLAYED:
        raise LimitExceeded(
            f"{limit:,} screenings were asked for at once; take {MAX_REPLAYED:,} at the most, then "
            "read on after the last one."
        )
    found = await page_screenings(graph, ANY, after=after, limit=limit)
    return [logged.screening for logged in found]


async def save_outcome(
    graph: Graph, screening_id: str, outcome: Outcome, *, by: str, note: str | None
) -> LoggedScreening | None:
    """Say what became of a sign-up, and return it as it is now, or None where none has that id.

    The audit log says who said so, and what had been said before.
    """

    async def work(transaction: Transaction) -> list[Row]:
        rows = await transaction.run(
            "screenings/save_outcome", id=screening_id, outcome=outcome.value, by=by, note=note
        )
        for row in rows:
            facts = {"outcome": outcome.value, "former": row["former"]}
            record = AuditRecord(by, AuditAction.OUTCOME_REPORTED, screening_id, facts)
            await append_entry(transaction, record)
        return rows

    rows = await graph.in_write(work)
    return logged_screening(rows[0]["screening"]) if rows else None


async def _page_of(
    graph: Graph, noun: str, keys: Sequence[str], after: ScreeningPlace | None, limit: int
) -> dict[str, list[LoggedScreening]]:
    parameters = _parameters(ANY, after) | {f"{noun}_ids": keys, "limit": limit}
    rows = await graph.read(f"screenings/page_of_{noun}s", **parameters)
    return {row[f"{noun}_id"]: [*map(logged_screening, row["screenings"])] for row in rows}


async def _count_of(graph: Graph, noun: str, keys: Sequence[str], limit: int) -> dict[str, int]:
    parameters = _parameters(ANY, None) | {f"{noun}_ids": keys, "limit": limit}
    rows = await graph.read(f"screenings/count_of_{noun}s", **parameters)
    return {row[f"{noun}_id"]: row["screenings"] for row in rows}


def _own_list(wanted: ScreeningFilter) -> tuple[str, str] | None:
    """The noun whose own list a reading starts from, and its id; None: the whole log."""
    if wanted.ring_id is not None:
        return "ring", wanted.ring_id
    if wanted.attempt_id is not None:
        return "attempt", wanted.attempt_id
    return None if wanted.account_id is None else ("account", wanted.account_id)


def _parameters(wanted: ScreeningFilter, after: ScreeningPlace | None) -> dict[str, Any]:
    """The parameters of the statements that filter; the range ends at the place, to begin there."""
    before_ms, before_id = after or (None, None)
    since, until = wanted.since or _ALWAYS[0], wanted.until or _ALWAYS[1]
    if before_ms is not None and (place := moment(before_ms)):
        until = min(until, place + timedelta(milliseconds=1))
    return {
        "since": since,
        "until": until,
        "before_ms": before_ms,
        "before_id": before_id,
        "decisions": wanted.decisions and [one.value for one in wanted.decisions],
        "outcomes": wanted.outcomes and [one.value for one in wanted.outcomes],
        "degraded": wanted.degraded,
        "account_id": wanted.account_id,
        "attempt_id": wanted.attempt_id,
        "policy_id": wanted.policy_id,
        "policy_version": wanted.policy_version,
    }
