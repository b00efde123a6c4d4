"""What GraphQL can change of a takedown at work: pause, stop, undo, renew, and the kill switch."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import key_of
from ringfence.api.graphql.takedown_answers import (
    REFUSALS,
    TakedownRefused,
    TakedownResult,
    moved,
    refused,
)
from ringfence.api.graphql.takedown_plan_mutations import REASON, TAKEDOWN_ID, MovedBy
from ringfence.api.graphql.takedown_queries import TakedownSwitch, takedown_switch
from ringfence.api.graphql.takedowns import Takedown, takedown
from ringfence.errors import InvalidInput
from ringfence.store.takedown_targets import find_switch
from ringfence.usecases.approve_takedown import find_takedown
from ringfence.usecases.carry_out_takedown import (
    MAX_RENEWAL_DAYS,
    pause_takedown,
    renew_takedown,
    resume_takedown,
    stop_takedown,
    switch_takedowns,
)
from ringfence.usecases.undo_takedown import MAX_ACCOUNTS, begin_undo, undo_of_accounts


@strawberry.type
class UndoneAccounts:
    """What became of accounts that were to be undone."""

    undone: int = strawberry.field(description="Were acted on, which is taken back.")
    cancelled: int = strawberry.field(description="Were to be acted on later, and will not be.")
    untouched: int = strawberry.field(
        description="Are not of the takedown, or were let go of before."
    )


@strawberry.type
class TakedownUndoTaken:
    """An undo that was taken."""

    takedown: Takedown = strawberry.field(description="The takedown, as it is now.")
    accounts: UndoneAccounts | None = strawberry.field(
        description="What became of the accounts that were named; null where the whole takedown "
        "is undone, which goes on after this answer."
    )


@strawberry.type
class TakedownsSwitched:
    """A switch that was turned."""

    switch: TakedownSwitch = strawberry.field(description="The switch, as it is now.")


@strawberry.input
class UndoTakedownInput:
    """A takedown to undo, whole or for some accounts."""

    takedown_id: strawberry.ID = strawberry.field(description=TAKEDOWN_ID)
    reason: str = strawberry.field(description=REASON)
    account_ids: list[strawberry.ID] | None = strawberry.field(
        default=None,
        description=f"Only these accounts, 1 to {MAX_ACCOUNTS:,}; global or the provider's ids. "
        "Null: the whole takedown.",
    )


@strawberry.input
class RenewTakedownInput:
    """A takedown that is to hold longer."""

    takedown_id: strawberry.ID = strawberry.field(description=TAKEDOWN_ID)
    days: float = strawberry.field(
        description=f"Days from now, up to {MAX_RENEWAL_DAYS:,}; 0: for good."
    )
    reason: str = strawberry.field(description=REASON)


@strawberry.input
class SwitchTakedownsInput:
    """Why the switch is turned."""

    reason: str = strawberry.field(description=REASON)


UndoTakedownResult = Annotated[
    TakedownUndoTaken | TakedownRefused,
    strawberry.union("UndoTakedownResult", description="The takedown, or why it is not undone."),
]
SwitchTakedownsResult = Annotated[
    TakedownsSwitched | TakedownRefused,
    strawberry.union("SwitchTakedownsResult", description="The switch, or why it stays."),
]
SwitchedBy = Annotated[SwitchTakedownsInput, strawberry.argument(name="input", description="Why.")]


@strawberry.type
class TakedownRunMutations:
    """What can be changed of a takedown that was started, and of all at once."""

    @resolved
    async def pause_takedown(self, info: Info, asked: MovedBy) -> TakedownResult:
        """Let no further batch of a takedown begin, until it is resumed."""
        key = key_of("Takedown", asked.takedown_id)
        graph, by = info.context.graph, info.context.client
        return await moved(pause_takedown(graph, key, reason=asked.reason, by=by))

    @resolved
    async def resume_takedown(self, info: Info, asked: MovedBy) -> TakedownResult:
        """Let a takedown that was paused go on at once."""
        key, at = key_of("Takedown", asked.takedown_id), datetime.now(UTC)
        graph, by = info.context.graph, info.context.client
        return await moved(resume_takedown(graph, key, reason=asked.reason, by=by, at=at))

    @resolved
    async def stop_takedown(self, info: Info, asked: MovedBy) -> TakedownResult:
        """End a takedown before it is through; what was done holds."""
        key = key_of("Takedown", asked.takedown_id)
        graph, by = info.context.graph, info.context.client
        return await moved(stop_takedown(graph, key, reason=asked.reason, by=by))

    @resolved
    async def renew_takedown(
        self,
        info: Info,
        asked: Annotated[
            RenewTakedownInput,
            strawberry.argument(name="input", description="The takedown, and for how long."),
        ],
    ) -> TakedownResult:
        """Let what a takedown did hold longer."""
        return await moved(
            renew_takedown(
                info.context.graph,
                key_of("Takedown", asked.takedown_id),
                days=asked.days,
                reason=asked.reason,
                by=info.context.client,
                at=datetime.now(UTC),
            )
        )

    @resolved
    async def undo_takedown(
        self,
        info: Info,
        asked: Annotated[
            UndoTakedownInput,
            strawberry.argument(name="input", description="The takedown, and which accounts."),
        ],
    ) -> UndoTakedownResult:
        """Take back what a takedown did; each account gets the standing that it had before.

        The whole of one is taken back in batches after this answer, named accounts before it.
        """
        try:
            return await _undo(info, asked)
        except REFUSALS as error:
            return refused(error)

    @resolved
    async def halt_takedowns(self, info: Info, asked: SwitchedBy) -> SwitchTakedownsResult:
        """Halt all takedowns at once: no batch begins after this answer. Undoing goes on."""
        return await _switch(info, asked, halted=True)

    @resolved
    async def release_takedowns(self, info: Info, asked: SwitchedBy) -> SwitchTakedownsResult:
        """Let takedowns go on that were halted."""
        return await _switch(info, asked, halted=False)


async def _undo(info: Info, asked: UndoTakedownInput) -> TakedownUndoTaken:
    key, by, graph = (
        key_of("Takedown", asked.takedown_id),
        info.context.client,
        info.context.graph,
    )
    if asked.account_ids is None:
        begun = await begin_undo(graph, key, reason=asked.reason, by=by)
        return TakedownUndoTaken(takedown=takedown(begun), accounts=None)
    done = await undo_of_accounts(
        graph,
        key,
        [key_of("Account", one) for one in asked.account_ids],
        reason=asked.reason,
        by=by,
        at=datetime.now(UTC),
    )
    return TakedownUndoTaken(
        takedown=takedown(await find_takedown(graph, key)),
        accounts=UndoneAccounts(
            undone=done.undone, cancelled=done.cancelled, untouched=done.untouched
        ),
    )


async def _switch(
    info: Info, asked: SwitchTakedownsInput, *, halted: bool
) -> TakedownsSwitched | TakedownRefused:
    graph, by = info.context.graph, info.context.client
    try:
        await switch_takedowns(
            graph, halted=halted, reason=asked.reason, by=by, at=datetime.now(UTC)
        )
    except InvalidInput as error:
        return refused(error)
    return TakedownsSwitched(switch=takedown_switch(await find_switch(graph)))
