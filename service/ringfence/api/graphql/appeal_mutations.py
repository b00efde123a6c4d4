"""What GraphQL can change of appeals: open one, and decide one."""

from enum import Enum
from typing import Annotated

import strawberry

from ringfence.api.graphql.appeals import STATEMENT, Appeal, appeal
from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import key_of
from ringfence.domain.appeals import MAX_REASON, AppealDecision
from ringfence.errors import Conflict, InvalidInput, NotFound, NotPermitted
from ringfence.usecases.appeals import decide_appeal, open_appeal


@strawberry.enum
class AppealProblem(Enum):
    """Why an appeal was not opened or decided."""

    NOT_FOUND = NotFound.code
    CONFLICT = Conflict.code
    INVALID_INPUT = InvalidInput.code
    NOT_PERMITTED = NotPermitted.code


@strawberry.type
class AppealTaken:
    """An appeal that was opened or decided."""

    appeal_id: str = strawberry.field(description="Its plain id.")
    appeal: Appeal = strawberry.field(description="The appeal, as it is now.")


@strawberry.type
class AppealRefused:
    """An appeal that was not opened or decided; nothing was changed."""

    code: AppealProblem = strawberry.field(description="Why, for machines.")
    message: str = strawberry.field(description="Why, in words, and what to do next.")


@strawberry.input
class OpenAppealInput:
    """An appeal as it is passed on."""

    account_id: strawberry.ID = strawberry.field(
        description="A global id, or the provider's account id."
    )
    statement: str = strawberry.field(description=STATEMENT)
    takedown_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="A global or the plain id; null: the latest that acted on the account.",
    )


@strawberry.input
class DecideAppealInput:
    """What becomes of an act that was appealed against."""

    appeal_id: strawberry.ID = strawberry.field(description="A global or the plain id.")
    decision: AppealDecision = strawberry.field(description="What becomes of the act.")
    reason: str = strawberry.field(description=f"Why, in words; 1 to {MAX_REASON:,} characters.")


AppealResult = Annotated[
    AppealTaken | AppealRefused,
    strawberry.union("AppealResult", description="The appeal, or why not."),
]


@strawberry.type
class AppealMutations:
    """What can be changed of appeals."""

    @resolved
    async def open_appeal(
        self,
        info: Info,
        asked: Annotated[
            OpenAppealInput, strawberry.argument(name="input", description="Who says what.")
        ],
    ) -> AppealResult:
        """Open an appeal; the same again gives the one that is open."""
        takedown_id = asked.takedown_id
        try:
            opened = await open_appeal(
                info.context.graph,
                key_of("Account", asked.account_id),
                statement=asked.statement,
                by=info.context.client,
                takedown_id=None if takedown_id is None else key_of("Takedown", takedown_id),
            )
        except (NotFound, Conflict, InvalidInput) as error:
            return _refused(error)
        return AppealTaken(appeal_id=opened.id, appeal=appeal(opened))

    @resolved
    async def decide_appeal(
        self,
        info: Info,
        asked: Annotated[
            DecideAppealInput,
            strawberry.argument(name="input", description="The appeal, and what becomes of it."),
        ],
    ) -> AppealResult:
        """Decide an appeal; what is overturned is taken back at once."""
        try:
            decided = await decide_appeal(
                info.context.graph,
                key_of("Appeal", asked.appeal_id),
                asked.decision,
                reason=asked.reason,
                by=info.context.client,
            )
        except (NotFound, Conflict, InvalidInput, NotPermitted) as error:
            return _refused(error)
        return AppealTaken(appeal_id=decided.id, appeal=appeal(decided))


def _refused(error: NotFound | Conflict | InvalidInput | NotPermitted) -> AppealRefused:
    return AppealRefused(code=AppealProblem(error.code), message=str(error))
