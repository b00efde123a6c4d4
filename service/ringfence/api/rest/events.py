"""`POST /v1/events`: one CloudEvent or a batch, each with its own outcome."""

from collections import Counter
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from ringfence.api.parts import Parts
from ringfence.api.problems import MalformedBody, UnsupportedMediaType, instance_of, problem
from ringfence.domain.events import AnyEnvelope
from ringfence.errors import InvalidInput, LimitExceeded
from ringfence.logs import get_logger
from ringfence.metrics import EVENTS
from ringfence.usecases.load_items import ItemOutcome, LoadedItem, load_items

PATH = "/v1/events"
MAX_BYTES = 8 * 1024 * 1024
MAX_ITEMS = 5_000

ONE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
EITHER = "application/json"

log = get_logger(__name__)
_array = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class EventOutcome(BaseModel):
    """What became of one event."""

    index: int = Field(description="Place in the request, from 0.")
    outcome: ItemOutcome
    field: str | None = Field(None, description="Of a rejected event: the field at fault.")
    reason: str | None = Field(None, description="Of a rejected event: what is wrong with it.")


class EventsAnswer(BaseModel):
    """What became of all events of a request."""

    loaded: int
    duplicate: int
    rejected: int
    items: list[EventOutcome]


def event_routes(parts: Parts) -> APIRouter:
    """The route that takes events."""
    router = APIRouter(tags=["events"])

    @router.post(
        PATH,
        summary="Load one CloudEvent or a batch",
        description=(
            f"At the most {MAX_ITEMS:,} events and {MAX_BYTES // 2**20} MiB. Sending an event "
            "again is safe: `source` and `id` together make it known."
        ),
        response_model=EventsAnswer,
        response_model_exclude_none=True,
        openapi_extra={"requestBody": _described_body()},
        responses={
            400: {"description": "The body is no JSON of that type."},
            413: {"description": "Too many bytes."},
            415: {"description": "Another content type."},
            422: {"description": "A single event that is rejected."},
            429: {"description": "Too many events."},
            503: {"description": "Neo4j does not answer; send the same again."},
        },
    )
    async def post_events(request: Request) -> Response | dict[str, Any]:
        items, is_batch = read_items(request.headers.get("content-type", ""), await request.body())
        outcomes = await load_items(
            parts.graph, items, now_ms=parts.now_ms(), secret=parts.identifier_secret
        )
        answer = _answer(outcomes)
        for name in ItemOutcome:
            EVENTS.labels(name.value).inc(answer[name])
        log.info("events_taken", **{name: answer[name] for name in ItemOutcome})
        if not is_batch and outcomes[0].outcome is ItemOutcome.REJECTED:
            fault = outcomes[0]
            refused = InvalidInput(f"{fault.field or 'event'}: {fault.reason}")
            return problem(refused, instance_of(request.scope), **answer)
        return answer

    return router


def read_items(content_type: str, body: bytes) -> tuple[list[bytes], bool]:
    """The events of a body, each as its JSON text, and whether they came as a batch.

    Raises:
        UnsupportedMediaType: the content type is none of the three.
        MalformedBody: the body is no JSON object, or no JSON array.
        LimitExceeded: the batch holds more than `MAX_ITEMS`.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in (ONE, BATCH, EITHER):
        raise UnsupportedMediaType(
            f"Got {media_type[:100] or 'no content type'!r}, expected {ONE}, {BATCH} or {EITHER}."
        )
    is_batch = media_type == BATCH or (media_type == EITHER and body.lstrip()[:1] == b"[")
    try:
        if not is_batch:
            _object.decode(body)
            return [body], False
        items = [bytes(item) for item in _array.decode(body)]
    except (msgspec.DecodeError, RecursionError) as error:
        expected = "an array of events" if is_batch else "one event, a JSON object"
        raise MalformedBody(f"Expected {expected}; {error}.") from None
    if len(items) > MAX_ITEMS:
        raise LimitExceeded(f"Got {len(items):,} events, take {MAX_ITEMS:,}. Send them in parts.")
    return items, True


def _answer(outcomes: list[LoadedItem]) -> dict[str, Any]:
    counts = Counter(item.outcome for item in outcomes)
    return {
        **{outcome.value: counts[outcome] for outcome in ItemOutcome},
        "items": [_told(item) for item in outcomes],
    }


def _told(item: LoadedItem) -> dict[str, Any]:
    told: dict[str, Any] = {"index": item.index, "outcome": item.outcome}
    if item.outcome is ItemOutcome.REJECTED:
        told |= {"field": item.field, "reason": item.reason}
    return told


def event_schemas() -> tuple[dict[str, Any], dict[str, Any]]:
    """JSON Schema of one event, and of the parts that it refers to by name."""
    (event,), parts = msgspec.json.schema_components(
        [AnyEnvelope], ref_template="#/components/schemas/{name}"
    )
    return event, parts


def _described_body() -> dict[str, Any]:
    event, _ = event_schemas()
    batch = {"type": "array", "items": event, "maxItems": MAX_ITEMS}
    return {
        "required": True,
        "content": {
            ONE: {"schema": event},
            BATCH: {"schema": batch},
            EITHER: {"schema": {"oneOf": [event, batch]}},
        },
    }
