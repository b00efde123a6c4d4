"""A detection after one event in a hundred is new, beside the first one, and one that reads all.

    uv run python -m tests.scale.rerun [--accounts N] [--json]

The events are those of a seeded world in the order of time: the newest hundredth comes after the
first run. All runs are of the same graph, in turn, and must find the same rings. Rings are solved
whole each time: what one new account changes (how common each thing is, when everybody signed up)
counts for the score of every ring, so that no component is exempt. What a second run saves is
reading and writing.
"""

import argparse
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from ringfence import neo4j
from ringfence.detection import detect_rings, load_config
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
NEW_SHARE = 100
"""One event in so many is new."""
ROUNDS = 3
TOUCH = """MATCH (a:Account) WHERE id(a) % 100 = 0
SET a.mark = toInteger(rand() * 9007199254740992)"""


async def measure(graph: Graph, folder: Path, accounts: int) -> list[Row]:
    """Load, detect, load a few more, and detect again both ways."""
    early, late = _parted(world_of(folder, accounts, seed=1) / "events.ndjson")
    await ingest(graph, [early])
    started = perf_counter()
    first = await detect(graph, load_config())
    first_s = perf_counter() - started
    await read_current_graph(graph, folder / "snapshot")
    await ingest(graph, [late])

    started = perf_counter()
    again = await detect(graph, load_config(), snapshots=folder / "snapshot")
    again_s = perf_counter() - started
    started = perf_counter()
    full = await detect(graph, load_config())
    full_s = perf_counter() - started

    await _require_the_same(graph, folder / "snapshot")
    return [
        await _reading(graph, folder / "snapshot"),
        _step("finding rings", again.detect_s, full.detect_s),
        _written(again, first),
        at_most(
            "the whole run; plain: the first run", ours=again_s, plain=first_s, unit="s", bar=BAR
        ),
        at_most(
            "the whole run; plain: all read, nothing to write",
            ours=again_s,
            plain=full_s,
            unit="s",
        ),
    ]


def _parted(events: Path) -> tuple[Path, Path]:
    """The events of a world, which come in the order of time, and the newest of them apart."""
    lines = events.read_bytes().splitlines(keepends=True)
    until = len(lines) - len(lines) // NEW_SHARE
    early, late = events.with_name("early.ndjson"), events.with_name("late.ndjson")
    early.write_bytes(b"".join(lines[:until]))
    late.write_bytes(b"".join(lines[until:]))
    return early, late


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
    return _step("reading", min(ours_s), min(plain_s))


def _step(what: str, ours_s: float, plain_s: float) -> Row:
    return at_most(f"{what}; plain: all read", ours=ours_s, plain=max(plain_s, 0.001), unit="s")


def _written(again: DetectionSummary, first: DetectionSummary) -> Row:
    what = f"writing {again.rings_written} rings of {again.rings}; plain: the first run"
    return at_most(what, ours=again.write_s, plain=max(first.write_s, 0.001), unit="s")


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
