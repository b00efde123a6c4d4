from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.events import (
    Body,
    ChargeData,
    Event,
    InstrumentData,
    SignInData,
    SignUpData,
    UsageData,
    parse_event,
)
from ringfence.domain.folding import DAY_MS, Fold, LinkFold, fold_events, once_each
from ringfence.domain.identifiers import DEVICE, PAYMENT_INSTRUMENT, IdentifierKey
from tests.store.event_lists import event_lists

DEVICE_1 = IdentifierKey(DEVICE, "dev_1")
CARD_1 = IdentifierKey(PAYMENT_INSTRUMENT, "card_1")


def event(key: int, time_ms: int, body: Body, *shared: IdentifierKey) -> Event:
    return Event(key=key, account_id="acct_1", time_ms=time_ms, shared=shared, body=body)


def canonical(fold: Fold) -> Fold:
    """The fold with its only ordered part, the ledgers, in order."""
    for account in fold.accounts.values():
        account.event_keys.sort()
    return fold


@given(event_lists(), st.data())
def test_order_of_events_does_not_matter(events: list[Event], data: st.DataObject) -> None:
    once = list(once_each(events))

    shuffled = data.draw(st.permutations(once))

    assert canonical(fold_events(shuffled)) == canonical(fold_events(once))


@given(event_lists())
def test_repeated_events_are_counted_once(events: list[Event]) -> None:
    assert fold_events(once_each(events + events)) == fold_events(once_each(events))


def test_same_id_on_two_accounts_is_two_events() -> None:
    one = event(1, 10, SignInData())
    other = Event(key=1, account_id="acct_2", time_ms=10, shared=(), body=SignInData())

    assert list(once_each([one, other, one])) == [one, other]


def test_earliest_sign_up_wins_and_equal_times_are_decided_by_the_key() -> None:
    late = event(1, 30, SignUpData(email="late"))
    early = event(9, 20, SignUpData(email="early, greater key"))
    earliest = event(2, 20, SignUpData(email="early, smaller key"))

    account = fold_events([late, early, earliest]).accounts["acct_1"]

    assert account.signed_up == (20, 2)
    assert account.sign_up == SignUpData(email="early, smaller key")
    assert (account.first_seen_ms, account.last_seen_ms) == (20, 30)


def test_link_spans_its_events_and_counts_them() -> None:
    times = [20, 10, 30]

    fold = fold_events(event(at, time, SignInData(), DEVICE_1) for at, time in enumerate(times))

    assert fold.links == {(DEVICE_1, "acct_1"): LinkFold(10, 30, 3)}


def test_instrument_is_described_by_its_earliest_attachment_and_not_by_charges() -> None:
    charged = ChargeData(instrument_id="card_1", amount_minor=1, currency="USD", outcome="declined")
    second = InstrumentData(instrument_id=" card_1 ", funding="prepaid")
    first = InstrumentData(instrument_id="card_1", funding="credit")

    fold = fold_events(
        [
            event(1, 10, charged, CARD_1),
            event(2, 30, second, CARD_1),
            event(3, 20, first, CARD_1),
        ]
    )

    assert list(fold.instruments) == ["card_1"]
    assert fold.instruments["card_1"].described == (20, 3)
    assert fold.instruments["card_1"].data.funding == "credit"


def test_money_is_summed_by_currency_and_only_where_it_was_paid() -> None:
    def charge(amount: int, currency: str, outcome: str) -> ChargeData:
        return ChargeData("card_1", amount, currency, outcome)  # type: ignore[arg-type]

    account = fold_events(
        [
            event(1, 40, charge(5, "USD", "succeeded")),
            event(2, 20, charge(7, "usd", "succeeded")),
            event(3, 30, charge(9, "EUR", "succeeded")),
            event(4, 10, charge(100, "USD", "declined")),
            event(5, 50, charge(5, "USD", "refunded")),
        ]
    ).accounts["acct_1"]

    assert account.paid_minor_by_currency == {"USD": 12, "EUR": 9}
    assert account.charges == {"succeeded": 3, "declined": 1, "refunded": 1}
    assert (account.first_paid_ms, account.last_paid_ms) == (20, 40)


def test_usage_goes_to_the_day_its_period_starts_or_else_to_that_of_the_report() -> None:
    text = (
        b'{"specversion":"1.0","id":"1","source":"s","type":"usage.reported","subject":"acct_1",'
        b'"time":"1970-01-09T00:00:00Z","data":{"requests":3,"tokens":4,'
        b'"period_start":"1970-01-08T01:00:00+02:00"}}'
    )
    started_the_day_before = parse_event(text, now_ms=10**12)
    undated = event(2, 8 * DAY_MS, UsageData(requests=1))
    same_day = event(3, 9 * DAY_MS - 1, UsageData(requests=2, tokens=5))

    account = fold_events([started_the_day_before, undated, same_day]).accounts["acct_1"]

    assert account.usage_by_day == {6: (3, 4), 8: (3, 5)}
