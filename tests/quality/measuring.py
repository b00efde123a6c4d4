"""Seeded worlds made once, measured with some config, and figures over seeds put together."""

import json
import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from scipy import stats

from ringfence.detection import DetectionConfig
from ringfence.usecases.evaluate import Evaluation, evaluate
from ringfence.worlds import build_world


def parse_seeds(text: str) -> tuple[int, ...]:
    """Seeds of `11-15` or `3,7` or both."""
    seeds: list[int] = []
    for part in text.split(","):
        low, _, high = part.partition("-")
        seeds += range(int(low), int(high or low) + 1)
    return tuple(seeds)


def measure_worlds(
    accounts: int,
    seeds: Sequence[int],
    config: DetectionConfig,
    *,
    baselines: Sequence[str],
    folder: Path | None = None,
    on_world: Callable[[int], None] = lambda _: None,
) -> list[Evaluation]:
    """An evaluation for each seed.

    Args:
        accounts: accounts a world.
        seeds: one world each.
        config: parameters of detection.
        baselines: methods to measure beside.
        folder: where worlds are kept as `ACCOUNTS_SEED`; None: they are made and thrown away.
        on_world: told of each seed when it is done.
    """
    with TemporaryDirectory(prefix="worlds-") as spare:
        found = []
        for seed in seeds:
            world = world_of(folder or Path(spare), accounts, seed)
            found.append(
                evaluate(
                    world / "events.ndjson",
                    world / "truth.csv",
                    config,
                    addresses=world / "addresses.csv",
                    baselines=baselines,
                )
            )
            on_world(seed)
        return found


def world_of(folder: Path, accounts: int, seed: int) -> Path:
    """The folder of that world, which is made if it is not there."""
    world = folder / f"{accounts}_{seed}"
    summary = world / "summary.json"
    if summary.exists() and json.loads(summary.read_bytes())["seed"] == seed:
        return world
    build_world(world, accounts, seed)
    return world


@dataclass(frozen=True)
class Spread:
    """Mean of a figure over worlds, and half the width of its 95 % confidence interval.

    Student's t over worlds: a world is one draw, accounts of one world are not independent.
    """

    mean: float
    half: float
    worlds: int

    @classmethod
    def of(cls, figures: Iterable[float | None]) -> "Spread | None":
        """Over the worlds that have the figure; None if none has."""
        present = [it for it in figures if it is not None]
        count = len(present)
        if not count:
            return None
        if count == 1:
            return cls(present[0], math.nan, 1)
        t = float(stats.t.ppf(0.975, count - 1))
        half = t * statistics.stdev(present) / math.sqrt(count)
        return cls(statistics.fmean(present), half, count)

    def text(self, digits: int = 3, *, percent: bool = False) -> str:
        """Mean ± half width, or the mean alone of one world."""
        scale = 100 if percent else 1
        unit = " %" if percent else ""
        mean = f"{self.mean * scale:.{digits}f}"
        if math.isnan(self.half):
            return mean + unit
        return f"{mean} ± {self.half * scale:.{digits}f}{unit}"

    def json(self) -> dict[str, Any]:
        """Mean and half width; the latter is left out for one world."""
        half = {} if math.isnan(self.half) else {"half_width": self.half}
        return {"mean": self.mean, **half, "worlds": self.worlds}


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose first column holds words and whose others hold figures."""
    lines = [list(header), ["---", *["---:"] * (len(header) - 1)], *map(list, rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"
