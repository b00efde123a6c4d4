"""Accounts as people read them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from ringfence.domain.takedowns import Standing
from ringfence.store.graph import Graph
from ringfence.store.times import moment

_TIMES: Final = slice(5, 10)
"""Which values of an account are times."""
_STANDINGS: Final = slice(16, 18)
"""Which of them are standings."""


@dataclass(frozen=True, slots=True)
class StoredAccount:
    """What the graph holds of one account.

    Attributes:
        standing: the strictest of the next one and of all takedowns in force on it.
        told_standing: what the provider said by itself.
        protected_because: why it is held out of takedowns, if it is.
    """

    id: str
    email: str | None
    country: str | None
    plan: str | None
    user_agent: str | None
    signed_up_at: datetime | None
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    first_paid_at: datetime | None
    last_paid_at: datetime | None
    charges_succeeded: int
    charges_declined: int
    charges_refunded: int
    charges_disputed: int
    requests: int
    tokens: int
    standing: Standing = Standing.ACTIVE
    told_standing: Standing = Standing.ACTIVE
    verified_organisation: bool = False
    protected_because: str | None = None


async def find_accounts(graph: Graph, account_ids: Sequence[str]) -> dict[str, StoredAccount]:
    """The accounts of these ids, by id; unknown ones are left out."""
    rows = await graph.read("accounts/find_many", account_ids=list(dict.fromkeys(account_ids)))
    return {account.id: account for account in map(_account, rows[0]["accounts"])}


async def find_paid(graph: Graph, account_ids: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """What each account has paid: currency and minor units, by currency; nothing is left out."""
    rows = await graph.read("accounts/paid", account_ids=account_ids)
    paid = {row["account_id"]: [(code, minor) for code, minor in row["paid"]] for row in rows}
    return {account_id: paid.get(account_id, []) for account_id in account_ids}


def _account(values: list[Any]) -> StoredAccount:
    """An account from its values in the order of the fields, times as milliseconds."""
    values[_TIMES] = map(moment, values[_TIMES])
    values[_STANDINGS] = map(Standing, values[_STANDINGS])
    return StoredAccount(*values)
