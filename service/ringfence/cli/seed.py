"""`ringfence seed`: write a seeded world."""

from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from ringfence.cli.door import console, enter, notes
from ringfence.cli.tables import narrow_table
from ringfence.worlds import MIN_ACCOUNTS, build_world


def seed(
    out: Annotated[Path, typer.Argument(help="Folder to write to; it is made if need be.")],
    accounts: Annotated[
        int, typer.Option("--accounts", min=MIN_ACCOUNTS, max=10_000_000, help="Accounts in all.")
    ] = 5_000,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="The same seed gives the same files.")
    ] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Write a seeded world: events, the truth, an address feed and a summary."""
    enter()
    shown = (*Progress.get_default_columns()[:1], BarColumn(), MofNCompleteColumn())
    with Progress(*shown, TimeRemainingColumn(), console=notes, transient=True) as progress:
        task = progress.add_task("accounts", total=accounts)
        summary = build_world(out, accounts, seed, lambda: progress.advance(task))
    if as_json:
        typer.echo(orjson.dumps(summary, option=orjson.OPT_INDENT_2).decode())
        return
    table = narrow_table(
        "category", "fake", "accounts", "rings", "exchanges", title=str(out), words=2
    )
    for category, counts in summary["categories"].items():
        fake = "fake" if counts["fake"] else ""
        rings = str(counts["rings"] or "")
        table.add_row(category, fake, f"{counts['accounts']:,}", rings, f"{counts['exchanges']:,}")
    console.print(table)
    console.print(
        f"{summary['events']:,} events of {accounts:,} accounts, "
        f"{summary['prevalence']:.1%} of them fake"
    )
