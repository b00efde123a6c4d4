"""What GraphQL can change about kept questions."""

from datetime import datetime
from enum import Enum
from typing import Annotated

import strawberry
from graphql import GraphQLError, parse, validate

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import key_of
from ringfence.api.graphql.investigations import Investigation
from ringfence.api.graphql.limits import MAX_TOKENS
from ringfence.api.graphql.moments import zoned
from ringfence.api.graphql.operation import core_schema
from ringfence.errors import InvalidInput, NotFound
from ringfence.usecases.investigations import (
    InvestigationDraft,
    drop_investigation,
    keep_investigation,
)


@strawberry.enum
class InvestigationProblem(Enum):
    """Why a question was not kept or taken away."""

    NOT_FOUND = NotFound.code
    INVALID_INPUT = InvalidInput.code


@strawberry.type
class InvestigationRefused:
    """A question that was not kept or taken away; nothing was changed."""

    code: InvestigationProblem = strawberry.field(description="Why, for machines.")
    message: str = strawberry.field(description="Why, in words, and what to do next.")


@strawberry.type
class InvestigationSaved:
    """A question that is kept."""

    investigation: Investigation = strawberry.field(description="The question, as it is now.")


@strawberry.type
class InvestigationDeleted:
    """A question that is kept no more."""

    investigation_id: str = strawberry.field(description="The plain id that it had.")


@strawberry.input
class SaveInvestigationInput:
    """A question to keep."""

    name: str = strawberry.field(description="Its name.")
    document: str = strawberry.field(description="A GraphQL document that fits this schema.")
    variables: str = strawberry.field(default="{}", description="Its variables, a JSON object.")
    as_of: datetime | None = strawberry.field(
        default=None, description="The moment to ask of, with a zone; null: the present."
    )
    investigation_id: strawberry.ID | None = strawberry.field(
        default=None, description="Of the one to change; null: a new one."
    )


SaveInvestigationResult = Annotated[
    InvestigationSaved | InvestigationRefused,
    strawberry.union("SaveInvestigationResult", description="The question, or why not."),
]
DeleteInvestigationResult = Annotated[
    InvestigationDeleted | InvestigationRefused,
    strawberry.union("DeleteInvestigationResult", description="Its id, or why it stays."),
]


@strawberry.type
class InvestigationMutations:
    """What can be changed about kept questions."""

    @resolved
    async def save_investigation(
        self,
        info: Info,
        asked: Annotated[
            SaveInvestigationInput,
            strawberry.argument(name="input", description="The question."),
        ],
    ) -> SaveInvestigationResult:
        """Keep a question under a name, or change one."""
        own_id = asked.investigation_id and key_of("Investigation", asked.investigation_id)
        try:
            _fits(info, asked.document)
            kept = await keep_investigation(
                info.context.graph,
                InvestigationDraft(asked.name, asked.document, asked.variables, zoned(asked.as_of)),
                by=info.context.client,
                investigation_id=own_id,
            )
        except (NotFound, InvalidInput) as error:
            return _refused(error)
        return InvestigationSaved(investigation=Investigation.from_stored(kept))

    @resolved
    async def delete_investigation(
        self,
        info: Info,
        investigation_id: Annotated[
            strawberry.ID, strawberry.argument(description="A global or the plain id.")
        ],
    ) -> DeleteInvestigationResult:
        """Take a kept question away."""
        own_id = key_of("Investigation", investigation_id)
        try:
            await drop_investigation(info.context.graph, own_id, by=info.context.client)
        except NotFound as error:
            return _refused(error)
        return InvestigationDeleted(investigation_id=own_id)


def _fits(info: Info, document: str) -> None:
    try:
        faults = validate(core_schema(info.schema), parse(document, max_tokens=MAX_TOKENS))
    except GraphQLError as error:
        raise InvalidInput(f"The document is no GraphQL: {error.message}") from None
    if faults:
        raise InvalidInput(f"The document does not fit the schema: {faults[0].message}")


def _refused(error: NotFound | InvalidInput) -> InvestigationRefused:
    return InvestigationRefused(code=InvestigationProblem(error.code), message=str(error))
