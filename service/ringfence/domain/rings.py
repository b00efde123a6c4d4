"""Rings, their members, their evidence and the words for how sure we are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from ringfence.domain.identifiers import IdentifierKey

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""When a ring was found of which nobody has told when."""


class Grade(StrEnum):
    """How well a ring is proven, by rule on independent kinds of evidence."""

    CIRCUMSTANTIAL = "circumstantial"
    CORROBORATED = "corroborated"
    CONCLUSIVE = "conclusive"


class Tier(StrEnum):
    """What may be done with a ring: act on it, look at it, or keep an eye on it."""

    AUTO = "auto"
    REVIEW = "review"
    WATCH = "watch"


class Role(StrEnum):
    """Core members hold the ring together; peripheral ones hang by little."""

    CORE = "core"
    PERIPHERAL = "peripheral"


class RingState(StrEnum):
    """Where a ring is in its life."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    TAKEN_DOWN = "taken_down"
    WATCHED = "watched"
    CLOSED = "closed"


class HubClass(StrEnum):
    """What the accounts behind a popular identifier say of it."""

    ORDINARY = "ordinary"
    PUBLIC = "public"
    SUSPECT = "suspect"


@dataclass(frozen=True, slots=True)
class Reason:
    """One point for a ring (weight above 0) or against it (below 0).

    Attributes:
        code: stable word for machines.
        weight: log-odds that it adds to the score.
        text: the point in words, with its figures.
    """

    code: str
    weight: float
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One identifier that ties members of a ring.

    Attributes:
        members: members of the ring that carry it.
        accounts: all accounts that carry it, members or not.
        weight: what it adds to each pair of members, without unit.
    """

    key: IdentifierKey
    members: int
    accounts: int
    hub: HubClass
    weight: float


@dataclass(frozen=True, slots=True)
class Member:
    """An account of a ring and the least that put it there.

    Attributes:
        strength: how firmly it is tied to the other members, without unit.
        because: the identifiers that tie it, strongest first.
        joined_because: the same in words.
    """

    account_id: str
    role: Role
    strength: float
    because: tuple[IdentifierKey, ...]
    joined_because: str


@dataclass(frozen=True, slots=True)
class Ring:
    """A group of accounts that one operator seems to run.

    Attributes:
        score: probability in [0, 1] that the group is a fake-account ring.
        members: sorted by account id.
        evidence: strongest first.
        kinds: kinds of evidence that agree, sorted.
        state: as verdicts have it; open where nobody has judged.
        verdict_id: the dismissal that holds for this ring too, though it was of another one.
    """

    id: str
    operation_id: str
    score: float
    grade: Grade
    tier: Tier
    members: tuple[Member, ...]
    evidence: tuple[Evidence, ...]
    reasons: tuple[Reason, ...]
    kinds: tuple[str, ...]
    state: RingState = RingState.OPEN
    verdict_id: str | None = None


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A verdict that a group is no ring, and what it was given on.

    Attributes:
        verdict_id: of the verdict.
        ring_id: of the ring that was judged.
        size: members that it had then.
        strong: strong identifiers that were its evidence then.
    """

    verdict_id: str
    ring_id: str
    at: datetime
    by: str
    reason: str
    size: int
    strong: frozenset[IdentifierKey]


@dataclass(frozen=True, slots=True)
class KnownRing:
    """A ring of an earlier run, as much of it as keeps ids stable and verdicts respected.

    Attributes:
        strength_by_account_id: members and how firmly each was tied.
        core: those of them that were core; none told: all of them.
        found_at: when a run found it first; the older of two rings keeps its id.
        aliases: ids of rings that merged into it.
        dormant: whether the last run did not find it.
        score, grade, tier: as the last run had them, None where not told.
        told_score: that its history tells last, None where it tells none.
        dismissal: the verdict that holds for it, if its state is dismissed.
    """

    id: str
    operation_id: str
    strength_by_account_id: dict[str, float]
    core: frozenset[str] = frozenset()
    found_at: datetime = LONG_AGO
    aliases: tuple[str, ...] = ()
    state: RingState = RingState.OPEN
    dormant: bool = False
    score: float | None = None
    grade: Grade | None = None
    tier: Tier | None = None
    dismissal: Dismissal | None = None
    told_score: float | None = None

    @property
    def members(self) -> Collection[str]:
        """Account ids of the members."""
        return self.strength_by_account_id.keys()

    @property
    def core_ids(self) -> Collection[str]:
        """Account ids of the core members."""
        return self.core or self.members

    @property
    def judged(self) -> bool:
        """Whether people have spoken: no run closes such a ring or takes its id."""
        return self.state not in (RingState.OPEN, RingState.CLOSED)


@dataclass(frozen=True, slots=True)
class Detection:
    """What one run found, rings sorted by id."""

    rings: tuple[Ring, ...]
    graph_fingerprint: str
