"""What GraphQL can change: the verdicts on rings, and what other files add."""

from enum import Enum
from typing import Annotated

import strawberry

from ringfence.api.graphql.appeal_mutations import AppealMutations
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.desk_mutations import DeskMutations
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import key_of
from ringfence.api.graphql.investigation_mutations import InvestigationMutations
from ringfence.api.graphql.policy_list_mutations import PolicyListMutations
from ringfence.api.graphql.policy_mutations import PolicyMutations
from ringfence.api.graphql.rings import Ring
from ringfence.api.graphql.screening_mutations import ScreeningMutations
from ringfence.api.graphql.sign_up_mutations import SignUpMutations
from ringfence.api.graphql.takedown_plan_mutations import TakedownPlanMutations
from ringfence.api.graphql.takedown_run_mutations import TakedownRunMutations
from ringfence.api.graphql.verdicts import Verdict, verdict
from ringfence.domain.verdicts import MAX_REASON, MOVES, VerdictKind
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.rings import find_rings
from ringfence.usecases.judge_ring import judge_ring


@strawberry.enum
class VerdictProblem(Enum):
    """Why a verdict was not taken."""

    NOT_FOUND = NotFound.code
    CONFLICT = Conflict.code
    INVALID_INPUT = InvalidInput.code


@strawberry.input
class JudgeRingInput:
    """A verdict on a ring."""

    ring_id: strawberry.ID = strawberry.field(
        description="A global id, the plain id, or that of a ring that merged into it."
    )
    reason: str = strawberry.field(description=f"Why, in words; 1 to {MAX_REASON} characters.")


@strawberry.type
class RingJudged:
    """A verdict that was taken."""

    ring: Ring = strawberry.field(description="The ring, as it is now.")
    verdict: Verdict = strawberry.field(description="The verdict.")


@strawberry.type
class VerdictRefused:
    """A verdict that was not taken; nothing was changed."""

    code: VerdictProblem = strawberry.field(description="Why, for machines.")
    message: str = strawberry.field(description="Why, in words, and what to do next.")
    allowed: list[VerdictKind] = strawberry.field(
        description="Verdicts that the ring's state allows; none where the ring is not known."
    )


JudgeRingResult = Annotated[
    RingJudged | VerdictRefused,
    strawberry.union("JudgeRingResult", description="The ring with its verdict, or why not."),
]
Verdicts = Annotated[
    JudgeRingInput, strawberry.argument(name="input", description="The ring, and why.")
]


@strawberry.type
class Mutation(
    AppealMutations,
    DeskMutations,
    InvestigationMutations,
    PolicyListMutations,
    PolicyMutations,
    ScreeningMutations,
    SignUpMutations,
    TakedownPlanMutations,
    TakedownRunMutations,
):
    """What can be changed."""

    @resolved
    async def confirm_ring(self, info: Info, asked: Verdicts) -> JudgeRingResult:
        """Say that a ring is one: no run closes it or takes its id, and it stays in review."""
        return await _judge(info, asked, VerdictKind.CONFIRMED)

    @resolved
    async def dismiss_ring(self, info: Info, asked: Verdicts) -> JudgeRingResult:
        """Say that a group is no ring: it is flagged no more, unless new evidence comes."""
        return await _judge(info, asked, VerdictKind.DISMISSED)


async def _judge(
    info: Info, asked: JudgeRingInput, kind: VerdictKind
) -> RingJudged | VerdictRefused:
    ring_id = key_of("Ring", asked.ring_id)
    graph = info.context.graph
    try:
        given = await judge_ring(graph, ring_id, kind, reason=asked.reason, by=info.context.client)
    except (NotFound, Conflict, InvalidInput) as error:
        ring = (await find_rings(graph, [ring_id])).get(ring_id)
        allowed = list(MOVES[ring.state]) if ring else []
        return VerdictRefused(code=VerdictProblem(error.code), message=str(error), allowed=allowed)
    stored = (await find_rings(graph, [given.ring_id]))[given.ring_id]
    return RingJudged(ring=Ring(stored=stored), verdict=verdict(given))
