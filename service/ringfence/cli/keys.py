"""`ringfence keys`: give API keys out, list, replace and revoke them."""

import getpass
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.options import JsonFlag
from ringfence.cli.tables import narrow_table
from ringfence.domain.access import read_scopes
from ringfence.settings import Settings
from ringfence.store.api_keys import ApiKey, find_keys
from ringfence.store.graph import Graph
from ringfence.store.times import present
from ringfence.usecases.api_keys import create_key, end_key, rotate_key

Answer = TypeVar("Answer")
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `list` shows it.")]

app = typer.Typer(no_args_is_help=True, help="Give API keys out, list, replace and revoke them.")


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[list[str], typer.Option(help="What its holder may do; may be repeated.")],
    expires_in_days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="When it ends by itself; else never.")
    ] = None,
    owner: Annotated[
        str,
        typer.Option(help="Who holds it; nobody approves by one key what they planned by another."),
    ] = "",
    as_json: JsonFlag = False,
) -> None:
    """Give a key out. Its text is shown once and kept nowhere."""
    scopes = read_scopes(scope)
    lives = timedelta(days=expires_in_days) if expires_in_days else None
    made = _ask(
        lambda graph: create_key(
            graph, name, scopes, now=present(), by=_who(), lives=lives, owner=owner
        )
    )
    _tell_new(*made, as_json=as_json)


@app.command("list")
def list_keys(as_json: JsonFlag = False) -> None:
    """List all keys, with what they may do and when they were used last."""
    found = _ask(find_keys)
    if as_json:
        typer.echo(orjson.dumps([_facts(key) for key in found]).decode())
        return
    table = narrow_table("id", "name", "state", "scopes", "last used", words=5)
    for key in found:
        used = f"{key.last_used_at:%Y-%m-%d %H:%M}" if key.last_used_at else "never"
        table.add_row(key.id, key.name, _state(key), " ".join(sorted(key.scopes)), used)
    console.print(table)


@app.command()
def rotate(
    key_id: KeyId,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=24 * 30, help="How long the old one goes on.")
    ] = 24,
    as_json: JsonFlag = False,
) -> None:
    """Give a key out in place of another, which goes on for a while."""
    overlap = timedelta(hours=overlap_hours)
    made = _ask(lambda graph: rotate_key(graph, key_id, now=present(), by=_who(), overlap=overlap))
    _tell_new(*made, as_json=as_json)


@app.command()
def revoke(key_id: KeyId, as_json: JsonFlag = False) -> None:
    """End a key; running services refuse it within seconds."""
    ended = _ask(lambda graph: end_key(graph, key_id, now=present(), by=_who()))
    if as_json:
        typer.echo(orjson.dumps(_facts(ended)).decode())
    else:
        console.print(f"Key {ended.id} ({ended.name}) is revoked.", highlight=False)


def _tell_new(key: ApiKey, text: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(_facts(key) | {"key": text}).decode())
        return
    notes.print(f"Key {key.id} ({key.name}); this text is shown once:", highlight=False)
    typer.echo(text)


def _facts(key: ApiKey) -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "owner": key.owner or None,
        "state": _state(key),
        "scopes": sorted(key.scopes),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "last_used_at": key.last_used_at,
        "revoked_at": key.revoked_at,
    }


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    return "living" if key.lives(present()) else "expired"


def _who() -> str:
    return f"operator:{getpass.getuser()}"


def _ask(question: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    settings = enter()
    return run(_on_graph(settings, question))


async def _on_graph(settings: Settings, question: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    async with ready_graph(settings) as graph:
        return await question(graph)
