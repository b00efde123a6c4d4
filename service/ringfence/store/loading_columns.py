"""A fold as the column parameters that the statements of `cypher/loading/` take.

Rows are sorted by what they lock, so that all writers lock in one order.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ringfence.domain.folding import AccountFold, Fold
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT

MAX_INT64: Final = 2**63 - 1

Columns = dict[str, list[Any]]
"""Parameter to values; the lists are equally long, one entry a row."""

UsageByDay = dict[int, tuple[int, int]]
"""Day (days since 1970) to exchanges and tokens."""

_KINDS_WITH_LABEL: Final = frozenset({DEVICE, PAYMENT_INSTRUMENT, IP})


def account_columns(fold: Fold) -> Columns:
    """Accounts and the keys of their events, by id."""
    rows = [
        (account.id, account.first_seen_ms, account.last_seen_ms, account.event_keys)
        for account in fold.accounts.values()
    ]
    return _columns(rows, "ids", "first_seen_ms", "last_seen_ms", "event_keys")


def instrument_columns(fold: Fold) -> Columns:
    """Every payment instrument of a fold, described or only paid with, by id."""
    rows = []
    for value in {key.value for key, _ in fold.links if key.kind == PAYMENT_INSTRUMENT}:
        known = fold.instruments.get(value)
        told = known and known.data
        rows.append(
            (
                value,
                *(known.described if known else (None, None)),
                *((told.kind, told.bin, told.funding, told.country) if told else (None,) * 4),
            )
        )
    return _columns(
        rows, "ids", "described_ms", "described_keys", "kinds", "bins", "fundings", "countries"
    )


def link_columns(fold: Fold, kind: str) -> Columns:
    """Links to identifiers of one kind, by identifier and account."""
    rows = [
        (key.value, account_id, link.first_seen_ms, link.last_seen_ms, link.events)
        for (key, account_id), link in fold.links.items()
        if key.kind == kind
    ]
    return _columns(rows, "identifiers", "account_ids", "first_seen_ms", "last_seen_ms", "events")


def further_link_columns(fold: Fold) -> Columns:
    """Links to identifiers whose kind has no label of its own, by kind, identifier and account."""
    rows = [
        (*key, account_id, link.first_seen_ms, link.last_seen_ms, link.events)
        for (key, account_id), link in fold.links.items()
        if key.kind not in _KINDS_WITH_LABEL
    ]
    return _columns(
        rows, "kinds", "identifiers", "account_ids", "first_seen_ms", "last_seen_ms", "events"
    )


def sign_up_columns(fold: Fold) -> Columns:
    """The earliest sign-up of each account that has one, by id."""
    rows = [
        (account.id, *account.signed_up, told.email, told.country, told.plan, told.user_agent)
        for account in fold.accounts.values()
        if account.signed_up and (told := account.sign_up)
    ]
    return _columns(
        rows, "ids", "signed_up_ms", "signed_up_keys", "emails", "countries", "plans", "user_agents"
    )


def charge_columns(fold: Fold) -> Columns:
    """Charges by outcome, and times of payment, of each account that has any, by id."""
    outcomes = ("succeeded", "declined", "refunded", "disputed")
    rows = [
        (
            account.id,
            account.first_paid_ms,
            account.last_paid_ms,
            *(account.charges.get(outcome, 0) for outcome in outcomes),
        )
        for account in fold.accounts.values()
        if account.charges
    ]
    return _columns(rows, "ids", "first_paid_ms", "last_paid_ms", *outcomes)


def payment_columns(fold: Fold) -> Columns:
    """Amounts paid, by account and the property of their currency."""
    rows = [
        (account.id, f"paid_minor_{currency}", amount)
        for account in fold.accounts.values()
        for currency, amount in account.paid_minor_by_currency.items()
    ]
    return _columns(rows, "ids", "properties", "amounts_minor")


def usage_columns(users: Iterable[AccountFold], stored: Mapping[str, UsageByDay]) -> Columns:
    """Usage of accounts with what is stored already, by id; sums stop at 2^63 - 1."""
    rows = [(account.id, *usage_of(account, stored.get(account.id, {}))) for account in users]
    return _columns(rows, "ids", "days", "requests_by_day", "tokens_by_day", "requests", "tokens")


def usage_of(
    account: AccountFold, stored: UsageByDay
) -> tuple[list[int], list[int], list[int], int, int]:
    """Days, exchanges and tokens of each, and both sums, with what is stored already."""
    days = sorted(_merged_usage(account.usage_by_day, stored).items())
    requests = [used for _, (used, _) in days]
    tokens = [used for _, (_, used) in days]
    return (
        [day for day, _ in days],
        requests,
        tokens,
        min(sum(requests), MAX_INT64),
        min(sum(tokens), MAX_INT64),
    )


def _merged_usage(one: UsageByDay, other: UsageByDay) -> UsageByDay:
    merged = dict(other)
    for day, (requests, tokens) in one.items():
        had = merged.get(day, (0, 0))
        merged[day] = (min(had[0] + requests, MAX_INT64), min(had[1] + tokens, MAX_INT64))
    return merged


def _columns(rows: list[tuple[Any, ...]], *names: str) -> Columns:
    """Rows sorted by their first entries, which no two rows share whole, and turned."""
    rows.sort()
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {}
