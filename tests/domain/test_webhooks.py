from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.receipts import PlacedReceipt, ReceiptOutcome, latest
from ringfence.domain.takedowns import AccountAction, ActionKind, Standing
from ringfence.domain.webhooks import (
    AskedEndpoint,
    Message,
    expect_numbers,
    retry_delay_s,
    sort_out,
)
from ringfence.errors import InvalidInput

ACTION = AccountAction(
    seq=7,
    id="td_1.7",
    kind=ActionKind.APPLY,
    account_id="acct_1",
    takedown_id="td_1",
    ring_id="ring_1",
    standing=Standing.SUSPENDED,
    previous_standing=Standing.THROTTLED,
    reason="fake accounts",
    at=datetime(2026, 6, 1, 12, 0, 0, 250_000, UTC),
    expires_at=datetime(2026, 7, 1, 12, 0, tzinfo=UTC),
)
MESSAGE = Message("we_1", "https://hooks.example/", ("sealed",), (7,), False, 0, (ACTION,))


def test_body_tells_each_action_in_full() -> None:
    assert orjson.loads(MESSAGE.body) == {
        "type": "takedown.actions",
        "timestamp": "2026-06-01T12:00:00.250Z",
        "data": {
            "actions": [
                {
                    "id": "td_1.7",
                    "seq": 7,
                    "kind": "apply",
                    "account_id": "acct_1",
                    "takedown_id": "td_1",
                    "ring_id": "ring_1",
                    "standing": "suspended",
                    "previous_standing": "throttled",
                    "reason": "fake accounts",
                    "at": "2026-06-01T12:00:00.250Z",
                    "expires_at": "2026-07-01T12:00:00.000Z",
                }
            ]
        },
    }


def test_message_keeps_its_id_and_body_at_each_try() -> None:
    later = replace(MESSAGE, tries=5, secrets=("other", "sealed"))

    assert (later.id, later.body) == (MESSAGE.id, MESSAGE.body)
    assert MESSAGE.id.startswith("msg_")
    assert replace(MESSAGE, seqs=(7, 8)).id != MESSAGE.id
    assert replace(MESSAGE, endpoint_id="we_2").id != MESSAGE.id


def test_secrets_are_not_in_what_is_printed_of_a_message() -> None:
    assert "sealed" not in repr(MESSAGE)


@pytest.mark.parametrize(("batch", "after"), [(0, None), (501, None), (100, -1), (100, 2**63)])
def test_numbers_out_of_range_are_refused(batch: int, after: int | None) -> None:
    with pytest.raises(InvalidInput):
        expect_numbers(AskedEndpoint("https://hooks.example/", batch, after))


def test_actions_of_accounts_with_dead_letters_stay_behind() -> None:
    assert sort_out([(1, False), (2, True), (3, False), (4, True)]) == ([1, 3], [2, 4])


@given(
    failed=st.integers(1, 1_000),
    told_s=st.none() | st.floats(0, 1e9),
    drawn=st.floats(0, 1, exclude_max=True),
)
def test_delay_stays_in_its_bounds_and_is_no_less_than_asked_for(
    failed: int, told_s: float | None, drawn: float
) -> None:
    delay_s = retry_delay_s(failed, told_s=told_s, first_s=1.0, longest_s=600.0, draw=lambda: drawn)

    grown = min(600.0, 2.0 ** min(failed - 1, 60))
    assert grown / 2 <= max(delay_s, grown / 2) <= 3_600
    assert delay_s >= min(told_s or 0, 3_600)
    if told_s is None:
        assert grown / 2 <= delay_s <= grown


def test_delay_doubles_until_it_is_longest() -> None:
    delays = [
        retry_delay_s(n, told_s=None, first_s=1.0, longest_s=10.0, draw=lambda: 0.0)
        for n in range(1, 7)
    ]

    assert delays == [1, 2, 4, 8, 10, 10]


def placed(index: int, account_id: str, seq: int) -> PlacedReceipt:
    return PlacedReceipt(index, account_id, seq, ReceiptOutcome.DONE, None)


def test_receipt_of_the_last_action_counts_in_whatever_order_they_come() -> None:
    first, last, other = placed(0, "a", 9), placed(1, "a", 4), placed(2, "b", 5)

    kept, passed_over = latest([first, last, other])

    assert sorted(one.index for one in kept) == [0, 2]
    assert passed_over == [1]


def test_of_two_receipts_of_one_action_the_later_one_counts() -> None:
    kept, passed_over = latest([placed(0, "a", 4), placed(1, "a", 4)])

    assert ([one.index for one in kept], passed_over) == ([1], [0])
