"""Attempts as a sign-up flow tells them: what is read, what is refused, and by which field."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.attempts import MAX_IDENTIFIERS, BadAttempt, parse_attempt
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.screenings import Attempt, Instrument

NOON_MS = 1_777_636_800_000
"""2026-05-01 12:00 UTC."""
DAY_MS = 86_400_000
FULL: dict[str, Any] = {
    "attempt_id": "try_1",
    "account_id": "acct_1",
    "time": "2026-05-01T13:59:00.250+02:00",
    "email": " Mia.Lang@Example.com ",
    "ip": "2001:DB8::0:7",
    "device_id": " dev_1 ",
    "user_agent": "curl/8",
    "country": "FR",
    "plan": "free",
    "instrument": {
        "instrument_id": "card_1",
        "kind": "card",
        "bin": "411111",
        "funding": "prepaid",
        "country": "US",
    },
    "identifiers": [
        {"kind": "Phone", "value": "+33612345678"},
        {"kind": "device_id", "value": "dev_1"},
        {"kind": "Email", "value": "Other@Example.com"},
    ],
}


def read(body: object, now_ms: int = NOON_MS) -> Attempt:
    return parse_attempt(json.dumps(body), now_ms=now_ms)


def refused(body: object) -> BadAttempt:
    with pytest.raises(BadAttempt) as caught:
        read(body)
    assert str(caught.value) == f"{caught.value.field or 'attempt'}: {caught.value.reason}"
    return caught.value


def test_every_field_is_read() -> None:
    assert read(FULL) == Attempt(
        id="try_1",
        account_id="acct_1",
        at_ms=NOON_MS - 59_750,
        keys=(
            IdentifierKey("device", "dev_1"),
            IdentifierKey("ip", "2001:db8::7"),
            IdentifierKey("payment_instrument", "card_1"),
            IdentifierKey("phone", "+33612345678"),
            IdentifierKey("email", "other@example.com"),
        ),
        email="mia.lang@example.com",
        ip="2001:db8::7",
        device_id=" dev_1 ",
        user_agent="curl/8",
        country="FR",
        plan="free",
        instrument=Instrument("card_1", "411111", "prepaid", "US"),
    )


@pytest.mark.parametrize("field", ["attempt_id", "account_id"])
def test_one_id_is_enough_and_all_else_may_be_left_out(field: str) -> None:
    account_id = "one" if field == "account_id" else None

    assert read({field: "one"}) == Attempt("one", NOON_MS, (), account_id=account_id)


def test_unknown_fields_are_tolerated() -> None:
    instrument = {"instrument_id": "card_1", "brand": "any"}
    identifier = {"kind": "phone", "value": "1", "verified": True}
    plain = {"attempt_id": "try_1", "instrument": {"instrument_id": "card_1"}}

    more = plain | {"instrument": instrument, "colour": [1], "identifiers": [identifier]}

    assert read(more) == read(plain | {"identifiers": [{"kind": "phone", "value": "1"}]})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"attempt_id": None, "account_id": None}, "attempt_id"),
        ({"attempt_id": ""}, "attempt_id"),
        ({"account_id": "x" * 257}, "account_id"),
        ({"ip": "300.1.1.1"}, "ip"),
        ({"ip": ""}, "ip"),
        ({"ip": "fe80::1%eth0"}, "ip"),
        ({"device_id": ""}, "device_id"),
        ({"device_id": "  "}, "device_id"),
        ({"device_id": "d" * 257}, "device_id"),
        ({"email": 7}, "email"),
        ({"email": "x" * 1025}, "email"),
        ({"time": "2026-05-01T12:00:00"}, "time"),
        ({"time": "yesterday"}, "time"),
        ({"time": "2026-05-01T12:05:00.001Z"}, "time"),
        ({"time": "2026-04-30T11:59:59.999Z"}, "time"),
        ({"time": "0001-01-01T00:00:00+23:59"}, "time"),
        ({"instrument": {}}, "instrument.instrument_id"),
        ({"instrument": {"instrument_id": " "}}, "instrument.instrument_id"),
        ({"instrument": {"instrument_id": "c", "kind": "cheque"}}, "instrument.kind"),
        ({"instrument": {"instrument_id": "c", "funding": "gift"}}, "instrument.funding"),
        ({"identifiers": [{"kind": "phone", "value": "1"}, {"kind": "?", "value": "1"}]}, None),
        ({"identifiers": [{"kind": "phone", "value": " "}]}, "identifiers[0].value"),
        ({"identifiers": [{"kind": "ip", "value": "here"}]}, "identifiers[0].value"),
        ({"identifiers": [{"value": "1"}]}, "identifiers[0].kind"),
    ],
)
def test_refusal_names_its_field(change: dict[str, Any], field: str | None) -> None:
    fault = refused(FULL | change)

    assert fault.field == (field or "identifiers[1].kind")
    assert fault.reason


@pytest.mark.parametrize("time", ["2026-05-01T12:05:00Z", "2026-04-30T12:00:00Z"])
def test_time_at_the_edge_is_taken(time: str) -> None:
    assert abs(read({"attempt_id": "a", "time": time}).at_ms - NOON_MS) in (300_000, DAY_MS)


def test_more_identifiers_than_twenty_are_refused() -> None:
    several = [{"kind": "phone", "value": str(number)} for number in range(MAX_IDENTIFIERS + 1)]

    fault = refused({"attempt_id": "a", "identifiers": several})

    assert fault.field == "identifiers"
    assert "length <= 20" in fault.reason
    assert len(read({"attempt_id": "a", "identifiers": several[:-1]}).keys) == MAX_IDENTIFIERS


@pytest.mark.parametrize("body", [[], "x", None, 7])
def test_what_is_no_object_is_refused(body: object) -> None:
    assert refused(body).field == ""


def test_json_that_is_nested_too_deeply_is_refused() -> None:
    deep = b'{"attempt_id":"a","x":' + b"[" * 100_000

    with pytest.raises(BadAttempt, match="attempt: "):
        parse_attempt(deep, now_ms=NOON_MS)


@given(st.binary(max_size=200) | st.text(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes | str) -> None:
    with suppress(BadAttempt):
        assert parse_attempt(body, now_ms=NOON_MS).id


_words = st.none() | st.text(max_size=12)
_fields = st.fixed_dictionaries(
    {"attempt_id": st.text(min_size=1, max_size=12)},
    optional={
        "account_id": _words,
        "email": _words | st.emails(),
        "ip": st.ip_addresses().map(str) | _words,
        "device_id": _words,
        "user_agent": _words,
        "country": _words,
        "time": st.none() | st.datetimes().map(lambda time: f"{time.isoformat()}Z"),
        "instrument": st.none() | st.fixed_dictionaries({"instrument_id": st.text(max_size=9)}),
        "identifiers": st.lists(
            st.fixed_dictionaries(
                {
                    "kind": st.sampled_from(["phone", "Email", "IP", "wallet", "?"]),
                    "value": st.text(max_size=9) | st.ip_addresses().map(str),
                }
            ),
            max_size=4,
        ),
    },
)


@given(_fields)
def test_any_object_is_read_or_refused(body: dict[str, Any]) -> None:
    with suppress(BadAttempt):
        keys = read(body).keys
        assert len(set(keys)) == len(keys)


@given(_fields)
def test_reading_what_was_normalised_changes_nothing(body: dict[str, Any]) -> None:
    try:
        once = read(body)
    except BadAttempt:
        return

    again = read(
        {
            "attempt_id": once.id,
            "account_id": once.account_id,
            "email": once.email,
            "ip": once.ip,
            "device_id": once.device_id,
            "user_agent": once.user_agent,
            "country": once.country,
            "instrument": once.instrument and {"instrument_id": once.instrument.id},
            "identifiers": [{"kind": kind, "value": value} for kind, value in once.keys],
        },
        now_ms=once.at_ms,
    )

    assert again == once
