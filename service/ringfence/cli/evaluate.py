"""`ringfence evaluate`: how good detection is on a file of events with a known truth."""

from pathlib import Path

import orjson
import typer

from ringfence.cli.door import enter
from ringfence.cli.evaluation_tables import print_evaluation
from ringfence.cli.options import KNOWN_SHARED_HELP
from ringfence.detection import load_config
from ringfence.detection.baselines import BASELINES
from ringfence.errors import InvalidInput
from ringfence.usecases.evaluate import Evaluation
from ringfence.usecases.evaluate import evaluate as evaluate_file
from ringfence.usecases.evaluation_curve import write_curve
from ringfence.usecases.evaluation_json import as_json
from ringfence.usecases.export_rows import rows_of_rings, write_csv
from ringfence.usecases.known_shared import read_known_shared


def evaluate(
    events: Path = typer.Argument(..., help="Events, NDJSON or .gz of it."),
    truth: Path = typer.Argument(..., help="CSV of account_id, is_fake, ring, category."),
    *,
    export: Path | None = typer.Option(None, help="Write the members of all rings here as CSV."),
    config: Path | None = typer.Option(None, help="TOML file of parameters to change."),
    addresses: Path | None = typer.Option(None, help="CSV of address and class, from a feed."),
    baselines: str = typer.Option(
        "all", help=f"Methods to measure beside: all, none, or some of {', '.join(BASELINES)}."
    ),
    curve: Path | None = typer.Option(
        None, help="Write precision and recall by threshold of every method here as CSV."
    ),
    against: Path | None = typer.Option(
        None, help="Another TOML file: tell which rings and accounts it takes in and leaves out."
    ),
    known_shared: Path | None = typer.Option(None, help=KNOWN_SHARED_HELP),
    json: bool = typer.Option(False, "--json", help="Print one JSON object."),
) -> None:
    """Detect rings in a file and compare them with the truth, beside what others would try."""
    enter()
    evaluation = evaluate_file(
        events,
        truth,
        load_config(config),
        addresses=addresses,
        baselines=_names(baselines),
        against=load_config(against) if against else None,
        known_shared=read_known_shared(known_shared) if known_shared else (),
    )
    if export:
        _export(evaluation, export)
    if curve:
        write_curve(evaluation, curve)
    if json:
        typer.echo(orjson.dumps(as_json(evaluation), option=orjson.OPT_INDENT_2).decode())
    else:
        print_evaluation(evaluation)


def _names(baselines: str) -> tuple[str, ...]:
    match baselines.strip().lower():
        case "all":
            return tuple(BASELINES)
        case "none":
            return ()
        case some:
            return tuple(name.strip() for name in some.split(","))


def _export(evaluation: Evaluation, path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            write_csv(rows_of_rings(evaluation.detection.rings), stream)
    except OSError as error:
        raise InvalidInput(f"{path}: {error}. Expected a file that can be written.") from error
