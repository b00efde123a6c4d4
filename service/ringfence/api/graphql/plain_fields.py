"""Readers of plain fields: values that an object already holds, turned into JSON without detours.

A reader knows one selection, so it does in one pass what graphql-core decides anew for each field
of each object. It only takes what is exactly as the schema says; whatever else it meets, it steps
aside, and graphql-core reads the same object from the start, with its errors, paths and nulls.

The reader of an object is Python written for its selection, as `dataclasses` writes constructors;
the names in it are those of GraphQL and of our own attributes, its values are given to it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from inspect import isawaitable
from math import isfinite
from typing import Any, Final, TypeAlias

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
    Undefined,
)

from ringfence.api.graphql.methods import Get

Json: TypeAlias = Any
"""A value as JSON has it."""
Read: TypeAlias = Callable[[Any], Json]
"""Turns a value into JSON, or raises: `StepAside`, or what reading it raised."""

SELECTIONS_KEPT: Final = 1_024
TYPES_KEPT: Final = 4_096
MAX_INT: Final = 2**31 - 1
_AS_IT_IS: Final = {
    GraphQLString.name: "type(v) is str",
    GraphQLID.name: "type(v) is str",
    GraphQLBoolean.name: "type(v) is bool",
    GraphQLInt.name: f"type(v) is int and {-MAX_INT} <= v <= {MAX_INT}",
    GraphQLFloat.name: "type(v) is float and isfinite(v)",
}
"""When a value `v` of a scalar is JSON as it is."""


class StepAside(Exception):
    """The value is none that a reader takes."""


@dataclass(frozen=True, slots=True)
class Reader:
    """What turns the values of a type into JSON.

    Attributes:
        read: does it.
        as_it_is: a condition in Python on a value `v` that needs no turning, or "".
    """

    read: Read
    as_it_is: str = ""


@dataclass(frozen=True, slots=True)
class PlainField:
    """A plain field of an object.

    Attributes:
        get: reads it off the object, or the path of attributes to it.
        reader: of its type.
    """

    get: Get | str
    reader: Reader


@lru_cache(TYPES_KEPT)
def leaf_reader(leaf: GraphQLLeafType) -> Reader:
    """The reader of a scalar or an enum."""
    coerced = _coercer(leaf)
    if isinstance(leaf, GraphQLEnumType):
        return Reader(_Names(coerced).__getitem__)
    return Reader(coerced, _AS_IT_IS.get(leaf.name, ""))


def object_reader(type_: GraphQLObjectType, fields: Mapping[str, PlainField]) -> Read:
    """The reader of an object; fields by response key, in the order of the answer."""
    written = tuple(
        (key, field.get if isinstance(field.get, str) else "", field.reader.as_it_is)
        for key, field in fields.items()
    )
    known: set[type] = set()
    gets = [field.get for field in fields.values()]
    reads = [field.reader.read for field in fields.values()]
    read: Read = _written(written)(known, lambda value: _expect_object(type_, value), gets, reads)
    return read


def reader_of(type_: GraphQLOutputType, named: Reader) -> Reader:
    """The reader of a type, nullable or not, list or not.

    Args:
        type_: what the field is declared as.
        named: of its innermost type.
    """
    if isinstance(type_, GraphQLNonNull):
        inner: GraphQLOutputType = type_.of_type
        return _list_reader(inner, named) if isinstance(inner, GraphQLList) else named
    whole = _list_reader(type_, named) if isinstance(type_, GraphQLList) else named
    read = whole.read
    return Reader(
        lambda value: None if value is None else read(value),
        f"v is None or {whole.as_it_is}" if whole.as_it_is else "v is None",
    )


@lru_cache(SELECTIONS_KEPT)
def _written(fields: tuple[tuple[str, str, str], ...]) -> Callable[..., Read]:
    """What makes the reader of a selection: response key, path and condition of each field."""
    told = []
    for n, (key, path, as_it_is) in enumerate(fields):
        value = f"value.{path}" if path else f"get_{n}(value)"
        if as_it_is:
            # The first `v` of a condition is the one that is worked out first.
            bound = as_it_is.replace("v", f"(v := {value})", 1)
            told.append(f"{key!r}: v if {bound} else read_{n}(v)")
        else:
            told.append(f"{key!r}: read_{n}({value})")
    names = range(len(fields))
    source = f"""
def make(known, expect_object, gets, reads):
    {" ".join(f"get_{n}," for n in names)} = gets
    {" ".join(f"read_{n}," for n in names)} = reads
    def read(value):
        if type(value) not in known:
            known.add(expect_object(value))
        return {{{", ".join(told)}}}
    return read
"""
    made: dict[str, Any] = {"isfinite": isfinite}
    exec(source, made)  # noqa: S102 - of names alone, see above
    make: Callable[..., Read] = made["make"]
    return make


def _list_reader(type_: GraphQLList[Any], named: Reader) -> Reader:
    item = reader_of(type_.of_type, named).read

    def read_list(value: object) -> list[Json]:
        if not isinstance(value, list | tuple):
            raise StepAside
        return [item(one) for one in value]

    return Reader(read_list)


class _Names(dict[Any, Json]):
    """Values of an enum as JSON has them, filled as they are met."""

    def __init__(self, coerced: Read) -> None:
        self._coerced = coerced

    def __missing__(self, value: object) -> Json:
        told = self[value] = self._coerced(value)
        return told


def _coercer(leaf: GraphQLLeafType) -> Read:
    def coerced(value: object) -> Json:
        if value is None or isinstance(value, Exception) or isawaitable(value):
            raise StepAside
        told = leaf.coerce_output_value(value)
        if told is None or told is Undefined:
            raise StepAside
        return told

    return coerced


def _expect_object(type_: GraphQLObjectType, value: object) -> type:
    """The value's class, whose objects are of the type.

    Raises:
        StepAside: they are not, or are no objects but something that leads to one.
    """
    if value is None or isinstance(value, Exception) or isawaitable(value):
        raise StepAside
    if type_.is_type_of and not type_.is_type_of(value, None):  # type: ignore[arg-type]
        raise StepAside
    return type(value)
