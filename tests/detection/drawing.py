"""Small account graphs drawn by hand, as events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from ringfence.detection import detect_rings, load_config
from ringfence.domain.assembling import graph_from_fold
from ringfence.domain.events import (
    Body,
    ChargeData,
    Event,
    InstrumentData,
    SharedIdentifier,
    SignInData,
    SignUpData,
    UsageData,
    event_key,
)
from ringfence.domain.folding import fold_events, once_each
from ringfence.domain.graph import AccountGraph
from ringfence.domain.identifiers import (
    DEVICE,
    IP,
    PAYMENT_INSTRUMENT,
    IdentifierKey,
    normalise_value,
)
from ringfence.domain.rings import Detection, KnownRing, Ring, Tier

START = datetime(2026, 1, 5, tzinfo=UTC)
FIRST_NAMES = ("mia", "tom", "ada", "jorge", "li", "noor", "petra", "sam", "wanda", "olu")
LAST_NAMES = ("lang", "ek", "moreau", "silva", "chen", "haddad", "novak", "reid", "okafor", "ito")


@dataclass
class Drawing:
    """Events of a small world; times are days since its start."""

    events: list[Event] = field(default_factory=list)

    def sign_up(
        self,
        account: str,
        *,
        day: float = 0.0,
        device: str | None = None,
        ip: str | None = None,
        email: str | None = None,
        also: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Open an account."""
        shared = _keys((DEVICE, device), (IP, ip), *also)
        self._add(account, day, SignUpData(email=email, ip=ip, device_id=device), shared, also)

    def sign_in(
        self, account: str, *, day: float, device: str | None = None, ip: str | None = None
    ) -> None:
        """Use an account from somewhere."""
        self._add(
            account,
            day,
            SignInData(ip=ip, device_id=device),
            _keys((DEVICE, device), (IP, ip)),
        )

    def attach(self, account: str, card: str, *, day: float = 0.0) -> None:
        """Give an account a card."""
        self._add(account, day, InstrumentData(card), _keys((PAYMENT_INSTRUMENT, card)))

    def charge(
        self, account: str, card: str, days: Iterable[float], outcome: str = "succeeded"
    ) -> None:
        """Charge a card once on each of the days."""
        for day in days:
            body = ChargeData(card, 2000, "USD", outcome)  # type: ignore[arg-type]
            self._add(account, day, body, _keys((PAYMENT_INSTRUMENT, card)))

    def use(self, account: str, requests: int, *, day: float = 0.0) -> None:
        """Report exchanges."""
        self._add(account, day, UsageData(requests=requests), ())

    def strangers(self, count: int, *, days: float = 120.0, seed: int = 1) -> None:
        """Honest accounts with their own device, card, mail and address; two in three pay."""
        dice = np.random.default_rng(seed)
        for at in range(count):
            account, day = f"stranger{at:04d}", float(dice.uniform(0, days))
            self.sign_up(
                account,
                day=day,
                device=f"device-of-{account}",
                ip=f"10.{at // 250}.{at % 250}.1",
                email=stranger_email(dice, at),
            )
            self.use(account, int(dice.lognormal(5, 1.5)) + 1, day=day + 1)
            if dice.random() < 0.67:
                card = f"card-of-{account}"
                self.attach(account, card, day=day)
                self.charge(account, card, [day + 1, day + 31, day + 61, day + 91])

    def graph(self) -> AccountGraph:
        """The account graph of all events."""
        return graph_from_fold(fold_events(once_each(self.events)))

    def _add(
        self,
        account: str,
        day: float,
        body: Body,
        shared: tuple[IdentifierKey, ...],
        also: Sequence[tuple[str, str]] = (),
    ) -> None:
        if also and isinstance(body, SignUpData):
            body = SignUpData(
                email=body.email,
                ip=body.ip,
                device_id=body.device_id,
                identifiers=tuple(SharedIdentifier(kind, value) for kind, value in also),
            )
        time = START + timedelta(days=day)
        key = event_key("/drawing", str(len(self.events)))
        self.events.append(Event(key, account, int(time.timestamp() * 1000), shared, body))


def stranger_email(dice: np.random.Generator, at: int) -> str:
    """A mail address as people choose them: many shapes, many hosts."""
    first, last = _pick(dice, FIRST_NAMES), _pick(dice, LAST_NAMES)
    local = _pick(
        dice,
        (
            f"{first}.{last}{at}",
            f"{first}{at}",
            f"{last}_{first}{at}",
            f"{first[0]}{last}-{at}",
            f"{first}.{at}.{last}",
            f"{at}{last}",
        ),
    )
    host = _pick(dice, ("gmail.com", "outlook.com", "icloud.com", f"{last}-{first}.org"))
    return f"{local}@{host}"


def _pick(dice: np.random.Generator, among: Sequence[str]) -> str:
    return among[int(dice.integers(len(among)))]


def detect(graph: AccountGraph, known: Sequence[KnownRing] = ()) -> Detection:
    """Rings by the default parameters."""
    return detect_rings(graph, load_config(), known)


def flagged(detection: Detection) -> list[Ring]:
    """Rings in tier auto or review, the largest first."""
    rings = [ring for ring in detection.rings if ring.tier is not Tier.WATCH]
    return sorted(rings, key=lambda ring: (-len(ring.members), ring.id))


def members(ring: Ring) -> set[str]:
    """Account ids of a ring."""
    return {member.account_id for member in ring.members}


def flagged_accounts(detection: Detection) -> set[str]:
    """Account ids in tier auto or review."""
    return {account for ring in flagged(detection) for account in members(ring)}


def farm(
    drawing: Drawing,
    name: str,
    size: int,
    *,
    day: float = 60.0,
    devices: int = 4,
    cards: int = 3,
    minutes: float = 20.0,
    exits: Sequence[str] = (),
) -> set[str]:
    """A ring that draws from pools of devices and cards, one account after the other."""
    accounts = []
    for at in range(size):
        account = f"{name}{at:04d}"
        when = day + at * minutes / 1440
        drawing.sign_up(
            account,
            day=when,
            device=f"{name}-device{at % devices}",
            ip=exits[at % len(exits)]
            if exits
            else f"172.{16 + ord(name[0]) % 16}.{at % 250}.{len(name)}",
            email=f"{name}user{100 + at}@gmail.com",
        )
        card = f"{name}-card{(at * 7 + at // cards) % cards}"
        drawing.attach(account, card, day=when)
        drawing.use(account, 900 + at, day=when + 1)
        accounts.append(account)
    return set(accounts)


def _keys(*pairs: tuple[str, str | None]) -> tuple[IdentifierKey, ...]:
    keys = (IdentifierKey(k, normalise_value(k, v)) for k, v in pairs if v is not None)
    return tuple(dict.fromkeys(keys))
