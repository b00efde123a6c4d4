"""A first load by the offline import beside the normal way: files to a store that is ready.

    uv run python -m tests.scale.bulk [--accounts N …] [--growth N …] [--json]

All ways begin with nothing and end with a migrated Neo4j that answers and holds the same accounts;
what each start and its migrations take is told apart. `plain` is the plain row writer, as in
`tests.scale.ingest`, or the normal way where the row says so.
"""

import argparse
import asyncio
import os
import resource
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

from rich.console import Console

from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.usecases.bulk_import import bulk_import
from tests.scale.ingest import Load, connected, load_ours, load_rows
from tests.scale.many_events import write_events
from tests.scale.report import Row, at_least, print_report

BAR = 5.0
SAMPLE_S = 0.2
notes = Console(stderr=True)


@dataclass(frozen=True, slots=True)
class Took:
    """One way: seconds of the load itself, and with start and migrations.

    Attributes:
        peak_bytes: that our own processes held at most during the load, Neo4j's import among them.
    """

    load_s: float
    whole_s: float
    accounts: int
    peak_bytes: int = 0


def write_apart(path: Path, accounts: int) -> int:
    """Write the events in a process of its own, whose memory is nobody's afterwards."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(write_events, path, accounts=accounts).result()


async def load_after_start(home: Path, events: Path, load: Load) -> Took:
    """Start, migrate, load."""
    began = perf_counter()
    async with connected(home) as (graph, driver):
        loading = perf_counter()
        await load(graph, driver, events)
        ended = perf_counter()
        (row,) = await graph.read("graph/count")
    return Took(ended - loading, ended - began, row["accounts"])


async def load_in_bulk(home: Path, events: Path) -> Took:
    """Load, start, migrate."""
    began = perf_counter()
    with highest_memory() as peak:
        await asyncio.to_thread(bulk_import, home, Settings().cache, [events])
    loaded = perf_counter()
    async with connected(home) as (graph, _):
        ended = perf_counter()
        (row,) = await graph.read("graph/count")
    return Took(loaded - began, ended - began, row["accounts"], peak[0])


@contextmanager
def highest_memory() -> Iterator[list[int]]:
    """Bytes that this process and all below it held at most together, in a list of one."""
    peak = [0]
    over = threading.Event()

    def watch() -> None:
        while not over.is_set():
            peak[0] = max(peak[0], sum(map(_resident_bytes, _family())))
            sleep(SAMPLE_S)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


async def measure(folder: Path, accounts: int) -> list[Row]:
    """Rows of one size."""
    events = folder / f"{accounts}.ndjson"
    total = write_apart(events, accounts)
    ours = await load_in_bulk(folder / f"bulk-{accounts}", events)
    normal = await load_after_start(folder / f"normal-{accounts}", events, load_ours)
    plain = await load_after_start(folder / f"plain-{accounts}", events, load_rows)
    if {one.accounts for one in (ours, normal, plain)} != {accounts}:
        raise AssertionError(f"{ours}, {normal}, {plain}: not {accounts} accounts each")
    notes.print(f"{total:,} events: {ours}, {normal}, {plain}")
    size = f"{accounts:,} accounts, {total:,} events"
    rows = []
    for name, other in (("", plain), ("; plain: normal", normal)):
        rows += [
            at_least(
                f"{size}: files to store{name}",
                ours=total / ours.load_s,
                plain=total / other.load_s,
                unit="events/s",
                bar=BAR,
            ),
            at_least(
                f"{size}: nothing to ready{name}",
                ours=total / ours.whole_s,
                plain=total / other.whole_s,
                unit="events/s",
            ),
        ]
    return rows


async def measure_growth(folder: Path, sizes: Sequence[int]) -> list[Row]:
    """Seconds and memory of the bulk load, each size beside the one before."""
    rows: list[Row] = []
    before: Took | None = None
    for accounts in sizes:
        events = folder / f"growth-{accounts}.ndjson"
        write_apart(events, accounts)
        took = await load_in_bulk(folder / f"growth-{accounts}", events)
        events.unlink()
        notes.print(f"{took}")
        if before:
            name = f"bulk, {accounts:,} accounts beside {before.accounts:,}"
            rows.append(at_least(name, ours=took.load_s, plain=before.load_s, unit="s"))
            mib, mib_before = took.peak_bytes / 2**20, before.peak_bytes / 2**20
            rows.append(at_least(name, ours=mib, plain=mib_before, unit="MiB"))
        before = took
    return rows


def _family() -> list[int]:
    """This process and all below it."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = [os.getpid()]
    for pid in family:
        family += [child for child, parent in parents.items() if parent == pid]
    return family


def _resident_bytes(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * resource.getpagesize()


async def run(folder: Path, options: argparse.Namespace) -> list[Row]:
    rows: list[Row] = []
    for accounts in options.accounts:
        rows += await measure(folder, accounts)
    return rows + await measure_growth(folder, options.growth)


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--accounts", type=int, nargs="*", default=[20_000])
    parser.add_argument("--growth", type=int, nargs="*", default=[], help="sizes, bulk only")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    configure_logs(json=False, level="WARNING")
    with TemporaryDirectory(prefix="ringfence-scale-") as folder:
        rows = asyncio.run(run(Path(folder), options))
    print_report("bulk", rows, as_json=options.json)


if __name__ == "__main__":
    main()
