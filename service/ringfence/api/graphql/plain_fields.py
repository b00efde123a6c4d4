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
    GraphQLObjectType,
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
        shape: of the objects that it reads, or None.
    """

    read: Read
    as_it_is: str = ""
    shape: "Shape | None" = None


@dataclass(frozen=True, slots=True)
class PlainField:
    """A plain field of an object.

    Attributes:
        get: reads it off the object, or the path of attributes to it.
        reader: of its type.
    """

    get: Get | str
    reader: Reader


@dataclass(frozen=True, slots=True)
class Shape:
    """What is read of the objects of a type.

    Attributes:
        fields: by response key, in the order of the answer.
    """

    type: GraphQLObjectType
    fields: Mapping[str, PlainField]


@dataclass(frozen=True, slots=True)
class Always:
    """Reads the same off every object, such as the name of its type."""

    value: Json

    def __call__(self, _: object) -> Json:
        """The value, whatever the object."""
        return self.value


@lru_cache(TYPES_KEPT)
def leaf_reader(leaf: GraphQLLeafType) -> Reader:
    """The reader of a scalar or an enum."""
    coerced = _coercer(leaf)
    if isinstance(leaf, GraphQLEnumType):
        return Reader(_Names(coerced).__getitem__)
    return Reader(coerced, _AS_IT_IS.get(leaf.name, ""))


def object_reader(shape: Shape) -> Reader:
    """The reader of objects of one shape."""
    fields = shape.fields.values()
    written = tuple(
        (key, field.get if isinstance(field.get, str) else "", field.reader.as_it_is)
        for key, field in shape.fields.items()
    )
    known: set[type] = set()
    gets, reads = [field.get for field in fields], [field.reader.read for field in fields]
    make = _written(written)
    return Reader(
        make(known, lambda value: _expect_object(shape.type, value), gets, reads), shape=shape
    )


def source_of(value: str, as_it_is: str, n: int) -> str:
    """Python that reads a value which is as it is under a condition, or else by `read_n`."""
    if not as_it_is:
        return f"read_{n}({value})"
    # The first `v` of a condition is the one that is worked out first.
    bound = as_it_is.replace("v", f"(v := {value})", 1)
    return f"v if {bound} else read_{n}(v)"


@lru_cache(SELECTIONS_KEPT)
def _written(fields: tuple[tuple[str, str, str], ...]) -> Callable[..., Read]:
    """What makes the reader of a selection: response key, path and condition of each field."""
    told = []
    for n, (key, path, as_it_is) in enumerate(fields):
        value = f"value.{path}" if path else f"get_{n}(value)"
        told.append(f"{key!r}: {source_of(value, as_it_is, n)}")
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
