"""What a sign-up flow is told: the answer of a screening as JSON, and its description."""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from ringfence.domain.masking import mask
from ringfence.domain.policies import Policy
from ringfence.domain.rings import Reason
from ringfence.domain.screening_log import Outcome
from ringfence.domain.screenings import (
    Burst,
    Decision,
    FailMode,
    Likelihood,
    Link,
    ReEntry,
    Ruling,
    Screening,
    TouchedRing,
)
from ringfence.usecases.screening_log import MAX_NOTE


class ToldLink(Struct, frozen=True, gc=False):
    """The identifier that ties most to the ring; personal data in its value is masked."""

    kind: str
    value: str
    members: int
    others: int
    text: str


class ToldReEntry(Struct, frozen=True, gc=False):
    """The ring that was taken down and seems to be back."""

    ring_id: str
    likelihood: Likelihood
    generation: int
    kinds: tuple[str, ...]


class ToldBurst(Struct, frozen=True, gc=False):
    """More sign-ups behind one identifier or network than come together by themselves."""

    kind: str
    value: str
    window_s: int
    count: int
    limit: int


class ToldChange(Struct, frozen=True, gc=False):
    """What the decision would be without one identifier."""

    without: str
    decision: Decision
    text: str


class ToldPolicy(Struct, frozen=True, gc=False):
    """The version of a policy, and what it says; a shadow's word is not enforced."""

    id: str
    version: int
    decision: Decision


class ScreeningAnswer(Struct, frozen=True, gc=False):
    """The answer to one attempt.

    `decision` is what to do. `score` is the probability that the attempt is one of a fake-account
    ring's. `reasons` begin with the rule of the policy that decided. `would_change` tells which
    identifiers the decision rests on. `degraded_because` says why the check was not made in full.
    """

    id: str
    attempt_id: str
    account_id: str | None
    at: datetime
    decision: Decision
    score: float
    reasons: tuple[Reason, ...]
    ring: TouchedRing | None
    strongest_link: ToldLink | None
    re_entry: ToldReEntry | None
    bursts: tuple[ToldBurst, ...]
    would_change: tuple[ToldChange, ...]
    policy: ToldPolicy
    shadows: tuple[ToldPolicy, ...]
    model_version: str
    took_ms: float
    degraded: bool
    degraded_because: str | None
    fail_mode: FailMode


def answer_of(screening: Screening) -> ScreeningAnswer:
    """What is told of a screening."""
    found, ruling = screening.assessment, screening.ruling
    return ScreeningAnswer(
        id=screening.id,
        attempt_id=screening.attempt.id,
        account_id=screening.attempt.account_id,
        at=screening.at,
        decision=ruling.decision,
        score=round(found.score, 6),
        reasons=(*ruling.reasons, *found.reasons),
        ring=found.ring,
        strongest_link=_link(found.strongest, found.reasons) if found.strongest else None,
        re_entry=_re_entry(found.re_entry) if found.re_entry else None,
        bursts=tuple(map(_burst, found.bursts)),
        would_change=tuple(
            ToldChange(one.without.kind, one.decision, one.text)
            for one in screening.counterfactuals
        ),
        policy=_policy(ruling),
        shadows=tuple(map(_policy, screening.shadows)),
        model_version=screening.model_version,
        took_ms=screening.took_ms,
        degraded=screening.degraded is not None,
        degraded_because=screening.degraded,
        fail_mode=screening.fail_mode,
    )


def _link(link: Link, reasons: tuple[Reason, ...]) -> ToldLink:
    code = f"shared_{link.key.kind}"
    text = next((reason.text for reason in reasons if reason.code == code), "")
    return ToldLink(link.key.kind, mask(link.key), link.members, link.others, text)


def _re_entry(found: ReEntry) -> ToldReEntry:
    kinds = tuple(dict.fromkeys(key.kind for key in found.matched))
    return ToldReEntry(found.ring_id, found.likelihood, found.generation, kinds)


def _burst(burst: Burst) -> ToldBurst:
    return ToldBurst(burst.key.kind, mask(burst.key), burst.window_s, burst.count, burst.limit)


def _policy(ruling: Ruling) -> ToldPolicy:
    return ToldPolicy(ruling.policy_id, ruling.policy_version, ruling.decision)


class ScreeningItem(Struct, frozen=True, omit_defaults=True):
    """One attempt of a batch, by its place in it: its answer, or the field at fault and why."""

    index: int
    answer: ScreeningAnswer | None = None
    field: str | None = None
    reason: str | None = None


class AskedOutcome(Struct, frozen=True):
    """What a sign-up turned out to be, and how that is known."""

    outcome: Outcome
    note: Annotated[str, Meta(min_length=1, max_length=MAX_NOTE)] | None = None


class ToldOutcome(Struct, frozen=True):
    """What the log says of a sign-up now."""

    id: str
    outcome: Outcome


class ToldPolicyVersion(Struct, frozen=True):
    """A version of a policy."""

    id: str
    version: int


class ToldAgreement(Struct, frozen=True):
    """How many answers were compared with the next index, and how many of them it confirmed."""

    compared: int
    equal: int


class ScreeningStatus(Struct, frozen=True):
    """What the checks of one worker are made of.

    `state` is `cold` while nothing is known, which the fail mode answers. `fresh_identifiers` came
    since the index was built; `waiting_to_be_written` are answers that Neo4j does not hold yet.
    """

    state: Literal["cold", "ready"]
    degraded_because: str | None
    fail_mode: FailMode
    model_version: str
    identifiers: int
    rings: int
    index_bytes: int
    fresh_identifiers: int
    answered: int
    waiting_to_be_written: int
    policy: ToldPolicyVersion
    shadows: tuple[ToldPolicyVersion, ...]
    agreement: ToldAgreement | None


def policy_of(policy: Policy) -> ToldPolicyVersion:
    """Which version it is."""
    return ToldPolicyVersion(policy.id, policy.version)
