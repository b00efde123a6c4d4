"""The event contract: five CloudEvents types, read strictly and told exactly where they break."""

import hashlib
import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from ringfence.domain.identifiers import (
    DEVICE,
    IP,
    MAX_ID_LENGTH,
    PAYMENT_INSTRUMENT,
    IdentifierKey,
    normalise_kind,
    normalise_value,
)

# Events hold no reference cycles, so the collector need not walk them (gc=False below): reading a
# file is twice as fast.
FUTURE_TOLERANCE_MS = 24 * 3600 * 1000
MAX_COUNT = 10**15
MAX_TEXT_LENGTH = 1024

Id = Annotated[str, Meta(min_length=1, max_length=MAX_ID_LENGTH)]
Text = Annotated[str, Meta(max_length=MAX_TEXT_LENGTH)]
Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Instant = Annotated[datetime, Meta(tz=True)]
Currency = Annotated[str, Meta(pattern=r"^[A-Za-z]{3}\Z")]


class SharedIdentifier(Struct, frozen=True, gc=False):
    """Anything else that accounts can share."""

    kind: str
    value: str


class SignUpData(Struct, frozen=True, gc=False):
    """What the provider knew when the account was opened."""

    email: Text | None = None
    ip: str | None = None
    device_id: str | None = None
    user_agent: Text | None = None
    country: Text | None = None
    plan: Text | None = None
    identifiers: tuple[SharedIdentifier, ...] = ()


class SignInData(Struct, frozen=True, gc=False):
    """Where a session came from."""

    ip: str | None = None
    device_id: str | None = None
    user_agent: Text | None = None
    identifiers: tuple[SharedIdentifier, ...] = ()


class InstrumentData(Struct, frozen=True, gc=False):
    """A payment instrument and what its issuer says of it."""

    instrument_id: str
    kind: Literal["card", "bank", "wallet"] | None = None
    bin: Text | None = None
    funding: Literal["credit", "debit", "prepaid", "virtual"] | None = None
    country: Text | None = None
    ip: str | None = None
    device_id: str | None = None
    identifiers: tuple[SharedIdentifier, ...] = ()


class ChargeData(Struct, frozen=True, gc=False):
    """One attempt to take or give back money; the amount is in minor units of the currency."""

    instrument_id: str
    amount_minor: Count
    currency: Currency
    outcome: Literal["succeeded", "declined", "refunded", "disputed"]
    identifiers: tuple[SharedIdentifier, ...] = ()


class UsageData(Struct, frozen=True, gc=False):
    """Exchanges and tokens of one account over a period."""

    requests: Count
    tokens: Count = 0
    capability: Text | None = None
    period_start: Instant | None = None
    period_end: Instant | None = None
    identifiers: tuple[SharedIdentifier, ...] = ()


class _Envelope(Struct, frozen=True, gc=False, tag_field="type"):
    specversion: Literal["1.0"]
    id: Id
    source: Id
    subject: Id
    time: Instant


class SignedUp(_Envelope, frozen=True, gc=False, tag="account.signed_up"):
    """An account was opened."""

    data: SignUpData = SignUpData()


class SignedIn(_Envelope, frozen=True, gc=False, tag="account.signed_in"):
    """An account was used from somewhere."""

    data: SignInData = SignInData()


class InstrumentAttached(_Envelope, frozen=True, gc=False, tag="billing.instrument_attached"):
    """A payment instrument was given to an account."""

    data: InstrumentData


class Charged(_Envelope, frozen=True, gc=False, tag="billing.charged"):
    """A payment was tried."""

    data: ChargeData


class UsageReported(_Envelope, frozen=True, gc=False, tag="usage.reported"):
    """The model was used."""

    data: UsageData


Body = SignUpData | SignInData | InstrumentData | ChargeData | UsageData
AnyEnvelope = SignedUp | SignedIn | InstrumentAttached | Charged | UsageReported


class Event(Struct, frozen=True, gc=False):
    """A valid event in the form that loading and detection read.

    Attributes:
        key: 64 bits of `source` and `id`; what makes a repeated delivery recognisable.
        account_id: the CloudEvents subject.
        time_ms: milliseconds since 1970, UTC.
        shared: what the event ties the account to, each once.
        body: the data of the type.
    """

    key: int
    account_id: str
    time_ms: int
    shared: tuple[IdentifierKey, ...]
    body: Body


class RejectedEvent(ValueError):
    """An event that breaks the contract; it does not stop the rest of its batch."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


_FIELDS_BY_BODY: dict[type[Body], tuple[tuple[str, str], ...]] = {
    SignUpData: (("device_id", DEVICE), ("ip", IP)),
    SignInData: (("device_id", DEVICE), ("ip", IP)),
    InstrumentData: (
        ("instrument_id", PAYMENT_INSTRUMENT),
        ("device_id", DEVICE),
        ("ip", IP),
    ),
    ChargeData: (("instrument_id", PAYMENT_INSTRUMENT),),
    UsageData: (),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_decoder = msgspec.json.Decoder(AnyEnvelope)
_FAULT_PATTERN = re.compile(r"^(?P<reason>.*?)(?: - at `\$\.?(?P<field>[^`]*)`)?$", re.DOTALL)
_MISSING_PATTERN = re.compile(r"missing required field `(?P<name>[^`]+)`")


def parse_event(line: bytes | str, *, now_ms: int, begins_ms: int | None = None) -> Event:
    """Read one event from its JSON text.

    Args:
        line: one JSON object.
        now_ms: the present, to refuse times in the far future.
        begins_ms: where the ledger begins: an event before that may have been counted and
            forgotten; None: it has forgotten nothing.

    Raises:
        RejectedEvent: the text breaks the contract; it names the field and the reason.
    """
    try:
        envelope = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeError) as error:
        raise rejection_of(str(error)) from None
    except RecursionError:
        raise RejectedEvent("", "JSON is nested too deeply") from None
    time_ms = to_milliseconds(envelope.time)
    if time_ms < 0:
        raise RejectedEvent("time", "lies before 1970")
    if time_ms > now_ms + FUTURE_TOLERANCE_MS:
        raise RejectedEvent("time", "lies more than a day in the future")
    if begins_ms is not None and time_ms < begins_ms:
        begin = _EPOCH + timedelta(milliseconds=begins_ms)
        raise RejectedEvent("time", f"lies before {begin:%Y-%m-%d %H:%M}Z, where the ledger begins")
    return Event(
        key=event_key(envelope.source, envelope.id),
        account_id=envelope.subject,
        time_ms=time_ms,
        shared=_shared_identifiers(envelope.data),
        body=envelope.data,
    )


def event_key(source: str, event_id: str) -> int:
    """Signed 64-bit key of an event, from the pair that makes it unique."""
    digest = hashlib.blake2b(f"{source}\0{event_id}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def rejection_of(message: str) -> RejectedEvent:
    """The rejection that a message of msgspec's stands for, with the field that it names."""
    match = _FAULT_PATTERN.match(message)
    reason, field = (match["reason"], match["field"] or "") if match else (message, "")
    if missing := _MISSING_PATTERN.search(reason):
        field = f"{field}.{missing['name']}" if field else missing["name"]
    return RejectedEvent(field, reason)


def to_milliseconds(time: datetime) -> int:
    """Whole milliseconds since 1970, exactly; a float's `timestamp()` would lose some."""
    return (time - _EPOCH) // _MILLISECOND


def _shared_identifiers(data: Body) -> tuple[IdentifierKey, ...]:
    found: list[IdentifierKey] = []
    for field, kind in _FIELDS_BY_BODY[type(data)]:
        value = getattr(data, field)
        if value is not None:
            found.append(checked_identifier(f"data.{field}", kind, value))
    for at, shared in enumerate(data.identifiers):
        found.append(checked_shared(f"data.identifiers[{at}]", shared))
    return tuple(dict.fromkeys(found))


def checked_identifier(field: str, kind: str, value: str) -> IdentifierKey:
    """The identifier in its one spelling.

    Raises:
        RejectedEvent: it has none; the field is named.
    """
    try:
        return IdentifierKey(kind, normalise_value(kind, value))
    except ValueError as error:
        raise RejectedEvent(field, str(error)) from None


def checked_shared(field: str, shared: SharedIdentifier) -> IdentifierKey:
    """A further identifier in its one spelling.

    Raises:
        RejectedEvent: its kind or its value has none; the field is named.
    """
    try:
        kind = normalise_kind(shared.kind)
    except ValueError as error:
        raise RejectedEvent(f"{field}.kind", str(error)) from None
    return checked_identifier(f"{field}.value", kind, shared.value)
