"""Rings, their members, their evidence and the words for how sure we are."""

from dataclasses import dataclass
from enum import StrEnum

from ringfence.domain.identifiers import IdentifierKey


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


@dataclass(frozen=True, slots=True)
class KnownRing:
    """A ring of an earlier run, as much of it as keeps ids stable.

    Attributes:
        strength_by_account_id: members and how firmly each was tied.
    """

    id: str
    operation_id: str
    strength_by_account_id: dict[str, float]


@dataclass(frozen=True, slots=True)
class Detection:
    """What one run found, rings sorted by id."""

    rings: tuple[Ring, ...]
    graph_fingerprint: str
