"""What the API is made of, given to it from outside."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ringfence.store.graph import Graph


def present_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one API.

    Attributes:
        graph: opened and closed by whoever made it.
        api_key: what callers present.
        demo: whether introspection and the query page are open, and the key is public.
        query_timeout_s: longest time a request may take.
        now_ms: the clock, milliseconds since 1970.
    """

    graph: Graph
    api_key: str = field(repr=False)
    demo: bool = False
    query_timeout_s: float = 30.0
    now_ms: Callable[[], int] = present_ms
