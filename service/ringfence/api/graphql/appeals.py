"""Appeals in GraphQL: what accounts say against takedowns, and what was decided."""

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Context, Info
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.ids import Keyed
from ringfence.api.graphql.nodes import Node
from ringfence.api.graphql.paging import COUNT_LIMIT, After, Connection, First, read_page
from ringfence.domain import appeals as domain
from ringfence.domain.appeals import MAX_STATEMENT, AppealState
from ringfence.store.appeals import count_appeals, find_appeals, page_appeals
from ringfence.store.times import milliseconds, moment


@strawberry.type
class Appeal(Node):
    """One account's word against what one takedown did to it."""

    stored: strawberry.Private[domain.Appeal]
    appeal_id: str = held("stored.id", "Its plain id.")
    account_id: str = held("stored.account_id", "Plain id of the account.")
    takedown_id: str = held("stored.takedown_id", "Plain id of the takedown.")
    action_id: str | None = held(
        "stored.action_id",
        "Plain id of what the provider's systems were told to do; null: they were told nothing.",
    )
    state: AppealState = held("stored.state", "Where it is.")
    opened_at: datetime = held("stored.opened_at", "When it was opened, in UTC.")
    opened_by: str = held("stored.opened_by", "Who passed it on.")
    decided_at: datetime | None = held("stored.decided_at", "When it was decided, in UTC.")
    decided_by: str | None = held("stored.decided_by", "Who decided it.")
    reason: str | None = held("stored.reason", "Why it was decided so.")

    global_id = Keyed("Appeal", "stored.id")

    @resolved
    def statement(self, info: Info) -> str | None:
        """The account's own words; personal data, so null unless a reason is given."""
        return info.context.personal.words(
            "appeal_statement", self.stored.id, self.stored.statement
        )


def appeal(stored: domain.Appeal) -> Appeal:
    """The appeal as GraphQL tells it."""
    return Appeal(stored=stored)


async def appeal_of(context: Context, key: str) -> Appeal | None:
    """The appeal of a plain id, or None."""
    stored = await context.load(find_appeals, key)
    return appeal(stored) if stored else None


@strawberry.type
class AppealQueries:
    """What can be asked about appeals."""

    @resolved
    async def appeals(
        self,
        info: Info,
        first: First,
        after: After = None,
        states: Annotated[
            list[AppealState] | None,
            strawberry.argument(description="Only appeals in one of these states."),
        ] = None,
    ) -> Connection[Appeal]:
        """Appeals, the one opened last first."""
        page = read_page(first, after, "appeals", (int, str))
        graph = info.context.graph
        place = page.after and (moment(page.after[0]), page.after[1])
        found = await page_appeals(graph, after=place, limit=page.limit, states=states)
        return page.connect(
            found,
            place=lambda one: (milliseconds(one.opened_at), one.id),
            node=appeal,
            counted=partial(count_appeals, graph, limit=COUNT_LIMIT + 1, states=states),
        )


STATEMENT = f"The account's own words; 1 to {MAX_STATEMENT:,} characters."
