"""Lists of events for property tests: few accounts, few things to share, every type, repeats."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from ringfence.domain.events import Event, parse_event

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 20
NOW_MS = 1_900_000_000_000

_accounts = st.sampled_from(["a", "b", "ä", "acct 4", "😀", "z" * 256])
_texts = st.text(max_size=12)
_values = st.sampled_from(["one", "two", "three", " Ünder-score "])
_kinds = st.sampled_from(["phone", "promo_code", "card", "device", "email", "something_new"])
_counts = st.integers(0, 10**12)
_instants = st.integers(0, DAYS * 86_400_000).map(lambda ms: START + timedelta(milliseconds=ms))


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=fields)


_place = {
    "ip": st.sampled_from(["10.0.0.1", "10.0.0.2", "::ffff:10.0.0.1", "2001:DB8::1"]),
    "device_id": _values,
    "identifiers": st.lists(st.fixed_dictionaries({"kind": _kinds, "value": _values}), max_size=2),
}
_data_by_type = {
    "account.signed_up": _some(
        email=_texts, user_agent=_texts, country=_texts, plan=_texts, **_place
    ),
    "account.signed_in": _some(user_agent=_texts, **_place),
    "billing.instrument_attached": st.fixed_dictionaries(
        {"instrument_id": _values},
        optional={
            "kind": st.sampled_from(["card", "bank", "wallet"]),
            "funding": st.sampled_from(["credit", "debit", "prepaid", "virtual"]),
            "bin": _texts,
            "country": _texts,
        },
    ),
    "billing.charged": st.fixed_dictionaries(
        {
            "instrument_id": _values,
            "amount_minor": _counts,
            "currency": st.sampled_from(["USD", "eur"]),
            "outcome": st.sampled_from(["succeeded", "declined", "refunded", "disputed"]),
        }
    ),
    "usage.reported": st.fixed_dictionaries(
        {"requests": _counts},
        optional={"tokens": _counts, "period_start": _instants.map(datetime.isoformat)},
    ),
}


@st.composite
def _events(draw: st.DrawFn) -> Event:
    type_ = draw(st.sampled_from(sorted(_data_by_type)))
    envelope = {
        "specversion": "1.0",
        "id": str(draw(st.integers(0, 10**6))),
        "source": "/test",
        "type": type_,
        "subject": draw(_accounts),
        "time": draw(_instants).isoformat(),
        "data": draw(_data_by_type[type_]),
    }
    return parse_event(json.dumps(envelope), now_ms=NOW_MS)


@st.composite
def event_lists(draw: st.DrawFn) -> list[Event]:
    """Events in any order, some of them twice; no two different ones have the same id."""
    events = draw(st.lists(_events(), max_size=25, unique_by=lambda event: event.key))
    repeated = draw(st.lists(st.sampled_from(events), max_size=3)) if events else []
    return events + repeated
