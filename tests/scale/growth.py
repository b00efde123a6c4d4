"""How time and memory grow with the accounts, written into docs/scale.md.

    uv run python -m tests.scale.growth [--accounts N ...] [--write FILE] [--json]

Each size is measured in a process of its own, so that its peak of memory is its own. Seconds are
those of the processor. The graph is the made-up one of `tests.scale.detect`; Neo4j takes no part:
`tests.scale.read` and `tests.scale.rerun` measure what it adds.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from ringfence.detection import detect_rings, load_config
from ringfence.domain.joining import replace_accounts, take_accounts
from ringfence.store.snapshot_files import Snapshot, open_snapshot, save_snapshot
from tests.scale.detect import made_up_graph
from tests.scale.report import Row, at_most, machine, print_report

SIZES = (10_000, 100_000, 1_000_000)
BAR = 1.2
"""Ten times the accounts may cost twelve times as much: 1.2 an account."""
BEGIN, END = "<!-- growth -->\n", "<!-- end of growth -->\n"
HEADS = {
    "detect_s": "rings found, s",
    "detect_mib": "memory beside the graph, MiB",
    "open_s": "snapshot opened and checked, s",
    "renew_s": "1 % of it renewed, s",
    "save_s": "saved, s",
    "disk_mib": "on disk, MiB",
}


@dataclass(frozen=True, slots=True)
class Size:
    """What one size costs; seconds of the processor."""

    accounts: int
    links: int
    rings: int
    detect_s: float
    detect_mib: float
    open_s: float
    renew_s: float
    save_s: float
    disk_mib: float


def measure_one(accounts: int) -> Size:
    """Detect, then save, open and renew the snapshot of the same graph."""
    graph = made_up_graph(accounts, seed=1)
    before_mib = _peak_mib()
    took: dict[str, float] = {}
    with _timed(took, "detect_s"):
        detection = detect_rings(graph, load_config())
    detect_mib = _peak_mib() - before_mib
    numbers = np.arange(accounts)
    with TemporaryDirectory() as name:
        with _timed(took, "save_s"):
            own = save_snapshot(Snapshot(graph, numbers, numbers, "a"), Path(name))
        disk_mib = sum(file.stat().st_size for file in own.iterdir()) / 2**20
        with _timed(took, "open_s"):
            opened = open_snapshot(Path(name), "a")
        if opened is None:
            raise AssertionError("what was saved does not open")
        changed = np.random.default_rng(1).random(accounts) < 0.01
        part = take_accounts(graph, changed)
        with _timed(took, "renew_s"):
            renewed = replace_accounts(opened.graph, ~changed, part)
        if renewed.fingerprint() != graph.fingerprint():
            raise AssertionError("the renewed graph differs")
    return Size(
        accounts,
        len(graph.links),
        len(detection.rings),
        detect_mib=detect_mib,
        disk_mib=disk_mib,
        **took,
    )


def measure(sizes: Sequence[int]) -> list[Size]:
    """Each size in a process of its own."""
    command = [sys.executable, "-m", "tests.scale.growth", "--one"]
    told = [
        subprocess.run([*command, str(size)], check=True, capture_output=True)
        for size in sorted(sizes)
    ]
    return [Size(**json.loads(one.stdout)) for one in told]


def rows_of(sizes: Sequence[Size]) -> list[Row]:
    """What an account costs at each size, beside the size before."""
    return [
        at_most(
            f"{HEADS[name]}: an account at {size.accounts:,}; plain: at {before.accounts:,}",
            ours=1e6 * getattr(size, name) / size.accounts,
            plain=1e6 * max(getattr(before, name), 0.001) / before.accounts,
            unit=f"{name.rpartition('_')[2]} a million",
            bar=BAR,
        )
        for name in HEADS
        for before, size in pairwise(sizes)
    ]


def table_of(sizes: Sequence[Size]) -> str:
    """The figures as Markdown."""
    lines = [
        f"Measured on {machine()}.",
        "",
        f"| accounts | links | rings | {' | '.join(HEADS.values())} |",
        "|" + "---:|" * (3 + len(HEADS)),
    ]
    for size in sizes:
        counts = [f"{count:,}" for count in (size.accounts, size.links, size.rings)]
        figures = [_spelled(getattr(size, name)) for name in HEADS]
        lines.append(f"| {' | '.join(counts + figures)} |")
    return "\n".join(lines) + "\n"


def write_into(page: Path, table: str) -> None:
    """Put the table between the two marks of the page."""
    text = page.read_text(encoding="utf-8")
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    page.write_text(f"{head}{BEGIN}{table}{END}{tail}", encoding="utf-8")


def _spelled(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"


@contextmanager
def _timed(took: dict[str, float], name: str) -> Iterator[None]:
    start = time.process_time()
    yield
    took[name] = time.process_time() - start


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, nargs="+", default=SIZES)
    parser.add_argument("--write", type=Path, help="page that gets the table")
    parser.add_argument("--one", type=int, help="measure this size here and print it")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(asdict(measure_one(options.one))))  # noqa: T201 its output is its purpose
        return
    sizes = measure(options.accounts)
    print_report("growth", rows_of(sizes), as_json=options.json)
    if options.write:
        write_into(options.write, table_of(sizes))


if __name__ == "__main__":
    main()
