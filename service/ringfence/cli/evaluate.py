"""`ringfence evaluate`: how good detection is on a file of events with a known truth."""

from pathlib import Path

import orjson
import typer
from rich.table import Table

from ringfence.cli.door import console, enter
from ringfence.cli.tables import narrow_table
from ringfence.detection import load_config
from ringfence.detection.quality import CategoryCount
from ringfence.errors import InvalidInput
from ringfence.usecases.evaluate import Evaluation
from ringfence.usecases.evaluate import evaluate as evaluate_file
from ringfence.usecases.evaluation_json import as_json
from ringfence.usecases.export_rows import rows_of_rings, write_csv


def evaluate(
    events: Path = typer.Argument(..., help="Events, NDJSON or .gz of it."),
    truth: Path = typer.Argument(..., help="CSV of account_id, is_fake, ring, category."),
    export: Path | None = typer.Option(None, help="Write the members of all rings here as CSV."),
    config: Path | None = typer.Option(None, help="TOML file of parameters to change."),
    addresses: Path | None = typer.Option(None, help="CSV of address and class, from a feed."),
    json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Detect rings in a file and compare them with the truth, beside two baselines."""
    enter()
    evaluation = evaluate_file(events, truth, load_config(config), addresses=addresses)
    if export:
        _export(evaluation, export)
    if json:
        typer.echo(orjson.dumps(as_json(evaluation), option=orjson.OPT_INDENT_2).decode())
    else:
        _print_tables(evaluation)


def _export(evaluation: Evaluation, path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_csv(rows_of_rings(evaluation.detection.rings), stream)
    except OSError as error:
        raise InvalidInput(f"{path}: {error}. Expected a file that can be written.") from error


def _print_tables(evaluation: Evaluation) -> None:
    console.print(
        f"{evaluation.accounts:,} accounts, {evaluation.links:,} links, "
        f"{evaluation.rejects:,} rejected events"
    )
    if evaluation.absent or evaluation.unknown:
        console.print(
            f"{evaluation.absent:,} accounts of the truth have no event (they count as missed); "
            f"{evaluation.unknown:,} accounts of the events have no truth (they are left out)"
        )
    console.print(_methods_table(evaluation))
    console.print(_categories_table("Innocents flagged", evaluation.ours.innocents_by_category))
    console.print(_categories_table("Fakes flagged", evaluation.ours.fakes_by_category))
    auto = evaluation.auto_core.accounts
    console.print(f"Tier auto, core: precision {auto.precision:.3f}, recall {auto.recall:.3f}")


def _methods_table(evaluation: Evaluation) -> Table:
    table = narrow_table("", "precision", "recall", "F1", "innocents", "B³ F", "pieces", "rings")
    for name, quality in (
        ("ringfence", evaluation.ours),
        ("components", evaluation.components),
        ("louvain", evaluation.louvain),
    ):
        table.add_row(
            name,
            f"{quality.accounts.precision:.3f}",
            f"{quality.accounts.recall:.3f}",
            f"{quality.accounts.f1:.3f}",
            f"{quality.innocents.share:.3%}",
            f"{quality.b_cubed.f1:.3f}",
            f"{quality.fragments:.2f}",
            f"{quality.rings_found}/{quality.rings}",
        )
    return table


def _categories_table(title: str, counts: dict[str, CategoryCount]) -> Table:
    table = narrow_table("category", "accounts", "flagged", "share", title=title)
    for name, count in counts.items():
        table.add_row(
            name or "(none)", f"{count.accounts:,}", f"{count.flagged:,}", f"{count.share:.2%}"
        )
    return table
