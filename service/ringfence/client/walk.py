"""How a script walks through a list page by page."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from ringfence.client.generated.fragments import PageInfo

Node_co = TypeVar("Node_co", covariant=True)


class Page(Protocol[Node_co]):
    """A page of a list, as each `page_…` of the client gives it."""

    @property
    def nodes(self) -> Sequence[Node_co]:
        """The objects of the page."""

    @property
    def page_info(self) -> PageInfo:
        """Whether more follow, and after which cursor."""


def walk(page_after: Callable[[str | None], Page[Node_co] | None]) -> Iterator[Node_co]:
    """Each object of a list, its pages asked for one by one as they are needed.

    Args:
        page_after: gives the page after a cursor, the first one after None; None ends the walk.
    """
    after: str | None = None
    while page := page_after(after):
        yield from page.nodes
        if not page.page_info.has_next_page:
            return
        after = page.page_info.end_cursor
