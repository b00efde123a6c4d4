"""`/v1/screenings`: a sign-up flow asks what to do with an attempt, and tells what became of it.

These routes are plain ones of Starlette: the answer itself takes a fraction of a millisecond, and
the layers that read parameters and models for other routes would take longer than that. Attempts
do not even pass the router, which tries all routes in turn; see `ScreeningLane`.
"""

import asyncio
from http import HTTPStatus
from typing import Final

import msgspec
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from ringfence.api.asgi import header_of, read_body
from ringfence.api.parts import Parts
from ringfence.api.problems import (
    MalformedBody,
    UnsupportedMediaType,
    instance_of,
    problem,
)
from ringfence.api.rest.screening_answers import (
    AskedOutcome,
    ScreeningItem,
    ScreeningStatus,
    ToldAgreement,
    ToldOutcome,
    answer_of,
    policy_of,
)
from ringfence.domain.access import Principal
from ringfence.domain.attempts import BadAttempt, parse_attempt
from ringfence.domain.screenings import Attempt
from ringfence.errors import (
    GraphUnavailable,
    InvalidInput,
    LimitExceeded,
    RingfenceError,
)
from ringfence.logs import get_logger
from ringfence.store.screenings import find_screening
from ringfence.usecases.screen import Screener, new_id, same_attempt
from ringfence.usecases.screening_log import report_outcome

PATH: Final = "/v1/screenings"
STATUS_PATH: Final = "/v1/screenings/status"
ONE_PATH: Final = "/v1/screenings/{screening_id}"
MAX_ITEMS: Final = 100
MAX_KEY: Final = 255
KEY_HEADER: Final = b"idempotency-key"
LOOK_UP_WITHIN_S: Final = 0.05
"""How long an answer waits for the log to say whether its idempotency key came before."""
JSON: Final = "application/json"
OFF: Final = "This service was started without sign-up checks."
_items = msgspec.json.Decoder(list[msgspec.Raw])
_encoder = msgspec.json.Encoder()

log = get_logger(__name__)


_outcome = msgspec.json.Decoder(AskedOutcome)


def add_screening_routes(app: FastAPI, parts: Parts) -> None:
    """Let an application answer them, if its parts have a screener."""
    door, ask = _Door(parts), _Ask(parts)
    app.router.routes += [
        Route(STATUS_PATH, door.status, methods=["GET"]),
        Route(PATH, ask, methods=["POST"]),
        Route(ONE_PATH, door.report, methods=["PATCH"]),
    ]
    app.add_middleware(ScreeningLane, ask=ask)


class ScreeningLane:
    """Leads attempts past the router, behind all that stands before the routes.

    Args:
        app: what lies behind for all other requests.
        ask: answers attempts.
    """

    def __init__(self, app: ASGIApp, *, ask: ASGIApp) -> None:
        self._app = app
        self._ask = ask

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it."""
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "POST":
            await self._ask(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class _Ask:
    """Answers one attempt, or each of a batch."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            told = await self._told(scope, await read_body(receive))
        except BadAttempt as fault:
            refused = InvalidInput(f"{fault}. Correct it and ask again.")
            more = {"field": fault.field, "reason": fault.reason}
            await problem(refused, instance_of(scope), **more)(scope, receive, send)
        except RingfenceError as error:
            if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log.warning("request_failed", code=error.code, reason=str(error))
            await problem(error, instance_of(scope))(scope, receive, send)
        else:
            length = str(len(told)).encode()
            headers = [(b"content-length", length), (b"content-type", JSON.encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": told})

    async def _told(self, scope: Scope, body: bytes) -> bytes:
        """The answer to a body, as JSON text."""
        media_type = (header_of(scope, b"content-type") or "").partition(";")[0].strip().lower()
        if media_type != JSON:
            raise UnsupportedMediaType(f"Got {media_type[:100]!r}, expected {JSON}.")
        screener = screener_of(self._parts)
        if body.lstrip()[:1] == b"[":
            items = enumerate(read_batch(body))
            return _encoder.encode([_item(screener, index, item) for index, item in items])
        attempt = parse_attempt(body, now_ms=screener.settings.now_ms())
        key = read_key(header_of(scope, KEY_HEADER))
        principal: Principal = scope["state"]["principal"]
        if key is not None:
            screening_id = new_id(principal.id, key, screener.settings.secret)
            await self._recall(screener, screening_id, attempt)
        return _encoder.encode(answer_of(screener.screen(attempt, key=key, client=principal.id)))

    async def _recall(self, screener: Screener, screening_id: str, attempt: Attempt) -> None:
        """Remember an answer that another worker gave, or this one before it was started anew."""
        if screener.answer_known(screening_id, attempt):
            return
        try:
            async with asyncio.timeout(LOOK_UP_WITHIN_S):
                logged = await find_screening(self._parts.graph, screening_id)
        except (RingfenceError, TimeoutError) as error:
            log.info("idempotency_key_not_looked_up", reason=str(error))
            return
        if logged:
            screener.remember(same_attempt(logged.screening, attempt))


class _Door:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def report(self, request: Request) -> Response:
        """Take what became of a sign-up."""
        try:
            asked = _outcome.decode(await request.body())
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            raise MalformedBody(f"Expected an outcome: {error}.") from None
        principal: Principal = request.state.principal
        told = await report_outcome(
            self._parts.graph,
            request.path_params["screening_id"],
            asked.outcome,
            by=principal.id,
            note=asked.note,
        )
        return _told(ToldOutcome(told.screening.id, asked.outcome))

    async def status(self, request: Request) -> Response:
        """Tell what the checks of this worker are made of."""
        return _told(status_of(self._parts))


def _item(screener: Screener, index: int, item: bytes) -> ScreeningItem:
    try:
        attempt = parse_attempt(item, now_ms=screener.settings.now_ms())
    except BadAttempt as fault:
        return ScreeningItem(index, field=fault.field or None, reason=fault.reason)
    return ScreeningItem(index, answer=answer_of(screener.screen(attempt)))


def read_batch(body: bytes) -> list[bytes]:
    """The attempts of a batch, each as its JSON text.

    Raises:
        MalformedBody: it is no array.
        LimitExceeded: it holds more than `MAX_ITEMS`.
    """
    try:
        items = [bytes(item) for item in _items.decode(body)]
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody(f"Expected an array of attempts; {error}.") from None
    if len(items) > MAX_ITEMS:
        raise LimitExceeded(f"Got {len(items):,} attempts, take {MAX_ITEMS}. Send them in parts.")
    return items


def read_key(told: str | None) -> str | None:
    """The idempotency key of a request, or None.

    Raises:
        InvalidInput: it is empty, too long or not printable.
    """
    if told is None:
        return None
    key = told.strip().strip('"')
    if not key or len(key) > MAX_KEY or not key.isprintable():
        raise InvalidInput(
            f"Idempotency-Key has {len(key)} characters; expected 1 to {MAX_KEY} printable ones."
        )
    return key


def screener_of(parts: Parts) -> Screener:
    """What checks sign-ups.

    Raises:
        GraphUnavailable: nothing does.
    """
    if parts.screener is None:
        raise GraphUnavailable(OFF)
    return parts.screener


def status_of(parts: Parts) -> ScreeningStatus:
    """What the checks of this worker are made of.

    Raises:
        GraphUnavailable: it makes none.
    """
    screener, upkeep = screener_of(parts), parts.upkeep
    known, index = screener.known, screener.known.index
    return ScreeningStatus(
        state="cold" if index is None else "ready",
        degraded_because=known.trouble if index else "index_cold",
        fail_mode=screener.settings.fail_mode,
        model_version=index.version if index else "",
        identifiers=len(index.keys) if index else 0,
        rings=len(index.rings) if index else 0,
        index_bytes=index.bytes_held if index else 0,
        fresh_identifiers=len(known.fresh),
        answered=screener.answered,
        waiting_to_be_written=screener.waiting,
        policy=policy_of(known.rules.enforced),
        shadows=tuple(map(policy_of, known.rules.shadows)),
        agreement=ToldAgreement(upkeep.agreement.compared, upkeep.agreement.equal)
        if upkeep
        else None,
    )


def _told(answer: object) -> Response:
    return Response(_encoder.encode(answer), media_type=JSON)
