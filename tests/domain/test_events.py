import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.events import (
    ChargeData,
    InstrumentData,
    RejectedEvent,
    SignInData,
    SignUpData,
    UsageData,
    event_key,
    parse_event,
)
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT, IdentifierKey

NOW = datetime(2026, 6, 1, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
MISSING: Any = object()
ATTACHED = "billing.instrument_attached"
CHARGED = "billing.charged"
USED = "usage.reported"
PHONE = {"kind": "phone", "value": "+49 30 1"}


def line(**changes: object) -> bytes:
    """A valid sign-up, changed."""
    event: dict[str, object] = {
        "specversion": "1.0",
        "id": "evt-1",
        "source": "/signup",
        "type": "account.signed_up",
        "subject": "acct_1",
        "time": "2026-04-22T10:00:00.000Z",
        "data": {},
    }
    changed = event | changes
    return json.dumps(
        {name: told for name, told in changed.items() if told is not MISSING}
    ).encode()


def charge(**changes: object) -> dict[str, object]:
    fields = {
        "instrument_id": "card_1",
        "amount_minor": 5,
        "currency": "USD",
        "outcome": "declined",
    }
    return {name: told for name, told in (fields | changes).items() if told is not MISSING}


@pytest.mark.parametrize(
    ("type_", "data", "body", "shared"),
    [
        (
            "account.signed_up",
            {"email": "A@mail.example", "ip": "10.0.0.1", "device_id": " dev_1 ", "plan": "free"},
            SignUpData(email="A@mail.example", ip="10.0.0.1", device_id=" dev_1 ", plan="free"),
            [(DEVICE, "dev_1"), (IP, "10.0.0.1")],
        ),
        (
            "account.signed_in",
            {"ip": "::ffff:10.0.0.1", "user_agent": "Mozilla/5.0"},
            SignInData(ip="::ffff:10.0.0.1", user_agent="Mozilla/5.0"),
            [(IP, "10.0.0.1")],
        ),
        (
            ATTACHED,
            {"instrument_id": "card_1", "kind": "card", "funding": "prepaid", "device_id": "dev_1"},
            InstrumentData(
                instrument_id="card_1", kind="card", funding="prepaid", device_id="dev_1"
            ),
            [(PAYMENT_INSTRUMENT, "card_1"), (DEVICE, "dev_1")],
        ),
        (
            CHARGED,
            charge(outcome="refunded"),
            ChargeData(instrument_id="card_1", amount_minor=5, currency="USD", outcome="refunded"),
            [(PAYMENT_INSTRUMENT, "card_1")],
        ),
        (USED, {"requests": 7}, UsageData(requests=7, tokens=0), []),
    ],
)
def test_each_type_is_read(
    type_: str, data: dict[str, object], body: object, shared: list[tuple[str, str]]
) -> None:
    event = parse_event(line(type=type_, data=data), now_ms=NOW_MS)

    assert event.body == body
    assert event.shared == tuple(IdentifierKey(*key) for key in shared)
    assert event.account_id == "acct_1"
    assert event.time_ms == 1_776_852_000_000
    assert event.key == event_key("/signup", "evt-1")


def test_further_identifiers_are_spelled_one_way_and_counted_once() -> None:
    told = [PHONE, {"kind": "Phone", "value": " +49 30 1 "}, {"kind": "card", "value": "card_1"}]

    event = parse_event(line(data={"identifiers": told}), now_ms=NOW_MS)

    assert event.shared == (
        IdentifierKey("phone", "+49 30 1"),
        IdentifierKey(PAYMENT_INSTRUMENT, "card_1"),
    )


def test_unknown_fields_and_missing_data_are_tolerated() -> None:
    event = parse_event(line(data=MISSING, traceparent="00-1", extra={"a": [1]}), now_ms=NOW_MS)

    assert event.body == SignUpData()


def test_id_may_have_256_characters() -> None:
    event = parse_event(line(id="ü" * 256, subject="z" * 256), now_ms=NOW_MS)

    assert event.account_id == "z" * 256


def test_time_a_day_ahead_is_the_last_that_is_taken() -> None:
    tomorrow = (NOW + timedelta(days=1)).isoformat()

    event = parse_event(line(time=tomorrow), now_ms=NOW_MS)

    assert event.time_ms == NOW_MS + 86_400_000


REJECTS = [
    ({"specversion": "0.3"}, "specversion", "Invalid enum value '0.3'"),
    ({"specversion": MISSING}, "specversion", "Object missing required field `specversion`"),
    ({"id": MISSING}, "id", "Object missing required field `id`"),
    ({"id": ""}, "id", "Expected `str` of length >= 1"),
    ({"id": "x" * 257}, "id", "Expected `str` of length <= 256"),
    ({"id": 7}, "id", "Expected `str`, got `int`"),
    ({"source": MISSING}, "source", "Object missing required field `source`"),
    ({"source": ""}, "source", "Expected `str` of length >= 1"),
    ({"subject": MISSING}, "subject", "Object missing required field `subject`"),
    ({"subject": "x" * 257}, "subject", "Expected `str` of length <= 256"),
    ({"time": MISSING}, "time", "Object missing required field `time`"),
    ({"time": "yesterday"}, "time", "Invalid RFC3339 encoded datetime"),
    ({"time": "2026-04-22T10:00:00"}, "time", "Expected `datetime` with a timezone component"),
    ({"time": "2026-06-02T00:00:00.001Z"}, "time", "lies more than a day in the future"),
    ({"time": "1969-12-31T23:59:59.999Z"}, "time", "lies before 1970"),
    ({"time": "0001-01-01T00:00:00+14:00"}, "time", "lies before 1970"),
    ({"type": MISSING}, "type", "Object missing required field `type`"),
    ({"type": "account.deleted"}, "type", "Invalid value 'account.deleted'"),
    ({"data": []}, "data", "Expected `object`, got `array`"),
    ({"data": {"ip": "10.0.0.256"}}, "data.ip", "expected an IPv4 or IPv6 address"),
    ({"data": {"ip": 5}}, "data.ip", "Expected `str | null`, got `int`"),
    ({"data": {"device_id": " "}}, "data.device_id", "expected a value, got an empty one"),
    (
        {"data": {"device_id": "x" * 257}},
        "data.device_id",
        "expected 256 characters at the most, got 257",
    ),
    ({"data": {"email": "x" * 1025}}, "data.email", "Expected `str` of length <= 1024"),
    ({"data": {"identifiers": {}}}, "data.identifiers", "Expected `array`, got `object`"),
    (
        {"data": {"identifiers": [{"kind": "phone"}]}},
        "data.identifiers[0].value",
        "Object missing required field `value`",
    ),
    (
        {"data": {"identifiers": [PHONE, {"kind": "pho ne", "value": "1"}]}},
        "data.identifiers[1].kind",
        "expected a word of letters, digits and underscores, 64 at the most",
    ),
    (
        {"data": {"identifiers": [{"kind": "ip", "value": "here"}]}},
        "data.identifiers[0].value",
        "expected an IPv4 or IPv6 address",
    ),
    ({"type": ATTACHED, "data": MISSING}, "data", "Object missing required field `data`"),
    (
        {"type": ATTACHED, "data": {}},
        "data.instrument_id",
        "Object missing required field `instrument_id`",
    ),
    (
        {"type": ATTACHED, "data": {"instrument_id": "card_1", "kind": "cash"}},
        "data.kind",
        "Invalid enum value 'cash'",
    ),
    (
        {"type": ATTACHED, "data": {"instrument_id": " "}},
        "data.instrument_id",
        "expected a value, got an empty one",
    ),
    (
        {"type": CHARGED, "data": charge(outcome=MISSING)},
        "data.outcome",
        "Object missing required field `outcome`",
    ),
    (
        {"type": CHARGED, "data": charge(outcome="lost")},
        "data.outcome",
        "Invalid enum value 'lost'",
    ),
    (
        {"type": CHARGED, "data": charge(amount_minor=-1)},
        "data.amount_minor",
        "Expected `int` >= 0",
    ),
    (
        {"type": CHARGED, "data": charge(amount_minor=10**15 + 1)},
        "data.amount_minor",
        "Expected `int` <= 1000000000000000",
    ),
    (
        {"type": CHARGED, "data": charge(amount_minor=1.5)},
        "data.amount_minor",
        "Expected `int`, got `float`",
    ),
    ({"type": USED, "data": {}}, "data.requests", "Object missing required field `requests`"),
    ({"type": USED, "data": {"requests": True}}, "data.requests", "Expected `int`, got `bool`"),
    (
        {"type": USED, "data": {"requests": 1, "period_start": "2026-01-01"}},
        "data.period_start",
        "Invalid RFC3339 encoded datetime",
    ),
]


@pytest.mark.parametrize(("changes", "field", "reason"), REJECTS)
def test_broken_contract_is_rejected_with_field_and_reason(
    changes: dict[str, object], field: str, reason: str
) -> None:
    with pytest.raises(RejectedEvent) as caught:
        parse_event(line(**changes), now_ms=NOW_MS)

    assert (caught.value.field, caught.value.reason) == (field, reason)


@pytest.mark.parametrize("currency", ["US", "DOLLAR", "U$D", "USD\n", ""])
def test_currency_has_three_letters(currency: str) -> None:
    with pytest.raises(RejectedEvent) as caught:
        parse_event(line(type=CHARGED, data=charge(currency=currency)), now_ms=NOW_MS)

    assert caught.value.field == "data.currency"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "Input data was truncated"),
        (b'{"specversion":"1.0"', "Input data was truncated"),
        (b"[]", "Expected `object`, got `array`"),
        (b"null", "Expected `object`, got `null`"),
        (b"no json", "JSON is malformed: invalid character (byte 4)"),
        (line() + line(), f"JSON is malformed: trailing characters (byte {len(line()) + 1})"),
        (
            line().replace(b"acct_1", b"acct_\xff"),
            "'utf-8' codec can't decode byte 0xff in position 5: invalid start byte",
        ),
        (
            line().replace(b"acct_1", b"\\ud800"),
            "JSON is malformed: unexpected end of escaped utf-16 surrogate pair (byte 106)",
        ),
        (line(data={"extra": 0}).replace(b"0}", b"[" * 100_000), "JSON is nested too deeply"),
    ],
)
def test_text_that_is_no_event_is_rejected(text: bytes, reason: str) -> None:
    with pytest.raises(RejectedEvent) as caught:
        parse_event(text, now_ms=NOW_MS)

    assert (caught.value.field, caught.value.reason) == ("", reason)


def test_key_depends_on_source_and_id_apart() -> None:
    keys = {event_key("a", "b"), event_key("ab", ""), event_key("", "ab"), event_key("b", "a")}

    assert len(keys) == 4
    assert all(-(2**63) <= key < 2**63 for key in keys)


@given(st.integers(0, NOW_MS), st.integers(-14 * 60, 14 * 60))
def test_time_is_read_to_the_millisecond_in_any_zone(ms: int, offset_minutes: int) -> None:
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    hours, minutes = divmod(abs(offset_minutes), 60)
    local = (time + timedelta(minutes=offset_minutes)).replace(tzinfo=None)
    zone = f"{'-' if offset_minutes < 0 else '+'}{hours:02}:{minutes:02}"

    event = parse_event(line(time=local.isoformat() + zone), now_ms=NOW_MS)

    assert event.time_ms == ms
