"""The allow and the block list in GraphQL: identifiers that people vouch for or refuse."""

from datetime import date
from functools import partial
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.paging import COUNT_LIMIT, After, Connection, First, read_page
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.policy_lists import MAX_WORDS, ListEntry, ListName
from ringfence.store.policy_lists import count_entries, page_entries

ORDER = "policy_list_entries"
"""Order of a list's entries: by kind and value."""


@strawberry.type
class PolicyListEntry:
    """One identifier on the allow or the block list; outside its days it does nothing."""

    stored: strawberry.Private[ListEntry]
    list_name: ListName = held("stored.list_name", "The list that it is on.", name="list")
    kind: str = held("stored.key.kind", "Kind, such as device, ip or email_domain.")
    version: int = held("stored.version", "Its version, from 1 for each list, kind and value.")
    reason: str = held("stored.reason", f"Why it is there; {MAX_WORDS:,} characters at the most.")
    owner: str = held("stored.owner", "Who says so and keeps it true.")
    begins: date | None = held(
        "stored.begins", "Its first day, in UTC; null: ever since.", name="from"
    )
    ends: date = held("stored.ends", "Its last day, in UTC.", name="until")

    @resolved
    def value(self, info: Info) -> str:
        """Value; an ip may be a network. Personal data is masked, unless a reason is given."""
        return info.context.personal.value(self.stored.key)


@strawberry.type
class PolicyListQueries:
    """What can be asked about the allow and the block list."""

    @resolved
    async def policy_list_entries(
        self,
        info: Info,
        list_name: Annotated[
            ListName, strawberry.argument(name="list", description="Which of the two lists.")
        ],
        first: First,
        after: After = None,
    ) -> Connection[PolicyListEntry]:
        """What is on the allow or the block list, whatever its days, by kind and value."""
        page = read_page(first, after, ORDER, (str, str))
        graph, place = info.context.graph, IdentifierKey(*page.after) if page.after else None
        found = await page_entries(graph, list_name, after=place, limit=page.limit)
        return page.connect(
            found,
            place=lambda one: tuple(one.key),
            node=policy_list_entry,
            counted=partial(count_entries, graph, list_name, limit=COUNT_LIMIT + 1),
        )


def policy_list_entry(stored: ListEntry) -> PolicyListEntry:
    """The entry as GraphQL tells it."""
    return PolicyListEntry(stored=stored)
