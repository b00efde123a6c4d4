"""`GET /v1/actions`: what the provider's systems are to do, for those who would rather ask."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ringfence.api.parts import Parts
from ringfence.domain.takedowns import ActionKind, Standing
from ringfence.domain.webhooks import told_action
from ringfence.store.actions import page_actions

PATH: Final = "/v1/actions"
LIMIT: Final = 100
MAX_LIMIT: Final = 1_000
MAX_SEQ: Final = 2**63 - 1

After = Annotated[
    int, Query(ge=0, le=MAX_SEQ, description="`next_after` of the last answer; 0: from the first.")
]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most actions of an answer.")]


class ToldAction(BaseModel):
    """One thing to be done to an account."""

    id: str = Field(description="Unique; whoever has done it need not do it again.")
    seq: int = Field(description="Place in the order of all actions, from 1.")
    kind: ActionKind
    account_id: str
    takedown_id: str
    ring_id: str
    standing: Standing = Field(description="What the account shall have from now on.")
    previous_standing: Standing = Field(description="What it had, by what Ringfence knew.")
    reason: str
    at: str = Field(description="RFC 3339, UTC.")
    expires_at: str | None = Field(description="When it is taken back unless renewed, or null.")


class ActionsAnswer(BaseModel):
    """Actions in order."""

    actions: list[ToldAction]
    next_after: int = Field(description="What to continue after.")


def action_routes(parts: Parts) -> APIRouter:
    """The route that tells actions."""
    router = APIRouter(tags=["actions"])

    @router.get(
        PATH,
        summary="The next actions after a number, in order",
        description=(
            "Ask again with `after` set to `next_after`, once what was told is done. An answer "
            "without actions means that there are none yet. Webhooks tell the same actions."
        ),
        response_model=ActionsAnswer,
        responses={
            422: {"description": "A number out of its range."},
            503: {"description": "Neo4j does not answer; ask again."},
        },
    )
    async def get_actions(after: After = 0, limit: Limit = LIMIT) -> dict[str, Any]:
        found = await page_actions(parts.graph, after=after, limit=limit)
        return {
            "actions": [told_action(one) for one in found],
            "next_after": found[-1].seq if found else after,
        }

    return router
