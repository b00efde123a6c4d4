"""The sign-up check: its index built, opened and asked, in memory and over HTTP.

    uv run python -m tests.scale.screening [--accounts N] [--requests N] [--json]

Over HTTP it stands beside an empty endpoint of FastAPI that uvicorn serves in the same way; both
take turns, each in a process of its own, asked by a third process. There is no Neo4j: what needs
it happens behind the answers. Half of the sign-ups are honest and new, half carry something that a
ring uses. Elsewhere, what stands under plain is told with each figure.

Measured at 1M accounts with 2.8M identifiers and 334 rings, the largest of 25,000, on two shared
cores: built in 15 s with a peak of 1.8 GiB, the graph's 0.8 GiB included; opened in 20 ms; 47 MiB,
18 bytes an identifier, and 186 MiB of memory with 500,000 fresh identifiers and the shared counts;
a decision in 0.15 ms, 0.34 ms at the 99th percentile. Over HTTP, at 100,000 accounts, 0.25 to 0.36
of the empty endpoint's requests a second at one client, and 0.22 at 64.
"""

import argparse
import json
import resource
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final, TypeVar

from ringfence.detection import load_config
from ringfence.domain.attempts import parse_attempt
from ringfence.logs import configure_logs
from ringfence.screening.building import build_index
from ringfence.screening.deciding import decide
from ringfence.screening.fresh import MAX_KEYS
from ringfence.screening.index import ScreeningIndex
from tests.scale.report import Row, at_least, at_most, print_report
from tests.scale.screening_doors import ask, make_screener, serve_checks, serve_empty
from tests.scale.screening_world import body_of, make_attempts, make_world

P50_MS: Final = 0.3
P99_MS: Final = 2.0
BUILD_S: Final = 60.0
MEMORY_MIB: Final = 600.0
RATE: Final = 0.8
"""Of the requests a second of an empty endpoint."""
HTTP_P99_MS: Final = {1: 5.0, 64: 25.0}
TURNS: Final = 3
MIB: Final = 2**20

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Built:
    """What building the index took, and how large it is."""

    seconds: float
    memory_before_mib: float
    memory_peak_mib: float
    index_mib: float
    identifiers: int
    rings: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What opening the index and answering from memory took."""

    open_ms: float
    growth_mib: float
    took_ms: list[float]


@dataclass(frozen=True, slots=True)
class Served:
    """Rounds of clients at one door: requests a second, and how long each took."""

    rates: list[float]
    took_ms: list[float]

    @property
    def p99_ms(self) -> float:
        return _at(99, self.took_ms)


def build(accounts: int, requests: int, folder: Path) -> Built:
    """Make a world, build its index into the folder, and write sign-ups beside it."""
    world, config = make_world(accounts), load_config()
    before = _peak_mib()
    started = perf_counter()
    index = build_index(world.graph, world.rings, config)
    seconds = perf_counter() - started
    peak = _peak_mib()
    index.save(folder / "index")
    with (folder / "attempts.json").open("w") as file:
        json.dump(make_attempts(world, requests), file)
    size = index.bytes_held / MIB
    return Built(seconds, before, peak, size, len(index.keys), len(index.rings))


def answer(folder: Path) -> Asked:
    """Open the index, fill all that may grow beside it, and answer from memory."""
    configure_logs(json=False, level="ERROR")
    bodies = _bodies(folder)
    before = _memory_mib()
    started = perf_counter()
    ScreeningIndex.open(folder / "index").row_of(0)
    open_ms = (perf_counter() - started) * 1e3
    screener = make_screener(folder / "index", folder / "alone")
    known, shared = screener.known, screener._shared  # noqa: SLF001
    for first in range(0, MAX_KEYS, 5):
        known.fresh.note(first, range(first, first + 5), {})
    now_ms = screener.settings.now_ms
    took_ms = []
    for at, body in enumerate(bodies):
        attempt = parse_attempt(body, now_ms=now_ms())
        moment = datetime.fromtimestamp(now_ms() / 1000, UTC)
        started = perf_counter()
        decide(known, shared, attempt, screening_id="scr_1", at=moment)
        if at >= len(bodies) // 5:
            took_ms.append((perf_counter() - started) * 1e3)
    return Asked(open_ms, _memory_mib() - before, took_ms)


def serve(folder: Path, clients: int) -> tuple[Served, Served]:
    """Let clients ask our door and the empty one in turns."""
    bodies = _bodies(folder)
    served = Served([], []), Served([], [])
    doors = ((serve_checks, (folder / "index",), "/v1/screenings"), (serve_empty, (), "/empty"))
    share = len(bodies) // (TURNS + 1)
    with _serving(doors[0], folder) as ours, _serving(doors[1], folder) as plain:
        for turn in range(TURNS + 1):
            asked = bodies[turn * share : (turn + 1) * share]
            for address, (_, _, path), into in zip((ours, plain), doors, served, strict=True):
                seconds, took_s = apart(ask, address, path, asked, clients)
                if turn:
                    into.rates.append(len(asked) / seconds)
                    into.took_ms.extend(took * 1e3 for took in took_s)
    return served


def apart(run: Callable[..., Answer], *asked: Any) -> Answer:
    """What a function gives in a process of its own."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(run, *asked).result()


def measure(accounts: int, requests: int) -> list[Row]:
    """All figures."""
    with TemporaryDirectory(prefix="ringfence-scale-") as name:
        folder = Path(name)
        built = apart(build, accounts, requests, folder)
        asked = apart(answer, folder)
        served = {clients: serve(folder, clients) for clients in HTTP_P99_MS}
    return [*_rows_of_index(built, asked), *_rows_of_doors(served)]


def _rows_of_index(built: Built, asked: Asked) -> Iterator[Row]:
    identifiers = f"{built.identifiers:,} identifiers, {built.rings:,} rings"
    yield _under(f"build the index, {identifiers}", built.seconds, BUILD_S, "s")
    yield at_most(
        "peak memory while building; plain: with the graph alone",
        ours=built.memory_peak_mib,
        plain=built.memory_before_mib,
        unit="MiB",
    )
    yield _under("the index alone", built.index_mib, MEMORY_MIB, "MiB")
    yield _under("the process, all that grows full", asked.growth_mib, MEMORY_MIB, "MiB")
    yield at_most(
        "an identifier; plain: its hash",
        ours=built.index_mib * MIB / built.identifiers,
        plain=8,
        unit="bytes",
    )
    yield _under("open the index", asked.open_ms, BUILD_S * 1e3, "ms")
    yield _under("decide, p50", _at(50, asked.took_ms), P50_MS, "ms")
    yield _under("decide, p99", _at(99, asked.took_ms), P99_MS, "ms")


def _rows_of_doors(served: dict[int, tuple[Served, Served]]) -> Iterator[Row]:
    for clients, (ours, plain) in served.items():
        rates = {"ours": median(ours.rates), "plain": median(plain.rates)}
        yield at_least(f"HTTP, {clients} clients", **rates, unit="requests/s", bar=RATE)
        yield at_most(
            f"HTTP, {clients} clients, p99", ours=ours.p99_ms, plain=plain.p99_ms, unit="ms"
        )
        yield _under(f"HTTP, {clients} clients, p99", ours.p99_ms, HTTP_P99_MS[clients], "ms")


def _under(what: str, ours: float, bar: float, unit: str) -> Row:
    return at_most(f"{what}; plain: the most allowed", ours=ours, plain=bar, unit=unit, bar=1.0)


@contextmanager
def _serving(
    door: tuple[Callable[..., None], tuple[Path, ...], str], folder: Path
) -> Iterator[str]:
    """A door in a process of its own; gives its address."""
    serve_door, more, path = door
    context = get_context("spawn")
    here: Connection
    here, there = context.Pipe()
    own = folder / path.strip("/").replace("/", "-")
    process = context.Process(target=serve_door, args=(*more, own, there))
    process.start()
    try:
        if not here.poll(60):
            raise TimeoutError(f"{path} was not served within 60 s.")
        yield here.recv()
    finally:
        process.terminate()
        process.join()
        here.close()
        there.close()


def _bodies(folder: Path) -> list[bytes]:
    return [body_of(one) for one in json.loads((folder / "attempts.json").read_bytes())]


def _at(percent: int, values: list[float]) -> float:
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _memory_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / MIB


def main() -> None:
    """Measure and print the report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--requests", type=int, default=40_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = measure(options.accounts, options.requests)
    print_report("screening", rows, as_json=options.json)


if __name__ == "__main__":
    main()
