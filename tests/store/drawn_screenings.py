"""Sign-up checks drawn for tests: one made by hand, and any that there can be."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import strategies as st

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Grade, Reason, RingState, Tier
from ringfence.domain.screenings import (
    Assessment,
    Attempt,
    Burst,
    Counterfactual,
    Decision,
    FailMode,
    Instrument,
    Likelihood,
    Link,
    ReEntry,
    Ruling,
    Screening,
    TouchedRing,
)

NOON: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)
NOON_MS: Final = 1_777_636_800_000
DEVICE: Final = IdentifierKey("device", "dev_1")
EMAIL: Final = IdentifierKey("email", "maria@mailhub.example")
ADDRESS: Final = IdentifierKey("ip", "203.0.113.77")
CARD: Final = IdentifierKey("payment_instrument", "card_1a2b3c")


def screening(screening_id: str, *, minutes: float = 0, **given: Any) -> Screening:
    """A sign-up check of that many minutes after noon; what is given replaces what it has."""
    ring_id = given.get("ring_id")
    decision = given.get("decision", Decision.ALLOW)
    attempt = Attempt(
        id=given.get("attempt_id", f"attempt of {screening_id}"),
        at_ms=NOON_MS,
        keys=(DEVICE, EMAIL, ADDRESS, CARD),
        account_id=given.get("account_id"),
        email=EMAIL.value,
        ip=ADDRESS.value,
        device_id=DEVICE.value,
        user_agent="curl/8",
        country="FR",
        plan="free",
        instrument=Instrument(CARD.value, "411111", "prepaid", "FR"),
    )
    reason = Reason("shared_device", 3.5, "3 members of the ring share the device")
    ring = ring_id and TouchedRing(
        ring_id, 0.75, 0.98, Grade.CONCLUSIVE, Tier.AUTO, RingState.OPEN, 5
    )
    assessment = Assessment(
        score=0.75 if ring else 0.25,
        ring=ring or None,
        links=(Link(DEVICE, 3, 1, 3.5), Link(CARD, 1, 0, 2.5)) if ring else (),
        reasons=(reason,),
        re_entry=ReEntry("ring_gone", Likelihood.LIKELY, 2, (CARD,)) if ring else None,
        bursts=(Burst(ADDRESS, 3600, 9, 5),) if ring else (),
    )
    rule = Reason("ring_auto", 0.0, "the ring may be acted on as a whole")
    version = given.get("policy_version", 3)
    return Screening(
        id=screening_id,
        attempt=attempt,
        at=NOON + timedelta(minutes=minutes),
        assessment=assessment,
        ruling=Ruling(decision, Decision.BLOCK, (rule,), "careful", version),
        counterfactuals=(Counterfactual(DEVICE, Decision.ALLOW, "Without the device: allow."),),
        shadows=(Ruling(Decision.REVIEW, Decision.REVIEW, (), "mild", 1),),
        model_version="model_7",
        took_ms=1.25,
        fail_mode=FailMode.OPEN,
        degraded=given.get("degraded"),
    )


_texts = st.text(max_size=12)
_maybe = st.none() | _texts
_numbers = st.floats(allow_nan=False, allow_infinity=False)
_counts = st.integers(0, 2**53)
_keys = st.builds(IdentifierKey, _texts, _texts)
_reasons = st.lists(st.builds(Reason, _texts, _numbers, _texts), max_size=3).map(tuple)
_rulings = st.builds(
    Ruling,
    st.sampled_from(Decision),
    st.sampled_from(Decision),
    _reasons,
    _texts,
    _counts,
)
_attempts = st.builds(
    Attempt,
    id=_texts,
    at_ms=st.integers(-(2**53), 2**53),
    keys=st.lists(_keys, max_size=4).map(tuple),
    account_id=_maybe,
    email=_maybe,
    ip=_maybe,
    device_id=_maybe,
    user_agent=_maybe,
    country=_maybe,
    plan=_maybe,
    instrument=st.none() | st.builds(Instrument, _texts, _maybe, _maybe, _maybe),
)
_rings = st.builds(
    TouchedRing,
    _texts,
    _numbers,
    _numbers,
    st.sampled_from(Grade),
    st.sampled_from(Tier),
    st.sampled_from(RingState),
    _counts,
)
_assessments = st.builds(
    Assessment,
    score=_numbers,
    ring=st.none() | _rings,
    links=st.lists(st.builds(Link, _keys, _counts, _counts, _numbers), max_size=3).map(tuple),
    reasons=_reasons,
    re_entry=st.none()
    | st.builds(
        ReEntry,
        _texts,
        st.sampled_from(Likelihood),
        _counts,
        st.lists(_keys, max_size=3).map(tuple),
    ),
    bursts=st.lists(st.builds(Burst, _keys, _counts, _counts, _counts), max_size=3).map(tuple),
)
screenings: Final = st.builds(
    Screening,
    id=_texts,
    attempt=_attempts,
    at=st.datetimes(timezones=st.just(UTC)),
    assessment=_assessments,
    ruling=_rulings,
    counterfactuals=st.lists(
        st.builds(Counterfactual, _keys, st.sampled_from(Decision), _texts), max_size=3
    ).map(tuple),
    shadows=st.lists(_rulings, max_size=2).map(tuple),
    model_version=_texts,
    took_ms=_numbers,
    fail_mode=st.sampled_from(FailMode),
    degraded=_maybe,
)
"""Any screening whose numbers are finite."""
