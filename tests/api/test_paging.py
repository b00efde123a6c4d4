from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.api.graphql.ids import global_id, identifier_key, identifier_text, key_of, split_id
from ringfence.api.graphql.paging import decode_cursor, encode_cursor
from ringfence.domain.identifiers import IdentifierKey
from ringfence.errors import InvalidInput

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
