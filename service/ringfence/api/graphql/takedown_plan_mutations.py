"""What GraphQL can change of a takedown before it is carried out: plan, approve, give up, start."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from ringfence.api.graphql.blast_radius import BlastRadius
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.ids import key_of
from ringfence.api.graphql.paging import After, Connection, First
from ringfence.api.graphql.takedown_answers import (
    REFUSALS,
    TakedownRefused,
    TakedownResult,
    moved,
    refused,
)
from ringfence.api.graphql.takedown_targets import PlannedTarget, planned_page, planned_targets
from ringfence.api.graphql.takedowns import Takedown, takedown
from ringfence.domain.takedown_plans import MAX_REASON, TakedownOptions
from ringfence.domain.takedowns import TakedownAction
from ringfence.usecases.approve_takedown import approve_takedown, void_takedown
from ringfence.usecases.carry_out_takedown import start_takedown
from ringfence.usecases.plan_takedown import plan_takedown
from ringfence.usecases.preview_takedown import TakedownPreview, preview_takedown

TAKEDOWN_ID = "A global or the plain id."
REASON = f"Why, in words; 1 to {MAX_REASON:,} characters."


@strawberry.type
class PreviewedTakedown:
    """What a takedown would do as its ring is now; nothing of it is kept."""

    stored: strawberry.Private[TakedownPreview]
    ring_id: str = held("stored.planned.ring_id", "Plain id of the ring.")
    plan_hash: str = held(
        "stored.plan_hash", "What a plan made now would have, asked for in the same words."
    )
    needs_approval: bool = held(
        "stored.needs_approval", "Whether a second person would have to agree."
    )

    @resolved
    def size(self) -> int:
        """Accounts that it would act on; a takedown of nobody cannot be planned."""
        return len(self.stored.planned.acted)

    @resolved
    def blast_radius(self) -> BlastRadius:
        """Whom it would hit."""
        return BlastRadius(stored=self.stored.blast_radius)

    @resolved
    def planned_targets(self, first: First, after: After = None) -> Connection[PlannedTarget]:
        """Members that it is about, those held out among them, by account id."""
        return planned_targets(planned_page(first, after), self.stored.planned.targets)


@strawberry.type
class TakedownPlanned:
    """A plan that was made: kept, or only looked at."""

    takedown: Takedown | None = strawberry.field(
        default=None, description="The takedown; null for a dry run."
    )
    preview: PreviewedTakedown | None = strawberry.field(
        default=None, description="What it would do, for a dry run; else null."
    )


PlanTakedownResult = Annotated[
    TakedownPlanned | TakedownRefused,
    strawberry.union("PlanTakedownResult", description="The plan, or why there is none."),
]


@strawberry.input
class WaveDelayInput:
    """Minutes between two waves, drawn evenly between two bounds; 0 to 10,080."""

    least: float = strawberry.field(description="The least.")
    most: float = strawberry.field(description="The most.")


@strawberry.input
class PlanTakedownInput:
    """A takedown as it is asked for; what is left out is as the rules have it."""

    ring_id: strawberry.ID = strawberry.field(
        description="A global id, the plain id, or that of a ring that merged into it."
    )
    action: TakedownAction = strawberry.field(description="What is done to each account.")
    reason: str = strawberry.field(description=REASON)
    peripheral: bool = strawberry.field(
        default=False, description="Act on peripheral members too, not on core ones alone."
    )
    canary: int | None = strawberry.field(
        default=None, description="Accounts of the first wave, 1 or more."
    )
    delay_minutes: WaveDelayInput | None = strawberry.field(
        default=None, description="Minutes between two waves."
    )
    expire_days: float | None = strawberry.field(
        default=None, description="Days after which it is taken back, up to 3,650; 0: never."
    )
    dry_run: bool = strawberry.field(
        default=False, description="Only tell what it would do; nothing is kept."
    )

    def options(self) -> TakedownOptions:
        """How it is asked for, in the words of the design."""
        delay = self.delay_minutes
        return TakedownOptions(
            peripheral=self.peripheral,
            canary=self.canary,
            delay_minutes=(delay.least, delay.most) if delay else None,
            expire_days=self.expire_days,
        )


@strawberry.input
class ApproveTakedownInput:
    """An approval of exactly what was looked at."""

    takedown_id: strawberry.ID = strawberry.field(description=TAKEDOWN_ID)
    plan_hash: str = strawberry.field(description="`planHash` of the plan that was looked at.")


@strawberry.input
class MoveTakedownInput:
    """A takedown, and why it is changed."""

    takedown_id: strawberry.ID = strawberry.field(description=TAKEDOWN_ID)
    reason: str = strawberry.field(description=REASON)


@strawberry.input
class StartTakedownInput:
    """A takedown to start."""

    takedown_id: strawberry.ID = strawberry.field(description=TAKEDOWN_ID)


MovedBy = Annotated[
    MoveTakedownInput, strawberry.argument(name="input", description="The takedown, and why.")
]


@strawberry.type
class TakedownPlanMutations:
    """What can be changed of a takedown before it is carried out."""

    @resolved
    async def plan_takedown(
        self,
        info: Info,
        asked: Annotated[
            PlanTakedownInput, strawberry.argument(name="input", description="What is planned.")
        ],
    ) -> PlanTakedownResult:
        """Plan to act on the members of a ring; nobody is acted on yet."""
        try:
            return await _preview(info, asked) if asked.dry_run else await _plan(info, asked)
        except REFUSALS as error:
            return refused(error)

    @resolved
    async def approve_takedown(
        self,
        info: Info,
        asked: Annotated[
            ApproveTakedownInput,
            strawberry.argument(name="input", description="The takedown, and its plan's hash."),
        ],
    ) -> TakedownResult:
        """Agree to a plan that somebody else made; if its ring changed since, it is void."""
        return await moved(
            approve_takedown(
                info.context.graph,
                key_of("Takedown", asked.takedown_id),
                info.context.takedown_rules,
                plan_hash=asked.plan_hash,
                by=info.context.client,
            )
        )

    @resolved
    async def void_takedown(self, info: Info, asked: MovedBy) -> TakedownResult:
        """Give up a plan that was not started."""
        key = key_of("Takedown", asked.takedown_id)
        graph, by = info.context.graph, info.context.client
        return await moved(void_takedown(graph, key, reason=asked.reason, by=by))

    @resolved
    async def start_takedown(
        self,
        info: Info,
        asked: Annotated[
            StartTakedownInput, strawberry.argument(name="input", description="The takedown.")
        ],
    ) -> TakedownResult:
        """Start a takedown: from now on accounts are acted on, the canary first.

        If its ring changed since it was planned, it is void.
        """
        return await moved(
            start_takedown(
                info.context.graph,
                key_of("Takedown", asked.takedown_id),
                info.context.takedown_rules,
                by=info.context.client,
                at=datetime.now(UTC),
            )
        )


async def _plan(info: Info, asked: PlanTakedownInput) -> TakedownPlanned:
    planned = await plan_takedown(
        info.context.graph,
        key_of("Ring", asked.ring_id),
        asked.action,
        info.context.takedown_rules,
        reason=asked.reason,
        by=info.context.client,
        options=asked.options(),
    )
    return TakedownPlanned(takedown=takedown(planned))


async def _preview(info: Info, asked: PlanTakedownInput) -> TakedownPlanned:
    preview = await preview_takedown(
        info.context.graph,
        key_of("Ring", asked.ring_id),
        asked.action,
        info.context.takedown_rules,
        reason=asked.reason,
        options=asked.options(),
    )
    return TakedownPlanned(preview=PreviewedTakedown(stored=preview))
