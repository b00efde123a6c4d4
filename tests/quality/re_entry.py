"""How surely a ring that was taken down is known when it comes back, and who is taken for it.

    uv run python -m tests.quality.re_entry [--accounts N] [--seeds 11-13] [--replaced .6] [--json]

Three fifths of a seeded world are loaded, its rings are found, and those flagged are remembered as
a takedown remembers them. Then each of ten accounts and more comes back: up to twenty of them
sign up again in the two weeks after, with that share of the ring's identifiers replaced by new
ones, each for all accounts that used it. Honest accounts that sign up in the rest of the world
show who is taken for a ring by mistake.
"""

import argparse
import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.table import Table

from ringfence import neo4j as embedded
from ringfence.detection import load_config
from ringfence.detection.quality import TrueAccount
from ringfence.domain.events import Event, InstrumentData, SignUpData
from ringfence.domain.identifiers import EMAIL, IdentifierKey
from ringfence.domain.rings import KnownRing, Tier
from ringfence.domain.screenings import Likelihood
from ringfence.logs import configure_logs
from ringfence.screening.keys import telling_keys
from ringfence.screening.re_entry import RememberedRings
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.store.known_rings import known_rings
from ringfence.store.remembered import load_remembered
from ringfence.usecases.address_feed import load_address_feed
from ringfence.usecases.detect import detect
from ringfence.usecases.evaluation_input import EventReader, read_truth
from ringfence.usecases.ingest import ingest
from ringfence.usecases.migrate import migrate
from ringfence.usecases.remember_ring import remember_ring
from tests.quality.measuring import parse_seeds, world_of

SECRET: Final = b"a secret of the benchmark"
LOADED: Final = 0.6
FIRST: Final = 20
LEAST_RING: Final = 10
HOUR_MS: Final = 3_600_000
FLAGGED: Final = frozenset({Tier.AUTO, Tier.REVIEW})
Identifiers = Mapping[str, tuple[IdentifierKey, ...]]
"""What each account carried when it signed up and when it attached its first instrument."""


@dataclass(frozen=True)
class Found:
    """What became of one world.

    Attributes:
        rings: that came back; recognised: of them, within their first twenty accounts, by name.
        first_known_at: mean place of the account at which a ring was named, from 1.
        honest: who signed up after the takedown; mistaken: of them, taken for a ring, at all and
            likely at least.
    """

    seed: int
    replaced: float
    rings: int
    recognised: float
    first_known_at: float
    honest: int
    mistaken: float
    mistaken_likely: float


def read_world(world: Path) -> tuple[list[bytes], list[Event], dict[str, TrueAccount]]:
    """Lines and events in the order of time, and the truth."""
    lines = (world / "events.ndjson").read_bytes().splitlines()
    events = list(EventReader(world / "events.ndjson"))
    order = sorted(range(len(events)), key=lambda at: (events[at].time_ms, events[at].key))
    return (
        [lines[at] for at in order],
        [events[at] for at in order],
        read_truth(world / "truth.csv"),
    )


def carried_by(events: Sequence[Event]) -> dict[str, tuple[IdentifierKey, ...]]:
    """What each account carried at first."""
    found: dict[str, dict[IdentifierKey, None]] = defaultdict(dict)
    for event in events:
        if isinstance(event.body, SignUpData):
            found[event.account_id] |= dict.fromkeys(telling_keys(event.shared, event.body.email))
        elif isinstance(event.body, InstrumentData):
            found[event.account_id] |= dict.fromkeys(event.shared)
    return {account_id: tuple(keys) for account_id, keys in found.items()}


def returns(
    members: Sequence[str], carried: Identifiers, replaced: float, chance: Random
) -> Iterator[tuple[IdentifierKey, ...]]:
    """What up to twenty accounts of a ring carry when they come back; nobody reuses a mailbox."""
    new: dict[IdentifierKey, IdentifierKey] = {}

    def now(key: IdentifierKey) -> IdentifierKey:
        if key not in new:
            gone = key.kind == EMAIL or chance.random() < replaced
            new[key] = IdentifierKey(key.kind, f"new-{chance.random()}") if gone else key
        return new[key]

    for account_id in chance.sample(members, min(FIRST, len(members))):
        yield tuple(map(now, carried.get(account_id, ())))


async def remembered_rings(
    graph: Graph, world: Path, lines: Sequence[bytes], until_ms: int, spare: Path
) -> tuple[RememberedRings, list[KnownRing]]:
    """Load, detect, and remember what is flagged."""
    await migrate(graph)
    part = spare / "part.ndjson"
    part.write_bytes(b"\n".join(lines))
    await ingest(graph, [part])
    await load_address_feed(graph, world / "addresses.csv")
    await detect(graph, load_config())
    flagged = [ring for ring in await known_rings(graph) if ring.tier in FLAGGED]
    at = datetime.fromtimestamp(until_ms / 1000, UTC)
    for ring in flagged:
        await remember_ring(graph, ring.id, secret=SECRET, at=at)
    columns = await load_remembered(graph, at=at)
    return RememberedRings(columns, SECRET), flagged


async def measure(seed: int, world: Path, spare: Path, replaced: float) -> Found:
    lines, events, truth = read_world(world)
    sign_ups = [at for at, event in enumerate(events) if isinstance(event.body, SignUpData)]
    cut = sign_ups[int(len(sign_ups) * LOADED)]
    until_ms = events[cut].time_ms
    with embedded.start(spare / "neo4j", Settings().cache, bound=True) as server:
        async with Graph.connect(server.uri, server.user, server.password) as graph:
            remembered, rings = await remembered_rings(graph, world, lines[:cut], until_ms, spare)
    carried, chance = carried_by(events[:cut]), Random(seed)  # noqa: S311 - no secret comes of it
    known_at = []
    back = [ring for ring in rings if len(ring.members) >= LEAST_RING]
    for ring in back:
        accounts = returns(sorted(ring.members), carried, replaced, chance)
        matches = (
            remembered.match(keys, until_ms + at * 14 * 24 * HOUR_MS // FIRST)
            for at, keys in enumerate(accounts)
        )
        named = (at for at, found in enumerate(matches, 1) if found and found.ring_id == ring.id)
        known_at.append(next(named, None))
    later = [events[at] for at in sign_ups if at >= cut]
    honest = [event for event in later if not truth[event.account_id].is_fake]
    at_first = carried_by(later)
    taken = [remembered.match(at_first[one.account_id], one.time_ms) for one in honest]
    likely = [one for one in taken if one and one.likelihood is not Likelihood.POSSIBLE]
    seen = [at for at in known_at if at is not None]
    return Found(
        seed=seed,
        replaced=replaced,
        rings=len(back),
        recognised=len(seen) / max(len(back), 1),
        first_known_at=sum(seen) / max(len(seen), 1),
        honest=len(honest),
        mistaken=sum(one is not None for one in taken) / max(len(honest), 1),
        mistaken_likely=len(likely) / max(len(honest), 1),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--seeds", type=parse_seeds, default=(11,))
    parser.add_argument("--replaced", type=float, default=0.6)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    configure_logs(json=False, level="ERROR")
    found = []
    for seed in options.seeds:
        with TemporaryDirectory(prefix="ringfence-re-entry-") as spare:
            world = world_of(Path(spare, "worlds"), options.accounts, seed)
            found.append(asyncio.run(measure(seed, world, Path(spare), options.replaced)))
    if options.json:
        print(json.dumps([asdict(one) for one in found]))  # noqa: T201
        return
    table = Table(*asdict(found[0]))
    for one in found:
        table.add_row(*(f"{value:.4g}" for value in asdict(one).values()))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
