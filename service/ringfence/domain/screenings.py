"""The words of the sign-up check: what is asked, what was found, and what is answered."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Grade, Reason, RingState, Tier


class Decision(StrEnum):
    """What the sign-up flow should do, by how much it burdens the person."""

    ALLOW = "allow"
    REVIEW = "review"
    CHALLENGE = "challenge"
    BLOCK = "block"

    @property
    def burden(self) -> int:
        """0 for allow, up to 3 for block; a review lets in and has a person look afterwards."""
        return _BURDENS[self]

    @property
    def is_friction(self) -> bool:
        """Whether the person who signs up notices it."""
        return self.burden >= Decision.CHALLENGE.burden


_BURDENS: Final = {decision: burden for burden, decision in enumerate(Decision)}


class FailMode(StrEnum):
    """What is answered when the check cannot be made."""

    OPEN = "open"
    CHALLENGE = "challenge"
    CLOSED = "closed"

    @property
    def decision(self) -> Decision:
        """The decision that it stands for."""
        return _DECISION_BY_FAIL_MODE[self]


_DECISION_BY_FAIL_MODE: Final = {
    FailMode.OPEN: Decision.ALLOW,
    FailMode.CHALLENGE: Decision.CHALLENGE,
    FailMode.CLOSED: Decision.BLOCK,
}


class Likelihood(StrEnum):
    """How sure it is that a sign-up belongs to a ring that was taken down."""

    POSSIBLE = "possible"
    LIKELY = "likely"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Instrument:
    """A payment instrument given at sign-up, and what its issuer says of it."""

    id: str
    bin: str | None = None
    funding: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sign-up, or one attempt at it.

    Attributes:
        id: the provider's own id of the attempt, or the account's.
        account_id: of the account, where it exists already.
        at_ms: when, in milliseconds since 1970.
        keys: everything that accounts can share, normalised, each once; the e-mail address, the
            device, the address and the instrument are among them.
    """

    id: str
    at_ms: int
    keys: tuple[IdentifierKey, ...]
    account_id: str | None = None
    email: str | None = None
    ip: str | None = None
    device_id: str | None = None
    user_agent: str | None = None
    country: str | None = None
    plan: str | None = None
    instrument: Instrument | None = None


@dataclass(frozen=True, slots=True)
class TouchedRing:
    """The ring that an attempt most likely belongs to.

    Attributes:
        likelihood: probability in [0, 1] that the attempt is one of its accounts.
    """

    ring_id: str
    likelihood: float
    score: float
    grade: Grade
    tier: Tier
    state: RingState
    size: int


@dataclass(frozen=True, slots=True)
class ReEntry:
    """A ring that was taken down and whose identifiers an attempt carries.

    Attributes:
        generation: 1 for the first return after the takedown, and so on.
    """

    ring_id: str
    likelihood: Likelihood
    generation: int
    matched: tuple[IdentifierKey, ...]


@dataclass(frozen=True, slots=True)
class Burst:
    """More sign-ups behind one identifier or network within a window than one person makes.

    Attributes:
        count: attempts in the window, this one included, all workers together.
        limit: up to how many are ordinary.
    """

    key: IdentifierKey
    window_s: int
    count: int
    limit: int


@dataclass(frozen=True, slots=True)
class Link:
    """One identifier of an attempt that leads to a ring.

    Attributes:
        members: accounts of the ring that carry it.
        others: accounts that carry it and are not of the ring.
        weight: log-odds that it adds.
    """

    key: IdentifierKey
    members: int
    others: int
    weight: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known of an attempt, before any policy says what to do about it.

    Attributes:
        score: probability in [0, 1] that the attempt is one of a fake-account ring's.
        ring: the one it most likely belongs to, or None.
        links: identifiers that lead to it, strongest first.
        reasons: what the score is made of, heaviest first.
    """

    score: float
    ring: TouchedRing | None = None
    links: tuple[Link, ...] = ()
    reasons: tuple[Reason, ...] = ()
    re_entry: ReEntry | None = None
    bursts: tuple[Burst, ...] = ()

    @property
    def strongest(self) -> Link | None:
        """The identifier that ties most."""
        return self.links[0] if self.links else None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """What the decision would be without one kind of identifier."""

    without: IdentifierKey
    decision: Decision
    text: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """What one policy says of one assessment.

    Attributes:
        decision: what the sign-up flow is told.
        intended: what it would be told if no friction budget stood in the way.
        reasons: codes of the rules that led to it, the deciding one first.
    """

    decision: Decision
    intended: Decision
    reasons: tuple[Reason, ...]
    policy_id: str
    policy_version: int


@dataclass(frozen=True, slots=True)
class Screening:
    """The answer to one attempt, as it is told, logged and replayed.

    Attributes:
        id: of the answer; opaque.
        shadows: what policies that are tried out would have said.
        model_version: of the index that was asked, or "" where none was.
        degraded: why the check was not made in full, or None.
        checked_again: what a degraded answer would have been, found out once the parts were back.
    """

    id: str
    attempt: Attempt
    at: datetime
    assessment: Assessment
    ruling: Ruling
    counterfactuals: tuple[Counterfactual, ...]
    shadows: tuple[Ruling, ...]
    model_version: str
    took_ms: float
    fail_mode: FailMode
    degraded: str | None = None
    checked_again: Ruling | None = None
