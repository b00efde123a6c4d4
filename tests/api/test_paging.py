from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.api.graphql.ids import global_id, identifier_key, identifier_text, key_of, split_id
from ringfence.api.graphql.paging import WHOLE_NUMBERS, decode_cursor, encode_cursor
from ringfence.domain.identifiers import IdentifierKey
from ringfence.errors import InvalidInput
from ringfence.store.times import moment
from tests.api.live import LiveApi

unhurried = settings(deadline=None)
SHAPE = (float, str)
texts = st.text(st.characters(exclude_categories=["Cs"]))
places = st.tuples(st.floats(allow_nan=False, allow_infinity=False), texts)


@unhurried
@given(places)
def test_cursor_brings_back_its_place(place: tuple[float, str]) -> None:
    assert decode_cursor(encode_cursor("rings", place), "rings", SHAPE) == place


@unhurried
@given(texts | places.map(lambda place: encode_cursor("other", place)))
def test_any_other_text_is_refused_as_a_cursor(text: str) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(text, "rings", SHAPE)


@unhurried
@given(st.tuples(st.integers(), st.text("ab")) | st.tuples(st.floats(0, 1), st.integers(0, 9)))
def test_place_of_another_shape_is_refused(place: tuple[Any, ...]) -> None:
    try:
        cursor = encode_cursor("rings", place)
    except TypeError:
        return  # an integer that JSON does not hold is never a place

    with pytest.raises(InvalidInput):
        decode_cursor(cursor, "rings", SHAPE)


@unhurried
@given(st.integers(0, 2**64 - 1) | st.integers(-(2**63), 0))
def test_whole_number_that_is_no_moment_is_refused(number: int) -> None:
    cursor, shape = encode_cursor("screenings", (number, "s1")), (int, str)

    if number in WHOLE_NUMBERS:
        assert decode_cursor(cursor, "screenings", shape) == (number, "s1")
        assert moment(number)
    else:
        with pytest.raises(InvalidInput):
            decode_cursor(cursor, "screenings", shape)


@pytest.mark.parametrize("number", [WHOLE_NUMBERS[0], WHOLE_NUMBERS[-1], 2**63])
@pytest.mark.usefixtures("writer")
def test_cursor_that_was_made_up_is_no_fault_of_ours(api: LiveApi, number: int) -> None:
    lists = {
        "policies": ("policies", ("a", number)),
        "screenings": ("screenings", (number, "a")),
        "detectionRuns": ("detection_runs", (number, "a")),
        "investigations": ("investigations", (number, "a")),
        "appeals": ("appeals", (number, "a")),
    }
    for field, (order, place) in lists.items():
        query = f"query ($after: String) {{ {field}(first: 1, after: $after) {{ totalCount }} }}"

        told = api.post_query(query, after=encode_cursor(order, place)).json()

        codes = [error["extensions"]["code"] for error in told.get("errors", [])]
        assert codes == ([] if number in WHOLE_NUMBERS else ["invalid_input"]), field


@unhurried
@given(texts)
def test_global_id_brings_back_type_and_key(key: str) -> None:
    opaque = global_id("Ring", key[:200])

    assert split_id(opaque) == ("Ring", key[:200])
    assert key_of("Ring", opaque) == key[:200]
    assert key_of("Account", opaque) == opaque


@unhurried
@given(texts, texts)
def test_identifier_key_comes_back_from_its_text(kind: str, value: str) -> None:
    key = IdentifierKey(kind, value)

    assert identifier_key(identifier_text(key)) == key


@unhurried
@given(texts)
def test_plain_id_is_taken_as_it_is(key: str) -> None:
    assert key_of("Ring", f"ring_{key}") == f"ring_{key}"
