"""A graph of honest accounts and rings made by numpy, and sign-ups that are tried against it."""

import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ringfence.domain.graph import (
    NO_TIME,
    AccountColumns,
    AccountGraph,
    IdentifierColumns,
    Ints,
    LinkColumns,
)
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT
from ringfence.domain.rings import Grade, KnownRing, RingState, Tier

NOW_MS: Final = 1_780_000_000_000
DAY_MS: Final = 86_400_000
LARGEST: Final = 40
"""The largest ring is one account in so many."""
ACCOUNTS_A_RING: Final = 3_000
"""Accounts for each further ring; of 1M accounts, some 330 rings."""
NAMES: Final = ("mia", "tom", "lena", "jonas", "ida", "paul", "nora", "felix", "emma", "noah")
SURNAMES: Final = ("lang", "ek", "moser", "diaz", "ito", "novak", "silva", "khan", "berg", "roy")
COUNTRIES: Final = ("DE", "FR", "GB", "US", "CA", "NL", "ES", "IT", "PL", "SE", "BR", "NG", "ZA")
PLANS: Final = ("free", "plus", "pro")


@dataclass(frozen=True, slots=True)
class World:
    """A graph, the rings known in it, and which each account is of (-1: none)."""

    graph: AccountGraph
    rings: list[KnownRing]
    ring_of: Ints


@dataclass(frozen=True, slots=True)
class _Used:
    """Identifiers of one kind: which accounts use which number, and the value of each number."""

    kind: str
    account: Ints
    number: Ints
    values: list[str]


def make_world(accounts: int, seed: int = 1) -> World:
    """A world of so many accounts; of its identifiers, nine in ten are used once."""
    chance = np.random.default_rng(seed)
    ring_of = _ring_of(accounts, chance)
    joined = _joined(ring_of, chance)
    used = [
        _used(DEVICE, ring_of, chance, share=0.95, members=5, house=0.12),
        _used(IP, ring_of, chance, share=0.75, members=8, house=0.3),
        _used(PAYMENT_INSTRUMENT, ring_of, chance, share=0.45, members=4, house=0.06),
    ]
    graph = AccountGraph(
        _accounts(ring_of, joined, chance), *_identifiers_and_links(used, joined, chance)
    )
    return World(graph, _known_rings(graph.accounts.ids, ring_of, chance), ring_of)


def make_attempts(world: World, count: int, seed: int = 2) -> list[dict[str, Any]]:
    """Bodies of sign-ups, half of them honest and new, half with something that a ring uses."""
    chance = np.random.default_rng(seed)
    graph, links = world.graph, world.graph.links
    of_ring = np.flatnonzero(world.ring_of[links.account] >= 0)
    kinds = np.array(graph.identifiers.kinds)[links.identifier[of_ring]]
    rows_by_field = {
        "device_id": of_ring[kinds == DEVICE],
        "ip": of_ring[kinds == IP],
        "instrument": of_ring[kinds == PAYMENT_INSTRUMENT],
    }
    bodies = []
    for at in range(count):
        body = _honest(at, chance)
        if at % 2:
            shared = chance.choice(list(rows_by_field), size=chance.integers(1, 3), replace=False)
            for field in shared.tolist():
                row = chance.choice(rows_by_field[field])
                value = graph.identifiers.values[links.identifier[row]]
                body[field] = {"instrument_id": value} if field == "instrument" else value
        bodies.append(body)
    return bodies


def body_of(attempt: dict[str, Any]) -> bytes:
    """The JSON text of a sign-up."""
    return json.dumps(attempt).encode()


def _honest(at: int, chance: np.random.Generator) -> dict[str, Any]:
    email = (
        f"{chance.choice(NAMES)}.{chance.choice(SURNAMES)}{at}@host{chance.integers(40)}.example"
    )
    return {
        "attempt_id": f"try_{at:07}",
        "email": email,
        "ip": _address(int(chance.integers(2**31))),
        "device_id": f"device_new_{chance.integers(2**48):012x}",
        "user_agent": f"Browser/{chance.integers(200)} (Desktop)",
        "country": str(chance.choice(COUNTRIES)),
        "plan": str(chance.choice(PLANS)),
    }


def _ring_of(accounts: int, chance: np.random.Generator) -> Ints:
    sizes = [accounts // LARGEST]
    others = np.exp(chance.normal(3.0, 0.9, accounts // ACCOUNTS_A_RING))
    sizes += np.clip(others, 4, 1_000).astype(int).tolist()
    ring_of = np.full(accounts, -1, dtype=np.int64)
    members = chance.permutation(accounts)[: sum(sizes)]
    ring_of[members] = np.repeat(np.arange(len(sizes)), sizes)[: len(members)]
    return ring_of


def _joined(ring_of: Ints, chance: np.random.Generator) -> Ints:
    """When each account came: honest ones evenly in half a year, each ring within ten days."""
    accounts = len(ring_of)
    joined = NOW_MS - chance.integers(0, 180 * DAY_MS, accounts)
    starts = NOW_MS - chance.integers(10 * DAY_MS, 40 * DAY_MS, int(ring_of.max()) + 1)
    late = starts[ring_of] + chance.integers(0, 10 * DAY_MS, accounts)
    return np.where(ring_of >= 0, late, joined)


def _used(
    kind: str,
    ring_of: Ints,
    chance: np.random.Generator,
    *,
    share: float,
    members: int,
    house: float,
) -> _Used:
    """Identifiers of a kind: of each ring one for so many members, at home some for two or three.

    Args:
        kind: of identifiers.
        ring_of: of each account.
        chance: drawn from.
        share: of accounts that use one.
        members: of a ring behind one of its identifiers.
        house: share of honest accounts that use one of somebody else.
    """
    account = np.flatnonzero(chance.random(len(ring_of)) < share)
    number, ring = account.copy(), ring_of[account]
    housed = chance.random(len(account)) < house
    number[housed] = account[chance.integers(0, len(account), int(housed.sum()))]
    inside = np.flatnonzero(ring >= 0)
    pool = np.maximum(np.bincount(ring[inside]) // members, 1)
    first = len(ring_of) + np.concatenate([[0], np.cumsum(pool)[:-1]])
    drawn = (chance.random(len(inside)) * pool[ring[inside]]).astype(np.int64)
    number[inside] = first[ring[inside]] + drawn
    numbers, number = np.unique(number, return_inverse=True)
    return _Used(kind, account, number, _values(kind, numbers))


def _values(kind: str, numbers: Ints) -> list[str]:
    """Distinct values, as random to look at as real ones."""
    mixed = ((numbers * 2_654_435_761) % 2**32).tolist()
    if kind == IP:
        return [_address(one) for one in mixed]
    prefix = "card" if kind == PAYMENT_INSTRUMENT else "device"
    return [f"{prefix}_{one:08x}" for one in mixed]


def _address(number: int) -> str:
    return ".".join(map(str, (number % 2**32).to_bytes(4)))


def _accounts(ring_of: Ints, joined: Ints, chance: np.random.Generator) -> AccountColumns:
    count = len(ring_of)
    zeros = np.zeros(count, dtype=np.int64)
    unknown = np.full(count, NO_TIME)
    return AccountColumns(
        ids=[f"acct_{at:08}" for at in range(count)],
        first_seen_ms=joined,
        last_seen_ms=np.minimum(joined + chance.integers(0, 30 * DAY_MS, count), NOW_MS),
        signed_up_ms=joined,
        email=_emails(ring_of, chance),
        country=_drawn(COUNTRIES, ring_of, chance),
        plan=_drawn(PLANS, ring_of, chance),
        user_agent=_drawn([f"Browser/{n} (Desktop)" for n in range(200)], ring_of, chance),
        charges_succeeded=zeros,
        charges_declined=zeros,
        charges_refunded=zeros,
        charges_disputed=zeros,
        first_paid_ms=unknown,
        last_paid_ms=unknown,
        requests=zeros,
        tokens=zeros,
    )


def _drawn(
    words: tuple[str, ...] | list[str], ring_of: Ints, chance: np.random.Generator
) -> list[str | None]:
    """A word for each account; most of a ring have the same."""
    drawn = chance.integers(0, len(words), len(ring_of))
    alike = (ring_of >= 0) & (chance.random(len(ring_of)) < 0.7)
    drawn[alike] = ring_of[alike] * 7 % len(words)
    return [words[at] for at in drawn.tolist()]


def _emails(ring_of: Ints, chance: np.random.Generator) -> list[str | None]:
    count = len(ring_of)
    name, surname = chance.integers(0, 10, count).tolist(), chance.integers(0, 10, count).tolist()
    hosts, rings = chance.integers(0, 40, count).tolist(), ring_of.tolist()
    return [
        f"{NAMES[name[at]]}{SURNAMES[surname[at]]}{at}@host{rings[at] % 40}.example"
        if rings[at] >= 0
        else f"{NAMES[name[at]]}.{SURNAMES[surname[at]]}{at}@host{hosts[at]}.example"
        for at in range(count)
    ]


def _identifiers_and_links(
    used: list[_Used], joined: Ints, chance: np.random.Generator
) -> tuple[IdentifierColumns, LinkColumns]:
    kinds: list[str] = []
    values: list[str] = []
    bins: list[str | None] = []
    parts: list[tuple[Ints, Ints]] = []
    for one in used:
        order = np.array(sorted(range(len(one.values)), key=one.values.__getitem__))
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        parts.append((one.account, rank[one.number] + len(values)))
        kinds += [one.kind] * len(order)
        values += [one.values[at] for at in order.tolist()]
        card = one.kind == PAYMENT_INSTRUMENT
        drawn = chance.integers(400_000, 402_000, len(order)).tolist()
        bins += [str(number) if card else None for number in drawn]
    account = np.concatenate([of for of, _ in parts])
    identifier = np.concatenate([at for _, at in parts])
    order = np.lexsort((account, identifier))
    account, identifier = account[order], identifier[order]
    first = joined[account]
    last = np.minimum(first + chance.integers(0, 20 * DAY_MS, len(first)), NOW_MS)
    nothing: list[str | None] = [None] * len(values)
    identifiers = IdentifierColumns(kinds, values, nothing, bins, nothing, nothing)
    events = np.ones(len(account), dtype=np.int64)
    return identifiers, LinkColumns(account, identifier, first, last, events)


def _known_rings(ids: list[str], ring_of: Ints, chance: np.random.Generator) -> list[KnownRing]:
    order = np.argsort(ring_of, kind="stable")
    order = order[ring_of[order] >= 0]
    starts = np.flatnonzero(np.diff(ring_of[order], prepend=-1))
    grades, tiers = tuple(Grade), (Tier.AUTO, Tier.REVIEW)
    rings = []
    for slot, members in enumerate(np.split(order, starts[1:])):
        names = [ids[at] for at in members.tolist()]
        rings.append(
            KnownRing(
                id=f"ring_{slot:05}",
                operation_id=f"operation_{slot:05}",
                strength_by_account_id=dict.fromkeys(names, 1.0),
                core=frozenset(names),
                state=RingState.OPEN,
                score=float(chance.uniform(0.6, 0.99)),
                grade=grades[int(chance.integers(len(grades)))],
                tier=tiers[int(chance.integers(len(tiers)))],
            )
        )
    return rings
