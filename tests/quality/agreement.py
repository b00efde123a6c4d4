"""What rounds on the way let the sign-up check say, beside one full run over all events at the end.

    uv run python -m tests.quality.agreement [--accounts N] [--seeds 11-12] [--rounds N] [--json]

Of a seeded world the newest tenth of accounts is held back. The events of the others come in parts,
in the order of time, with a round of detection after each, which reads only what changed; or all at
once, with one detection into an empty graph. Then those held back sign up, at both.
"""

import argparse
import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson
from rich.console import Console

from ringfence import neo4j as embedded
from ringfence.detection import load_config
from ringfence.domain.attempts import parse_attempt
from ringfence.domain.screenings import Attempt, Decision
from ringfence.logs import configure_logs
from ringfence.screening.index import ScreeningIndex
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.usecases.address_feed import load_address_feed
from ringfence.usecases.detect import detect
from ringfence.usecases.ingest import ingest
from ringfence.usecases.migrate import migrate
from ringfence.usecases.rounds import index_of
from ringfence.usecases.screen import Screener, ScreenerSettings
from tests.quality.learning_curve import SIGN_UP, milliseconds
from tests.quality.measuring import parse_seeds, world_of

HELD_BACK: Final = 0.1
ASKED: Final = ("email", "ip", "device_id", "user_agent", "country", "plan", "identifiers")
notes = Console(stderr=True)


@dataclass(frozen=True)
class World:
    """Events of those who are there, in the order of time, and who comes after them."""

    folder: Path
    lines: Sequence[bytes]
    newcomers: Sequence[Attempt]


@dataclass(frozen=True)
class Agreement:
    """Of one world.

    Attributes:
        equal: share of newcomers of whom both say the same.
        stopped: newcomers who are not let in, by the one or the other.
    """

    seed: int
    newcomers: int
    rounds: int
    rings: tuple[int, int]
    equal: float
    stopped: int


def read_world(folder: Path) -> World:
    """A world as it was written, its newest accounts held back."""
    events = [orjson.loads(line) for line in (folder / "events.ndjson").read_bytes().splitlines()]
    events.sort(key=lambda event: (event["time"], event["id"]))
    signed_up = [event for event in events if event["type"] == SIGN_UP]
    held = signed_up[len(signed_up) - int(HELD_BACK * len(signed_up)) :]
    away = {event["subject"] for event in held}
    lines = [orjson.dumps(event) for event in events if event["subject"] not in away]
    return World(folder, lines, [attempt_of(event) for event in held])


def attempt_of(event: dict[str, Any]) -> Attempt:
    """The sign-up as its flow would ask about it."""
    told = {name: event["data"][name] for name in ASKED if name in event["data"]}
    asked = {"attempt_id": event["id"], "time": event["time"], **told}
    return parse_attempt(orjson.dumps(asked), now_ms=milliseconds(event["time"]))


async def index_after(
    graph: Graph, world: World, folder: Path, *, rounds: int, snapshots: Path | None
) -> ScreeningIndex:
    """The index once all events are there, with so many rounds on the way."""
    await load_address_feed(graph, world.folder / "addresses.csv")
    bounds = [len(world.lines) * at // rounds for at in range(rounds + 1)]
    for start, end in pairwise(bounds):
        part = folder / f"part-{start}.ndjson"
        part.write_bytes(b"\n".join(world.lines[start:end]))
        await ingest(graph, [part])
        await detect(graph, load_config(), snapshots=snapshots)
    return await index_of(graph, load_config(), snapshots=snapshots)


def decisions(index: ScreeningIndex, newcomers: Sequence[Attempt], folder: Path) -> list[Decision]:
    """What newcomers are answered, one after the other."""
    clock = {"ms": 0}
    screener = Screener(
        ScreenerSettings(folder, b"a secret of the measurement", now_ms=lambda: clock["ms"])
    )
    screener.learn(index=index)
    found = []
    for attempt in newcomers:
        clock["ms"] = attempt.at_ms
        found.append(screener.screen(attempt).ruling.decision)
    return found


def compare(
    seed: int,
    world: World,
    folder: Path,
    rounds: int,
    on_the_way: ScreeningIndex,
    at_once: ScreeningIndex,
) -> Agreement:
    """Ask both about each newcomer."""
    ours = decisions(on_the_way, world.newcomers, folder / "on-the-way")
    other = decisions(at_once, world.newcomers, folder / "at-once")
    pairs = list(zip(ours, other, strict=True))
    return Agreement(
        seed=seed,
        newcomers=len(pairs),
        rounds=rounds,
        rings=(len(on_the_way.rings), len(at_once.rings)),
        equal=sum(one is two for one, two in pairs) / len(pairs),
        stopped=sum(Decision.ALLOW not in pair for pair in pairs),
    )


async def measure(accounts: int, seed: int, rounds: int, folder: Path) -> Agreement:
    """One world, each way on a Neo4j of its own."""
    world = read_world(world_of(folder / "worlds", accounts, seed))
    indexes = []
    for way, times in (("on-the-way", rounds), ("at-once", 1)):
        own = folder / way
        own.mkdir()
        snapshots = own / "snapshot" if times > 1 else None
        with embedded.start(own / "neo4j", Settings().cache, bound=True) as server:
            async with Graph.connect(server.uri, server.user, server.password) as graph:
                await migrate(graph)
                indexes.append(
                    await index_after(graph, world, own, rounds=times, snapshots=snapshots)
                )
    return compare(seed, world, folder / "asked", rounds, *indexes)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--seeds", type=parse_seeds, default=[11, 12])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    configure_logs(json=False, level="WARNING")
    found = []
    for seed in options.seeds:
        with TemporaryDirectory(prefix="ringfence-agreement-") as folder:
            found.append(asyncio.run(measure(options.accounts, seed, options.rounds, Path(folder))))
        notes.print(found[-1])
    if options.json:
        print(json.dumps([asdict(one) for one in found]))  # noqa: T201


if __name__ == "__main__":
    main()
