"""Policies, sign-ups and counts made by hand, and strategies that draw them."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.policies import (
    BlockNeeds,
    FrictionTerms,
    Override,
    Policy,
    PolicyDraft,
    PolicyMode,
    ReEntryDecisions,
    Thresholds,
    When,
)
from ringfence.domain.policy_lists import ListEntry, ListName, read_entry
from ringfence.domain.rings import Grade, RingState, Tier
from ringfence.domain.screenings import (
    Assessment,
    Attempt,
    Burst,
    Decision,
    Likelihood,
    ReEntry,
    TouchedRing,
)

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
TODAY = NOON.date()
DAY = timedelta(days=1)
DEVICE = IdentifierKey("device", "dev_1")
MAIL = IdentifierKey("email", "mia@mailhub.example")
ADDRESS = IdentifierKey("ip", "203.0.113.77")


def policy(**changes: Any) -> Policy:
    facts: dict[str, Any] = {
        "id": "ours",
        "name": "Ours",
        "thresholds": Thresholds(review=0.5, challenge=0.8, block=0.95),
    }
    draft = PolicyDraft(**facts | changes)
    return Policy.of(draft, 3, PolicyMode.ENFORCED)


def attempt(**changes: Any) -> Attempt:
    facts: dict[str, Any] = {
        "id": "try_1",
        "at_ms": int(NOON.timestamp() * 1000),
        "keys": (DEVICE, MAIL, ADDRESS),
        "country": "FR",
        "plan": "free",
    }
    return Attempt(**facts | changes)


def ring(grade: Grade = Grade.CONCLUSIVE, tier: Tier = Tier.AUTO) -> TouchedRing:
    return TouchedRing("ring_1", 0.9, 0.99, grade, tier, RingState.OPEN, 40)


def assessment(score: float, **changes: Any) -> Assessment:
    facts: dict[str, Any] = {"score": score, "ring": ring()}
    return Assessment(**facts | changes)


def re_entry(likelihood: Likelihood) -> ReEntry:
    return ReEntry("ring_0", likelihood, 2, (DEVICE,))


BURST = Burst(ADDRESS, 3600, 31, 10)


def entry(
    name: ListName, kind: str, value: str, *, until: date = TODAY, begins: date | None = None
) -> ListEntry:
    return read_entry(name, kind, value, reason="reseller", owner="ana", until=until, begins=begins)


class ExactCounts:
    """Counts in memory, by the moment."""

    def __init__(self) -> None:
        self._seen: dict[str, list[tuple[int, int]]] = defaultdict(list)

    def add(self, key: str, window_s: int, at_ms: int, amount: int = 1) -> int:
        self._seen[key].append((at_ms, amount))
        return self.count(key, window_s, at_ms)

    def count(self, key: str, window_s: int, at_ms: int) -> int:
        after = at_ms - window_s * 1000
        return sum(amount for seen, amount in self._seen[key] if after < seen <= at_ms)


scores = st.floats(0, 1)
decisions = st.sampled_from(Decision)
grades = st.lists(st.sampled_from(Grade), unique=True).map(tuple)
tiers = st.lists(st.sampled_from(Tier), unique=True).map(tuple)
thresholds = (
    st.lists(st.floats(0.001, 1), min_size=3, max_size=3)
    .map(sorted)
    .map(lambda three: Thresholds(review=three[0], challenge=three[1], block=three[2]))
)
whens = st.builds(
    When,
    tier=st.sampled_from([(Tier.AUTO,), (Tier.REVIEW, Tier.WATCH)]),
    country=st.sampled_from([None, ("fr",), ("DE", "FR")]),
    plan=st.sampled_from([None, ("free",)]),
)


@st.composite
def drafts(draw: st.DrawFn) -> PolicyDraft:
    base = draw(thresholds)
    overrides = st.builds(
        lambda when, other: Override(
            when=when, review=other.review, challenge=other.challenge, block=other.block
        ),
        whens,
        thresholds,
    )
    return PolicyDraft(
        id=draw(st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)),
        name=draw(st.text(min_size=1, max_size=40)),
        thresholds=base,
        block_needs=BlockNeeds(grades=draw(grades), tiers=draw(tiers)),
        overrides=tuple(draw(st.lists(overrides, max_size=3))),
        burst=draw(decisions),
        re_entry=draw(
            st.builds(ReEntryDecisions, possible=decisions, likely=decisions, confirmed=decisions)
        ),
        friction_budget=FrictionTerms(
            share=draw(st.floats(0, 1)),
            cohort_by=draw(st.sampled_from([(), ("country",), ("plan", "country")])),
            minimum=draw(st.integers(0, 50)),
            exempt=draw(grades),
        ),
    )


policies = drafts().map(lambda draft: Policy.of(draft, 1, PolicyMode.SHADOW))
attempts = st.builds(
    attempt, country=st.sampled_from([None, "FR", "de"]), plan=st.sampled_from([None, "free"])
)
rings = st.none() | st.builds(ring, st.sampled_from(Grade), st.sampled_from(Tier))
assessments = st.builds(
    assessment,
    scores,
    ring=rings,
    re_entry=st.none() | st.sampled_from(Likelihood).map(re_entry),
    bursts=st.sampled_from([(), (BURST,)]),
)
