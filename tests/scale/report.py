"""The one form in which benchmarks tell their figures: ours beside the plain way."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    """One figure both ways; `ratio` is ours to plain, and the bar, where there is one, its bound.

    Attributes:
        met: whether the bar is met; None without a bar.
    """

    what: str
    ours: float
    plain: float
    unit: str
    ratio: float
    bar: float | None = None
    met: bool | None = None


def at_least(what: str, *, ours: float, plain: float, unit: str, bar: float | None = None) -> Row:
    """A figure that should be large: ours should be `bar` times the plain one or more."""
    ratio = ours / plain
    return Row(what, ours, plain, unit, ratio, bar, None if bar is None else ratio >= bar)


def at_most(what: str, *, ours: float, plain: float, unit: str, bar: float | None = None) -> Row:
    """A figure that should be small: ours should be `bar` times the plain one or less."""
    ratio = ours / plain
    return Row(what, ours, plain, unit, ratio, bar, None if bar is None else ratio <= bar)


def print_report(name: str, rows: Sequence[Row], *, as_json: bool) -> None:
    """Print one JSON object, or a table to read."""
    if as_json:
        figures = [asdict(row) for row in rows]
        print(json.dumps({"name": name, "machine": machine(), "rows": figures}))  # noqa: T201
        return
    table = Table("what", "ours", "plain", "unit", "ratio", "bar", "met", title=name)
    for row in rows:
        bar, met = (f"{row.bar:g}", str(row.met)) if row.bar is not None else ("", "")
        figures_told = (f"{row.ours:,.1f}", f"{row.plain:,.1f}", row.unit, f"{row.ratio:.2f}")
        table.add_row(row.what, *figures_told, bar, met)
    Console().print(table)


def machine() -> str:
    """Cores, memory and Python."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores, {memory_gib:.0f} GiB, Python {platform.python_version()}"
