"""How long the task at hand may still take, known to every statement that it runs."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from ringfence.errors import LimitExceeded

_ends_at: ContextVar[float | None] = ContextVar("time_budget_ends_at", default=None)


@contextmanager
def time_budget(seconds: float) -> Iterator[None]:
    """Give the block, and all tasks that it starts, so many seconds."""
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def due_in(seconds: float) -> float:
    """The moment, on the monotonic clock, when these seconds or the budget are over."""
    due = time.monotonic() + seconds
    ends_at = _ends_at.get()
    return due if ends_at is None else min(due, ends_at)


def within_budget(seconds: float) -> float:
    """The lesser of these seconds and what is left of the budget.

    Raises:
        LimitExceeded: nothing is left.
    """
    ends_at = _ends_at.get()
    if ends_at is None:
        return seconds
    left = ends_at - time.monotonic()
    if left <= 0:
        raise LimitExceeded("The request's time budget is used up. Ask for less at once.")
    return min(seconds, left)
