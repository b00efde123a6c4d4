"""What every request passes before its route: a request id, the API key, and a log line."""

import uuid
from collections.abc import Collection
from hmac import compare_digest
from time import perf_counter

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from ringfence.api.problems import Unauthenticated, instance_of, problem
from ringfence.logs import get_logger

REQUEST_ID = "X-Request-ID"

log = get_logger(__name__)


class RequestLog:
    """Gives each request an id, and the log one line a request: never query, body or headers.

    Args:
        app: what lies behind.
        known_paths: paths that the log names; any other may hold what it must not.
    """

    def __init__(self, app: ASGIApp, *, known_paths: Collection[str]) -> None:
        self._app = app
        self._known_paths = frozenset(known_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its id, and tell the log how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = request_id
        started, status = perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with bound_contextvars(request_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                log.info(
                    "request_answered",
                    method=scope["method"],
                    path=scope["path"] if scope["path"] in self._known_paths else None,
                    status=status,
                    took_ms=round((perf_counter() - started) * 1000, 1),
                )


class KeyRequired:
    """Refuses every request without the API key, but those for open paths.

    Args:
        app: what lies behind.
        api_key: compared in constant time with `Authorization: Bearer` and `X-API-Key`.
        open_paths: answered to anyone.
        open_page: a path whose page (`GET` for HTML, no query) is answered to anyone, or None.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        api_key: str,
        open_paths: Collection[str],
        open_page: str | None = None,
    ) -> None:
        self._app = app
        self._key = api_key.encode()
        self._open_paths = frozenset(open_paths)
        self._open_page = open_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 401."""
        if scope["type"] == "lifespan" or self._may_pass(scope):
            await self._app(scope, receive, send)
            return
        refused = Unauthenticated(
            "Send the API key as `Authorization: Bearer <key>` or as `X-API-Key: <key>`."
        )
        await problem(refused, instance_of(scope))(scope, receive, send)

    def _may_pass(self, scope: Scope) -> bool:
        if scope["type"] != "http":
            return False
        if scope["path"] in self._open_paths or self._asks_for_page(scope):
            return True
        headers = Headers(scope=scope)
        scheme, _, token = headers.get("authorization", "").partition(" ")
        presented = token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        return compare_digest(presented.encode(), self._key)

    def _asks_for_page(self, scope: Scope) -> bool:
        return (
            scope["path"] == self._open_page
            and scope["method"] == "GET"
            and not scope["query_string"]
            and "text/html" in Headers(scope=scope).get("accept", "")
        )
