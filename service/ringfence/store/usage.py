"""Use of the model as people read it: by day, and who used it most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ringfence.store.accounts import StoredAccount, find_accounts
from ringfence.store.graph import Graph, Row
from ringfence.store.times import day

MAX_DAYS = 366
"""Days of use that one answer tells, the latest ones."""


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """Exchanges and tokens of one UTC day, and how many accounts were active."""

    day: date
    requests: int
    tokens: int
    accounts: int


@dataclass(frozen=True, slots=True)
class HeavyUser:
    """A member with what it used in all; `share` is its part of the ring's exchanges, 0 to 1."""

    account: StoredAccount
    requests: int
    tokens: int
    share: float


async def ring_usage_by_day(graph: Graph, ring_ids: Sequence[str]) -> dict[str, list[DayOfUse]]:
    """Use of each ring's members together, earliest day first."""
    rows = await graph.read("rings/usage_by_day", ring_ids=ring_ids, limit=MAX_DAYS)
    return dict(_days("ring_id", rows))


async def account_usage_by_day(
    graph: Graph, account_ids: Sequence[str]
) -> dict[str, list[DayOfUse]]:
    """Use of each account, earliest day first."""
    rows = await graph.read("accounts/usage_by_day", account_ids=account_ids, limit=MAX_DAYS)
    return dict(_days("account_id", rows))


async def find_heaviest_users(
    graph: Graph, ring_ids: Sequence[str], *, limit: int
) -> dict[str, list[HeavyUser]]:
    """The members of each ring that used the model most, heaviest first."""
    rows = await graph.read("rings/heaviest_users", ring_ids=ring_ids, limit=limit)
    accounts = await find_accounts(
        graph, [user["account_id"] for row in rows for user in row["users"]]
    )
    return {
        row["ring_id"]: [
            HeavyUser(
                accounts[user["account_id"]],
                user["requests"],
                user["tokens"],
                user["requests"] / row["requests"],
            )
            for user in row["users"]
        ]
        for row in rows
    }


def _days(key: str, rows: Iterable[Row]) -> Iterable[tuple[str, list[DayOfUse]]]:
    for row in rows:
        latest_first = (
            DayOfUse(day(days), requests, tokens, accounts)
            for days, requests, tokens, accounts in row["days"]
        )
        yield row[key], list(latest_first)[::-1]
