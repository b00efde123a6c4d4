"""Errors as callers see them: problem details of RFC 9457, without internals."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from ringfence.errors import (
    GraphUnavailable,
    InvalidInput,
    LimitExceeded,
    NotPermitted,
    RingfenceError,
)
from ringfence.logs import get_logger

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_S = 5

log = get_logger(__name__)


class Unauthenticated(NotPermitted):
    """The caller presents no key, or a wrong one."""

    status = HTTPStatus.UNAUTHORIZED
    code = "unauthenticated"
    title = "API key missing or wrong"


class MalformedBody(InvalidInput):
    """The body is not the JSON that the route takes."""

    status = HTTPStatus.BAD_REQUEST
    code = "malformed_body"
    title = "Malformed body"


class UnsupportedMediaType(InvalidInput):
    """The body is of a type that the route does not take."""

    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"
    title = "Unsupported media type"


class NotAcceptable(InvalidInput):
    """The caller takes no form that the answer can have."""

    status = HTTPStatus.NOT_ACCEPTABLE
    code = "not_acceptable"
    title = "Not acceptable"


class MethodNotAllowed(InvalidInput):
    """What is asked may not be asked by this HTTP method."""

    status = HTTPStatus.METHOD_NOT_ALLOWED
    code = "method_not_allowed"
    title = "Method not allowed"


class BodyTooLarge(LimitExceeded):
    """The body has more bytes than the route takes."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "body_too_large"
    title = "Body too large"


class RateLimited(LimitExceeded):
    """The caller has asked for more than it may in this time."""

    code = "rate_limited"
    title = "Rate limited"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


_HEADERS_BY_STATUS: dict[int, dict[str, str]] = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="ringfence"'},
    HTTPStatus.METHOD_NOT_ALLOWED: {"Allow": "POST"},
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": str(RETRY_AFTER_S)},
}
_TOLD_BY_CODE = {
    GraphUnavailable.code: "Neo4j does not answer. Nothing is lost: repeat this in a few seconds.",
    LimitExceeded.code: "It took longer than its time limit. Ask for less at once.",
}


def public(error: RingfenceError) -> RingfenceError:
    """The same error without what Neo4j's driver said of it, which is for the log alone."""
    if error.__cause__ is None:
        return error
    kind = GraphUnavailable if isinstance(error, NotPermitted) else type(error)
    return kind(_TOLD_BY_CODE.get(kind.code, f"{kind.title}."))


def problem(error: RingfenceError, instance: str, **more: object) -> Response:
    """The answer to an error raised on purpose.

    Args:
        error: its class gives status, code and title, its message the detail.
        instance: URI of this one occurrence, to be found again in the log.
        more: further members of the problem.
    """
    told = public(error)
    headers = _HEADERS_BY_STATUS.get(told.status, {})
    members = {"title": told.title, "detail": str(told), "instance": instance, "code": told.code}
    return _response(told.status, members | more, headers)


def instance_of(scope: Mapping[str, Any]) -> str:
    """URI of the request at hand."""
    return f"urn:uuid:{scope.get('state', {}).get('request_id', '')}"


def answer_with_problems(app: FastAPI) -> None:
    """Answer every error of an application with a problem."""

    @app.exception_handler(RingfenceError)
    async def on_purpose(request: Request, error: RingfenceError) -> Response:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("request_failed", code=error.code, reason=str(error))
        return problem(error, instance_of(request.scope))

    @app.exception_handler(HTTPException)
    async def of_http(request: Request, error: HTTPException) -> Response:
        status = HTTPStatus(error.status_code)
        members = {
            "title": status.phrase,
            "detail": f"{request.method} {request.url.path}: {status.description or error.detail}.",
            "instance": instance_of(request.scope),
            "code": status.name.lower(),
        }
        return _response(status, members, error.headers or {})

    @app.exception_handler(RequestValidationError)
    async def of_validation(request: Request, error: RequestValidationError) -> Response:
        faults = [
            {"field": ".".join(map(str, fault["loc"])), "reason": fault["msg"]}
            for fault in error.errors()
        ]
        refused = InvalidInput("The request breaks its contract; `faults` says where.")
        return problem(refused, instance_of(request.scope), faults=faults)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        log.error("request_broke", instance=instance_of(request.scope), exc_info=error)
        hidden = RingfenceError("The fault is ours; the service's log holds it under `instance`.")
        return problem(hidden, instance_of(request.scope))


def _response(status: int, members: Mapping[str, object], headers: Mapping[str, str]) -> Response:
    body = {"type": f"urn:ringfence:problem:{members['code']}", "status": int(status), **members}
    return Response(orjson.dumps(body), status, dict(headers), MEDIA_TYPE)
