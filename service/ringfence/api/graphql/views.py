"""Views: objects that show the rows of a list, made one by one only where an answer needs them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Part: TypeAlias = "int | View"
"""Which part of a row an attribute is, or how it shows the row itself."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """How objects of a class show a row.

    Attributes:
        type: the class.
        parts: of its attributes.
    """

    type: Callable[..., Any]
    parts: Mapping[str, Part]

    def of(self, **others: object) -> "Shown":
        """The view with the other attributes, which are the same for all rows of a list."""
        return Shown(self, others)


@dataclass(frozen=True, slots=True)
class Shown:
    """Makes objects of rows.

    Attributes:
        view: how.
        others: attributes that are no part of a row.
    """

    view: View
    others: Mapping[str, object] = field(default_factory=dict)

    def __call__(self, row: Sequence[Any]) -> Any:  # noqa: ANN401 - an object of the view's class
        """The object that shows a row."""
        parts = {
            name: row[part] if isinstance(part, int) else Shown(part)(row)
            for name, part in self.view.parts.items()
        }
        return self.view.type(**parts, **self.others)


@dataclass(frozen=True, slots=True)
class Rows:
    """The objects that show rows, each made when it is reached.

    Attributes:
        rows: of one list.
        shown: makes the objects.
    """

    rows: Sequence[Any]
    shown: Shown

    def __iter__(self) -> Iterator[Any]:
        return map(self.shown, self.rows)
