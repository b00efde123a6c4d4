"""How fast the sign-up check learns: seeded worlds replayed in time order through the HTTP door.

    uv run python -m tests.quality.learning_curve [--accounts N] [--seeds 11-13] [--every N]

Each sign-up of a world is asked about when it happens, and again when the account attaches its
first payment instrument, as a sign-up flow that takes a card does. What accounts do meanwhile is
sent as events before each round. A round finds the rings of what Neo4j holds by then and builds
the index anew; there is one after so many sign-ups, since the time of a world passes in minutes.
"""

import argparse
import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import httpx
import orjson
from rich.console import Console
from rich.table import Table

from ringfence import neo4j as embedded
from ringfence.api.app import create_app
from ringfence.api.parts import Parts
from ringfence.api.server import serving
from ringfence.detection import load_config
from ringfence.detection.quality import TrueAccount
from ringfence.logs import configure_logs
from ringfence.screening.index import ScreeningIndex
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.usecases.address_feed import load_address_feed
from ringfence.usecases.detect import detect
from ringfence.usecases.evaluation_input import read_truth
from ringfence.usecases.migrate import migrate
from ringfence.usecases.rounds import index_of
from ringfence.usecases.screen import Screener, ScreenerSettings
from ringfence.usecases.screening_upkeep import Upkeep
from tests.quality.measuring import parse_seeds, world_of

KEY: Final = "a-key-of-the-benchmark-0123456789"
SIGN_UP: Final = "account.signed_up"
ATTACHED: Final = "billing.instrument_attached"
POSTED: Final = 2_000
LEAST_RING: Final = 10
"""Accounts of a ring from which it has a tenth member to be stopped."""
notes = Console(stderr=True)


@dataclass
class Life:
    """What one account met at the door.

    Attributes:
        at_sign_up, with_instrument: decisions, None where it was not asked.
        known: whether its ring was known when it came: an index named one with its accounts.
        blocked, challenged: whether it ever was.
    """

    at_sign_up: str | None = None
    with_instrument: str | None = None
    known: bool = False

    @property
    def decisions(self) -> set[str | None]:
        return {self.at_sign_up, self.with_instrument}

    @property
    def stopped(self) -> bool:
        return bool(self.decisions & {"challenge", "block"})


@dataclass
class Replay:
    """One world on its way through the door."""

    client: httpx.AsyncClient
    upkeep: Upkeep
    truth: dict[str, TrueAccount]
    clock: dict[str, int]
    lives: dict[str, Life] = field(default_factory=dict)
    known_rings: set[str] = field(default_factory=set)
    order: list[str] = field(default_factory=list)
    waiting: list[bytes] = field(default_factory=list)
    rounds: int = 0

    async def go_through(self, events: Sequence[dict[str, Any]], every: int) -> None:
        for event in events:
            account_id = event["subject"]
            self.clock["ms"] = max(self.clock["ms"], milliseconds(event["time"]))
            if event["type"] == SIGN_UP:
                if self.order and len(self.order) % every == 0:
                    await self.round()
                self.order.append(account_id)
                life = self.lives[account_id] = Life()
                life.known = self.truth[account_id].ring in self.known_rings
                life.at_sign_up = await self.ask(event, {})
            elif event["type"] == ATTACHED and account_id in self.lives:
                life = self.lives[account_id]
                if life.with_instrument is None:
                    life.with_instrument = await self.ask(event, instrument_of(event))
            self.waiting.append(orjson.dumps(event))
        await self.upkeep.write()

    async def ask(self, event: dict[str, Any], more: dict[str, Any]) -> str:
        data, account_id = event["data"], event["subject"]
        names = ("email", "ip", "device_id", "user_agent", "country", "plan", "identifiers")
        told = {name: data[name] for name in names if name in data}
        asked = {"attempt_id": event["id"], "account_id": account_id, **told, **more}
        answer = await self.client.post("/v1/screenings", json=asked)
        if answer.status_code != 200:
            raise AssertionError(answer.text)
        decision: str = answer.json()["decision"]
        return decision

    async def round(self) -> None:
        """Send what happened, find rings, and know which of the world's rings are known now."""
        for start in range(0, len(self.waiting), POSTED):
            body = b"[" + b",".join(self.waiting[start : start + POSTED]) + b"]"
            answer = await self.client.post(
                "/v1/events", content=body, headers={"Content-Type": "application/json"}
            )
            if answer.status_code != 200 or answer.json()["rejected"]:
                raise AssertionError(answer.text[:500])
        self.waiting.clear()
        await self.upkeep.write()
        await self.upkeep.follow()
        await self.upkeep.rebuild()
        self.rounds += 1
        for life_id in self.order:
            ring = self.truth[life_id].ring
            if ring and ring not in self.known_rings and self.is_member(life_id):
                self.known_rings.add(ring)

    def is_member(self, account_id: str) -> bool:
        index = self.upkeep.index
        return index is not None and index.slot_of(account_id) is not None


def instrument_of(event: dict[str, Any]) -> dict[str, Any]:
    data = event["data"]
    names = ("instrument_id", "kind", "bin", "funding", "country")
    return {"instrument": {name: data[name] for name in names if name in data}}


def milliseconds(time: str) -> int:
    return int(datetime.fromisoformat(time).timestamp() * 1000)


@dataclass(frozen=True)
class Curve:
    """What became of one world.

    Attributes:
        stopped: share of fake accounts challenged or blocked of those that came when their ring was
            known, at sign-up alone and by the time of their first instrument.
        passed_before: accounts of a ring that passed before its first and its tenth was stopped,
            by ring of ten and more; None where that many never were.
    """

    seed: int
    rounds: int
    honest: int
    honest_challenged: float
    honest_blocked: float
    honest_by_category: dict[str, int]
    fake_known: int
    stopped_at_sign_up: float
    stopped: float
    campaign_known: int
    campaign_stopped_at_sign_up: float
    campaign_stopped: float
    passed_before_first: dict[str, int | None]
    passed_before_tenth: dict[str, int | None]
    agreement: float | None


def curve_of(seed: int, replay: Replay) -> Curve:
    lives, truth = replay.lives, replay.truth
    honest = [(one, life) for one, life in lives.items() if not truth[one].is_fake]
    known = [life for one, life in lives.items() if truth[one].is_fake and life.known]
    campaign = [
        life for one, life in lives.items() if truth[one].category == "campaign" and life.known
    ]
    by_ring: dict[str, list[Life]] = defaultdict(list)
    for one in replay.order:
        if truth[one].is_fake and (ring := truth[one].ring):
            by_ring[ring].append(lives[one])
    large = {ring: found for ring, found in by_ring.items() if len(found) >= LEAST_RING}
    touched = Counter(truth[one].category or "?" for one, life in honest if life.stopped)
    return Curve(
        seed=seed,
        rounds=replay.rounds,
        honest=len(honest),
        honest_challenged=share(honest_life.stopped for _, honest_life in honest),
        honest_blocked=share("block" in life.decisions for _, life in honest),
        honest_by_category=dict(touched.most_common()),
        fake_known=len(known),
        stopped_at_sign_up=share(life.at_sign_up in ("challenge", "block") for life in known),
        stopped=share(life.stopped for life in known),
        campaign_known=len(campaign),
        campaign_stopped_at_sign_up=share(
            life.at_sign_up in ("challenge", "block") for life in campaign
        ),
        campaign_stopped=share(life.stopped for life in campaign),
        passed_before_first={ring: passed_before(1, found) for ring, found in large.items()},
        passed_before_tenth={ring: passed_before(10, found) for ring, found in large.items()},
        agreement=replay.upkeep.agreement.share,
    )


def passed_before(nth: int, lives: Sequence[Life]) -> int | None:
    """Accounts that passed before the nth was stopped; None: so many never were."""
    stopped = [at for at, life in enumerate(lives) if life.stopped]
    return stopped[nth - 1] - (nth - 1) if len(stopped) >= nth else None


def share(flags: Iterator[bool]) -> float:
    told = list(flags)
    return sum(told) / len(told) if told else 0.0


async def replay_world(world: Path, graph: Graph, folder: Path, every: int) -> Replay:
    """Replay a world against an empty migrated graph."""
    lines = (world / "events.ndjson").read_bytes().splitlines()
    events = sorted(map(orjson.loads, lines), key=lambda event: (event["time"], event["id"]))
    clock = {"ms": milliseconds(events[0]["time"])}
    settings = ScreenerSettings(folder, b"a secret of the benchmark", now_ms=lambda: clock["ms"])
    screener, config = Screener(settings), load_config()

    async def build() -> ScreeningIndex:
        await load_address_feed(graph, world / "addresses.csv")
        await detect(graph, config)
        return await index_of(graph, config)

    upkeep = Upkeep(screener, graph, build, every_s=0)
    parts = Parts(graph, KEY, now_ms=lambda: clock["ms"], screener=screener, upkeep=upkeep)
    async with (
        serving(create_app(parts), host="127.0.0.1", port=0) as server,
        httpx.AsyncClient(
            base_url=server.address, headers={"X-API-Key": KEY}, timeout=60
        ) as client,
    ):
        await upkeep.follow()
        replay = Replay(client, upkeep, read_truth(world / "truth.csv"), clock)
        await replay.go_through(events, every)
    return replay


async def curves(accounts: int, seeds: Sequence[int], every: int) -> list[Curve]:
    """A curve for each seed, each on its own Neo4j."""
    found = []
    for seed in seeds:
        with TemporaryDirectory(prefix="ringfence-curve-") as spare:
            world = world_of(Path(spare, "worlds"), accounts, seed)
            with embedded.start(Path(spare, "neo4j"), Settings().cache, bound=True) as server:
                async with Graph.connect(server.uri, server.user, server.password) as graph:
                    await migrate(graph)
                    replay = await replay_world(world, graph, Path(spare, "screening"), every)
            found.append(curve_of(seed, replay))
            notes.print(f"seed {seed}: {replay.rounds} rounds")
    return found


def table_of(found: Sequence[Curve]) -> Table:
    table = Table("figure", *(f"seed {one.seed}" for one in found))
    for name in (
        "rounds",
        "honest",
        "honest_challenged",
        "honest_blocked",
        "fake_known",
        "stopped_at_sign_up",
        "stopped",
        "campaign_known",
        "campaign_stopped_at_sign_up",
        "campaign_stopped",
        "agreement",
    ):
        values = (getattr(one, name) for one in found)
        table.add_row(
            name, *(f"{value:.4f}" if isinstance(value, float) else str(value) for value in values)
        )
    for name in ("passed_before_first", "passed_before_tenth"):
        counts = ([*getattr(one, name).values()] for one in found)
        table.add_row(
            name, *(" ".join("-" if n is None else str(n) for n in row) for row in counts)
        )
    table.add_row("honest stopped", *(str(one.honest_by_category) for one in found))
    return table


def main(arguments: Sequence[str] | None = None) -> None:
    """Replay and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--seeds", type=parse_seeds, default=(11,))
    parser.add_argument("--every", type=int, default=100, help="sign-ups between two rounds")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    configure_logs(json=False, level="ERROR")
    found = asyncio.run(curves(options.accounts, options.seeds, options.every))
    if options.json:
        print(json.dumps([asdict(one) for one in found]))  # noqa: T201
    else:
        Console(width=160).print(table_of(found))


if __name__ == "__main__":
    main()
