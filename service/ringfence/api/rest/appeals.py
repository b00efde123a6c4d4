"""`/v1/appeals`: the provider's support system passes appeals on, and a person decides them."""

from typing import Annotated, Any, Final, TypeVar

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from ringfence.api.parts import Parts
from ringfence.api.problems import MalformedBody
from ringfence.domain.access import Principal
from ringfence.domain.appeals import (
    MAX_REASON,
    MAX_STATEMENT,
    Appeal,
    AppealDecision,
    AppealState,
)
from ringfence.usecases.appeals import decide_appeal, find_appeal, open_appeal

PATH: Final = "/v1/appeals"
ONE_PATH: Final = "/v1/appeals/{appeal_id}"
DECISION_PATH: Final = "/v1/appeals/{appeal_id}/decision"
MAX_ID: Final = 512

Asked = TypeVar("Asked")
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]


class AskedAppeal(msgspec.Struct, frozen=True):
    """An appeal as it is passed on."""

    account_id: Id
    statement: str
    takedown_id: Id | None = None


class AskedDecision(msgspec.Struct, frozen=True):
    """What becomes of the act, and why."""

    decision: AppealDecision
    reason: str


class ToldAppeal(BaseModel):
    """One account's word against what one takedown did to it."""

    id: str
    account_id: str
    takedown_id: str
    action_id: str | None = Field(description="What the provider's systems had been told, or null.")
    state: AppealState
    opened_at: str = Field(description="RFC 3339, UTC.")
    opened_by: str = Field(description="Id of whose key opened it.")
    statement: str = Field(description="The account's own words: personal data.")
    decided_at: str | None = Field(description="RFC 3339, UTC, or null.")
    decided_by: str | None = Field(description="Id of who decided it, or null.")
    reason: str | None = Field(description="Of the decision, or null.")


_appeal = msgspec.json.Decoder(AskedAppeal)
_decision = msgspec.json.Decoder(AskedDecision)
_AWAY: Final = {"description": "Neo4j does not answer; send the same again."}
_UNKNOWN: Final = {"description": "No such account, takedown or appeal."}
_MALFORMED: Final = {"description": "The body is no JSON of that form."}


def appeal_routes(parts: Parts) -> APIRouter:
    """The routes that take, show and decide appeals."""
    router = APIRouter(tags=["appeals"])

    @router.post(
        PATH,
        summary="Open an appeal against what a takedown did to an account",
        description=(
            "Sending the same again answers with the appeal that is open. While it is, no takedown "
            "acts on the account. Without a takedown, the latest that acted on it is meant."
        ),
        status_code=201,
        response_model=ToldAppeal,
        openapi_extra=_described(
            ["account_id", "statement"],
            account_id={"type": "string", "maxLength": MAX_ID},
            statement={"type": "string", "minLength": 1, "maxLength": MAX_STATEMENT},
            takedown_id={"type": ["string", "null"], "maxLength": MAX_ID},
        ),
        responses={
            400: _MALFORMED,
            404: _UNKNOWN,
            409: {"description": "No takedown holds the account, or another appeal is open."},
            422: {"description": "The statement is empty or too long."},
            503: _AWAY,
        },
    )
    async def post_appeal(request: Request) -> dict[str, Any]:
        asked = _read(_appeal, await request.body())
        principal: Principal = request.state.principal
        appeal = await open_appeal(
            parts.graph,
            asked.account_id,
            statement=asked.statement,
            by=principal.id,
            takedown_id=asked.takedown_id,
        )
        return told_appeal(appeal)

    @router.get(
        ONE_PATH,
        summary="One appeal",
        response_model=ToldAppeal,
        responses={404: _UNKNOWN, 503: _AWAY},
    )
    async def get_appeal(appeal_id: str) -> dict[str, Any]:
        return told_appeal(await find_appeal(parts.graph, appeal_id))

    @router.post(
        DECISION_PATH,
        summary="Decide an appeal",
        description=(
            "If the act is overturned, the account gets back what it had, and what alone tied it "
            "loses weight. Sending the same again does what is left, and nothing twice."
        ),
        response_model=ToldAppeal,
        openapi_extra=_described(
            ["decision", "reason"],
            decision={"type": "string", "enum": [one.value for one in AppealDecision]},
            reason={"type": "string", "minLength": 1, "maxLength": MAX_REASON},
        ),
        responses={
            400: _MALFORMED,
            403: {"description": "The takedown was planned with the same key."},
            404: _UNKNOWN,
            409: {"description": "It was decided already."},
            422: {"description": "The reason is empty or too long."},
            503: _AWAY,
        },
    )
    async def post_decision(appeal_id: str, request: Request) -> dict[str, Any]:
        asked = _read(_decision, await request.body())
        principal: Principal = request.state.principal
        appeal = await decide_appeal(
            parts.graph, appeal_id, asked.decision, reason=asked.reason, by=principal.id
        )
        return told_appeal(appeal)

    return router


def told_appeal(appeal: Appeal) -> dict[str, Any]:
    """The appeal as JSON tells it."""
    return {
        "id": appeal.id,
        "account_id": appeal.account_id,
        "takedown_id": appeal.takedown_id,
        "action_id": appeal.action_id,
        "state": appeal.state.value,
        "opened_at": appeal.opened_at.isoformat(timespec="milliseconds"),
        "opened_by": appeal.opened_by,
        "statement": appeal.statement,
        "decided_at": appeal.decided_at and appeal.decided_at.isoformat(timespec="milliseconds"),
        "decided_by": appeal.decided_by,
        "reason": appeal.reason,
    }


def _read(decoder: "msgspec.json.Decoder[Asked]", body: bytes) -> Asked:
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody(f"Expected another body: {error}.") from None


def _described(required: list[str], **properties: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": required, "properties": properties}
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}
