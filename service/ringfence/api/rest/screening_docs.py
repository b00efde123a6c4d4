"""How `/v1/screenings` is described in OpenAPI."""

from typing import Any, Final

import msgspec

from ringfence.api.rest.screening_answers import (
    AskedOutcome,
    ScreeningAnswer,
    ScreeningItem,
    ScreeningStatus,
    ToldOutcome,
)
from ringfence.api.rest.screenings import JSON, MAX_ITEMS, MAX_KEY, ONE_PATH, PATH, STATUS_PATH
from ringfence.domain.attempts import AskedAttempt

_TAGS: Final = ["screenings"]
_REFUSED: Final = {
    "400": {"description": "The body is no JSON of that form."},
    "413": {"description": "Too many bytes."},
    "415": {"description": "Another content type."},
    "422": {"description": "A field that breaks its contract, named in `field`."},
    "429": {"description": "Too many attempts at once."},
    "503": {"description": "The service makes no sign-up checks."},
}
_DESCRIPTION: Final = (
    f"One attempt, or an array of {MAX_ITEMS} at the most. Asked again with the same "
    "`Idempotency-Key`, the same attempt gets the same answer; batches take none. An answer never "
    "waits for Neo4j: while it is away, `degraded` says so, and while nothing is known at all, "
    "the fail mode answers."
)


def describe_screenings(described: dict[str, Any]) -> None:
    """Add the routes and what they take and tell to an OpenAPI description."""
    kinds = [
        AskedAttempt,
        ScreeningAnswer,
        ScreeningItem,
        AskedOutcome,
        ToldOutcome,
        ScreeningStatus,
    ]
    schemas, parts = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    asked, answered, item, outcome, told, status = schemas
    described["components"]["schemas"] |= parts
    described["paths"][PATH] = {
        "post": _operation(
            "Check a sign-up, or a batch of them",
            body={"oneOf": [asked, _array(asked)]},
            answer={"oneOf": [answered, _array(item)]},
            parameters=[_header("Idempotency-Key", 1, MAX_KEY)],
            description=_DESCRIPTION,
        )
    }
    described["paths"][STATUS_PATH] = {
        "get": _operation("What the checks of this worker are made of", answer=status)
    }
    described["paths"][ONE_PATH] = {
        "patch": _operation(
            "Say what a sign-up turned out to be",
            body=outcome,
            answer=told,
            parameters=[
                {
                    "name": "screening_id",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "minLength": 1},
                }
            ],
            more={"404": {"description": "No such screening, or it is not in the log yet."}},
        )
    }


def _operation(
    summary: str,
    *,
    answer: dict[str, Any],
    body: dict[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
    description: str = "",
    more: dict[str, Any] | None = None,
) -> dict[str, Any]:
    told: dict[str, Any] = {
        "tags": _TAGS,
        "summary": summary,
        "parameters": parameters or [],
        "responses": {"200": _content("The answer.", answer)} | _REFUSED | (more or {}),
    }
    if description:
        told["description"] = description
    if body:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": body}}}
    return told


def _content(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {JSON: {"schema": schema}}}


def _array(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items, "maxItems": MAX_ITEMS}


def _header(name: str, least: int, most: int) -> dict[str, Any]:
    schema = {"type": "string", "minLength": least, "maxLength": most, "pattern": "^[!-~]+$"}
    return {"name": name, "in": "header", "required": False, "schema": schema}
