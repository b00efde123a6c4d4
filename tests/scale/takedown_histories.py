"""Many random histories of takedowns: does each account always end with what it had before?

    uv run python -m tests.scale.takedown_histories [--histories N] [--seed S] [--json]

Each history mixes acts, undos, crashes before and after a commit, approvals, pauses, expiry, the
kill switch, and changes of what the provider tells; see `tests/usecases/takedown_histories.py`. The
laws are looked at after each step. The suite runs a few of them; this runs as many as are asked.
"""

import argparse
import asyncio
import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from hypothesis import HealthCheck, given, seed, settings

from ringfence import neo4j as embedded
from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.usecases.migrate import migrate
from tests.scale.report import machine
from tests.usecases.takedown_histories import Command, History, commands

HISTORIES: Final = 1_000


def run_histories(
    loop: asyncio.AbstractEventLoop, graph: Graph, *, histories: int, seeded: int
) -> Counter[str]:
    """Run so many histories, and say what they did; an error names the one that broke a law."""
    seen: Counter[str] = Counter()

    @seed(seeded)
    @settings(
        max_examples=histories,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(commands())
    def holds(history: list[Command]) -> None:
        one = History(graph)
        loop.run_until_complete(one.run(history))
        seen.update(one.seen)
        seen["histories"] += 1

    holds()
    return seen


def main() -> None:
    """Run them and print what they did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--histories", type=int, default=HISTORIES)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    configure_logs(json=True, level="CRITICAL")
    with (
        TemporaryDirectory(prefix="ringfence-scale-") as folder,
        embedded.start(Path(folder), Settings().cache, bound=True) as server,
        asyncio.Runner() as runner,
    ):
        loop = runner.get_loop()
        graph = Graph.connect(server.uri, server.user, server.password)
        loop.run_until_complete(migrate(graph))
        started = perf_counter()
        seen = run_histories(loop, graph, histories=asked.histories, seeded=asked.seed)
        took_s = perf_counter() - started
        loop.run_until_complete(graph.close())
    told = {"name": "takedown_histories", "machine": machine(), "took_s": round(took_s, 1)}
    if asked.json:
        print(json.dumps(told | {"seen": dict(seen)}))  # noqa: T201
        return
    print(f"{seen['histories']:,} histories in {took_s:,.0f} s, no law was broken:")  # noqa: T201
    for what, count in sorted(seen.items()):
        print(f"  {count:8,} {what}")  # noqa: T201


if __name__ == "__main__":
    main()
