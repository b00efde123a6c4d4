"""GraphQL over HTTP: requests read, answers negotiated and sent. It knows no field of the schema.

After the GraphQL over HTTP draft: `application/graphql-response+json` tells a refused document
by its status (400), `application/json` answers 200 to every well-formed request. What is no
GraphQL request at all is answered with a problem.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec
import orjson
from fastapi import APIRouter, Request
from starlette.datastructures import QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import Response, StreamingResponse
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from ringfence.api.feed import Feed
from ringfence.api.graphql.context import Context
from ringfence.api.graphql.live import EVENT_STREAM, LiveRouter, asks_for_stream, server_sent, told
from ringfence.api.graphql.operation import core_schema
from ringfence.api.graphql.personal import REASON_HEADER, read_reason
from ringfence.api.graphql.query_page import asks_for_page, example_queries, query_page
from ringfence.api.graphql.schema import Schema, build_schema
from ringfence.api.graphql.trusted_documents import TrustedDocuments, asked_id, document_id
from ringfence.api.parts import Parts
from ringfence.api.problems import (
    RETRY_AFTER_S,
    MalformedBody,
    MethodNotAllowed,
    NotAcceptable,
    RateLimited,
    UnsupportedMediaType,
)
from ringfence.errors import GraphUnavailable, InvalidInput, NotPermitted, SchemaOutOfDate
from ringfence.store.time_budget import time_budget
from ringfence.usecases.audit import append

PATH = "/graphql"
GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
GRACE_S = 1.0
"""How long after a statement's own time limit a silent Neo4j is given up."""
BUDGET_HEADER = "X-Time-Budget-Ms"
"""Header by which a caller says how long it will wait; Neo4j then stops working on it too."""
MAX_BUDGET_DIGITS = 9

_READS: Final = frozenset({OperationType.QUERY})
_UNAVAILABLE = {GraphUnavailable.code, SchemaOutOfDate.code}


class GraphQLRequest(msgspec.Struct, frozen=True):
    """One operation as it came over HTTP."""

    query: str | None = None
    documentId: str | None = None  # noqa: N815 - as the specification spells it
    variables: dict[str, Any] | None = None
    operationName: str | None = None  # noqa: N815 - as the specification spells it
    extensions: dict[str, Any] | None = None


_decoder = msgspec.json.Decoder(GraphQLRequest)


def graphql_routes(parts: Parts) -> APIRouter:
    """`/graphql`, by GET and POST; in the demo also the page that asks it."""
    schema = build_schema(introspection=parts.demo, throttle=parts.throttle)
    trusted = (
        TrustedDocuments.read(parts.trusted_documents, core_schema(schema))
        if parts.trusted_documents
        else TrustedDocuments({document_id(text): text for text in example_queries().values()})
    )
    feed = Feed(parts.graph)
    door = _Door(schema, parts, trusted, feed)
    router = APIRouter(tags=["graphql"])
    router.include_router(
        LiveRouter(schema, PATH, door.live_context, partial(trusted.text_of, None))
    )

    @router.post(PATH, summary="Ask", openapi_extra={"requestBody": _described_body()})
    async def post_graphql(request: Request) -> Response:
        accept = request.headers.get("accept", "")
        asked = read_body(request.headers.get("content-type", ""), await request.body())
        if asks_for_stream(accept):
            return StreamingResponse(
                server_sent(await door.stream(request, asked)),
                media_type=EVENT_STREAM,
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
        media_type = negotiate(accept)
        return answer(await door.execute(request, asked, may_write=True), media_type)

    @router.get(PATH, summary="Ask, without changing anything")
    async def get_graphql(request: Request) -> Response:
        if parts.demo and asks_for_page(request):
            return query_page(parts.api_key)
        media_type = negotiate(request.headers.get("accept", ""))
        asked = read_query(request.query_params)
        return answer(await door.execute(request, asked, may_write=False), media_type)

    return router


def negotiate(accept: str) -> str:
    """The media type of the answer, from what the caller accepts; the first that fits.

    Raises:
        NotAcceptable: the caller takes neither of the two.
    """
    for wanted in accept.split(",") if accept.strip() else ["*/*"]:
        media_type = wanted.partition(";")[0].strip().lower()
        if media_type in (GRAPHQL, JSON):
            return media_type
        if media_type in ("*/*", "application/*"):
            return JSON
    raise NotAcceptable(f"Accept {GRAPHQL} or {JSON}.")


def read_body(content_type: str, body: bytes) -> GraphQLRequest:
    """The operation in the body of a POST.

    Raises:
        UnsupportedMediaType: the body is no `application/json`.
        MalformedBody: it is not one GraphQL request; batches are not taken.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != JSON:
        raise UnsupportedMediaType(f"Got {media_type[:100]!r}, expected {JSON}.")
    try:
        return _decoder.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise MalformedBody(f"Expected one GraphQL request, a JSON object: {error}.") from None


def read_query(asked: QueryParams) -> GraphQLRequest:
    """The operation in the query string of a GET.

    Raises:
        MalformedBody: it is not one GraphQL request.
    """
    try:
        return msgspec.convert(
            {
                name: orjson.loads(value) if name in ("variables", "extensions") else value
                for name, value in asked.items()
                if value
            },
            GraphQLRequest,
        )
    except (msgspec.ValidationError, orjson.JSONDecodeError) as error:
        raise MalformedBody(f"Expected a GraphQL request in the query: {error}.") from None


@dataclass(frozen=True, slots=True)
class _Door:
    """Runs operations within their limits."""

    schema: Schema
    parts: Parts
    trusted: TrustedDocuments
    feed: Feed

    def live_context(self, connection: HTTPConnection) -> Context:
        """What an operation that lives on shares; personal data is masked in all it tells."""
        principal = connection.scope.get("state", {}).get("principal")
        access = connection.app.state.access
        return Context(
            self.parts.graph,
            principal=principal,
            feed=self.feed,
            admit=access.principal,
            takedown_rules=self.parts.takedown_rules,
        )

    async def stream(self, request: Request, asked: GraphQLRequest) -> AsyncIterator[Any]:
        """The results of an operation one after the other, for as long as they are listened to."""
        text = self.trusted.text_of(asked_id(asked.documentId, asked.extensions), asked.query)
        return await self.schema.stream(
            text,
            variable_values=asked.variables,
            context_value=self.live_context(request),
            operation_name=asked.operationName,
        )

    async def execute(
        self, request: Request, asked: GraphQLRequest, *, may_write: bool
    ) -> ExecutionResult:
        text = self.trusted.text_of(asked_id(asked.documentId, asked.extensions), asked.query)
        budget_s = read_budget(request.headers.get(BUDGET_HEADER), self.parts.query_timeout_s)
        reason = read_reason(request.headers.get(REASON_HEADER))
        context = Context(
            self.parts.graph,
            principal=request.state.principal,
            reason=reason,
            screener=self.parts.screener,
            takedown_rules=self.parts.takedown_rules,
            known_shared=self.parts.known_shared,
        )
        allowed = _READS | {OperationType.MUTATION} if may_write else _READS
        try:
            with time_budget(budget_s):
                async with asyncio.timeout(budget_s + GRACE_S):
                    result = await self.schema.execute(
                        text,
                        variable_values=asked.variables,
                        context_value=context,
                        operation_name=asked.operationName,
                        allowed_operation_types=allowed,
                    )
                    if shown := context.personal.record(request.state.request_id):
                        await append(self.parts.graph, shown)
                    return result
        except TimeoutError:
            raise GraphUnavailable(
                f"Neo4j did not answer within {budget_s:g} s. Repeat this in a while."
            ) from None
        except (MissingQueryError, CannotGetOperationTypeError):
            raise MalformedBody("The document holds no operation of that name, or none.") from None
        except InvalidOperationTypeError as error:
            kind = error.operation_type.value
            raise MethodNotAllowed(f"A {kind} is not taken over this method.") from None
        except RecursionError:
            raise MalformedBody("The document nests too deeply to be read.") from None


def read_budget(told: str | None, longest_s: float) -> float:
    """Seconds that a request may take: what its header says in milliseconds, or the longest.

    Raises:
        InvalidInput: the header is no whole number of milliseconds above 0.
    """
    if told is None:
        return longest_s
    if not told.isascii() or not told.isdigit() or len(told) > MAX_BUDGET_DIGITS or not int(told):
        raise InvalidInput(
            f"{BUDGET_HEADER} is {told[:20]!r}; expected milliseconds, a whole number above 0."
        )
    return min(int(told) / 1000, longest_s)


def answer(result: ExecutionResult, media_type: str) -> Response:
    """The response that tells a result."""
    status = _status(result, media_type)
    return Response(
        orjson.dumps(told(result)), status, _headers(result, status), f"{media_type}; charset=utf-8"
    )


def _status(result: ExecutionResult, media_type: str) -> int:
    errors = result.errors or []
    if _retry_after_s(result) is not None:
        return 429
    codes = {(error.extensions or {}).get("code") for error in errors}
    if result.data is None and NotPermitted.code in codes:
        return 403
    if not any((result.data or {}).values()) and any(
        (error.extensions or {}).get("code") in _UNAVAILABLE for error in errors
    ):
        return 503
    refused = result.data is None and not any(error.path for error in errors)
    return 400 if refused and media_type == GRAPHQL else 200


def _retry_after_s(result: ExecutionResult) -> int | None:
    """Seconds after which a caller that has used up its points may come back."""
    for error in result.errors or []:
        if (error.extensions or {}).get("code") == RateLimited.code:
            return int((error.extensions or {})["retryAfter"])
    return None


def _headers(result: ExecutionResult, status: int) -> dict[str, str]:
    seconds = RETRY_AFTER_S if status == 503 else _retry_after_s(result)
    return {} if seconds is None else {"Retry-After": str(seconds)}


def _described_body() -> dict[str, Any]:
    properties = {
        "query": {"type": "string", "description": "The document."},
        "documentId": {"type": "string", "description": "Instead of it, a trusted document's id."},
        "variables": {"type": "object", "description": "Values of its variables."},
        "operationName": {"type": "string", "description": "Which of its operations to run."},
    }
    schema = {"type": "object", "properties": properties}
    return {"required": True, "content": {JSON: {"schema": schema}}}
