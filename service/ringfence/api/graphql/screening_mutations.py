"""What GraphQL can change of the log of sign-up checks: what became of a sign-up."""

from enum import Enum
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import key_of
from ringfence.api.graphql.screenings import Screening, screening
from ringfence.domain.screening_log import Outcome
from ringfence.errors import InvalidInput, NotFound
from ringfence.usecases.screening_log import MAX_NOTE, report_outcome


@strawberry.enum
class OutcomeProblem(Enum):
    """Why an outcome was not taken."""

    NOT_FOUND = NotFound.code
    INVALID_INPUT = InvalidInput.code


@strawberry.type
class OutcomeReported:
    """An outcome that was taken."""

    screening: Screening = strawberry.field(description="The screening, as it is now.")


@strawberry.type
class OutcomeRefused:
    """An outcome that was not taken; nothing was changed."""

    code: OutcomeProblem = strawberry.field(description="Why, for machines.")
    message: str = strawberry.field(description="Why, in words, and what to do next.")


@strawberry.input
class ReportOutcomeInput:
    """What a sign-up turned out to be."""

    screening_id: strawberry.ID = strawberry.field(description="A global or the plain id.")
    outcome: Outcome = strawberry.field(description="What it turned out to be.")
    note: str | None = strawberry.field(
        default=None, description=f"How that is known; 1 to {MAX_NOTE:,} characters."
    )


ReportOutcomeResult = Annotated[
    OutcomeReported | OutcomeRefused,
    strawberry.union("ReportOutcomeResult", description="The screening, or why not."),
]


@strawberry.type
class ScreeningMutations:
    """What can be changed of the log of sign-up checks."""

    @resolved
    async def report_outcome(
        self,
        info: Info,
        asked: Annotated[
            ReportOutcomeInput,
            strawberry.argument(name="input", description="The screening, and what came of it."),
        ],
    ) -> ReportOutcomeResult:
        """Say what a sign-up turned out to be; it may be said again, and the last word holds."""
        try:
            reported = await report_outcome(
                info.context.graph,
                key_of("Screening", asked.screening_id),
                asked.outcome,
                by=info.context.client,
                note=asked.note,
            )
        except (NotFound, InvalidInput) as error:
            return OutcomeRefused(code=OutcomeProblem(error.code), message=str(error))
        return OutcomeReported(screening=screening(reported))
