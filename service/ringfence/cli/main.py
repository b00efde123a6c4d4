"""The commands, and what becomes of their errors.

Exit codes: 0 done; 1 failed, with one line that says why; 2 wrong usage or settings; 3 done in
part, such as a load with rejects; 130 interrupted.
"""

import sys
from collections.abc import Iterable
from importlib import import_module

import typer

from ringfence import __version__
from ringfence.cli.door import notes
from ringfence.errors import InvalidInput, RingfenceError

PLACES = {
    "demo": "demo:demo",
    "serve": "serve:serve",
    "migrate": "ingest:migrate",
    "ingest": "ingest:ingest",
    "addresses": "ingest:addresses",
    "detect": "detect:detect",
    "rings": "rings:app",
    "export": "detect:export",
    "evaluate": "evaluate:evaluate",
    "keys": "keys:app",
    "appeals": "appeals:app",
    "audit": "audit:app",
    "erase": "erase:app",
    "holds": "holds:app",
    "retention": "retention:app",
    "policies": "policies:app",
    "round": "round:round_",
    "takedown": "takedown:app",
    "webhooks": "webhooks:app",
    "screen": "screen:screen",
    "standings": "standings:standings",
    "seed": "seed:seed",
    "schema": "serve:schema",
    "dossier": "dossier:app",
    "stix": "stix:app",
    "backup": "backup:backup",
    "restore": "backup:restore",
    "neo4j": "neo4j:app",
}
"""Where each command stands: module of `ringfence.cli`, and what in it."""


def build_app(names: Iterable[str]) -> typer.Typer:
    """The program with these commands; the modules of the others are not imported.

    Args:
        names: of commands, as in `PLACES`.
    """
    app = typer.Typer(
        name="ringfence",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(options)
    for name in names:
        module, _, attribute = PLACES[name].partition(":")
        found = getattr(import_module(f"ringfence.cli.{module}"), attribute)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name)
        else:
            app.command(name)(found)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"ringfence {__version__}")
        raise typer.Exit


def options(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Find fake-account rings, prove them, and take them down."""


def main() -> None:
    """Run the command that the terminal names, and exit with its code."""
    named = next((word for word in sys.argv[1:] if word in PLACES), None)
    try:
        build_app([named] if named else PLACES)()
    except InvalidInput as error:
        _fail(error, 2)
    except RingfenceError as error:
        _fail(error, 1)
    except KeyboardInterrupt:
        sys.exit(130)


def _fail(error: RingfenceError, code: int) -> None:
    notes.print(f"[bold red]{error.title}[/]: {error}", highlight=False, soft_wrap=True)
    sys.exit(code)
