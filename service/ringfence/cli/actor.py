"""Who acts at the terminal: the user of this machine, or whoever holds an API key."""

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer

from ringfence.domain.access import KEY_PREFIX, Principal, PrincipalKind, Scope, expect_scopes
from ringfence.errors import InvalidInput, NotPermitted
from ringfence.store.api_keys import find_key, save_key_use
from ringfence.store.graph import Graph
from ringfence.usecases.api_keys import opens, split_key

MAX_KEY_FILE: Final = 1_000
KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="Act as the API key in this file; else as the user of this machine.",
    ),
]


async def acting(graph: Graph, key_file: Path | None, scope: Scope) -> str:
    """Id of who acts: `operator:` and the user of this machine, or that of a key.

    Nobody says who they are by typing a name, so that nobody can approve what they planned.

    Args:
        graph: that knows the keys.
        key_file: holds the text of a key and nothing else, or None.
        scope: that a key needs; the user of this machine may do all.

    Raises:
        InvalidInput: the file cannot be read.
        NotPermitted: the key opens nothing, or lacks the scope.
    """
    if key_file is None:
        return f"operator:{getpass.getuser()}"
    holder = await _holder(graph, _text(key_file), key_file)
    expect_scopes(holder, [scope])
    return holder.id


async def _holder(graph: Graph, text: str, key_file: Path) -> Principal:
    now = datetime.now(UTC)
    if parts := split_key(text):
        key = await find_key(graph, parts[0])
        if key and opens(key, parts[1], now):
            await save_key_use(graph, key.id, now)
            return Principal(f"{KEY_PREFIX}{key.id}", key.name, PrincipalKind.API_KEY, key.scopes)
    raise NotPermitted(
        f"{key_file} holds no living key of this graph. `ringfence keys create` gives one out; the "
        "key of the settings stands for nobody and does not do here."
    )


def _text(key_file: Path) -> str:
    try:
        with key_file.open(encoding="utf-8") as file:
            return file.read(MAX_KEY_FILE).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            f"{key_file}: {error}. Expected a file that holds the text of a key."
        ) from error
