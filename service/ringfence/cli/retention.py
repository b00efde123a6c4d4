"""`ringfence retention`: take away what has been kept for long enough."""

import getpass
from typing import Annotated

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, run
from ringfence.cli.options import JsonFlag
from ringfence.cli.tables import narrow_table
from ringfence.domain.retention import RetentionRules, load_retention
from ringfence.settings import Settings, require_identifier_secret
from ringfence.store.snapshot_files import drop_snapshots
from ringfence.usecases.retention import RetentionReport, run_retention

app = typer.Typer(no_args_is_help=True, help="Take away what has been kept for long enough.")
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing.")]


@app.command()
def show(as_json: JsonFlag = False) -> None:
    """Show for how many days each kind is kept, by RINGFENCE_RETENTION or what comes along."""
    days = load_retention(enter().retention).days_by_kind
    if as_json:
        typer.echo(orjson.dumps({kind.value: kept for kind, kept in days.items()}).decode())
        return
    table = narrow_table("kind", "days")
    for kind, kept in days.items():
        table.add_row(_word(kind.value), f"{kept:,}" if kept else "for good")
    console.print(table)


@app.command("run")
def run_now(as_json: JsonFlag = False, quiet: Quiet = False) -> None:
    """Take away what is too old, and erase again what came back; run it once a day."""
    settings = enter()
    report = run(_run(settings, load_retention(settings.retention)))
    if as_json:
        typer.echo(orjson.dumps({"id": report.id, "at": report.at, "gone": report.gone}).decode())
    elif not quiet:
        table = narrow_table("kind", "gone")
        for kind, gone in report.gone.items():
            table.add_row(_word(kind), f"{gone:,}")
        console.print(table)


async def _run(settings: Settings, rules: RetentionRules) -> RetentionReport:
    secret = require_identifier_secret(settings)
    by = f"operator:{getpass.getuser()}"
    async with ready_graph(settings) as graph:
        report = await run_retention(graph, rules, secret=secret, by=by)
    if settings.snapshot_folder:
        drop_snapshots(settings.snapshot_folder)
    return report


def _word(kind: str) -> str:
    return kind.replace("_", " ")
