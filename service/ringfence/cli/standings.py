"""`ringfence standings`: take in what the provider says of its accounts."""

import getpass
from pathlib import Path
from typing import Annotated

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, run
from ringfence.cli.options import JsonFlag
from ringfence.settings import Settings
from ringfence.usecases.standings import COLUMNS, TakenStandings, read_standings, tell_standings

TOLD_UNKNOWN = 5


def standings(
    file: Annotated[Path, typer.Argument(help=f"CSV with the columns {', '.join(COLUMNS)}.")],
    as_json: JsonFlag = False,
) -> None:
    """Take in what the provider says of accounts: what they may do, and which are to be spared.

    The last word on an account holds, in all that it says. Takedowns in force go on holding.
    """
    told = read_standings(file)

    async def tell(settings: Settings) -> TakenStandings:
        async with ready_graph(settings) as graph:
            return await tell_standings(graph, told, by=f"operator:{getpass.getuser()}")

    taken = run(tell(enter()))
    if as_json:
        typer.echo(orjson.dumps(taken, option=orjson.OPT_INDENT_2).decode())
        return
    console.print(f"{taken.taken:,} accounts taken in.")
    if taken.unknown:
        shown = ", ".join(taken.unknown[:TOLD_UNKNOWN])
        more = " …" if len(taken.unknown) > TOLD_UNKNOWN else ""
        console.print(
            f"{len(taken.unknown):,} are not known: {shown}{more}", markup=False, highlight=False
        )
