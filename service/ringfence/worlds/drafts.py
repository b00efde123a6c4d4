"""What a scenario says of one account, before behaviour turns it into events."""

from dataclasses import dataclass, field

from ringfence.worlds.people import Person
from ringfence.worlds.things import Device, Instrument


@dataclass(frozen=True, slots=True)
class Stray:
    """One event that ties an account to something that is not its own.

    Attributes:
        after: where in the account's active life it falls, from 0 to 1.
        address: it signs in from here, or
        instrument: it is charged on this.
        device: what it signs in with; None: its own.
    """

    after: float
    address: str = ""
    instrument: Instrument | None = None
    outcome: str = "succeeded"
    device: Device | None = None


@dataclass(slots=True)
class Draft:
    """One account of the world.

    Attributes:
        ring: name of its ring in the truth; empty: honest.
        path: how it came in: web, mobile, api, education, marketplace or startup.
        devices: the first signs up, the others sign in now and then.
        addresses: the first signs up; `rotates`: each event takes the next one.
        instruments: attached in this order; none: it never pays.
        shared: further identifiers its sign-up carries, as kind and value.
        active_from_ms: nothing but the sign-up before; 0: at once.
        left_ms: nothing after; 0: it stays to the end.
        attach_delay_ms: from sign-up (or waking) to the first instrument.
        usage: scale of its use beside others of its plan, without unit.
        exchanges_by_week: fixed by the scenario; None: behaviour draws them.
    """

    id: str
    category: str
    signed_up_ms: int
    person: Person
    email: str
    plan: str
    path: str = "web"
    ring: str = ""
    devices: list[Device] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    rotates: bool = False
    instruments: list[Instrument] = field(default_factory=list)
    shared: list[tuple[str, str]] = field(default_factory=list)
    hours: str = "people"
    billing: str = "people"
    active_from_ms: int = 0
    left_ms: int = 0
    attach_delay_ms: int | None = None
    usage: float = 1.0
    exchanges_by_week: list[int] | None = None
    strays: list[Stray] = field(default_factory=list)
