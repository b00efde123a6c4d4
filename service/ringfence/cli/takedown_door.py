"""What the commands of takedowns have in common: who acts, on which graph, and what is told."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.actor import acting
from ringfence.cli.door import console, enter, run
from ringfence.domain.access import Scope
from ringfence.domain.takedowns import TakedownState
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.store.takedowns import StoredTakedown

Answer = TypeVar("Answer")
Id = Annotated[str, typer.Argument(metavar="ID", help="The takedown's id, as `list` shows it.")]
Reason = Annotated[str, typer.Option(help="Why, in words; it is kept.")]


def ask(settings: Settings, question: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    """What a question to the graph of the settings is answered."""

    async def asked() -> Answer:
        async with ready_graph(settings) as graph:
            return await question(graph)

    return run(asked())


def moved(
    key_file: Path | None,
    change: Callable[[Graph, str], Awaitable[StoredTakedown]],
    *,
    as_json: bool,
) -> None:
    """Change a takedown as whoever acts, and tell it.

    Args:
        key_file: of the key that acts, or None.
        change: takes the graph and the id of who acts.
        as_json: whether a machine reads.
    """

    async def changed(graph: Graph) -> StoredTakedown:
        return await change(graph, await acting(graph, key_file, Scope.TAKEDOWN_PLAN))

    tell(ask(enter(), changed), as_json=as_json)


def tell(takedown: StoredTakedown, *, as_json: bool) -> None:
    """Print a takedown, in one line and what is next for people."""
    if as_json:
        print_json(takedown)
        return
    because = f" ({takedown.because})" if takedown.because else ""
    say(f"Takedown {takedown.id} of ring {takedown.ring_id} is {takedown.state.value}{because}.")
    say_next(takedown)


def say_next(takedown: StoredTakedown) -> None:
    """Print what can be done with a takedown that waits."""
    own, by = takedown.id, f"by {takedown.start_by:%Y-%m-%d %H:%M} UTC"
    if takedown.state is TakedownState.PLANNED and takedown.needs_approval:
        say(f"Somebody other than {takedown.planned_by} has to agree {by}:")
        say(f"  ringfence takedown approve {own} --hash {takedown.plan_hash}")
    elif takedown.state in (TakedownState.PLANNED, TakedownState.APPROVED):
        say(f"It may be started {by}: ringfence takedown start {own}")
    elif takedown.state is TakedownState.RUNNING:
        say(f"`ringfence serve` carries it out, or: ringfence takedown run {own} --until-done")


def say(text: str) -> None:
    """Print a line of words."""
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def print_json(facts: object) -> None:
    """Print what a machine reads."""
    typer.echo(msgspec.json.encode(facts).decode())


def now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)
