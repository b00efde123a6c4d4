"""`ringfence neo4j`: the Neo4j that comes along, started, stopped and looked at by hand."""

from datetime import UTC, datetime
from typing import Any

import orjson
import typer

from ringfence import neo4j
from ringfence.cli.door import enter, notes
from ringfence.settings import Settings

NOT_RUNNING = 3

app = typer.Typer(
    help="The Neo4j that comes along: start, stop, status, path.", no_args_is_help=True
)


@app.command()
def start(
    port: int = typer.Option(0, min=0, max=65535, help="Loopback port of Bolt; 0: a free one."),
) -> None:
    """Start it and leave it running; the first time it is fetched."""
    settings = enter()
    if _another_is_set(settings):
        return
    if running := neo4j.attach(settings.home):
        typer.echo(f"Neo4j runs already: {running.uri}, process {running.pid}")
        return
    neo4j.fetch_jars(settings.cache)
    with notes.status("Starting Neo4j"):
        started = neo4j.start(settings.home, settings.cache, bound=False, port=port)
    typer.echo(f"Neo4j runs: {started.uri}, process {started.pid}")


@app.command()
def stop() -> None:
    """Stop it in order; data stay."""
    settings = enter()
    if _another_is_set(settings):
        return
    with notes.status("Stopping Neo4j"):
        stopped = neo4j.stop(settings.home)
    typer.echo("Neo4j stopped" if stopped else "Neo4j was not running")


@app.command()
def status(json: bool = typer.Option(False, "--json", help="Print one JSON object.")) -> None:
    """Tell whether it runs; exit code 0: it does, 3: it does not."""
    settings = enter()
    if _another_is_set(settings, json=json):
        return
    now = neo4j.status(settings.home)
    typer.echo(_dump(_status_json(now)) if json else _sentence(now))
    if now.phase != "running":
        raise typer.Exit(NOT_RUNNING)


@app.command()
def path(json: bool = typer.Option(False, "--json", help="Print one JSON object.")) -> None:
    """Tell where its files lie and how to connect."""
    settings = enter()
    if _another_is_set(settings, json=json):
        return
    facts = _paths(settings)
    if json:
        typer.echo(_dump(facts))
        return
    for name, value in facts.items():
        typer.echo(f"{name.replace('_', ' '):<14} {value or 'not running'}")


def _another_is_set(settings: Settings, *, json: bool = False) -> bool:
    """Whether a server of the user's own is to be used; then it is said, and nothing is done."""
    if settings.neo4j_uri is None:
        return False
    if json:
        typer.echo(_dump({"phase": "external", "uri": settings.neo4j_uri}))
    else:
        typer.echo(
            f"RINGFENCE_NEO4J_URI is set: {settings.neo4j_uri} is used, and the Neo4j that comes "
            "along is left alone. Unset it to use that one."
        )
    return True


def _sentence(now: neo4j.ServerStatus) -> str:
    if now.started_at is None:
        return "Neo4j is not running"
    since = datetime.fromtimestamp(now.started_at, UTC)
    lives = "until its program ends" if now.bound else "until it is stopped"
    where = now.uri or "Bolt does not answer yet"
    return (
        f"Neo4j {now.neo4j} is {now.phase}: {where}, process {now.pid}, "
        f"since {since:%Y-%m-%d %H:%M:%S} UTC, {lives}"
    )


def _status_json(now: neo4j.ServerStatus) -> dict[str, Any]:
    return {
        "phase": now.phase,
        "uri": now.uri,
        "pid": now.pid,
        "neo4j": now.neo4j,
        "started_at": now.started_at and datetime.fromtimestamp(now.started_at, UTC),
        "bound": now.bound,
    }


def _paths(settings: Settings) -> dict[str, Any]:
    home = neo4j.Home(settings.home)
    return {
        "home": str(home.folder),
        "cache": str(settings.cache),
        "log": str(home.log_file),
        "server_log": str(home.server_log_file),
        "uri": neo4j.status(settings.home).uri,
        "user": neo4j.USER,
        "password_file": str(home.password_file),
    }


def _dump(answer: dict[str, Any]) -> str:
    return orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode()
