"""`ringfence appeals`: pass on what accounts say against takedowns, and decide it."""

import getpass
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, run
from ringfence.cli.options import JsonFlag
from ringfence.cli.tables import narrow_table
from ringfence.domain.appeals import MAX_STATEMENT, Appeal, AppealDecision, AppealState
from ringfence.settings import Settings
from ringfence.store.appeals import page_appeals
from ringfence.store.graph import Graph
from ringfence.usecases.appeals import decide_appeal, open_appeal

Answer = TypeVar("Answer")

app = typer.Typer(
    no_args_is_help=True, help="Pass on what accounts say against takedowns, and decide it."
)


@app.command("open")
def open_(
    account_id: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The provider's id of it.")],
    *,
    statement: Annotated[
        str, typer.Option(help="The account's own words; `-`: read from standard input.")
    ],
    takedown: Annotated[
        str | None, typer.Option(help="Id of the takedown; else the latest that acted on it.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Open an appeal; the same again gives the one that is open."""
    words = sys.stdin.read(MAX_STATEMENT + 2) if statement == "-" else statement
    opened = _ask(
        lambda graph: open_appeal(
            graph, account_id, statement=words, by=_who(), takedown_id=takedown
        )
    )
    _tell(opened, as_json=as_json)


@app.command()
def decide(
    appeal_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    decision: Annotated[
        AppealDecision, typer.Argument(help="Whether the act holds, or is taken back.")
    ],
    *,
    reason: Annotated[str, typer.Option(help="Why, in words; it is kept.")],
    as_json: JsonFlag = False,
) -> None:
    """Decide an appeal; an act that is overturned is taken back at once."""
    decided = _ask(
        lambda graph: decide_appeal(graph, appeal_id, decision, reason=reason, by=_who())
    )
    _tell(decided, as_json=as_json)


@app.command("list")
def list_appeals(
    state: Annotated[
        list[AppealState] | None, typer.Option(help="Only this state; may be repeated.")
    ] = None,
    takedown: Annotated[str | None, typer.Option(help="Only against this takedown.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 50,
    as_json: JsonFlag = False,
) -> None:
    """List appeals, the one opened last first."""
    found = _ask(
        lambda graph: page_appeals(
            graph, after=None, limit=limit, states=state or None, takedown_id=takedown
        )
    )
    if as_json:
        typer.echo(orjson.dumps(found).decode())
        return
    table = narrow_table("state", "id", "account", words=3)
    for one in found:
        table.add_row(one.state.value, one.id, one.account_id)
    console.print(table)


def _tell(appeal: Appeal, *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(appeal).decode())
        return
    console.print(
        f"Appeal {appeal.id} of account {appeal.account_id} against takedown "
        f"{appeal.takedown_id} is {appeal.state.value}.",
        highlight=False,
        soft_wrap=True,
        markup=False,
    )


def _who() -> str:
    return f"operator:{getpass.getuser()}"


def _ask(question: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    return run(_on_graph(enter(), question))


async def _on_graph(settings: Settings, question: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    async with ready_graph(settings) as graph:
        return await question(graph)
