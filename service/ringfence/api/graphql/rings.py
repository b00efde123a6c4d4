"""Rings in GraphQL: the thing a person acts on."""

from datetime import datetime
from functools import cache, partial
from typing import Annotated

import strawberry

from ringfence.api.graphql import accounts as account_types
from ringfence.api.graphql import operations as operation_types
from ringfence.api.graphql import screenings as screening_types
from ringfence.api.graphql import takedowns as takedown_types
from ringfence.api.graphql.context import Info, Load
from ringfence.api.graphql.evidence import Evidence, evidence
from ringfence.api.graphql.fields import gathered, held, resolved
from ringfence.api.graphql.ids import Keyed, identifier_key, split_id
from ringfence.api.graphql.lineage import RingEvent, ring_event
from ringfence.api.graphql.members import Member
from ringfence.api.graphql.nodes import (
    Node,
    SomeMember,
    SomeOperation,
    SomeRing,
    SomeScreening,
    SomeTakedown,
)
from ringfence.api.graphql.notes import Assignment, Note, assignment, note
from ringfence.api.graphql.paging import (
    COUNT_LIMIT,
    After,
    Connection,
    First,
    bounded,
    read_page,
)
from ringfence.api.graphql.ring_summaries import RingSummary, ring_summary
from ringfence.api.graphql.scalars import Count
from ringfence.api.graphql.usage import HeavyUser, UsageDay
from ringfence.api.graphql.verdicts import Verdict, verdict
from ringfence.api.graphql.views import View
from ringfence.api.graphql.watches import Watch
from ringfence.domain import returns as domain_returns
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Grade, RingState, Role, Tier
from ringfence.errors import InvalidInput
from ringfence.store.evidence import count_evidence, page_evidence
from ringfence.store.members import MemberOrder, MemberOrderBy, count_members, page_members
from ringfence.store.notes import count_notes, find_assignments, page_notes
from ringfence.store.operations import find_operations
from ringfence.store.returns import find_watches
from ringfence.store.ring_events import count_ring_events, page_ring_events
from ringfence.store.ring_summaries import summarise_rings
from ringfence.store.rings import StoredRing, find_related
from ringfence.store.screenings import count_ring_screenings, page_ring_screenings
from ringfence.store.takedown_lists import count_ring_takedowns, page_ring_takedowns, place_of
from ringfence.store.usage import find_heaviest_users, ring_usage_by_day
from ringfence.store.verdicts import find_verdicts


@strawberry.type
class Reason:
    """One point for a ring or against it."""

    code: str = strawberry.field(description="Stable word for machines.")
    weight: float = strawberry.field(
        description="Log-odds that it adds to the score: above 0 for the ring, below 0 against it."
    )
    text: str = strawberry.field(description="The point in words, with its figures.")


@strawberry.type
class RelatedRing:
    """A ring and what ties it to another one."""

    ring: SomeRing = strawberry.field(description="The other ring.")
    shared_identifiers: int = strawberry.field(
        description="Identifiers that are evidence of both, among the 1,000 strongest of this one."
    )
    kinds: list[str] = strawberry.field(description="Kinds of those identifiers.")
    same_operation: bool = strawberry.field(description="Whether both are of one operation.")


@strawberry.type
class Ring(Node):
    """A group of accounts that one operator seems to run."""

    stored: strawberry.Private[StoredRing]
    ring_id: str = held("stored.id", "Its plain id, ring_…, stable from run to run.")
    aliases: list[str] = held(
        "stored.aliases", "Plain ids of rings that merged into it; each leads to it."
    )
    as_of: datetime | None = strawberry.field(
        default=None, description="The moment that it is told of, in UTC; null for now."
    )
    score: float = held(
        "stored.score", "Probability from 0 to 1 that it is a ring of fake accounts."
    )
    grade: Grade = held("stored.grade", "How well it is proven.")
    tier: Tier = held("stored.tier", "What may be done with it.")
    state: RingState = held("stored.state", "Where it is in its life.")
    size: int = held("stored.size", "How many members it has.")
    core_size: int = held("stored.core_size", "How many of them are core.")
    kinds: list[str] = held("stored.kinds", "Kinds of evidence that agree.")
    exchanges: Count = held(
        "stored.requests", "Requests that the model answered its members, when the ring was found."
    )
    tokens: Count = held(
        "stored.tokens", "Tokens of its members, in and out, when the ring was found."
    )
    first_signed_up_at: datetime | None = held(
        "stored.first_signed_up_at", "Sign-up of its first member, in UTC."
    )
    last_signed_up_at: datetime | None = held(
        "stored.last_signed_up_at", "Sign-up of its last member, in UTC."
    )
    found_at: datetime | None = held("stored.found_at", "When a run found it first, in UTC.")
    updated_at: datetime | None = held("stored.updated_at", "When a run changed it last, in UTC.")
    run_id: str | None = held("stored.run_id", "Plain id of the run that told it last.")

    global_id = Keyed("Ring", "stored.id")

    @resolved
    def reasons(self) -> list[Reason]:
        """What speaks for it and what against it, heaviest first."""
        return [
            Reason(code=point.code, weight=point.weight, text=point.text)
            for point in self.stored.reasons
        ]

    @gathered
    def members(
        self,
        info: Info,
        first: First,
        after: After = None,
        role: Annotated[
            Role | None, strawberry.argument(description="Only members of this role.")
        ] = None,
        order_by: Annotated[
            MemberOrderBy, strawberry.argument(description="What the list is sorted by.")
        ] = MemberOrderBy.STRENGTH,
        carrying: Annotated[
            strawberry.ID | None,
            strawberry.argument(
                description="Only members that carry the identifier of this global id, now."
            ),
        ] = None,
    ) -> Load[Connection[SomeMember]]:
        """Its members; ties of strength go by account id."""
        page = read_page(first, after, f"members_{order_by}", (float, str))
        which = {"as_of": self.as_of, "carrying": _carried(carrying, self.as_of)}
        return page.load(
            page_members,
            self.stored.id,
            {"order": MemberOrder(order_by, role), **which},
            place=lambda one: (one[0].rank, one[0].account_id),
            node=_member().of(ring=self),
            counted=partial(
                info.context.count,
                count_members,
                self.stored.id,
                role=role,
                limit=COUNT_LIMIT + 1,
                **which,
            ),
        )

    @gathered
    def evidence(self, info: Info, first: First, after: After = None) -> Load[Connection[Evidence]]:
        """The identifiers that tie its members, strongest first."""
        page = read_page(first, after, "evidence", (float,))
        return page.load(
            page_evidence,
            self.stored.id,
            {},
            place=lambda one: (one.rank,),
            node=evidence,
            counted=partial(info.context.count, count_evidence, self.stored.id),
        )

    @resolved
    async def summary(self, info: Info, first: First) -> RingSummary | None:
        """The ring drawn small: that many of its strongest identifiers, and what ties them."""
        found = await info.context.load(summarise_rings, self.stored.id, identifiers=bounded(first))
        return ring_summary(found) if found else None

    @gathered
    def notes(self, info: Info, first: First, after: After = None) -> Load[Connection[Note]]:
        """What people wrote about it and about rings that merged into it, the latest first."""
        page = read_page(first, after, "notes", (int, str))
        return page.load(
            page_notes,
            self.stored.id,
            {},
            place=lambda one: one.place,
            node=note,
            counted=partial(info.context.count, count_notes, self.stored.id),
        )

    @resolved
    async def assignment(self, info: Info) -> Assignment | None:
        """Who looks after it, if anybody does."""
        found = await info.context.load(find_assignments, self.stored.id)
        return assignment(found) if found else None

    @gathered
    def lineage(self, info: Info, first: First, after: After = None) -> Load[Connection[RingEvent]]:
        """What happened to it and to rings that merged into it, the earliest first."""
        page = read_page(first, after, "lineage", (int, str))
        return page.load(
            page_ring_events,
            self.stored.id,
            {},
            place=lambda one: one.place,
            node=ring_event,
            counted=partial(info.context.count, count_ring_events, self.stored.id),
        )

    @gathered
    def screenings(
        self, info: Info, first: First, after: After = None
    ) -> Load[Connection[SomeScreening]]:
        """The sign-up checks that touched it or rings that merged into it, the latest first."""
        page = read_page(first, after, screening_types.ORDER, (int, str))
        return screening_types.listed(
            info, self.stored.id, page, find=page_ring_screenings, count=count_ring_screenings
        )

    @gathered
    def takedowns(
        self, info: Info, first: First, after: After = None
    ) -> Load[Connection[SomeTakedown]]:
        """Takedowns of it and of rings that merged into it, the one planned last first."""
        page = read_page(first, after, takedown_types.ORDER, (int, str))
        return page.load(
            page_ring_takedowns,
            self.stored.id,
            {},
            place=place_of,
            node=takedown_types.takedown,
            counted=partial(info.context.count, count_ring_takedowns, self.stored.id),
        )

    @resolved
    async def watch(self, info: Info) -> Watch:
        """What is known of its return: what it returned from, and what it came back as."""
        found = await info.context.load(find_watches, self.stored.id)
        return Watch(stored=found or domain_returns.Watch(self.stored.id))

    @resolved
    async def verdicts(self, info: Info) -> list[Verdict]:
        """What people said of it, and dismissals that hold for it; the latest 100, latest first."""
        found = await info.context.load(find_verdicts, self.stored.id)
        return [verdict(one) for one in found or ()]

    @resolved
    async def usage_by_day(self, info: Info) -> list[UsageDay]:
        """Use of all members by UTC day, earliest first; the latest 366 days with any use."""
        days = await info.context.load(ring_usage_by_day, self.stored.id)
        return [UsageDay.from_stored(day) for day in days or ()]

    @resolved
    async def heaviest_users(self, info: Info, first: First) -> list[HeavyUser]:
        """The members that used the model most, by exchanges, ties by account id."""
        users = await info.context.load(find_heaviest_users, self.stored.id, limit=bounded(first))
        return [
            HeavyUser(
                account=account_types.Account(stored=user.account),
                exchanges=Count(user.requests),
                tokens=Count(user.tokens),
                share=user.share,
            )
            for user in users or ()
        ]

    @resolved
    async def operation(self, info: Info) -> SomeOperation | None:
        """The operation that it is part of, if any."""
        if self.stored.operation_id is None:
            return None
        stored = await info.context.load(find_operations, self.stored.operation_id)
        return operation_types.Operation.from_stored(stored) if stored else None

    @resolved
    async def related_rings(self, info: Info, first: First) -> list[RelatedRing]:
        """Rings that share identifiers as evidence, most first, or are of the same operation."""
        related = await info.context.load(find_related, self.stored.id, limit=bounded(first))
        return [
            RelatedRing(
                ring=Ring(stored=other.ring),
                shared_identifiers=other.shared,
                kinds=list(other.kinds),
                same_operation=other.same_operation,
            )
            for other in related or ()
        ]


@cache
def _member() -> View:
    """How members show rows of a membership and its account; types that refer to each other."""
    return View(Member, {"stored": 0, "account": View(account_types.Account, {"stored": 1})})


def _carried(global_id: str | None, as_of: datetime | None) -> IdentifierKey | None:
    """The identifier whose carriers are asked for.

    Raises:
        InvalidInput: the id is none of an identifier, or the ring is told of a past moment.
    """
    if global_id is None:
        return None
    type_name, key = split_id(global_id)
    if type_name != "Identifier" or as_of is not None:
        raise InvalidInput("`carrying` takes the id of an identifier, for a ring of now.")
    return identifier_key(key)
