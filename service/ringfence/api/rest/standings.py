"""`POST /v1/standings`: what the provider says of its accounts, many at once."""

from typing import Any, Final

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from ringfence.api.parts import Parts
from ringfence.domain.standings import ToldStanding
from ringfence.domain.takedowns import Standing
from ringfence.usecases.standings import MAX_BECAUSE, tell_standings

PATH: Final = "/v1/standings"
MAX_ITEMS: Final = 2_000


class StandingItem(BaseModel):
    """What is told of one account."""

    account_id: str = Field(min_length=1, max_length=256)
    standing: Standing = Standing.ACTIVE
    verified_organisation: bool = False
    protected_because: str | None = Field(None, max_length=MAX_BECAUSE)


class StandingsBody(BaseModel):
    """What is told of accounts; of one that is named twice, the last word holds."""

    standings: list[StandingItem] = Field(min_length=1, max_length=MAX_ITEMS)


class StandingsAnswer(BaseModel):
    """What became of it."""

    taken: int = Field(description="Accounts whose standing was taken in.")
    unknown: list[str] = Field(description="Ids of accounts that the graph does not hold.")


def standing_routes(parts: Parts) -> APIRouter:
    """The route that takes standings."""
    router = APIRouter(tags=["takedowns"])

    @router.post(
        PATH,
        summary="Tell what accounts may do at the provider, and which are to be spared",
        response_model=StandingsAnswer,
        responses={
            422: {"description": "An item breaks its form; nothing was taken in."},
            503: {"description": "Neo4j does not answer; send the same again."},
        },
    )
    async def post_standings(body: StandingsBody, request: Request) -> dict[str, Any]:
        told = [ToldStanding(**item.model_dump()) for item in body.standings]
        taken = await tell_standings(parts.graph, told, by=request.state.principal.id)
        return {"taken": taken.taken, "unknown": list(taken.unknown)}

    return router
