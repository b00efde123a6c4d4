"""Batches of events written into the graph, each in one transaction and each event once."""

from collections.abc import Sequence
from typing import Final

from ringfence.domain.events import Event
from ringfence.domain.folding import Fold, fold_events, once_each
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT
from ringfence.store.graph import Graph, Transaction
from ringfence.store.loading_columns import (
    Columns,
    UsageByDay,
    account_columns,
    charge_columns,
    further_link_columns,
    instrument_columns,
    link_columns,
    payment_columns,
    sign_up_columns,
    usage_columns,
)

BATCH_EVENTS: Final = 2_000
"""Events of as many accounts at which Neo4j writes fastest."""

MAX_BATCH_EVENTS: Final = 8_000
"""The sum of as many of the largest counts that an event may hold still fits into 64 bits."""

TRANSACTION_TIMEOUT_S: Final = 600.0
"""Long, since a writer may have to wait for the locks of many others."""

_LINK_STATEMENT_BY_KIND: Final = {
    PAYMENT_INSTRUMENT: "loading/save_payment_instrument_links",
    DEVICE: "loading/save_device_links",
    IP: "loading/save_ip_address_links",
}

EventMark = tuple[int, str]
"""Key and account of an event: what makes a repeated delivery recognisable."""


def mark_of(event: Event) -> EventMark:
    """The mark of one event."""
    return event.key, event.account_id


async def save_events(graph: Graph, events: Sequence[Event]) -> set[EventMark]:
    """Add events to the graph in one transaction; all of them are kept, or none.

    Locks are taken in one order (accounts, instruments, then links kind by kind, each sorted), so
    that writers wait for each other in a line and not in a circle.

    Args:
        graph: migrated.
        events: `MAX_BATCH_EVENTS` at the most, in any order, repeated or not.

    Returns:
        The marks of those that the graph had already; they are not counted again.

    Raises:
        GraphUnavailable: Neo4j does not answer. It kept nothing, or all where it went away during
            the commit itself.
    """
    if not events:
        return set()
    once = list(once_each(events))
    hoped_for = fold_events(once)

    async def work(transaction: Transaction) -> set[EventMark]:
        known = await _enter_ledger(transaction, hoped_for)
        fold = hoped_for
        if known:
            fold = fold_events(event for event in once if mark_of(event) not in known)
        await _save_fold(transaction, fold)
        return known

    return await graph.in_write(work, timeout_s=TRANSACTION_TIMEOUT_S)


async def _enter_ledger(transaction: Transaction, fold: Fold) -> set[EventMark]:
    """Lock the accounts, enter the events' keys, and return the marks entered before."""
    rows = await transaction.run("loading/save_accounts", **account_columns(fold))
    return {(key, row["id"]) for row in rows for key in row["known"]}


async def _save_fold(transaction: Transaction, fold: Fold) -> None:
    """Write accounts first and what they share last, so that shared locks are held shortly."""
    await _run(transaction, "loading/save_sign_ups", sign_up_columns(fold))
    await _run(transaction, "loading/save_charges", charge_columns(fold))
    await _run(transaction, "loading/save_payments", payment_columns(fold))
    await _save_usage(transaction, fold)
    await _run(transaction, "loading/save_instruments", instrument_columns(fold))
    for kind, name in _LINK_STATEMENT_BY_KIND.items():
        await _run(transaction, name, link_columns(fold, kind))
    await _run(transaction, "loading/save_further_links", further_link_columns(fold))


async def _save_usage(transaction: Transaction, fold: Fold) -> None:
    """Merge a batch's days into the accounts' lists, whose locks the transaction holds."""
    users = [account for account in fold.accounts.values() if account.usage_by_day]
    if not users:
        return
    (had,) = await transaction.run("loading/find_usage", ids=[account.id for account in users])
    stored: dict[str, UsageByDay] = {
        account_id: dict(zip(days, zip(requests, tokens, strict=True), strict=True))
        for account_id, days, requests, tokens in zip(
            had["ids"], had["days"], had["requests"], had["tokens"], strict=True
        )
    }
    await _run(transaction, "loading/save_usage", usage_columns(users, stored))


async def _run(transaction: Transaction, name: str, columns: Columns) -> None:
    """Run a statement, unless its columns are empty."""
    if columns:
        await transaction.run(name, **columns)
