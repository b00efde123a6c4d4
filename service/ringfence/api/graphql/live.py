"""Live answers: graphql-transport-ws over a WebSocket, and server-sent events over POST.

The protocol of the WebSocket is Strawberry's; ours are who may come in, which documents run, and
that the context of a long-lived operation remembers nothing from one answer to the next.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any, Final

import orjson
from graphql import GraphQLError
from starlette.routing import WebSocketRoute
from strawberry.exceptions import ConnectionRejectionError
from strawberry.fastapi import GraphQLRouter
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ErrorMessage,
    SubscribeMessage,
)
from strawberry.types.execution import ExecutionResult, PreExecutionError

from ringfence.api.graphql.context import Context
from ringfence.api.graphql.schema import Schema
from ringfence.errors import RingfenceError

INIT_WITHIN: Final = timedelta(seconds=10)
MAX_OPERATIONS: Final = 20
"""Operations at once on one connection."""
ALIVE_EVERY_S: Final = 15.0
"""Seconds between signs of life, so that proxies on the way keep the connection."""
EVENT_STREAM: Final = "text/event-stream"


def asks_for_stream(accept: str) -> bool:
    """Whether the first form that a caller accepts is a stream of events."""
    return accept.partition(",")[0].partition(";")[0].strip().lower() == EVENT_STREAM


async def server_sent(results: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    """Results as server-sent events: `next` for each, `complete` at the end.

    After the distinct connections mode of the GraphQL over SSE protocol.
    """
    pending: asyncio.Task[Any] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(anext(results))
            done, _ = await asyncio.wait({pending}, timeout=ALIVE_EVERY_S)
            if not done:
                yield b":\n\n"
                continue
            try:
                result = pending.result()
            except StopAsyncIteration:
                break
            pending = None
            yield b"event: next\ndata: " + orjson.dumps(told(result)) + b"\n\n"
        yield b"event: complete\ndata:\n\n"
    finally:
        if pending:
            pending.cancel()


def told(result: ExecutionResult) -> dict[str, Any]:
    """A result as JSON tells it."""
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if not isinstance(result, PreExecutionError):
        answer["data"] = result.data
    if result.extensions:
        answer["extensions"] = result.extensions
    return answer


class _Handler(BaseGraphQLTransportWSHandler[Context, None]):
    """The protocol, with our say in which documents run."""

    view: "LiveRouter"

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        """Start an operation, unless its document may not run."""
        try:
            self.view.check_document(message["payload"]["query"])
        except RingfenceError as error:
            told = GraphQLError(str(error), extensions={"code": error.code})
            refused = ErrorMessage(id=message["id"], type="error", payload=[told.formatted])
            await self.send_message(refused)
            return
        await super().handle_subscribe(message)


class LiveRouter(GraphQLRouter[Context, None]):
    """`/graphql` over a WebSocket, in the protocol graphql-transport-ws.

    Whoever cannot send a header with the handshake, as a browser, says who it is in the payload of
    `connection_init`: `{"authorization": "Bearer …"}`.

    Args:
        schema: with subscriptions.
        path: of the route.
        context: makes the context of one connection.
        check_document: raises where a text may not run.
    """

    graphql_transport_ws_handler_class = _Handler

    def __init__(
        self,
        schema: Schema,
        path: str,
        context: Callable[..., Context],
        check_document: Callable[[str], object],
    ) -> None:
        super().__init__(
            schema,
            path=path,
            graphql_ide=None,
            allow_queries_via_get=False,
            context_getter=context,
            subscription_protocols=[GRAPHQL_TRANSPORT_WS_PROTOCOL],
            connection_init_wait_timeout=INIT_WITHIN,
            max_subscriptions_per_connection=MAX_OPERATIONS,
        )
        self.check_document = check_document
        # Our own transport answers over HTTP.
        self.routes[:] = [route for route in self.routes if isinstance(route, WebSocketRoute)]

    async def on_ws_connect(self, context: Context) -> dict[str, object]:
        """Let a connection in that has said who it is.

        Raises:
            ConnectionRejectionError: it has not, or nobody knows it; it is closed with 4403.
        """
        told = (context.connection_params or {}).get("authorization")
        if isinstance(told, str) and context.admit:
            try:
                context.identify(await context.admit(told.removeprefix("Bearer ").strip()))
            except RingfenceError as error:
                raise ConnectionRejectionError from error
        if context.principal is None:
            raise ConnectionRejectionError
        return {}
