"""Detections after one event in a hundred is new, beside runs that read and write everything.

    uv run python -m tests.scale.rerun [--accounts N] [--json]

The events are those of a seeded world in the order of time: all but the newest three hundredths
come before the first run, one hundredth before each of three more. Statements are dear where
Neo4j has just started, so that the first of these stands beside the first run of all, and the last
beside a run that writes every ring into a graph whose rings were taken away again. The last must
find the rings of a run that reads everything.

Rings are solved whole each time: what one new account changes (how common each thing is, when
everybody signed up) counts for the score of every ring, so that no component is exempt. A row tells
what part of the links would be solved again in any case, since their component has a new event.
"""

import argparse
import asyncio
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
import orjson

from ringfence import neo4j
from ringfence.detection import detect_rings, load_config
from ringfence.detection.bipartite import build_skeleton
from ringfence.detection.hubs import judge_hubs
from ringfence.detection.links import shared_links
from ringfence.detection.pairs import tied_pairs
from ringfence.detection.traits import account_traits
from ringfence.domain.graph import AccountGraph
from ringfence.settings import Settings
from ringfence.store.account_graph import read_account_graph
from ringfence.store.graph import Graph
from ringfence.store.graph_snapshot import read_current_graph
from ringfence.usecases.detect import DetectionSummary, detect
from ringfence.usecases.ingest import ingest
from ringfence.usecases.migrate import migrate
from tests.quality.measuring import world_of
from tests.scale.report import Row, at_most, print_report

BAR = 0.1
PORTIONS = 3
"""Hundredths of the events that come one after the other."""
ROUNDS = 3
TOUCH = """MATCH (a:Account) WHERE id(a) % 100 = 0
SET a.mark = toInteger(rand() * 9007199254740992)"""
FORGET = "MATCH (n:Ring|Evidence|Operation|RingEvent) DETACH DELETE n"


@dataclass(frozen=True, slots=True)
class Took:
    """One detection and the seconds it took."""

    run: DetectionSummary
    whole_s: float


async def measure(graph: Graph, folder: Path, accounts: int) -> list[Row]:
    """Load, detect, then load a few more and detect, again and again; and all of it at once."""
    snapshots = folder / "snapshot"
    early, *portions = _parted(world_of(folder, accounts, seed=1) / "events.ndjson")
    await ingest(graph, [early])
    first = await _detect(graph)
    await read_current_graph(graph, snapshots)
    again = []
    for portion in portions:
        await ingest(graph, [portion])
        again.append(await _detect(graph, snapshots))
    idle = await _detect(graph)
    await _require_the_same(graph, snapshots)
    touched = _links_touched(await read_account_graph(graph), _accounts_of(portions[-1]))
    await graph.run_schema(FORGET)
    full = await _detect(graph)
    last = again[-1]
    return [
        await _reading(graph, snapshots),
        touched,
        _step("finding rings; plain: the same", last.run.detect_s, full.run.detect_s),
        _step(
            f"writing {last.run.rings_written} rings of {last.run.rings}; plain: all anew",
            last.run.write_s,
            full.run.write_s,
        ),
        at_most(
            "the whole run; plain: one that reads and writes everything",
            ours=last.whole_s,
            plain=full.whole_s,
            unit="s",
            bar=BAR,
        ),
        at_most(
            "the whole run just after Neo4j's start; plain: the first run",
            ours=again[0].whole_s,
            plain=first.whole_s,
            unit="s",
            bar=BAR,
        ),
        _step("the whole run; plain: all read, nothing to write", last.whole_s, idle.whole_s),
    ]


async def _detect(graph: Graph, snapshots: Path | None = None) -> Took:
    started = perf_counter()
    run = await detect(graph, load_config(), snapshots=snapshots)
    return Took(run, perf_counter() - started)


def _parted(events: Path) -> list[Path]:
    """The events of a world, which come in the order of time: most of them, then small portions."""
    lines = events.read_bytes().splitlines(keepends=True)
    size = len(lines) // 100
    cuts = [0, *(len(lines) - size * left for left in range(PORTIONS, -1, -1))]
    parts = []
    for number in range(PORTIONS + 1):
        part = events.with_name(f"portion_{number}.ndjson")
        part.write_bytes(b"".join(lines[cuts[number] : cuts[number + 1]]))
        parts.append(part)
    return parts


def _accounts_of(events: Path) -> Set[str]:
    return {orjson.loads(line)["subject"] for line in events.read_bytes().splitlines()}


def _links_touched(graph: AccountGraph, account_ids: Set[str]) -> Row:
    """Pruned links of components that these accounts are in, among all that are solved."""
    config = load_config()
    links = shared_links(graph)
    traits = account_traits(graph, links, config.traits)
    hubs = judge_hubs(links, traits, config.hubs)
    skeleton = build_skeleton(links, hubs, tied_pairs(links, hubs, traits, config), config.proof)
    has_news = np.array([account_id in account_ids for account_id in graph.accounts.ids])
    touched = np.unique(skeleton.component[: len(has_news)][has_news])
    solved = skeleton.component[skeleton.source]
    return at_most(
        "links in components with a new event; plain: all that are solved",
        ours=float(np.isin(solved, touched).sum()),
        plain=float(max(len(solved), 1)),
        unit="links",
    )


async def _reading(graph: Graph, snapshots: Path) -> Row:
    """Reading alone, in turn after one account in a hundred was marked; the best of three."""
    ours_s, plain_s = [], []
    for _ in range(ROUNDS):
        await graph.run_schema(TOUCH)
        started = perf_counter()
        await read_current_graph(graph, snapshots)
        ours_s.append(perf_counter() - started)
        started = perf_counter()
        await read_account_graph(graph)
        plain_s.append(perf_counter() - started)
    return _step("reading; plain: all read", min(ours_s), min(plain_s))


def _step(what: str, ours_s: float, plain_s: float) -> Row:
    return at_most(what, ours=ours_s, plain=max(plain_s, 0.001), unit="s")


async def _require_the_same(graph: Graph, snapshots: Path) -> None:
    whole = await read_account_graph(graph)
    in_part = await read_current_graph(graph, snapshots)
    if detect_rings(in_part, load_config()) != detect_rings(whole, load_config()):
        raise AssertionError("the rings differ")


async def _measure_alone(accounts: int) -> list[Row]:
    """On a server of its own, so that nothing else is on it."""
    with (
        TemporaryDirectory() as folder,
        TemporaryDirectory() as home,
        neo4j.start(Path(home), Settings().cache, bound=True) as server,
    ):
        auth = (server.user, server.password)
        async with Graph.connect(server.uri, *auth, query_timeout_s=600) as graph:
            await migrate(graph)
            return await measure(graph, Path(folder), accounts)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = asyncio.run(_measure_alone(options.accounts))
    print_report("rerun", rows, as_json=options.json)


if __name__ == "__main__":
    main()
