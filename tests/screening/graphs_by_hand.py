"""Worlds with rings in them, their indexes, and sign-ups that come to them; no database."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from ringfence.detection import load_config
from ringfence.domain.identifiers import (
    DEVICE,
    IP,
    PAYMENT_INSTRUMENT,
    IdentifierKey,
    normalise_value,
)
from ringfence.domain.policy_lists import Lists
from ringfence.domain.rings import Grade, KnownRing, RingState, Tier
from ringfence.domain.screenings import Attempt, Instrument
from ringfence.screening.building import build_index
from ringfence.screening.deciding import Knowledge, Rules
from ringfence.screening.default_policy import default_policy
from ringfence.screening.fresh import FreshSignUps
from ringfence.screening.index import ScreeningIndex
from tests.detection.drawing import START, Drawing, farm

TODAY = 61.0
"""Day of the farm's world on which newcomers come: one day after the farm grew."""
EXITS = ("198.51.100.1", "198.51.100.2")


def known_ring(name: str, members: Iterable[str], **changes: Any) -> KnownRing:
    """A conclusive ring that may be acted on as a whole."""
    facts: dict[str, Any] = {"score": 0.95, "grade": Grade.CONCLUSIVE, "tier": Tier.AUTO}
    return KnownRing(
        id=name,
        operation_id=f"op_{name}",
        strength_by_account_id=dict.fromkeys(members, 1.0),
        state=changes.pop("state", RingState.OPEN),
        **facts | changes,
    )


def index_of(world: Drawing, rings: Sequence[KnownRing]) -> ScreeningIndex:
    """The index of a world by the default parameters."""
    return build_index(world.graph(), rings, load_config())


def farm_world(strangers: int = 200) -> Drawing:
    """Honest accounts, and a farm of 30 with four devices, three cards and two exits."""
    world = Drawing()
    world.strangers(strangers)
    farm(world, "one", 30, exits=EXITS)
    return world


def farm_members(name: str = "one", size: int = 30) -> list[str]:
    """Accounts of a farm."""
    return [f"{name}{at:04d}" for at in range(size)]


@cache
def farm_index(name: str = "ring_one") -> ScreeningIndex:
    """The index of the farm's world; its ring is called so."""
    return index_of(farm_world(), [known_ring(name, farm_members())])


def moment_ms(day: float) -> int:
    """A day of a drawing as an attempt tells it."""
    return int((START + timedelta(days=day)).timestamp() * 1000)


def attempt(
    *,
    id_: str = "try_1",
    day: float = TODAY,
    account: str | None = None,
    device: str | None = None,
    ip: str | None = None,
    card: str | None = None,
    email: str | None = None,
    also: Sequence[tuple[str, str]] = (),
    **changes: Any,
) -> Attempt:
    """A sign-up on a day of a drawing."""
    pairs = ((DEVICE, device), (IP, ip), (PAYMENT_INSTRUMENT, card), *also)
    keys = [IdentifierKey(kind, normalise_value(kind, value)) for kind, value in pairs if value]
    return Attempt(
        id=id_,
        account_id=account,
        at_ms=moment_ms(day),
        keys=tuple(dict.fromkeys(keys)),
        email=email,
        ip=normalise_value(IP, ip) if ip else None,
        device_id=device,
        instrument=Instrument(card) if card else None,
        **changes,
    )


def knowing(index: ScreeningIndex | None, **changes: Any) -> Knowledge:
    """What a worker knows that has the index and the built-in policy."""
    facts: dict[str, Any] = {
        "fresh": FreshSignUps(),
        "remembered": None,
        "rules": Rules(default_policy(), (), Lists()),
    }
    return Knowledge(index=index, **facts | changes)
