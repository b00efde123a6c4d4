"""What GraphQL can change of the allow and the block list: put an entry on, and take one off."""

from collections.abc import Awaitable
from datetime import date
from enum import Enum
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.policy_lists import PolicyListEntry, policy_list_entry
from ringfence.domain.policy_lists import MAX_WORDS, ListEntry, ListName, read_entry
from ringfence.errors import InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.usecases.policies import MAX_REASON
from ringfence.usecases.policy_lists import add_list_entry, remove_list_entry

LIST = "Which of the two lists."
KIND = "Kind, a lower-case word such as device, ip or email_domain."
VALUE = "Value in full; an ip may be a network, such as 203.0.113.0/24."


@strawberry.enum
class ListEntryProblem(Enum):
    """Why an entry was not put on a list or taken off."""

    NOT_FOUND = NotFound.code
    INVALID_INPUT = InvalidInput.code


@strawberry.type
class ListEntryTaken:
    """An entry that was put on a list or taken off."""

    entry: PolicyListEntry = strawberry.field(description="The entry.")


@strawberry.type
class ListEntryRefused:
    """An entry that was not put on a list or taken off; nothing was changed."""

    code: ListEntryProblem = strawberry.field(description="Why, for machines.")
    message: str = strawberry.field(description="Why, in words, and what to do next.")


@strawberry.input
class AddListEntryInput:
    """An identifier to vouch for or to refuse, for some days."""

    list_name: ListName = strawberry.field(name="list", description=LIST)
    kind: str = strawberry.field(description=KIND)
    value: str = strawberry.field(description=VALUE)
    reason: str = strawberry.field(description=f"Why, in words; 1 to {MAX_WORDS:,} characters.")
    owner: str = strawberry.field(
        description=f"Who says so and keeps it true; 1 to {MAX_WORDS:,} characters."
    )
    ends: date = strawberry.field(name="until", description="Its last day, in UTC; today or later.")
    begins: date | None = strawberry.field(
        name="from", default=None, description="Its first day, in UTC; null: at once."
    )


@strawberry.input
class RemoveListEntryInput:
    """An identifier to take off a list."""

    list_name: ListName = strawberry.field(name="list", description=LIST)
    kind: str = strawberry.field(description=KIND)
    value: str = strawberry.field(description=VALUE)
    reason: str = strawberry.field(description=f"Why, in words; 1 to {MAX_REASON:,} characters.")


ListEntryResult = Annotated[
    ListEntryTaken | ListEntryRefused,
    strawberry.union("ListEntryResult", description="The entry, or why not."),
]


@strawberry.type
class PolicyListMutations:
    """What can be changed of the allow and the block list."""

    @resolved
    async def add_list_entry(
        self,
        info: Info,
        asked: Annotated[
            AddListEntryInput,
            strawberry.argument(name="input", description="The identifier, why, and for how long."),
        ],
    ) -> ListEntryResult:
        """Put an identifier on a list, in place of its entry there; block goes before allow."""
        return await _answer(_add(info.context.graph, asked, by=info.context.client))

    @resolved
    async def remove_list_entry(
        self,
        info: Info,
        asked: Annotated[
            RemoveListEntryInput,
            strawberry.argument(name="input", description="The identifier, and why."),
        ],
    ) -> ListEntryResult:
        """Take an identifier off a list; its entry is kept in the graph, and does nothing."""
        return await _answer(
            remove_list_entry(
                info.context.graph,
                asked.list_name,
                asked.kind,
                asked.value,
                reason=asked.reason,
                by=info.context.client,
            )
        )


async def _add(graph: Graph, asked: AddListEntryInput, *, by: str) -> ListEntry:
    entry = read_entry(
        asked.list_name,
        asked.kind,
        asked.value,
        reason=asked.reason,
        owner=asked.owner,
        until=asked.ends,
        begins=asked.begins,
    )
    return await add_list_entry(graph, entry, by=by)


async def _answer(act: Awaitable[ListEntry]) -> ListEntryTaken | ListEntryRefused:
    try:
        return ListEntryTaken(entry=policy_list_entry(await act))
    except (NotFound, InvalidInput) as error:
        return ListEntryRefused(code=ListEntryProblem(error.code), message=str(error))
