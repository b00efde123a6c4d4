"""One account's diary: the events it leaves, in the public contract and nothing else."""

from typing import Any

from ringfence.worlds.calendar import to_text
from ringfence.worlds.dice import Dice
from ringfence.worlds.drafts import Draft
from ringfence.worlds.things import Device, Instrument

SIGN_UP = "account.signed_up"
SIGN_IN = "account.signed_in"
ATTACH = "billing.instrument_attached"
CHARGE = "billing.charged"
USAGE = "usage.reported"
_SOURCES = {SIGN_IN: "/account", ATTACH: "/billing", CHARGE: "/billing", USAGE: "/usage"}

EventRow = tuple[int, dict[str, Any]]
"""Time in ms, and the event."""


class Diary:
    """Events of one account, in the order they are written down.

    Attributes:
        awake_ms, left_ms: between these the account does more than having signed up.
    """

    __slots__ = ("_at", "_dice", "_key", "awake_ms", "draft", "left_ms", "rows")

    def __init__(self, draft: Draft, dice: Dice, end_ms: int) -> None:
        self.draft = draft
        self.awake_ms = max(draft.signed_up_ms, draft.active_from_ms)
        self.left_ms = min(draft.left_ms or end_ms, end_ms)
        self.rows: list[EventRow] = []
        self._dice = dice
        self._key = draft.id.removeprefix("acct_")
        self._at = 0

    def write(self, at_ms: int, event_type: str, data: dict[str, Any]) -> None:
        """Add one event."""
        event = {
            "specversion": "1.0",
            "id": f"{self._key}-{len(self.rows) + 1}",
            "source": _SOURCES.get(event_type) or f"/signup/{self.draft.path}",
            "type": event_type,
            "time": to_text(at_ms),
            "subject": self.draft.id,
            "data": data,
        }
        self.rows.append((at_ms, event))

    def address(self) -> str:
        """Where the next event comes from: mostly the first place, or the next one in turn."""
        addresses = self.draft.addresses
        if self.draft.rotates:
            self._at += 1
            return addresses[self._at % len(addresses)]
        return addresses[0] if self._dice.chance(0.7) else self._dice.pick(addresses)


def sign_up_data(draft: Draft) -> dict[str, Any]:
    """What the sign-up tells."""
    device = draft.devices[0]
    data: dict[str, Any] = {
        "email": draft.email,
        "ip": draft.addresses[0],
        **device_data(device),
        "user_agent": device.user_agent,
        "country": draft.person.country,
        "plan": draft.plan,
    }
    shared = [("fingerprint", device.fingerprint)] if device.fingerprint else []
    shared += draft.shared
    if shared:
        data["identifiers"] = [{"kind": kind, "value": value} for kind, value in shared]
    return data


def device_data(device: Device) -> dict[str, str]:
    """The id of the device, where the browser keeps one."""
    return {"device_id": device.id} if device.id else {}


def instrument_data(instrument: Instrument) -> dict[str, str]:
    """What the issuer tells of an instrument."""
    data = {"instrument_id": instrument.id, "kind": instrument.kind, "country": instrument.country}
    if instrument.bin:
        data["bin"] = instrument.bin
    if instrument.funding:
        data["funding"] = instrument.funding
    return data
