"""Readers of lists, and of rows that stand for objects which need not be made to be read."""

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLOutputType

from ringfence.api.graphql.ids import Keyed, global_id
from ringfence.api.graphql.methods import DEFINITION
from ringfence.api.graphql.plain_fields import (
    Always,
    Json,
    PlainField,
    Read,
    Reader,
    Shape,
    StepAside,
    source_of,
)
from ringfence.api.graphql.views import Rows, View


class NeedsObject(Exception):
    """What is asked cannot be told from a row alone."""


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


def row_reader(shape: Shape, view: View) -> Read | None:
    """What reads a row as the object that shows it would be read; None where that is needed."""
    writer = _Writer()
    try:
        source = writer.object(shape, view)
    except NeedsObject:
        return None
    exec(f"def read(row): return {source}", writer.names)  # noqa: S102 - names alone, as in plain_fields
    read: Read = writer.names["read"]
    return read


def _list_reader(type_: GraphQLList[Any], named: Reader) -> Reader:
    item = reader_of(type_.of_type, named)
    readers: dict[View, Read | None] = {}

    def read_rows(rows: Rows) -> list[Json]:
        view = rows.shown.view
        if view not in readers:
            readers[view] = row_reader(item.shape, view) if item.shape else None
        read = readers[view]
        return [read(row) for row in rows.rows] if read else [item.read(one) for one in rows]

    def read_list(value: object) -> list[Json]:
        if isinstance(value, Rows):
            return read_rows(value)
        if not isinstance(value, list | tuple):
            raise StepAside
        return [item.read(one) for one in value]

    return Reader(read_list)


@dataclass(slots=True)
class _Writer:
    """Writes Python that reads a `row`."""

    names: dict[str, Any] = field(
        default_factory=lambda: {"isfinite": isfinite, "global_id": global_id}
    )

    def object(self, shape: Shape, view: View) -> str:
        if shape.type.extensions[DEFINITION].origin is not view.type:
            raise NeedsObject
        told = [f"{key!r}: {self._field(one, view)}" for key, one in shape.fields.items()]
        return f"{{{', '.join(told)}}}"

    def _field(self, one: PlainField, view: View) -> str:
        if isinstance(one.get, Always):
            return repr(one.get.value)
        if not isinstance(one.get, str):
            raise NeedsObject
        part = view.parts.get(one.get)
        if isinstance(part, View):
            if one.reader.shape is None:
                raise NeedsObject
            return self.object(one.reader.shape, part)
        n = len(self.names)
        self.names[f"read_{n}"] = one.reader.read
        return source_of(self._value(one.get, view), one.reader.as_it_is, n)

    def _value(self, path: str, view: View) -> str:
        name, _, rest = path.partition(".")
        keyed = getattr(view.type, name, None)
        if isinstance(keyed, Keyed) and not rest:
            return f"global_id({keyed.type_name!r}, {self._value(keyed.path, view)})"
        part = view.parts.get(name)
        if not isinstance(part, int) or not rest:
            raise NeedsObject
        return f"row[{part}].{rest}"
