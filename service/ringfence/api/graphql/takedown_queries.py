"""What GraphQL can be asked about takedowns."""

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.fields import resolved
from ringfence.api.graphql.ids import key_of
from ringfence.api.graphql.paging import After, Connection, First, read_page
from ringfence.api.graphql.takedowns import ORDER, Takedown, takedown, takedown_of
from ringfence.domain.takedowns import TakedownState
from ringfence.store.rings import find_rings
from ringfence.store.takedown_lists import (
    count_ring_takedowns,
    count_takedowns,
    page_listed,
    page_ring_takedowns,
    place_of,
)
from ringfence.store.takedown_targets import Switch, find_switch


@strawberry.type
class TakedownSwitch:
    """Whether all takedowns are halted at once; undoing goes on even then."""

    halted: bool = strawberry.field(description="Whether they are.")
    by: str | None = strawberry.field(description="Id of who said so last.")
    because: str | None = strawberry.field(description="Why.")
    at: datetime | None = strawberry.field(description="When, in UTC.")


@strawberry.type
class TakedownQueries:
    """What can be asked about takedowns."""

    @resolved
    async def takedown(
        self,
        info: Info,
        some_id: Annotated[
            strawberry.ID,
            strawberry.argument(name="id", description="A global id, or the plain id."),
        ],
    ) -> Takedown | None:
        """One takedown, or null."""
        return await takedown_of(info.context, key_of("Takedown", some_id))

    @resolved
    async def takedowns(
        self,
        info: Info,
        first: First,
        after: After = None,
        states: Annotated[
            list[TakedownState] | None, strawberry.argument(description="Only in these states.")
        ] = None,
        ring_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Only of this ring or one that merged into it; any id of it."
            ),
        ] = None,
    ) -> Connection[Takedown]:
        """Takedowns, the one planned last first."""
        page = read_page(first, after, ORDER, (int, str))
        graph, which = info.context.graph, None if states is None else tuple(states)
        if ring_id is None:
            return page.connect(
                await page_listed(graph, states=which, after=page.after, limit=page.limit),
                place=place_of,
                node=takedown,
                counted=partial(count_takedowns, graph, states=which),
            )
        asked = key_of("Ring", ring_id)
        ring = (await find_rings(graph, [asked])).get(asked)
        own_id = ring.id if ring else asked
        return await info.context.answer(
            page.load(
                page_ring_takedowns,
                own_id,
                {"states": which},
                place=place_of,
                node=takedown,
                counted=partial(info.context.count, count_ring_takedowns, own_id, states=which),
            )
        )

    @resolved
    async def takedown_switch(self, info: Info) -> TakedownSwitch:
        """Whether all takedowns are halted."""
        return takedown_switch(await find_switch(info.context.graph))


def takedown_switch(stored: Switch) -> TakedownSwitch:
    """The switch as GraphQL tells it."""
    return TakedownSwitch(halted=stored.halted, by=stored.by, because=stored.because, at=stored.at)
