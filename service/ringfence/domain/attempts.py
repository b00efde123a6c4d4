"""What a sign-up flow asks: one attempt as JSON, read strictly and told exactly where it breaks."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from ringfence.domain.events import (
    Id,
    Instant,
    RejectedEvent,
    SharedIdentifier,
    Text,
    checked_identifier,
    checked_shared,
    rejection_of,
    to_milliseconds,
)
from ringfence.domain.identifiers import (
    DEVICE,
    IP,
    PAYMENT_INSTRUMENT,
    IdentifierKey,
    normalise_value,
)
from ringfence.domain.screenings import Attempt, Instrument

MAX_AGE_MS: Final = 24 * 3600 * 1000
"""What lies further back is no attempt any more, and would be judged by today's graph."""
MAX_AHEAD_MS: Final = 5 * 60 * 1000
MAX_IDENTIFIERS: Final = 20


class AskedInstrument(Struct, frozen=True, gc=False):
    """A payment instrument given with the sign-up."""

    instrument_id: Id
    kind: Literal["card", "bank", "wallet"] | None = None
    bin: Text | None = None
    funding: Literal["credit", "debit", "prepaid", "virtual"] | None = None
    country: Text | None = None


class AskedAttempt(Struct, frozen=True, gc=False):
    """One sign-up, or one attempt at it, as a sign-up flow tells it; unknown fields are tolerated.

    At least one of `attempt_id` and `account_id` is given.
    """

    attempt_id: Id | None = None
    account_id: Id | None = None
    time: Instant | None = None
    email: Text | None = None
    ip: str | None = None
    device_id: str | None = None
    user_agent: Text | None = None
    country: Text | None = None
    plan: Text | None = None
    instrument: AskedInstrument | None = None
    identifiers: Annotated[tuple[SharedIdentifier, ...], Meta(max_length=MAX_IDENTIFIERS)] = ()


class BadAttempt(ValueError):
    """An attempt that breaks its contract; it names the field and the reason."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field or 'attempt'}: {reason}")
        self.field = field
        self.reason = reason


_decoder = msgspec.json.Decoder(AskedAttempt)


def parse_attempt(body: bytes | str, *, now_ms: int) -> Attempt:
    """Read one attempt from its JSON text.

    Args:
        body: one JSON object.
        now_ms: the present, which is the attempt's time where it tells none.

    Raises:
        BadAttempt: the text breaks the contract.
    """
    with _told_precisely():
        return _attempt(_decoder.decode(body), now_ms)


def read_attempt(told: Mapping[str, object], *, now_ms: int) -> Attempt:
    """Read one attempt that came as values by field; None stands for what is not told.

    Args:
        told: fields of `AskedAttempt`.
        now_ms: the present, which is the attempt's time where it tells none.

    Raises:
        BadAttempt: a value breaks the contract.
    """
    with _told_precisely():
        return _attempt(msgspec.convert(told, AskedAttempt), now_ms)


@contextmanager
def _told_precisely() -> Iterator[None]:
    try:
        yield
    except (msgspec.DecodeError, UnicodeError) as error:
        rejected = rejection_of(str(error))
        raise BadAttempt(rejected.field, rejected.reason) from None
    except RejectedEvent as rejected:
        raise BadAttempt(rejected.field.removeprefix("data."), rejected.reason) from None
    except RecursionError:
        raise BadAttempt("", "JSON is nested too deeply") from None


def _attempt(asked: AskedAttempt, now_ms: int) -> Attempt:
    own_id = asked.attempt_id or asked.account_id
    if own_id is None:
        raise BadAttempt("attempt_id", "expected it, or account_id")
    return Attempt(
        id=own_id,
        account_id=asked.account_id,
        at_ms=_moment(asked, now_ms),
        keys=_keys(asked),
        email=(asked.email or "").strip().lower() or None,
        ip=normalise_value(IP, asked.ip) if asked.ip is not None else None,
        device_id=asked.device_id,
        user_agent=asked.user_agent,
        country=asked.country,
        plan=asked.plan,
        instrument=_instrument(asked.instrument),
    )


def _instrument(given: AskedInstrument | None) -> Instrument | None:
    if given is None:
        return None
    return Instrument(given.instrument_id, given.bin, given.funding, given.country)


def _moment(asked: AskedAttempt, now_ms: int) -> int:
    if asked.time is None:
        return now_ms
    at_ms = to_milliseconds(asked.time)
    if at_ms > now_ms + MAX_AHEAD_MS:
        raise BadAttempt("time", "lies more than five minutes in the future")
    if at_ms < now_ms - MAX_AGE_MS:
        raise BadAttempt("time", "lies more than a day back; send such sign-ups as events")
    return at_ms


def _keys(asked: AskedAttempt) -> tuple[IdentifierKey, ...]:
    given = [("device_id", DEVICE, asked.device_id), ("ip", IP, asked.ip)]
    if asked.instrument:
        instrument_id = asked.instrument.instrument_id
        given.append(("instrument.instrument_id", PAYMENT_INSTRUMENT, instrument_id))
    found = [
        checked_identifier(field, kind, value) for field, kind, value in given if value is not None
    ]
    found += [
        checked_shared(f"identifiers[{at}]", shared) for at, shared in enumerate(asked.identifiers)
    ]
    return tuple(dict.fromkeys(found))
