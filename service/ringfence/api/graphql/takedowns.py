"""Takedowns in GraphQL: what is planned, approved, done and taken back."""

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from ringfence.api.graphql import rings as ring_types
from ringfence.api.graphql import takedown_targets as target_types
from ringfence.api.graphql.blast_radius import BlastRadius
from ringfence.api.graphql.context import Context, Info, Load
from ringfence.api.graphql.fields import gathered, held, resolved
from ringfence.api.graphql.ids import Keyed
from ringfence.api.graphql.nodes import Node, SomePlannedTarget, SomeRing, SomeTarget
from ringfence.api.graphql.paging import After, Connection, First, read_page
from ringfence.domain import takedown_plans as domain
from ringfence.domain.takedowns import Standing, TakedownAction, TakedownState, TargetState
from ringfence.store.rings import find_rings
from ringfence.store.takedown_lists import (
    count_listed_targets,
    find_planned_targets,
    page_listed_targets,
)
from ringfence.store.takedowns import StoredTakedown, count_targets, find_takedowns
from ringfence.store.takedowns import TargetCounts as StoredCounts

ORDER = "takedowns"
"""Order of every list of takedowns: the one planned last first."""


@strawberry.type
class TakedownOptions:
    """How a takedown was asked for; null: as the rules have it."""

    stored: strawberry.Private[domain.TakedownOptions]
    peripheral: bool = held("stored.peripheral", "Whether peripheral members are acted on too.")
    canary: int | None = held("stored.canary", "Accounts of the first wave.")
    expire_days: float | None = held(
        "stored.expire_days", "Days after which it is taken back; 0: never."
    )

    @resolved
    def delay_minutes(self) -> list[float] | None:
        """The least and the most minutes between two waves."""
        return list(self.stored.delay_minutes) if self.stored.delay_minutes else None


@strawberry.type
class TargetCounts:
    """Accounts of a takedown by what became of them; all 0 before it is started."""

    stored: strawberry.Private[StoredCounts]
    held_out: int = held("stored.held", "Held out.")
    queued: int = held("stored.queued", "Still to be acted on.")
    acted: int = held("stored.acted", "Acted on, and not taken back.")
    cancelled: int = held("stored.cancelled", "Let go of before they were acted on.")
    undone: int = held("stored.undone", "Acted on, and taken back.")
    confirmed: int = held("stored.confirmed", "Of which the provider says that it is done.")
    failed: int = held("stored.failed", "Of which the provider says that it failed.")
    appealed: int = held("stored.appealed", "With an appeal against it.")
    overturned: int = held("stored.overturned", "Given right on appeal.")


@strawberry.type
class Takedown(Node):
    """An act on the accounts of a ring, from its plan to its undoing."""

    stored: strawberry.Private[StoredTakedown]
    takedown_id: str = held("stored.id", "Its plain id.")
    ring_id: str = held("stored.ring_id", "Plain id of its ring, when it was planned.")
    action: TakedownAction = held("stored.action", "What is done to each account.")
    standing: Standing = held("stored.standing", "Where that leaves one that nothing else holds.")
    reason: str = held("stored.reason", "Why, in words; the provider's systems are told.")
    state: TakedownState = held("stored.state", "Where it is in its life.")
    plan_hash: str = held("stored.plan_hash", "SHA-256 over what is planned; an approval names it.")
    needs_approval: bool = held("stored.needs_approval", "Whether a second person has to agree.")
    size: int = held("stored.size", "Accounts that it acts on.")
    seed: str = held("stored.seed", "What the order of accounts and the delays are drawn from.")
    planned_by: str = held("stored.planned_by", "Id of who planned it, and cannot approve it.")
    planned_at: datetime = held("stored.planned_at", "When it was planned, in UTC.")
    start_by: datetime = held(
        "stored.start_by", "After that it can be neither approved nor started, in UTC."
    )
    approved_by: str | None = held("stored.approved_by", "Id of who approved it.")
    approved_at: datetime | None = held("stored.approved_at", "When it was approved, in UTC.")
    started_by: str | None = held("stored.started_by", "Id of who started it.")
    started_at: datetime | None = held("stored.started_at", "When it was started, in UTC.")
    ended_at: datetime | None = held(
        "stored.ended_at", "When it was through, given up or undone, in UTC."
    )
    expires_at: datetime | None = held(
        "stored.expires_at", "When it is taken back unless renewed, in UTC; null: never."
    )
    wave: int = held("stored.wave", "The wave at work, from 0, the canary.")
    waves: int = held("stored.waves", "How many waves there are; 0 before the start.")
    next_wave_at: datetime | None = held(
        "stored.next_wave_at", "When the wave at work may begin, in UTC."
    )
    because: str | None = held("stored.because", "Why it is void, paused, stopped or undone.")
    remembered_at: datetime | None = held(
        "stored.remembered_at", "When its ring was remembered, to be known when it returns, in UTC."
    )

    global_id = Keyed("Takedown", "stored.id")

    @resolved
    def options(self) -> TakedownOptions:
        """How it was asked for."""
        return TakedownOptions(stored=self.stored.options)

    @resolved
    def blast_radius(self) -> BlastRadius:
        """Whom it hits, as was told when it was planned."""
        return BlastRadius(stored=self.stored.blast_radius)

    @resolved
    async def counts(self, info: Info) -> TargetCounts:
        """What became of its accounts, counted."""
        found = await info.context.load(count_targets, self.stored.id)
        return TargetCounts(stored=found or StoredCounts())

    @resolved
    async def ring(self, info: Info) -> SomeRing | None:
        """Its ring as it is now."""
        stored = await info.context.load(find_rings, self.stored.ring_id, as_of=None)
        return ring_types.Ring(stored=stored) if stored else None

    @gathered
    def planned_targets(
        self, info: Info, first: First, after: After = None
    ) -> Load[Connection[SomePlannedTarget]]:
        """Members in its plan, those held out among them, by account id; none once it started."""
        page = target_types.planned_page(first, after)
        return Load(
            find_planned_targets,
            self.stored.id,
            lambda found: target_types.planned_targets(page, found or ()),
        )

    @gathered
    def targets(
        self,
        info: Info,
        first: First,
        after: After = None,
        states: Annotated[
            list[TargetState] | None,
            strawberry.argument(description="Only those of which this became."),
        ] = None,
        for_review: Annotated[
            bool,
            strawberry.argument(description="Only those that a person should look at again."),
        ] = False,
    ) -> Load[Connection[SomeTarget]]:
        """Its accounts, those held out among them, by account id; none before it started."""
        page = read_page(first, after, "targets", (str,))
        which = {"states": None if states is None else tuple(states), "for_review": for_review}
        return page.load(
            page_listed_targets,
            self.stored.id,
            which,
            place=lambda one: (one.account_id,),
            node=lambda one: target_types.TakedownTarget(stored=one, takedown_id=self.stored.id),
            counted=partial(info.context.count, count_listed_targets, self.stored.id, **which),
        )


def takedown(stored: StoredTakedown) -> Takedown:
    """The takedown as GraphQL tells it."""
    return Takedown(stored=stored)


async def takedown_of(context: Context, key: str) -> Takedown | None:
    """The takedown of a plain id, or None."""
    stored = await context.load(find_takedowns, key)
    return Takedown(stored=stored) if stored else None
