"""Whether a takedown does what its plan said: the blast radius beside what then happens.

    uv run python -m tests.quality.blast_radius [--accounts N] [--seeds 11-13] [--json]

Three quarters of a seeded world are loaded, its rings are found, and the largest one flagged is
taken down. What the plan told is compared with what the graph then holds, and with the rest of it,
which the plan could not know: of what the ring's members draw afterwards, which share is stopped?
Honest members acted on, by the truth, are what it did wrong.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console
from rich.table import Table

from ringfence import neo4j as embedded
from ringfence.detection import load_config
from ringfence.domain.events import Event, UsageData
from ringfence.domain.rings import Tier
from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedown_rules import load_takedown_rules
from ringfence.domain.takedowns import TakedownAction
from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.store.actions import page_actions
from ringfence.store.graph import Graph
from ringfence.store.known_rings import known_rings
from ringfence.store.takedowns import StoredTakedown
from ringfence.usecases.address_feed import load_address_feed
from ringfence.usecases.approve_takedown import approve_takedown
from ringfence.usecases.carry_out_takedown import start_takedown
from ringfence.usecases.detect import detect
from ringfence.usecases.ingest import ingest
from ringfence.usecases.migrate import migrate
from ringfence.usecases.plan_takedown import plan_takedown
from ringfence.usecases.takedown_worker import TakedownWorker
from tests.quality.measuring import parse_seeds, world_of
from tests.quality.re_entry import read_world

LOADED: Final = 0.75
FLAGGED: Final = frozenset({Tier.AUTO, Tier.REVIEW})
SECRET: Final = b"a secret of the benchmark"


@dataclass(frozen=True)
class Compared:
    """One takedown, as it was told and as it went.

    Attributes:
        told_acted, acted: accounts; told_requests, requests: exchanges of theirs until then.
        told_share: of the ring's exchanges that stop; share: of those after the takedown.
        honest: accounts acted on that the truth calls honest.
    """

    seed: int
    members: int
    told_acted: int
    acted: int
    told_requests: int
    requests: int
    told_share: float
    share: float
    honest: int


async def take_down_largest(graph: Graph) -> StoredTakedown:
    """Plan and carry out a takedown of the largest ring flagged, without waits between waves."""
    rules = load_takedown_rules()
    flagged = [ring for ring in await known_rings(graph) if ring.tier in FLAGGED]
    largest = max(flagged, key=lambda ring: (len(ring.members), ring.id))
    takedown = await plan_takedown(
        graph,
        largest.id,
        TakedownAction.SUSPEND,
        rules,
        reason="measured",
        by="planner",
        options=TakedownOptions(delay_minutes=(0.0, 0.0)),
    )
    if takedown.needs_approval:
        await approve_takedown(
            graph, takedown.id, rules, plan_hash=takedown.plan_hash, by="approver"
        )
    await start_takedown(graph, takedown.id, rules, by="planner", at=datetime.now(UTC))
    await TakedownWorker(graph, rules, SECRET).work_off(takedown.id)
    return takedown


async def compare(graph: Graph, world: Path, seed: int, spare: Path) -> Compared:
    """What a plan told beside what happened, in one world."""
    lines, events, truth = read_world(world)
    cut = int(len(events) * LOADED)
    part = spare / "part.ndjson"
    part.write_bytes(b"\n".join(lines[:cut]))
    await ingest(graph, [part])
    await load_address_feed(graph, world / "addresses.csv")
    await detect(graph, load_config())
    takedown = await take_down_largest(graph)
    acted = {one.account_id for one in await page_actions(graph, after=0, limit=100_000)}
    members = {
        account_id
        for ring in await known_rings(graph)
        if ring.id == takedown.ring_id
        for account_id in ring.members
    }
    before, after = _requests(events[:cut]), _requests(events[cut:])
    drawn_after = sum(after[one] for one in members)
    radius = takedown.blast_radius
    return Compared(
        seed=seed,
        members=radius.members,
        told_acted=radius.acted - radius.already,
        acted=len(acted),
        told_requests=radius.requests,
        requests=sum(before[one] for one in acted),
        told_share=radius.harm_share,
        share=sum(after[one] for one in acted) / max(drawn_after, 1),
        honest=sum(not truth[one].is_fake for one in acted),
    )


def _requests(events: Sequence[Event]) -> Counter[str]:
    drawn: Counter[str] = Counter()
    for event in events:
        if isinstance(event.body, UsageData):
            drawn[event.account_id] += event.body.requests
    return drawn


async def _measure(world: Path, seed: int, spare: Path) -> Compared:
    with embedded.start(spare / "neo4j", Settings().cache, bound=True) as server:
        async with Graph.connect(server.uri, server.user, server.password) as graph:
            await migrate(graph)
            return await compare(graph, world, seed, spare)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--accounts", type=int, default=10_000)
    parser.add_argument("--seeds", type=parse_seeds, default=(11,))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    configure_logs(json=False, level="ERROR")
    found = []
    for seed in options.seeds:
        with TemporaryDirectory(prefix="ringfence-blast-") as spare:
            world = world_of(Path(spare, "worlds"), options.accounts, seed)
            found.append(asyncio.run(_measure(world, seed, Path(spare))))
    if options.json:
        print(json.dumps([asdict(one) for one in found]))  # noqa: T201
        return
    table = Table(*asdict(found[0]))
    for one in found:
        table.add_row(*(f"{value:.4g}" for value in asdict(one).values()))
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
