"""What every request passes before its route: a request id, who asks, and a log line."""

import uuid
from collections.abc import Collection
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars

from ringfence.api.access import OPEN_PATHS, Access, may_call
from ringfence.api.asgi import header_of
from ringfence.api.problems import instance_of, problem
from ringfence.api.request_metrics import count_request, method_of, route_of
from ringfence.api.sealing import Seal, sealing
from ringfence.domain.access import Principal
from ringfence.errors import RingfenceError
from ringfence.logs import get_logger
from ringfence.tracing import is_traced, span

REQUEST_ID = "X-Request-ID"
_REQUEST_ID = REQUEST_ID.lower().encode()

log = get_logger(__name__)


class RequestLog:
    """Gives each request an id, a count, a span, and a line in the log: never query, body, headers.

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
        method, route = method_of(scope["method"]), route_of(scope["method"], scope["path"])

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = (_REQUEST_ID, request_id.encode())
                message["headers"] = [*message.get("headers", ()), own]
            await send(message)

        bound = bind_contextvars(request_id=request_id)
        try:
            if is_traced():
                await self._traced(scope, receive, send_with_id, method, route)
            else:
                await self._app(scope, receive, send_with_id)
        finally:
            took_s = perf_counter() - started
            count_request(route, method, status, took_s)
            log.info(
                "request_answered",
                method=scope["method"],
                path=scope["path"] if scope["path"] in self._known_paths else None,
                status=status,
                took_ms=round(took_s * 1000, 1),
            )
            reset_contextvars(**bound)

    async def _traced(
        self, scope: Scope, receive: Receive, send: Send, method: str, route: str
    ) -> None:
        """Pass the request on in a span, which goes on the trace of who asks."""
        told: dict[str, str | int | float | bool] = {
            "http.request.method": method,
            "http.route": route,
        }
        parent = header_of(scope, b"traceparent")
        with span(f"{method} {route}", told, parent=parent, server=True) as opened:

            async def send_on(message: Message) -> None:
                if opened and message["type"] == "http.response.start":
                    opened.set_attribute("http.response.status_code", int(message["status"]))
                await send(message)

            await self._app(scope, receive, send_on)


class Doorkeeper:
    """Lets in who presents a key or a token, as far as its scopes go, and says who it is.

    The principal is in the `state` of the request. A WebSocket passes without one, since browsers
    can send no header with it; it is closed unless it says who it is when it begins.

    Args:
        app: what lies behind.
        access: knows the callers.
        id_seal: hides what ids and cursors are made of.
        open_page: a path whose page (`GET` for HTML, no query) is answered to anyone, or None.
    """

    def __init__(
        self, app: ASGIApp, *, access: Access, id_seal: Seal, open_page: str | None = None
    ) -> None:
        self._app = app
        self._access = access
        self._id_seal = id_seal
        self._open_page = open_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with 401, 403 or 503."""
        if scope["type"] == "lifespan" or self._is_open(scope):
            await self._app(scope, receive, send)
            return
        try:
            principal = await self._principal(scope)
        except RingfenceError as error:
            await refuse(error, scope, receive, send)
            return
        scope.setdefault("state", {})["principal"] = principal
        with sealing(self._id_seal):
            await self._app(scope, receive, send)

    async def _principal(self, scope: Scope) -> Principal | None:
        presented = presented_by(scope)
        if scope["type"] == "websocket" and not presented:
            return None
        principal = await self._access.principal(presented)
        if scope["type"] == "http":
            may_call(principal, scope)
        return principal

    def _is_open(self, scope: Scope) -> bool:
        return scope["type"] == "http" and (
            scope["path"] in OPEN_PATHS or self._asks_for_page(scope)
        )

    def _asks_for_page(self, scope: Scope) -> bool:
        return (
            scope["path"] == self._open_page
            and scope["method"] == "GET"
            and not scope["query_string"]
            and "text/html" in (header_of(scope, b"accept") or "")
        )


def presented_by(scope: Scope) -> str:
    """The key or the token that a request presents, or nothing."""
    scheme, _, token = (header_of(scope, b"authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return header_of(scope, b"x-api-key") or ""


async def refuse(error: RingfenceError, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with a problem; a WebSocket is closed before it opens."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4401, "reason": error.title})
        return
    await problem(error, instance_of(scope))(scope, receive, send)
