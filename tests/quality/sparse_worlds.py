"""Worlds of few facts, unlike the seeded ones: one or two kinds of identifiers and nothing else.

They were written after detection was, by another rule than `ringfence.worlds`, and nothing was
chosen on them: they tell whether detection leans on facts that a provider may not have.
"""

import csv
import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)
SPAN_DAYS = 120.0
DAY_S = 86_400.0


@dataclass
class SparseWorld:
    """Events and truth as they grow."""

    dice: random.Random
    events: list[dict[str, Any]] = field(default_factory=list)
    truth: list[tuple[str, int, str, str]] = field(default_factory=list)

    def any_time(self) -> datetime:
        return START + timedelta(days=self.dice.random() * SPAN_DAYS)

    def any_address(self) -> str:
        return ".".join(str(self.dice.randrange(1, 255)) for _ in range(4))

    def size(self, least: int, doublings: int) -> int:
        return int(least * 2 ** (self.dice.random() * doublings))

    def joins(self, category: str, at: datetime, ring: str = "", **data: object) -> str:
        """A new account that signs up."""
        account_id = f"u{len(self.truth):06d}"
        self.truth.append((account_id, int(bool(ring)), ring, category))
        self.tells("account.signed_up", account_id, at, **data)
        return account_id

    def signs_in(self, account_id: str, at: datetime, **data: object) -> None:
        self.tells("account.signed_in", account_id, at, **data)

    def tells(self, kind: str, account_id: str, at: datetime, **data: object) -> None:
        self.events.append(
            {
                "specversion": "1.0",
                "id": f"e{len(self.events)}",
                "source": "/sparse",
                "type": kind,
                "time": at.isoformat(),
                "subject": account_id,
                "data": data,
            }
        )

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Paths of the events, shuffled, and of the truth."""
        self.dice.shuffle(self.events)
        events, truth = folder / "events.ndjson", folder / "truth.csv"
        events.write_text("\n".join(map(json.dumps, self.events)) + "\n", encoding="utf-8")
        with truth.open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(("account_id", "is_fake", "ring", "category"))
            rows.writerows(self.truth)
        return events, truth


def wallets(seed: int) -> SparseWorld:
    """Nothing but wallets: exchanges that thousands fund from, friends, and rings' own."""
    world = SparseWorld(random.Random(seed))  # noqa: S311 - reproducible, not secret
    dice = world.dice
    for _ in range(4_000):
        hot = [f"hot{dice.randrange(12)}"] if dice.random() < 0.5 else []
        world.joins("single", world.any_time(), identifiers=_many("wallet", hot))
    for pair in range(250):
        for _ in range(dice.choice((2, 2, 2, 3))):
            world.joins("friends", world.any_time(), identifiers=_many("wallet", [f"pair{pair}"]))
    for ring in range(60):
        start, span = world.any_time(), dice.choice((0.1, 1, 3, 20))
        for _ in range(world.size(20, 2)):
            at = start + timedelta(days=dice.random() * span)
            world.joins("star", at, f"r{ring}", identifiers=_many("wallet", [f"ring{ring}"]))
    return world


def devices(seed: int) -> SparseWorld:
    """Devices and addresses alone: families, cafés, VPN users, device farms behind proxies."""
    world = SparseWorld(random.Random(seed))  # noqa: S311 - reproducible, not secret
    dice = world.dice
    for at in range(4_000):
        own, address, joined = f"own{at}", world.any_address(), world.any_time()
        account = world.joins("single", joined, device_id=own, ip=address)
        for _ in range(dice.randrange(3)):
            later = joined + timedelta(days=dice.random() * 20)
            world.signs_in(account, later, device_id=own, ip=address)
    for home in range(400):
        address = world.any_address()
        for person in range(dice.choice((2, 3, 4, 5))):
            device = f"home{home}" if dice.random() < 0.7 else f"home{home}_{person}"
            world.joins("family", world.any_time(), device_id=device, ip=address)
    for cafe in range(10):
        address = world.any_address()
        for guest in range(dice.randrange(40, 90)):
            desk = f"cafe{cafe}_{dice.randrange(8)}"
            account = world.joins("cafe", world.any_time(), device_id=desk, ip=address)
            if dice.random() < 0.5:
                own = f"guest{cafe}_{guest}"
                world.signs_in(account, world.any_time(), device_id=own, ip=world.any_address())
    exits = [world.any_address() for _ in range(150)]
    for guest in range(200):
        world.joins("vpn", world.any_time(), device_id=f"vpn{guest}", ip=dice.choice(exits))
    _device_farms(world, exits)
    return world


def _device_farms(world: SparseWorld, exits: list[str]) -> None:
    dice = world.dice
    for ring in range(40):
        size, start, span = world.size(6, 5), world.any_time(), dice.choice((0.2, 2, 10, 40))
        farm = [f"farm{ring}_{at}" for at in range(max(2, size // dice.choice((3, 5, 10, 20))))]
        rented = dice.sample(exits, min(20, 5 + size // 10))
        for _ in range(size):
            joined = start + timedelta(days=dice.random() * span)
            account = world.joins(
                "farm", joined, f"r{ring}", device_id=dice.choice(farm), ip=dice.choice(rented)
            )
            for _ in range(dice.randrange(3)):
                later = joined + timedelta(days=dice.random() * 5)
                world.signs_in(account, later, device_id=dice.choice(farm), ip=dice.choice(rented))


def identities(seed: int) -> SparseWorld:
    """Phones, postal addresses and tax ids: families, tower blocks, synthetic identities."""
    world = SparseWorld(random.Random(seed))  # noqa: S311 - reproducible, not secret
    dice = world.dice

    def person(category: str, at: datetime, ring: str = "", **identifiers: str) -> None:
        told = [pair for kind, value in identifiers.items() for pair in _many(kind, [value])]
        email = f"p{len(world.truth)}@mail.example"
        world.joins(category, at, ring, email=email, identifiers=told)

    for at in range(4_000):
        person("single", world.any_time(), phone=f"+1555{at:07d}", postal_address=f"{at} road")
    for home in range(500):
        for member in range(dice.choice((2, 2, 3, 4, 5))):
            own = f"+1888{home:04d}{member:03d}"
            phone = f"+1777{home:07d}" if dice.random() < 0.4 else own
            person("family", world.any_time(), phone=phone, postal_address=f"{home} home street")
    for tower in range(6):
        for flat in range(dice.randrange(30, 120)):
            phone = f"+1999{tower:03d}{flat:04d}"
            person("tower", world.any_time(), phone=phone, postal_address=f"tower {tower}")
    for ring in range(60):
        size, start, span = world.size(6, 3), world.any_time(), dice.choice((2, 20, 100))
        pool = max(2, size // dice.choice((2, 3)))
        for _ in range(size):
            person(
                "synthetic",
                start + timedelta(days=dice.random() * span),
                f"r{ring}",
                phone=f"+1333{ring:03d}{dice.randrange(pool):04d}",
                postal_address=f"drop {ring} {dice.randrange(pool)}",
                tax_id=f"{ring}-{dice.randrange(pool)}",
            )
    return world


WORLDS: dict[str, Callable[[int], SparseWorld]] = {
    "wallets": wallets,
    "devices": devices,
    "identities": identities,
}


def _many(kind: str, values: Iterable[str]) -> list[dict[str, str]]:
    return [{"kind": kind, "value": value} for value in values]
