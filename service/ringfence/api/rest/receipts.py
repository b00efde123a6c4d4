"""`POST /v1/takedowns/{id}/receipts`: what was done with actions, each with its own outcome."""

from collections import Counter
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from ringfence.api.parts import Parts
from ringfence.api.problems import MalformedBody
from ringfence.domain.access import Principal
from ringfence.domain.receipts import (
    MAX_REASON,
    MAX_RECEIPTS,
    Receipt,
    ReceiptFate,
    ReceiptOutcome,
)
from ringfence.errors import InvalidInput, LimitExceeded
from ringfence.logs import get_logger
from ringfence.usecases.receipts import take_receipts

PATH: Final = "/v1/takedowns/{takedown_id}/receipts"
MAX_BYTES: Final = 4 * 1024 * 1024
MAX_ID: Final = 512
REJECTED: Final = "rejected"

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID)]

log = get_logger(__name__)


class AskedReceipt(msgspec.Struct, frozen=True):
    """What became of one action: of the one named, or of the last one of the account."""

    outcome: ReceiptOutcome
    account_id: Id | None = None
    action_id: Id | None = None
    reason: Annotated[str, msgspec.Meta(max_length=MAX_REASON)] | None = None


class AskedReceipts(msgspec.Struct, frozen=True):
    """Receipts, each read by itself."""

    receipts: list[msgspec.Raw]


class ReceiptItem(BaseModel):
    """What became of one receipt."""

    index: int = Field(description="Place in the request, from 0.")
    outcome: str = Field(
        description="`recorded`; `unchanged`, it was known; `superseded`, there is one of a later "
        "action; `unknown`, no such action of this takedown; `rejected`, and why."
    )
    reason: str | None = Field(None, description="Of a rejected receipt: what is wrong with it.")


class ReceiptsAnswer(BaseModel):
    """What became of all receipts of a request."""

    recorded: int
    unchanged: int
    superseded: int
    unknown: int
    rejected: int
    items: list[ReceiptItem]


_body = msgspec.json.Decoder(AskedReceipts)
_item = msgspec.json.Decoder(AskedReceipt)


def receipt_routes(parts: Parts) -> APIRouter:
    """The route that takes receipts."""
    router = APIRouter(tags=["actions"])

    @router.post(
        PATH,
        summary="Tell what was done with the actions of a takedown",
        description=(
            f"At the most {MAX_RECEIPTS:,} receipts. Sending one again is safe. Of each account "
            "the receipt of its last action counts, in whatever order they come."
        ),
        response_model=ReceiptsAnswer,
        response_model_exclude_none=True,
        openapi_extra={"requestBody": _described_body()},
        responses={
            400: {"description": "The body is no JSON of that form."},
            404: {"description": "No such takedown."},
            413: {"description": "Too many bytes."},
            422: {"description": "Receipts for an id that is too long."},
            429: {"description": "Too many receipts."},
            503: {"description": "Neo4j does not answer; send the same again."},
        },
    )
    async def post_receipts(takedown_id: str, request: Request) -> dict[str, Any]:
        if len(takedown_id) > MAX_ID:
            raise InvalidInput(f"The id has {len(takedown_id):,} characters, take {MAX_ID}.")
        read = read_receipts(await request.body())
        sound = {at: one for at, one in enumerate(read) if isinstance(one, Receipt)}
        principal: Principal = request.state.principal
        fates = await take_receipts(
            parts.graph,
            takedown_id,
            list(sound.values()),
            now=datetime.fromtimestamp(parts.now_ms() / 1000, UTC),
            by=principal.id,
        )
        answer = _answer(read, dict(zip(sound, fates, strict=True)))
        counts = {name: told for name, told in answer.items() if name != "items"}
        log.info("receipts_taken", takedown_id=takedown_id, **counts)
        return answer

    return router


def read_receipts(body: bytes) -> list[Receipt | str]:
    """The receipts of a body; of one that breaks its contract, what is wrong with it.

    Raises:
        MalformedBody: the body is no object with a list of receipts.
        LimitExceeded: it holds more than `MAX_RECEIPTS`.
    """
    try:
        items = _body.decode(body).receipts
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedBody(f"Expected an object with a list of receipts: {error}.") from None
    if len(items) > MAX_RECEIPTS:
        raise LimitExceeded(
            f"Got {len(items):,} receipts, take {MAX_RECEIPTS:,}. Send them in parts."
        )
    return [_read(bytes(item)) for item in items]


def _read(item: bytes) -> Receipt | str:
    try:
        asked = _item.decode(item)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        return str(error)
    if (asked.account_id is None) == (asked.action_id is None):
        return "expected `account_id` or `action_id`, one of the two"
    return Receipt(asked.outcome, asked.account_id, asked.action_id, asked.reason)


def _answer(read: list[Receipt | str], fates: dict[int, ReceiptFate]) -> dict[str, Any]:
    items = [
        {"index": at, "outcome": REJECTED, "reason": one}
        if isinstance(one, str)
        else {"index": at, "outcome": fates[at].value}
        for at, one in enumerate(read)
    ]
    counts = Counter(item["outcome"] for item in items)
    return {**{name: counts[name] for name in (*ReceiptFate, REJECTED)}, "items": items}


def _described_body() -> dict[str, Any]:
    receipt = {
        "type": "object",
        "required": ["outcome"],
        "properties": {
            "outcome": {"enum": [one.value for one in ReceiptOutcome]},
            "account_id": {"type": "string", "minLength": 1, "maxLength": MAX_ID},
            "action_id": {"type": "string", "minLength": 1, "maxLength": MAX_ID},
            "reason": {"type": "string", "maxLength": MAX_REASON},
        },
    }
    receipts = {"type": "array", "items": receipt, "maxItems": MAX_RECEIPTS}
    body = {"type": "object", "required": ["receipts"], "properties": {"receipts": receipts}}
    return {"required": True, "content": {"application/json": {"schema": body}}}
