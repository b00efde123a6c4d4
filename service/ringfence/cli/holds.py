"""`ringfence holds`: keep accounts and rings from being erased, and let go of them."""

import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, run
from ringfence.cli.options import JsonFlag
from ringfence.cli.tables import narrow_table
from ringfence.domain.legal_holds import HoldSubject, LegalHold
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.store.legal_holds import find_holds
from ringfence.usecases.legal_holds import lift_hold, place_hold

Answer = TypeVar("Answer")
Reason = Annotated[str, typer.Option(help="Why, in words; it is kept.")]

app = typer.Typer(
    no_args_is_help=True, help="Keep accounts and rings from being erased, and let go of them."
)


@app.command()
def place(
    kind: Annotated[HoldSubject, typer.Argument(help="An account, or a ring with its members.")],
    subject_id: Annotated[str, typer.Argument(metavar="ID", help="Of the account or the ring.")],
    *,
    reason: Reason,
    as_json: JsonFlag = False,
) -> None:
    """Place a hold: nothing of an account, or of those that are or were of a ring, is erased."""
    _tell(
        _ask(lambda graph: place_hold(graph, kind, subject_id, reason=reason, by=_who())),
        as_json=as_json,
    )


@app.command()
def lift(
    hold_id: Annotated[str, typer.Argument(metavar="ID", help="The hold's id, as `list` shows.")],
    *,
    reason: Reason,
    as_json: JsonFlag = False,
) -> None:
    """Lift a hold; what it kept may be erased from then on."""
    _tell(_ask(lambda graph: lift_hold(graph, hold_id, reason=reason, by=_who())), as_json=as_json)


@app.command("list")
def list_holds(
    lifted: Annotated[bool, typer.Option("--lifted", help="Those that were lifted too.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """List holds, the latest first."""
    found = _ask(lambda graph: find_holds(graph, lifted=lifted))
    if as_json:
        typer.echo(orjson.dumps(found).decode())
        return
    table = narrow_table("id", "on", "of", "placed", "by", "lifted", words=6)
    for hold in found:
        ended = f"{hold.lifted_at:%Y-%m-%d}" if hold.lifted_at else ""
        placed = f"{hold.placed_at:%Y-%m-%d}"
        row = (hold.id, hold.subject_kind.value, hold.subject_id, placed, hold.placed_by, ended)
        table.add_row(*row)
    console.print(table)


def _tell(hold: LegalHold, *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(hold).decode())
        return
    state = "is in force" if hold.in_force else "is lifted"
    console.print(
        f"Hold {hold.id} on {hold.subject_kind.value} {hold.subject_id} {state}.",
        highlight=False,
        soft_wrap=True,
    )


def _who() -> str:
    return f"operator:{getpass.getuser()}"


def _ask(question: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    return run(_on_graph(enter(), question))


async def _on_graph(settings: Settings, question: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    async with ready_graph(settings) as graph:
        return await question(graph)
