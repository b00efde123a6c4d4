"""Plain event files of any size, for benchmarks: a mix of all five types in the order of time."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 4, 22, tzinfo=UTC)
DAYS = 45
SIGN_INS, CHARGES, USAGE_REPORTS = 3, 1, 5

Told = tuple[datetime, str, str, dict[str, Any]]
"""Time, type, account and data."""


def write_events(path: Path, *, accounts: int, seed: int = 1) -> int:
    """Write some eleven events an account as NDJSON, and return how many they are."""
    chance = random.Random(seed)  # noqa: S311
    told = [event for at in range(accounts) for event in _life(at, accounts, chance)]
    told.sort(key=lambda event: event[:3])
    with path.open("w", encoding="utf-8") as file:
        for number, (time, kind, account_id, data) in enumerate(told):
            event = {
                "specversion": "1.0",
                "id": f"evt-{number}",
                "source": "/scale",
                "type": kind,
                "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "subject": account_id,
                "data": data,
            }
            file.write(json.dumps(event, separators=(",", ":")) + "\n")
    return len(told)


def _life(at: int, accounts: int, chance: random.Random) -> Iterator[Told]:
    """One account: a device shared by one in eight, addresses by a dozen, a card by one in five."""
    account_id = f"acct_{at:08}"
    device = f"dev_{chance.randrange(max(1, accounts // 8)) if at % 8 == 0 else at + accounts:010}"
    card = f"card_{chance.randrange(max(1, accounts // 5)) if at % 5 == 0 else at + accounts:010}"
    born = START + timedelta(seconds=chance.randrange(DAYS * 86_400 // 2))

    def later() -> datetime:
        return born + timedelta(milliseconds=chance.randrange(DAYS * 43_200_000))

    def address() -> str:
        number = chance.randrange(max(1, accounts // 3))
        return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"

    place = {"ip": address(), "device_id": device, "user_agent": "Mozilla/5.0"}
    email = f"person.{at}@mail.example"
    yield born, "account.signed_up", account_id, place | {"email": email, "country": "DE"}
    for _ in range(SIGN_INS):
        yield later(), "account.signed_in", account_id, {"ip": address(), "device_id": device}
    attached = {"instrument_id": card, "kind": "card", "bin": "411111", "funding": "credit"}
    yield later(), "billing.instrument_attached", account_id, attached
    for _ in range(CHARGES):
        paid = {"amount_minor": 2_000, "currency": "USD", "outcome": "succeeded"}
        yield later(), "billing.charged", account_id, paid | {"instrument_id": card}
    for _ in range(USAGE_REPORTS):
        used = {"requests": chance.randrange(60), "tokens": chance.randrange(90_000)}
        yield later(), "usage.reported", account_id, used
