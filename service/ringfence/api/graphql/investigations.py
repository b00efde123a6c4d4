"""Kept questions in GraphQL."""

from datetime import datetime
from functools import partial
from typing import Self

import strawberry

from ringfence.api.graphql.context import Context, Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import Keyed
from ringfence.api.graphql.nodes import Node
from ringfence.api.graphql.paging import After, Connection, First, read_page
from ringfence.store.investigations import Investigation as StoredInvestigation
from ringfence.store.investigations import (
    count_investigations,
    find_investigations,
    page_investigations,
)
from ringfence.usecases.investigations import MAX_DOCUMENT, MAX_NAME, MAX_VARIABLES


@strawberry.type
class Investigation(Node):
    """A question that somebody keeps, to ask it again or to hand it on by its id."""

    investigation_id: str = strawberry.field(description="Its plain id.")
    name: str = strawberry.field(description=f"Its name; {MAX_NAME} characters at the most.")
    document: str = strawberry.field(
        description=f"The GraphQL document; {MAX_DOCUMENT:,} characters at the most."
    )
    variables: str = strawberry.field(
        description=f"Its variables, a JSON object; {MAX_VARIABLES:,} characters at the most."
    )
    as_of: datetime | None = strawberry.field(
        description="The moment to ask of, in UTC: give it as `asOf`. Null: the present."
    )
    by: str = strawberry.field(description="Who made it.")
    created_at: datetime = strawberry.field(description="When it was made, in UTC.")
    updated_at: datetime = strawberry.field(description="When it was changed last, in UTC.")

    global_id = Keyed("Investigation", "investigation_id")

    @classmethod
    def from_stored(cls, stored: StoredInvestigation) -> Self:
        """The investigation as GraphQL tells it."""
        return cls(
            investigation_id=stored.id,
            name=stored.name,
            document=stored.document,
            variables=stored.variables,
            as_of=stored.as_of,
            by=stored.by,
            created_at=stored.created_at,
            updated_at=stored.updated_at,
        )


async def investigation_of(context: Context, key: str) -> Investigation | None:
    """The investigation of a plain id, or None."""
    stored = await context.load(find_investigations, key)
    return Investigation.from_stored(stored) if stored else None


@strawberry.type
class InvestigationQueries:
    """What can be asked about kept questions."""

    @resolved
    async def investigations(
        self, info: Info, first: First, after: After = None
    ) -> Connection[Investigation]:
        """Kept questions, those changed last first."""
        page = read_page(first, after, "investigations", (int, str))
        found = await page_investigations(info.context.graph, after=page.after, limit=page.limit)
        return page.connect(
            found,
            place=lambda one: one.place,
            node=Investigation.from_stored,
            counted=partial(count_investigations, info.context.graph),
        )
