"""Places that items of a changing list keep."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.places import keep_places

ITEMS = st.lists(st.integers(0, 30), unique=True)


@given(ITEMS, st.dictionaries(st.integers(0, 30), st.floats(-1e6, 1e6)))
def test_places_rise(order: list[int], known: dict[int, float]) -> None:
    places = keep_places(order, known)

    assert len(places) == len(order)
    assert all(before < after for before, after in pairwise(places))


@given(ITEMS, st.sets(st.integers(0, 30)), st.lists(st.integers(31, 40), unique=True), st.data())
def test_who_stays_in_order_stays_in_place(
    order: list[int], gone: set[int], fresh: list[int], data: st.DataObject
) -> None:
    known = dict(zip(order, keep_places(order, {}), strict=True))
    now = [item for item in order if item not in gone]
    for item in fresh:
        now.insert(data.draw(st.integers(0, len(now))), item)

    places = dict(zip(now, keep_places(now, known), strict=True))

    assert all(places[item] == known[item] for item in order if item not in gone)


def test_one_that_moves_leaves_the_others_in_place() -> None:
    places = keep_places(["b", "c", "d", "a", "e"], {"a": 0, "b": 1, "c": 2, "d": 3, "e": 4})

    assert places == [1, 2, 3, 3.5, 4]


def test_all_are_given_anew_where_there_is_no_room() -> None:
    assert keep_places(["a", "b", "c"], {"a": 1.0, "c": 1.0 + 1e-9}) == [0, 1, 2]
