"""Policies: data that says what each sign-up is answered."""

from collections.abc import Collection
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final, Literal, Self

import msgspec
from msgspec import Meta, Struct

from ringfence.domain.rings import Grade, Tier
from ringfence.domain.screenings import Decision
from ringfence.errors import Conflict

MAX_SHADOWS: Final = 5
"""Policies that are tried out at a time; each sign-up is ruled by all of them."""

PolicyId = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]{0,63}\Z")]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
Score = Annotated[float, Meta(gt=0, le=1)]
Share = Annotated[float, Meta(ge=0, le=1)]
Word = Annotated[str, Meta(min_length=1, max_length=256)]
Cohort = Literal["country", "plan"]
PolicyKey = tuple[str, int]
"""Id and version of a policy; sorted, they are in the order of all lists of policies."""


class PolicyMode(StrEnum):
    """Whether a policy answers, is tried out beside the one that does, or is only kept."""

    ENFORCED = "enforced"
    SHADOW = "shadow"
    RETIRED = "retired"


class Thresholds(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Scores from which a decision is given."""

    review: Score
    challenge: Score
    block: Score

    def __post_init__(self) -> None:
        if not 0 < self.review <= self.challenge <= self.block <= 1:
            raise ValueError(
                f"got review {self.review}, challenge {self.challenge}, block {self.block}; "
                "expected each to be at least the one before, all above 0 and up to 1"
            )

    def changed(self, override: "Override") -> "Thresholds":
        """These, with those of an override in their place."""
        return Thresholds(
            review=self.review if override.review is None else override.review,
            challenge=self.challenge if override.challenge is None else override.challenge,
            block=self.block if override.block is None else override.block,
        )


class When(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Sign-ups that an override is for: those that fit all that is named.

    Attributes:
        tier: of the ring that is touched.
        country: in upper case.
        plan: as the provider spells it.
    """

    tier: Annotated[tuple[Tier, ...], Meta(min_length=1)] | None = None
    country: Annotated[tuple[Word, ...], Meta(min_length=1)] | None = None
    plan: Annotated[tuple[Word, ...], Meta(min_length=1)] | None = None

    def __post_init__(self) -> None:
        if self.tier is None and self.country is None and self.plan is None:
            raise ValueError("got nothing; expected tier, country or plan")
        if self.country is not None:
            msgspec.structs.force_setattr(
                self, "country", tuple(country.upper() for country in self.country)
            )

    def fits(self, tier: Tier | None, country: str | None, plan: str | None) -> bool:
        """Whether a sign-up is one of those; its country is in upper case."""
        return (
            (self.tier is None or tier in self.tier)
            and (self.country is None or country in self.country)
            and (self.plan is None or plan in self.plan)
        )


class Override(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Other thresholds for some sign-ups; those that are not given stay."""

    when: When
    review: Score | None = None
    challenge: Score | None = None
    block: Score | None = None

    def __post_init__(self) -> None:
        if self.review is None and self.challenge is None and self.block is None:
            raise ValueError("got no threshold; expected review, challenge or block")


class BlockNeeds(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Rings for which a sign-up may be blocked at all; any other one is challenged instead.

    An empty list: none, so that nothing but the block list blocks.
    """

    grades: tuple[Grade, ...] = (Grade.CONCLUSIVE,)
    tiers: tuple[Tier, ...] = (Tier.AUTO,)


class ReEntryDecisions(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the return of a ring that was taken down leads to, by how sure it is."""

    possible: Decision = Decision.REVIEW
    likely: Decision = Decision.CHALLENGE
    confirmed: Decision = Decision.CHALLENGE


class FrictionTerms(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How many sign-ups may be challenged or blocked, so that a rule gone wrong harms few.

    Attributes:
        share: of the sign-ups of a cohort and UTC day, in [0, 1].
        cohort_by: what tells cohorts apart; nothing: all sign-ups are one.
        minimum: this many a cohort and day in any case.
        exempt: grades of rings whose blocks are not counted.
    """

    share: Share = 0.05
    cohort_by: tuple[Cohort, ...] = ("country", "plan")
    minimum: Annotated[int, Meta(ge=0, le=1_000_000)] = 20
    exempt: tuple[Grade, ...] = (Grade.CONCLUSIVE,)

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"got share {self.share}; expected 0 to 1")
        if len(set(self.cohort_by)) < len(self.cohort_by):
            raise ValueError("got one word of cohort_by twice; expected each once")


class PolicyDraft(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What people write: a policy before it has a version and a mode.

    Attributes:
        overrides: the first that fits a sign-up holds for it.
        burst: what more sign-ups behind one identifier than one person makes lead to.
    """

    id: PolicyId
    name: Name
    thresholds: Thresholds
    block_needs: BlockNeeds = BlockNeeds()
    overrides: Annotated[tuple[Override, ...], Meta(max_length=100)] = ()
    burst: Decision = Decision.REVIEW
    re_entry: ReEntryDecisions = ReEntryDecisions()
    friction_budget: FrictionTerms = FrictionTerms()

    def __post_init__(self) -> None:
        for at, override in enumerate(self.overrides):
            try:
                self.thresholds.changed(override)
            except ValueError as error:
                raise ValueError(f"overrides[{at}], with the other thresholds: {error}") from None

    def document(self) -> str:
        """All that people write, as canonical JSON: equal drafts give equal text."""
        draft = {name: getattr(self, name) for name in PolicyDraft.__struct_fields__}
        return msgspec.json.encode(draft, order="sorted").decode()

    def content_hash(self) -> str:
        """SHA-256 of the document, in hex."""
        return sha256(self.document().encode()).hexdigest()


class Policy(PolicyDraft, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One version of a policy, which never changes but for its mode.

    Attributes:
        version: from 1 for each id; 0 is the one that is built in.
    """

    version: int
    mode: PolicyMode

    @classmethod
    def of(cls, draft: PolicyDraft, version: int, mode: PolicyMode) -> Self:
        """The draft as a version."""
        told = {name: getattr(draft, name) for name in PolicyDraft.__struct_fields__}
        return cls(version=version, mode=mode, **told)

    @property
    def key(self) -> PolicyKey:
        """Its id and version, which name it among all."""
        return self.id, self.version


def check_mode(policy: Policy, mode: PolicyMode, in_force: Collection[Policy]) -> None:
    """Return if a version may pass to a mode.

    Args:
        policy: as it is.
        mode: what it is to be.
        in_force: all that are enforced or tried out.

    Raises:
        Conflict: it is in that mode, it is the enforced one, or too many are tried out.
    """
    told = f"Version {policy.version} of policy {policy.id} is {policy.mode.value}"
    if policy.mode is mode:
        raise Conflict(f"{told} already.")
    if policy.mode is PolicyMode.ENFORCED:
        raise Conflict(f"{told}. Enforce another one in its place.")
    if mode is PolicyMode.SHADOW:
        check_shadows(in_force)


def check_shadows(in_force: Collection[Policy]) -> None:
    """Return if one more policy may be tried out.

    Raises:
        Conflict: too many are.
    """
    shadows = [one for one in in_force if one.mode is PolicyMode.SHADOW]
    if len(shadows) >= MAX_SHADOWS:
        named = ", ".join(f"{one.id} {one.version}" for one in shadows)
        raise Conflict(
            f"{len(shadows)} policies are shadows already ({named}), {MAX_SHADOWS} at the most. "
            "Retire one first."
        )
