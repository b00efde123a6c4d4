"""Sign-up checks in GraphQL: what was asked, what was found, what was answered, what came of it."""

from datetime import datetime
from functools import partial
from typing import Annotated

import strawberry

from ringfence.api.graphql import accounts as account_types
from ringfence.api.graphql import members as member_types
from ringfence.api.graphql import rings as ring_types
from ringfence.api.graphql.context import Context, Finder, Info, Load
from ringfence.api.graphql.fields import held, resolved
from ringfence.api.graphql.ids import Keyed, key_of
from ringfence.api.graphql.moments import zoned
from ringfence.api.graphql.nodes import Node, SomeAccount, SomeName, SomeReason, SomeRing
from ringfence.api.graphql.paging import COUNT_LIMIT, After, Connection, First, Page, read_page
from ringfence.domain import screenings as domain
from ringfence.domain.identifiers import EMAIL, IP, PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.domain.rings import Grade, Reason, RingState, Tier
from ringfence.domain.screening_log import LoggedScreening, Outcome, ReportedOutcome
from ringfence.domain.screenings import Decision, FailMode, Likelihood
from ringfence.store.accounts import find_accounts
from ringfence.store.rings import find_rings
from ringfence.store.screenings import (
    ScreeningFilter,
    count_screenings,
    find_screenings,
    page_screenings,
    place_of,
)
from ringfence.usecases.screening_log import MAX_NOTE

ORDER = "screenings"
"""Order of every list of screenings: the latest first."""


@strawberry.type
class SignUpInstrument:
    """A payment instrument given at a sign-up."""

    stored: strawberry.Private[domain.Instrument]
    bin: str | None = held("stored.bin", "The first 6 to 8 digits of a card, which name its bank.")
    funding: str | None = held("stored.funding", "Credit, debit, prepaid or virtual.")
    country: str | None = held("stored.country", "Country of its issuer.")

    @resolved
    def instrument_id(self, info: Info) -> str:
        """The provider's own id of it; masked, unless a reason to see it is given."""
        return _shown(info, PAYMENT_INSTRUMENT, self.stored.id)


@strawberry.type
class SignUpAttempt:
    """A sign-up, or one attempt at it, as it was asked about."""

    stored: strawberry.Private[domain.Attempt]
    attempt_id: str = held("stored.id", "The provider's own id of it.")
    account_id: str | None = held(
        "stored.account_id", "The provider's own id of the account, where there was one already."
    )
    device_id: str | None = held("stored.device_id", "The device.")
    user_agent: str | None = held("stored.user_agent", "The user agent.")
    country: str | None = held("stored.country", "Country of the sign-up.")
    plan: str | None = held("stored.plan", "Plan of the sign-up.")

    @resolved
    def email(self, info: Info) -> str | None:
        """The e-mail address; masked, unless a reason to see it is given."""
        return self.stored.email and _shown(info, EMAIL, self.stored.email)

    @resolved
    def ip(self, info: Info) -> str | None:
        """The IP address; masked, unless a reason to see it is given."""
        return self.stored.ip and _shown(info, IP, self.stored.ip)

    @resolved
    def instrument(self) -> SignUpInstrument | None:
        """The payment instrument, if one was given."""
        given = self.stored.instrument
        return SignUpInstrument(stored=given) if given else None

    @resolved
    def identifiers(self) -> list[SomeName]:
        """All that accounts can share of it, the fields above among them."""
        return _names(self.stored.keys)


@strawberry.type
class ScreeningRing:
    """The ring that a sign-up most likely belongs to, as it was when it was asked about."""

    stored: strawberry.Private[domain.TouchedRing]
    ring_id: str = held("stored.ring_id", "Its plain id.")
    likelihood: float = held(
        "stored.likelihood", "Probability from 0 to 1 that the sign-up is one of its accounts."
    )
    score: float = held("stored.score", "Probability from 0 to 1 that it was a ring.")
    grade: Grade = held("stored.grade", "How well it was proven.")
    tier: Tier = held("stored.tier", "What might be done with it.")
    state: RingState = held("stored.state", "Where it was in its life.")
    size: int = held("stored.size", "How many members it had.")

    @resolved
    async def ring(self, info: Info) -> SomeRing | None:
        """The ring as it is now."""
        return await _ring(info, self.stored.ring_id)


@strawberry.type
class ScreeningLink:
    """One identifier of a sign-up that leads to the ring."""

    stored: strawberry.Private[domain.Link]
    kind: str = held("stored.key.kind", "Kind, such as device, payment_instrument or ip.")
    members: int = held("stored.members", "Accounts of the ring that carry it.")
    others: int = held("stored.others", "Accounts that carry it and are not of the ring.")
    weight: float = held("stored.weight", "Log-odds that it adds to the score.")

    @resolved
    def value(self, info: Info) -> str:
        """Value, 256 characters at the most; personal data is masked, unless a reason is given."""
        return info.context.personal.value(self.stored.key)


@strawberry.type
class ScreeningReEntry:
    """A ring that was taken down and whose identifiers a sign-up carries."""

    stored: strawberry.Private[domain.ReEntry]
    ring_id: str = held("stored.ring_id", "Its plain id.")
    likelihood: Likelihood = held("stored.likelihood", "How sure it is.")
    generation: int = held(
        "stored.generation", "Which return it is: 1 for the first one after the takedown."
    )

    @resolved
    def matched(self) -> list[SomeName]:
        """The identifiers that are remembered of it."""
        return _names(self.stored.matched)

    @resolved
    async def ring(self, info: Info) -> SomeRing | None:
        """The ring as it is now."""
        return await _ring(info, self.stored.ring_id)


@strawberry.type
class ScreeningBurst:
    """More sign-ups behind one identifier or network than one person makes."""

    stored: strawberry.Private[domain.Burst]
    kind: str = held("stored.key.kind", "Kind of the identifier.")
    window_s: int = held("stored.window_s", "Window that was counted in, in seconds.")
    count: int = held("stored.count", "Sign-ups in the window, this one included.")
    limit: int = held("stored.limit", "Up to how many are ordinary.")

    @resolved
    def value(self, info: Info) -> str:
        """Value, 256 characters at the most; personal data is masked, unless a reason is given."""
        return info.context.personal.value(self.stored.key)


@strawberry.type
class ScreeningCounterfactual:
    """What the decision would have been without one identifier."""

    stored: strawberry.Private[domain.Counterfactual]
    decision: Decision = held("stored.decision", "The decision without it.")
    text: str = held("stored.text", "The same in words.")

    @resolved
    def without(self) -> SomeName:
        """The identifier that is thought away."""
        return _name(self.stored.without)


@strawberry.type
class ScreeningRuling:
    """What one policy says of a sign-up."""

    stored: strawberry.Private[domain.Ruling]
    decision: Decision = held("stored.decision", "What the sign-up flow is told by it.")
    intended: Decision = held(
        "stored.intended", "What it would be told if no friction budget stood in the way."
    )
    policy_id: str = held("stored.policy_id", "Plain id of the policy.")
    policy_version: int = held("stored.policy_version", "Its version, from 1.")

    @resolved
    def reasons(self) -> list[SomeReason]:
        """The rules that led to it, the deciding one first."""
        return _reasons(self.stored.reasons)


@strawberry.type
class ScreeningOutcome:
    """What somebody says that a sign-up turned out to be; the last report holds."""

    stored: strawberry.Private[ReportedOutcome]
    outcome: Outcome = held("stored.outcome", "What it turned out to be.")
    at: datetime = held("stored.at", "When that was reported, in UTC.")
    by: str = held("stored.by", "Who reported it.")
    note: str | None = held(
        "stored.note", f"How that is known; {MAX_NOTE:,} characters at the most."
    )


@strawberry.type
class Screening(Node):
    """The answer to one sign-up, as it was given."""

    stored: strawberry.Private[LoggedScreening]
    screening_id: str = held("stored.screening.id", "Its plain id.")
    at: datetime = held("stored.screening.at", "When it was given, in UTC.")
    decision: Decision = held(
        "stored.screening.ruling.decision", "What the sign-up flow was told to do."
    )
    score: float = held(
        "stored.screening.assessment.score",
        "Probability from 0 to 1 that the sign-up is one of a ring's.",
    )
    model_version: str = held(
        "stored.screening.model_version", "Version of the index that was asked; empty: none was."
    )
    took_ms: float = held("stored.screening.took_ms", "How long it took, in milliseconds.")
    fail_mode: FailMode = held(
        "stored.screening.fail_mode", "What is answered when a check cannot be made."
    )
    degraded: str | None = held(
        "stored.screening.degraded", "Why the check was not made in full; null: it was."
    )

    global_id = Keyed("Screening", "stored.screening.id")

    @resolved
    def attempt(self) -> SignUpAttempt:
        """The sign-up that was asked about."""
        return SignUpAttempt(stored=self.stored.screening.attempt)

    @resolved
    async def account(self, info: Info) -> SomeAccount | None:
        """The account as it is now, where the sign-up named one and it is known."""
        account_id = self.stored.screening.attempt.account_id
        if account_id is None:
            return None
        found = await info.context.load(find_accounts, account_id)
        return account_types.Account(stored=found) if found else None

    @resolved
    def reasons(self) -> list[SomeReason]:
        """What the score is made of, heaviest first."""
        return _reasons(self.stored.screening.assessment.reasons)

    @resolved
    def ruling(self) -> ScreeningRuling:
        """What the policy in force said."""
        return ScreeningRuling(stored=self.stored.screening.ruling)

    @resolved
    def checked_again(self) -> ScreeningRuling | None:
        """What a degraded answer would have been, found out once the parts were back."""
        ruling = self.stored.screening.checked_again
        return ScreeningRuling(stored=ruling) if ruling else None

    @resolved
    def shadows(self) -> list[ScreeningRuling]:
        """What policies that are tried out would have said."""
        return [ScreeningRuling(stored=one) for one in self.stored.screening.shadows]

    @resolved
    def touched(self) -> ScreeningRing | None:
        """The ring that the sign-up most likely belongs to, if any."""
        ring = self.stored.screening.assessment.ring
        return ScreeningRing(stored=ring) if ring else None

    @resolved
    def links(self) -> list[ScreeningLink]:
        """Identifiers that lead to that ring, strongest first."""
        return [ScreeningLink(stored=one) for one in self.stored.screening.assessment.links]

    @resolved
    def re_entry(self) -> ScreeningReEntry | None:
        """The ring that was taken down and seems to return with it, if any."""
        found = self.stored.screening.assessment.re_entry
        return ScreeningReEntry(stored=found) if found else None

    @resolved
    def bursts(self) -> list[ScreeningBurst]:
        """Bursts of sign-ups that it was part of."""
        return [ScreeningBurst(stored=one) for one in self.stored.screening.assessment.bursts]

    @resolved
    def counterfactuals(self) -> list[ScreeningCounterfactual]:
        """What the decision would have been without one identifier, for each that mattered."""
        return [
            ScreeningCounterfactual(stored=one) for one in self.stored.screening.counterfactuals
        ]

    @resolved
    def outcome(self) -> ScreeningOutcome | None:
        """What it turned out to be; null until somebody reports that."""
        return ScreeningOutcome(stored=self.stored.reported) if self.stored.reported else None


@strawberry.input(name="ScreeningFilter")
class WantedScreenings:
    """Which screenings to list."""

    decision: list[Decision] | None = strawberry.field(
        default=None, description="Only these decisions."
    )
    ring_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only those that touched this ring or one that merged into it; any id of it.",
    )
    account_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those of this account; a global or the provider's id."
    )
    attempt_id: str | None = strawberry.field(
        default=None, description="Only those of this attempt; the provider's own id."
    )
    degraded: bool | None = strawberry.field(
        default=None, description="Only checks that were not made in full, or only those that were."
    )
    outcome: list[Outcome] | None = strawberry.field(
        default=None, description="Only those of which one of these was reported."
    )
    policy_id: str | None = strawberry.field(
        default=None, description="Only those that this policy decided; its plain id."
    )
    policy_version: int | None = strawberry.field(
        default=None, description="Only those that this version of a policy decided."
    )
    since: datetime | None = strawberry.field(
        default=None, description="Only those answered at this moment or later, with a zone."
    )
    until: datetime | None = strawberry.field(
        default=None, description="Only those answered before this moment, with a zone."
    )

    def to_store(self) -> ScreeningFilter:
        """The filter in the store's words."""
        return ScreeningFilter(
            decisions=None if self.decision is None else tuple(self.decision),
            ring_id=self.ring_id and key_of("Ring", self.ring_id),
            account_id=self.account_id and key_of("Account", self.account_id),
            attempt_id=self.attempt_id,
            degraded=self.degraded,
            outcomes=None if self.outcome is None else tuple(self.outcome),
            policy_id=self.policy_id,
            policy_version=self.policy_version,
            since=zoned(self.since, "since"),
            until=zoned(self.until, "until"),
        )


@strawberry.type
class ScreeningQueries:
    """What can be asked about sign-up checks."""

    @resolved
    async def screenings(
        self,
        info: Info,
        first: First,
        after: After = None,
        wanted: Annotated[
            WantedScreenings | None,
            strawberry.argument(name="filter", description="Only some screenings."),
        ] = None,
    ) -> Connection[Screening]:
        """The log of sign-up checks, the latest first; an answer is in it within seconds."""
        which = (wanted or WantedScreenings()).to_store()
        page = read_page(first, after, ORDER, (int, str))
        graph = info.context.graph
        found = await page_screenings(graph, which, after=page.after, limit=page.limit)
        return page.connect(
            found,
            place=place_of,
            node=screening,
            counted=partial(count_screenings, graph, which, limit=COUNT_LIMIT + 1),
        )

    @resolved
    async def screening(
        self,
        info: Info,
        some_id: Annotated[
            strawberry.ID,
            strawberry.argument(name="id", description="A global id, or the plain id."),
        ],
    ) -> Screening | None:
        """One screening, or null."""
        return await screening_of(info.context, key_of("Screening", some_id))


def listed(
    info: Info,
    key: str,
    page: Page,
    *,
    find: Finder[str, list[LoggedScreening]],
    count: Finder[str, int],
) -> Load[Connection[Screening]]:
    """The load that leads to the screenings of one object, the latest first.

    Args:
        info: of the field.
        key: of the object.
        page: asked of the list.
        find: the screenings of many such objects.
        count: how many each has.
    """
    counted = partial(info.context.count, count, key, limit=COUNT_LIMIT + 1)
    return page.load(find, key, {}, place=place_of, node=screening, counted=counted)


def screening(stored: LoggedScreening) -> Screening:
    """The screening as GraphQL tells it."""
    return Screening(stored=stored)


async def screening_of(context: Context, key: str) -> Screening | None:
    """The screening of a plain id, or None."""
    stored = await context.load(find_screenings, key)
    return Screening(stored=stored) if stored else None


async def _ring(info: Info, ring_id: str) -> "ring_types.Ring | None":
    stored = await info.context.load(find_rings, ring_id, as_of=None)
    return ring_types.Ring(stored=stored) if stored else None


def _shown(info: Info, kind: str, value: str) -> str:
    return info.context.personal.value(IdentifierKey(kind, value))


def _name(key: IdentifierKey) -> "member_types.IdentifierName":
    return member_types.IdentifierName(kind=key.kind, key=key)


def _names(keys: tuple[IdentifierKey, ...]) -> "list[member_types.IdentifierName]":
    return [_name(key) for key in keys]


def _reasons(reasons: tuple[Reason, ...]) -> "list[ring_types.Reason]":
    return [ring_types.Reason(code=one.code, weight=one.weight, text=one.text) for one in reasons]
