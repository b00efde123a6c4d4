"""Events folded into what the graph shall hold; the order of the events does not matter.

Loading folds each batch and lets Neo4j merge the result; detection from a file folds the whole
file. Both therefore read an event the same way.
"""

from collections.abc import Iterable

from msgspec import Struct, field
from msgspec.structs import replace

from ringfence.domain.events import (
    ChargeData,
    Event,
    InstrumentData,
    SignInData,
    SignUpData,
    UsageData,
    to_milliseconds,
)
from ringfence.domain.identifiers import PAYMENT_INSTRUMENT, IdentifierKey, normalise_value

DAY_MS = 24 * 3600 * 1000

Stamp = tuple[int, int]
"""Time in milliseconds and event key: a total order in which the earliest event wins."""


class AccountFold(Struct, gc=False):
    """What a batch says of one account."""

    id: str
    first_seen_ms: int
    last_seen_ms: int
    event_keys: list[int] = field(default_factory=list)
    signed_up: Stamp | None = None
    sign_up: SignUpData | None = None
    charges: dict[str, int] = field(default_factory=dict)
    first_paid_ms: int | None = None
    last_paid_ms: int | None = None
    paid_minor_by_currency: dict[str, int] = field(default_factory=dict)
    usage_by_day: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Day (days since 1970, UTC, of the period's start) to exchanges and tokens."""


class InstrumentFold(Struct, gc=False):
    """What the earliest attachment in a batch says of one payment instrument."""

    id: str
    described: Stamp
    data: InstrumentData


class LinkFold(Struct, gc=False):
    """Uses of one identifier by one account in a batch."""

    first_seen_ms: int
    last_seen_ms: int
    events: int


class Fold(Struct, gc=False):
    """What a batch of events adds to the graph."""

    accounts: dict[str, AccountFold] = field(default_factory=dict)
    instruments: dict[str, InstrumentFold] = field(default_factory=dict)
    links: dict[tuple[IdentifierKey, str], LinkFold] = field(default_factory=dict)


def fold_events(events: Iterable[Event]) -> Fold:
    """Fold events, each of which must occur once, into accounts, instruments and links."""
    fold = Fold()
    for event in events:
        account = _seen_account(fold, event)
        for key in event.shared:
            _fold_link(fold, key, event)
        # What comes most often is asked for first.
        match event.body:
            case UsageData() as usage:
                _fold_usage(account, event, usage)
            case SignInData():
                pass
            case ChargeData() as charge:
                _fold_charge(account, event, charge)
            case SignUpData() as sign_up:
                _fold_sign_up(account, event, sign_up)
            case InstrumentData() as attached:
                _fold_instrument(fold, event, attached)
    return fold


def once_each(events: Iterable[Event]) -> Iterable[Event]:
    """The events without repeated deliveries; the first of each key and account stays."""
    seen: set[tuple[int, str]] = set()
    for event in events:
        mark = (event.key, event.account_id)
        if mark not in seen:
            seen.add(mark)
            yield event


def _seen_account(fold: Fold, event: Event) -> AccountFold:
    account = fold.accounts.get(event.account_id)
    if account is None:
        account = AccountFold(event.account_id, event.time_ms, event.time_ms)
        fold.accounts[event.account_id] = account
    account.event_keys.append(event.key)
    _see(account, event.time_ms)
    return account


def _fold_link(fold: Fold, key: IdentifierKey, event: Event) -> None:
    place = (key, event.account_id)
    link = fold.links.get(place)
    if link is None:
        fold.links[place] = LinkFold(event.time_ms, event.time_ms, 1)
        return
    _see(link, event.time_ms)
    link.events += 1


def _see(seen: AccountFold | LinkFold, time_ms: int) -> None:
    """Widen its time; comparing takes half as long as `min` and `max`."""
    if time_ms > seen.last_seen_ms:
        seen.last_seen_ms = time_ms
    elif time_ms < seen.first_seen_ms:
        seen.first_seen_ms = time_ms


def _fold_sign_up(account: AccountFold, event: Event, sign_up: SignUpData) -> None:
    stamp = (event.time_ms, event.key)
    if account.signed_up is None or stamp < account.signed_up:
        account.signed_up = stamp
        account.sign_up = _one_spelling(sign_up)


def _one_spelling(sign_up: SignUpData) -> SignUpData:
    """The sign-up with its e-mail address as searches and comparisons spell it."""
    email = sign_up.email
    if email is None or email == (spelled := email.strip().lower()):
        return sign_up
    return replace(sign_up, email=spelled)


def _fold_instrument(fold: Fold, event: Event, attached: InstrumentData) -> None:
    stamp = (event.time_ms, event.key)
    instrument_id = normalise_value(PAYMENT_INSTRUMENT, attached.instrument_id)
    known = fold.instruments.get(instrument_id)
    if known is None or stamp < known.described:
        fold.instruments[instrument_id] = InstrumentFold(instrument_id, stamp, attached)


def _fold_charge(account: AccountFold, event: Event, charge: ChargeData) -> None:
    account.charges[charge.outcome] = account.charges.get(charge.outcome, 0) + 1
    if charge.outcome != "succeeded":
        return
    currency = charge.currency.upper()
    paid = account.paid_minor_by_currency
    paid[currency] = paid.get(currency, 0) + charge.amount_minor
    first, last = account.first_paid_ms, account.last_paid_ms
    account.first_paid_ms = event.time_ms if first is None else min(first, event.time_ms)
    account.last_paid_ms = event.time_ms if last is None else max(last, event.time_ms)


def _fold_usage(account: AccountFold, event: Event, usage: UsageData) -> None:
    start = usage.period_start
    day = (to_milliseconds(start) if start else event.time_ms) // DAY_MS
    requests, tokens = account.usage_by_day.get(day, (0, 0))
    account.usage_by_day[day] = (requests + usage.requests, tokens + usage.tokens)
