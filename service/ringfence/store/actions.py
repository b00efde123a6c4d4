"""What the provider's systems are to do with accounts: told in order, read after a number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ringfence.domain.rings import LONG_AGO
from ringfence.domain.takedowns import AccountAction, ActionKind, Standing
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.times import milliseconds, moment


@dataclass(frozen=True, slots=True)
class StandingChange:
    """An account whose standing a transaction changed."""

    account_id: str
    previous_standing: Standing
    standing: Standing


@dataclass(frozen=True, slots=True)
class ActionFacts:
    """What the actions of one transaction have in common; see `AccountAction`."""

    takedown_id: str
    ring_id: str
    kind: ActionKind
    reason: str
    at: datetime
    expires_at: datetime | None = None


async def append_actions(
    transaction: Transaction, facts: ActionFacts, changes: Sequence[StandingChange]
) -> int:
    """Tell the changes of a transaction in it, and say how many; what stayed as it was is not told.

    The log is locked until the transaction ends, so append last but for the outbox and the audit.
    """
    told = [one for one in changes if one.standing is not one.previous_standing]
    if told:
        await transaction.run(
            "actions/append",
            takedown_id=facts.takedown_id,
            ring_id=facts.ring_id,
            kind=facts.kind.value,
            reason=facts.reason,
            at_ms=milliseconds(facts.at),
            expires_ms=facts.expires_at and milliseconds(facts.expires_at),
            account_ids=[one.account_id for one in told],
            standings=[one.standing.value for one in told],
            previous_standings=[one.previous_standing.value for one in told],
        )
    return len(told)


async def page_actions(graph: Graph, *, after: int, limit: int) -> list[AccountAction]:
    """The next actions after a number, in order."""
    rows = await graph.read("actions/page", after=after, limit=limit)
    return [stored_action(row) for row in rows]


async def last_action(graph: Graph) -> int:
    """Number of the last action; 0 where there is none."""
    (row,) = await graph.read("actions/find_last")
    last: int = row["last"]
    return last


def changes_of(rows: Sequence[Row]) -> list[StandingChange]:
    """The changes that a writing statement returns."""
    return [
        StandingChange(
            row["account_id"], Standing(row["previous_standing"]), Standing(row["standing"])
        )
        for row in rows
    ]


def stored_action(row: Row) -> AccountAction:
    """An action from a row of a statement that reads all of it."""
    facts: dict[str, Any] = dict(row)
    return AccountAction(
        kind=ActionKind(facts.pop("kind")),
        standing=Standing(facts.pop("standing")),
        previous_standing=Standing(facts.pop("previous_standing")),
        at=moment(facts.pop("at_ms")) or LONG_AGO,
        expires_at=moment(facts.pop("expires_ms")),
        **facts,
    )
