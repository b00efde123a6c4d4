"""Pages of lists: how many, from where on, and the Relay connections that hold them.

Every list is read by key, never by offset: a page deep in a ring costs what the first one does.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import orjson
import strawberry

from ringfence.api.graphql.fields import resolved
from ringfence.api.sealing import seal
from ringfence.errors import InvalidInput

MAX_FIRST = 100
SEALED_ORDERS = frozenset({"links", "search"})
"""Orders whose places hold values of identifiers, which a cursor must not tell."""
COUNT_LIMIT = 25_000
"""Objects that a total counts before it gives up."""

Node = TypeVar("Node")
Found = TypeVar("Found")

First = Annotated[
    int, strawberry.argument(description=f"How many to return, from 1 to {MAX_FIRST}.")
]
After = Annotated[
    str | None,
    strawberry.argument(
        description="Continue after this cursor, taken from the same list in the same order."
    ),
]


@strawberry.type
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool = strawberry.field(description="Whether more follow this page.")
    has_previous_page: bool = strawberry.field(
        description="Whether the page was continued after a cursor."
    )
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge, or null.")
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last edge, or null; give it as `after` to read on."
    )


@strawberry.type(description="One object of a list and its place in it.")
class Edge(Generic[Node]):
    """One object of a list and its place in it."""

    cursor: str = strawberry.field(description="Opaque place of the object in the list.")
    node: Node = strawberry.field(description="The object.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    """A page of a list."""

    edges: list[Edge[Node]] = strawberry.field(
        description=f"The objects with their places, {MAX_FIRST} at the most."
    )
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")
    counted: strawberry.Private[Callable[[], Awaitable[int]]]

    @resolved
    def nodes(self) -> list[Node]:
        """The objects without their places, 100 at the most."""
        return [edge.node for edge in self.edges]

    @resolved
    async def total_count(self) -> int:
        """How many the whole list holds, counted up to 25,000 (25,001 means more) and on demand."""
        return min(await self.counted(), COUNT_LIMIT + 1)


@dataclass(frozen=True, slots=True)
class Page:
    """What a caller asks of a list.

    Attributes:
        first: objects a page.
        after: place of the last object seen, or None.
        order: name of the list's order, which its cursors bear.
    """

    first: int
    after: tuple[Any, ...] | None
    order: str

    @property
    def limit(self) -> int:
        """Rows to read: one more than the page holds tells whether more follow."""
        return self.first + 1

    def connect(
        self,
        found: Sequence[Found],
        *,
        place: Callable[[Found], tuple[Any, ...]],
        node: Callable[[Found], Node],
        counted: Callable[[], Awaitable[int]],
    ) -> Connection[Node]:
        """The connection over the rows that were read, `limit` of them at the most."""
        edges = [
            Edge(cursor=encode_cursor(self.order, place(one)), node=node(one))
            for one in found[: self.first]
        ]
        info = PageInfo(
            has_next_page=len(found) > self.first,
            has_previous_page=self.after is not None,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return Connection(edges=edges, page_info=info, counted=counted)


def read_page(first: int, after: str | None, order: str, shape: tuple[type, ...]) -> Page:
    """What a caller asks of a list.

    Args:
        first: objects a page.
        after: a cursor of the same list, or None.
        order: name of the list's order.
        shape: types of the parts of a place in it.

    Raises:
        InvalidInput: `first` is out of bounds, or the cursor is not one of this list.
    """
    bounded(first)
    place = None if after is None else decode_cursor(after, order, shape)
    return Page(first, place, order)


def bounded(first: int) -> int:
    """The count itself.

    Raises:
        InvalidInput: it is below 1 or above `MAX_FIRST`.
    """
    if not 1 <= first <= MAX_FIRST:
        raise InvalidInput(f"`first` is {first}; expected a number from 1 to {MAX_FIRST}.")
    return first


def encode_cursor(order: str, place: tuple[Any, ...]) -> str:
    """The opaque text of a place in a list."""
    text = orjson.dumps([order, *place])
    if order in SEALED_ORDERS:
        return seal().close(text.decode())
    return urlsafe_b64encode(text).decode().rstrip("=")


def decode_cursor(text: str, order: str, shape: tuple[type, ...]) -> tuple[Any, ...]:
    """The place that a cursor tells.

    Raises:
        InvalidInput: it is not a cursor of a list in this order.
    """
    try:
        if order in SEALED_ORDERS:
            told = orjson.loads(seal().open(text) or "null")
        else:
            told = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except ValueError:
        told = None
    if (
        not isinstance(told, list)
        or told[:1] != [order]
        or [type(part) for part in told[1:]] != list(shape)
    ):
        raise InvalidInput(
            "`after` is no cursor of this list in this order. Start again without it, or give an "
            "`endCursor` of the same list."
        )
    return tuple(told[1:])
