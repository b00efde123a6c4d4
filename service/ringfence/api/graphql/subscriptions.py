"""What can be followed live: changes of rings, runs that end, and takedowns at work."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated

import strawberry

from ringfence.api.graphql.context import Info
from ringfence.api.graphql.detection_runs import DetectionRun
from ringfence.api.graphql.fields import followed, resolved
from ringfence.api.graphql.ids import key_of
from ringfence.api.graphql.paging import decode_cursor, encode_cursor
from ringfence.api.graphql.rings import Ring
from ringfence.api.graphql.takedowns import Takedown, takedown_of
from ringfence.domain.changes import ChangeTopic, ToldChange
from ringfence.domain.lineage import RingEventKind
from ringfence.domain.takedowns import TakedownState
from ringfence.errors import InvalidInput, LimitExceeded
from ringfence.store.rings import find_rings
from ringfence.store.run_history import find_runs

MAX_FOLLOWED = 100
_ORDER = "changes"
_STATES = frozenset(state.value for state in TakedownState)

After = Annotated[
    str | None,
    strawberry.argument(
        description="Go on after this cursor, of the last change that was received; changes are "
        "kept for a week. Without it, what becomes true from now on."
    ),
]


@strawberry.type
class RingChange:
    """Something that happened to a ring."""

    cursor: str = strawberry.field(description="Give it as `after` to go on from here.")
    at: datetime = strawberry.field(description="When it was told, in UTC.")
    kind: RingEventKind = strawberry.field(description="What happened.")
    ring_id: str = strawberry.field(description="The ring's plain id.")
    run_id: str = strawberry.field(description="The run or the verdict that told it.")

    @resolved
    async def ring(self, info: Info) -> Ring | None:
        """The ring as it is now."""
        stored = await info.context.load(find_rings, self.ring_id, as_of=None)
        return Ring(stored=stored) if stored else None


@strawberry.type
class RunFinished:
    """A run of detection that ended, well or not."""

    cursor: str = strawberry.field(description="Give it as `after` to go on from here.")
    at: datetime = strawberry.field(description="When it was told, in UTC.")
    run_id: str = strawberry.field(description="The run's plain id.")

    @resolved
    async def run(self, info: Info) -> DetectionRun | None:
        """The run, with what it found."""
        stored = await info.context.load(find_runs, self.run_id)
        return DetectionRun.from_stored(stored) if stored else None


@strawberry.type
class TakedownProgress:
    """A step of a takedown: it came into a state, or more of its accounts were worked off."""

    cursor: str = strawberry.field(description="Give it as `after` to go on from here.")
    at: datetime = strawberry.field(description="When it was told, in UTC.")
    state: TakedownState = strawberry.field(description="The state that it was in then.")
    takedown_id: str = strawberry.field(description="The takedown's plain id.")

    @resolved
    async def takedown(self, info: Info) -> Takedown | None:
        """The takedown as it is now; its counts tell how far it is."""
        return await takedown_of(info.context, self.takedown_id)


@strawberry.type
class Subscription:
    """What can be followed live, over graphql-transport-ws or as server-sent events."""

    @followed
    async def ring_changed(
        self,
        info: Info,
        ring_ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(
                description=f"Global or plain ids, {MAX_FOLLOWED} at the most; null: all rings."
            ),
        ] = None,
        after: After = None,
    ) -> AsyncIterator[RingChange]:
        """Changes of rings as they become true: of all, or of those with these ids."""
        followed = None if ring_ids is None else _keys("Ring", ring_ids)
        async for told in _changes(info, ChangeTopic.RING, after):
            if followed is None or told.change.subject_id in followed:
                yield RingChange(
                    cursor=encode_cursor(_ORDER, (told.seq,)),
                    at=told.at,
                    kind=RingEventKind(told.change.kind),
                    ring_id=told.change.subject_id,
                    run_id=told.change.run_id,
                )

    @followed
    async def run_finished(self, info: Info, after: After = None) -> AsyncIterator[RunFinished]:
        """Runs of detection as they end, well or not."""
        async for told in _changes(info, ChangeTopic.RUN, after):
            yield RunFinished(
                cursor=encode_cursor(_ORDER, (told.seq,)),
                at=told.at,
                run_id=told.change.subject_id,
            )

    @followed
    async def takedown_progress(
        self,
        info: Info,
        takedown_ids: Annotated[
            list[strawberry.ID] | None,
            strawberry.argument(
                description=f"Global or plain ids, {MAX_FOLLOWED} at the most; null: all takedowns."
            ),
        ] = None,
        after: After = None,
    ) -> AsyncIterator[TakedownProgress]:
        """Steps of takedowns as they are taken: of all, or of those with these ids."""
        followed = None if takedown_ids is None else _keys("Takedown", takedown_ids)
        async for told in _changes(info, ChangeTopic.TAKEDOWN, after):
            change = told.change
            if change.kind in _STATES and (followed is None or change.subject_id in followed):
                yield TakedownProgress(
                    cursor=encode_cursor(_ORDER, (told.seq,)),
                    at=told.at,
                    state=TakedownState(change.kind),
                    takedown_id=change.subject_id,
                )


async def _changes(info: Info, topic: ChangeTopic, after: str | None) -> AsyncIterator[ToldChange]:
    place = None if after is None else decode_cursor(after, _ORDER, (int,))[0]
    feed = info.context.feed
    if feed is None:
        raise InvalidInput("Follow over a WebSocket or as server-sent events.")
    async for told in feed.follow(place):
        if told.change.topic is topic:
            yield told


def _keys(type_name: str, ids: list[strawberry.ID]) -> frozenset[str]:
    if len(ids) > MAX_FOLLOWED:
        raise LimitExceeded(f"Got {len(ids)} ids, take {MAX_FOLLOWED} at once.")
    return frozenset(key_of(type_name, one) for one in ids)
