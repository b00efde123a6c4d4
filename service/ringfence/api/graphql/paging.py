"""Pages of lists: how many, from where on, and the Relay connections that hold them.

Every list is read by key, never by offset: a page deep in a ring costs what the first one does.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

import orjson
import strawberry

from ringfence.api.graphql.context import Finder, Load
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.views import Rows, Shown
from ringfence.api.sealing import seal
from ringfence.errors import InvalidInput

MAX_FIRST = 100
SEALED_ORDERS = frozenset({"links", "policy_list_entries", "search"})
"""Orders whose places hold values of identifiers, which a cursor must not tell."""
WHOLE_NUMBERS = range(-62_135_596_800_000, 253_402_214_400_000)
"""What whole numbers of a place lie in: moments of the years 1 to 9999, in milliseconds since 1970.
A cursor that was made up may hold others, which neither Neo4j nor a datetime can."""
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


@dataclass(slots=True)  # not frozen: see Load
class PageRead:
    """A page as it was read, of which an answer is told what is asked for.

    Attributes:
        page: what was asked of the list.
        found: its rows, one more than the page holds where more follow.
        place: where a row lies in the list.
        node: the object that a row becomes.
        counted: counts the whole list.
    """

    page: "Page"
    found: Sequence[Any]
    place: Callable[[Any], tuple[Any, ...]]
    node: Callable[[Any], Any]
    counted: Callable[[], Awaitable[int]]

    @property
    def rows(self) -> Sequence[Any]:
        """The rows that the page holds."""
        return self.found[: self.page.first]

    def cursor(self, row: object) -> str:
        """The opaque place of a row."""
        return encode_cursor(self.page.order, self.place(row))


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    """A page of a list."""

    read: strawberry.Private[PageRead]

    @resolved
    def edges(self) -> list[Edge[Node]]:
        """The objects with their places, 100 at the most."""
        return [
            Edge(cursor=self.read.cursor(row), node=self.read.node(row)) for row in self.read.rows
        ]

    @resolved
    def nodes(self) -> list[Node]:
        """The objects without their places, 100 at the most."""
        node, rows = self.read.node, self.read.rows
        if isinstance(node, Shown):
            return Rows(rows, node)  # type: ignore[return-value]  # as good as the list, and lazy
        return [node(row) for row in rows]

    @resolved
    def page_info(self) -> PageInfo:
        """Where the page lies in the list."""
        read, rows = self.read, self.read.rows
        return PageInfo(
            has_next_page=len(read.found) > len(rows),
            has_previous_page=read.page.after is not None,
            start_cursor=read.cursor(rows[0]) if rows else None,
            end_cursor=read.cursor(rows[-1]) if rows else None,
        )

    @resolved
    async def total_count(self) -> int:
        """How many the whole list holds, counted up to 25,000 (25,001 means more) and on demand."""
        return min(await self.read.counted(), COUNT_LIMIT + 1)


@dataclass(slots=True)  # not frozen: see Load
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
        return Connection(read=PageRead(self, found, place, node, counted))

    def load(
        self,
        find: Finder[Any, Any],
        key: Hashable,
        arguments: Mapping[str, Hashable],
        *,
        place: Callable[[Any], tuple[Any, ...]],
        node: Callable[[Any], Node],
        counted: Callable[[], Awaitable[int]],
    ) -> Load[Connection[Node]]:
        """The load that leads to the connection.

        Args:
            find: reads the next rows for many keys at once.
            key: of the object whose list it is.
            arguments: of `find`, beside the keys, the place and the limit.
            place: where a row lies in the list.
            node: the object that a row becomes.
            counted: counts the whole list.
        """
        asked = {**arguments, "after": self.after, "limit": self.limit}
        return Load(
            find,
            key,
            lambda found: self.connect(found or [], place=place, node=node, counted=counted),
            asked,
        )


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
        or any(type(part) is int and part not in WHOLE_NUMBERS for part in told[1:])
    ):
        raise InvalidInput(
            "`after` is no cursor of this list in this order. Start again without it, or give an "
            "`endCursor` of the same list."
        )
    return tuple(told[1:])
