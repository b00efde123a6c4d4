"""Accounts taken out of a graph and put back, or replaced, leave a graph as if made at once."""

import numpy as np
from hypothesis import given

from ringfence.domain.assembling import graph_from_fold
from ringfence.domain.events import Event
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.graph import AccountGraph
from ringfence.domain.joining import replace_accounts, take_accounts
from tests.store.event_lists import event_lists


def folded(events: list[Event]) -> AccountGraph:
    return graph_from_fold(fold_events(once_each(events)))


@given(before=event_lists(), after=event_lists())
def test_accounts_replaced_by_what_came_of_them_make_the_graph_of_all_events(
    before: list[Event], after: list[Event]
) -> None:
    known, whole = folded(before), folded(before + after)
    changed = {event.account_id for event in after}
    now = np.array([one in changed for one in whole.accounts.ids], dtype=bool)
    kept = np.array([one not in changed for one in known.accounts.ids], dtype=bool)

    joined = replace_accounts(known, kept, take_accounts(whole, now))

    assert joined.fingerprint() == whole.fingerprint()


@given(events=event_lists())
def test_graph_without_accounts_that_are_put_back_is_whole_again(events: list[Event]) -> None:
    whole = folded(events)
    out = np.array([at % 2 == 0 for at in range(len(whole.accounts))], dtype=bool)

    joined = replace_accounts(
        take_accounts(whole, ~out), np.ones(int((~out).sum()), bool), take_accounts(whole, out)
    )

    assert joined.fingerprint() == whole.fingerprint()


@given(events=event_lists())
def test_accounts_that_leave_take_what_they_alone_used(events: list[Event]) -> None:
    whole = folded(events)
    kept = np.array([at % 2 == 0 for at in range(len(whole.accounts))], dtype=bool)
    nobody = take_accounts(whole, np.zeros(len(kept), dtype=bool))

    left = replace_accounts(whole, kept, nobody)

    assert left.fingerprint() == take_accounts(whole, kept).fingerprint()
