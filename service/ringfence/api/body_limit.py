"""How many bytes a body may have, counted as they come."""

import re
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringfence.api.asgi import header_of
from ringfence.api.problems import BodyTooLarge, instance_of, problem


class BodyLimit:
    """Refuses bodies that are too large, told by their length or found so while they come.

    Args:
        app: what lies behind.
        max_bytes: for any path.
        max_bytes_by_path: for paths that take more; a part in braces stands for any one part.
    """

    def __init__(
        self, app: ASGIApp, *, max_bytes: int, max_bytes_by_path: Mapping[str, int]
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._max_bytes_by_path = max_bytes_by_path
        self._patterns = [
            (re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), limit)
            for path, limit in max_bytes_by_path.items()
            if "{" in path
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_of(scope["path"])
        told = header_of(scope, b"content-length") or ""
        if told.isdigit() and int(told) > limit:
            await problem(_too_large(limit), instance_of(scope))(scope, receive, send)
            return
        await self._app(scope, _Counted(receive, limit).receive, send)

    def _limit_of(self, path: str) -> int:
        for pattern, limit in self._patterns:
            if pattern.fullmatch(path):
                return limit
        return self._max_bytes_by_path.get(path, self._max_bytes)


class _Counted:
    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit
        self._limit = limit

    async def receive(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _too_large(self._limit)
        return message


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {limit:,} bytes. Send it in parts.")
