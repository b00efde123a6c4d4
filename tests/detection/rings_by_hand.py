"""Rings and known rings spelled as words: a letter is a member, a capital one is core."""

from collections.abc import Iterable
from datetime import UTC, datetime

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import (
    LONG_AGO,
    Dismissal,
    Evidence,
    Grade,
    HubClass,
    KnownRing,
    Member,
    Reason,
    Ring,
    RingState,
    Role,
    Tier,
)

EARLY = datetime(2026, 1, 1, tzinfo=UTC)
LATE = datetime(2026, 2, 1, tzinfo=UTC)


def ring(
    name: str,
    members: Iterable[str],
    *,
    devices: Iterable[str] = ("d1",),
    tier: Tier = Tier.AUTO,
    score: float = 0.9,
) -> Ring:
    """A ring; if no letter is a capital, all members are core."""
    letters = sorted(members)
    all_core = not any(letter.isupper() for letter in letters)
    return Ring(
        id=name,
        operation_id=f"op_{name}",
        score=score,
        grade=Grade.CORROBORATED,
        tier=tier,
        members=tuple(
            Member(
                account_id=letter.lower(),
                role=Role.CORE if all_core or letter.isupper() else Role.PERIPHERAL,
                strength=1.0,
                because=(),
                joined_because="",
            )
            for letter in sorted(letters, key=str.lower)
        ),
        evidence=tuple(
            Evidence(IdentifierKey("device", device), 2, 2, HubClass.ORDINARY, 1.0)
            for device in devices
        ),
        reasons=(Reason("shared_device", 2.0, "they share devices"),),
        kinds=("device",),
    )


def known(
    name: str,
    members: Iterable[str],
    *,
    found_at: datetime = LONG_AGO,
    aliases: tuple[str, ...] = (),
    state: RingState = RingState.OPEN,
    dormant: bool = False,
    dismissed: Dismissal | None = None,
    score: float = 0.9,
    told: float | None = None,
) -> KnownRing:
    """A known ring of the same figures as `ring` gives."""
    letters = list(members)
    return KnownRing(
        id=name,
        operation_id=f"op_{name}",
        strength_by_account_id={letter.lower(): 1.0 for letter in letters},
        core=frozenset(letter.lower() for letter in letters if letter.isupper()),
        found_at=found_at,
        aliases=aliases,
        state=state,
        dormant=dormant,
        score=score,
        grade=Grade.CORROBORATED,
        tier=Tier.AUTO,
        dismissal=dismissed,
        told_score=told,
    )


def dismissal(ring_id: str, *, size: int, devices: Iterable[str] = ("d1",)) -> Dismissal:
    """A dismissal of a ring of that size, tied by these devices."""
    return Dismissal(
        verdict_id="verdict_1",
        ring_id=ring_id,
        at=LATE,
        by="ana",
        reason="a school class",
        size=size,
        strong=frozenset(IdentifierKey("device", device) for device in devices),
    )
