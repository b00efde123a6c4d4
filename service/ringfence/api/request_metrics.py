"""Requests counted by route: a path that is no route of ours counts as one of many others."""

from typing import Final

from ringfence.api.access import NEEDED, pattern_of
from ringfence.metrics import REQUEST_SECONDS, REQUESTS

OTHER: Final = "other"
METHODS: Final = frozenset(method for method, _ in NEEDED) | {"OPTIONS", "PUT", "DELETE"}


def route_of(method: str, path: str) -> str:
    """The route as `NEEDED` names it, or `OTHER`."""
    return path if (method, path) in NEEDED else pattern_of(method, path) or OTHER


def method_of(method: str) -> str:
    """The method, or `OTHER` for one that no route has: callers may send any word."""
    return method if method in METHODS else OTHER


def count_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request that was answered.

    Args:
        route: as `route_of` gives it.
        method: as `method_of` gives it.
        status: of the answer.
        seconds: that it took.
    """
    REQUESTS.add((route, method, str(int(status))))
    REQUEST_SECONDS.add(seconds, route)
