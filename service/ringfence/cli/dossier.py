"""`ringfence dossier`: make the evidence of a ring, verify it anywhere, and state reasons."""

import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, run
from ringfence.cli.options import AsOfOption, JsonFlag, read_moment
from ringfence.domain.statements import DEFAULT_APPEAL, DEFAULT_GROUND
from ringfence.settings import Settings, require_identifier_secret
from ringfence.store.graph import Graph
from ringfence.usecases.dossier import make_dossier
from ringfence.usecases.dossier_gather import Asking
from ringfence.usecases.dossier_statement import state_reasons
from ringfence.usecases.dossier_verify import verify_file

By = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who asks; else the user of this machine.")
]
Answer = TypeVar("Answer")

app = typer.Typer(
    no_args_is_help=True,
    help="Make the evidence of a ring, verify it anywhere, and state reasons to one holder.",
)


@app.command()
def make(
    ring: Annotated[str, typer.Argument(metavar="RING", help="Any of its ids.")],
    output: Annotated[Path, typer.Option("-o", "--output", help="The zip to write.")],
    as_of: AsOfOption = None,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Tell values and e-mail addresses in full.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why; needed with --reveal, and kept.")] = "",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the evidence dossier of a ring, and print the root hash that stands for it."""
    settings = enter()
    moment = read_moment(as_of)
    asking = Asking(require_identifier_secret(settings), moment, reveal)
    name = by or getpass.getuser()
    made = _ask(
        settings,
        lambda graph: make_dossier(graph, ring, output, asking, by=name, reason=reason),
    )
    if as_json:
        typer.echo(orjson.dumps(made).decode())
        return
    _tell(f"Ring {made.ring_id}: {made.members:,} members, {made.size:,} bytes in {output}.")
    _tell(f"Root hash {made.root}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A dossier.")],
    root: Annotated[
        str | None,
        typer.Option(metavar="HASH", help="The root hash that it must have, told by its maker."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Look at files, hashes and conclusions; exit with 1 and name the first fault. No database."""
    verdict = verify_file(file, root=root)
    if as_json:
        told = {
            "intact": verdict.fault is None,
            "root": verdict.root,
            "ring_id": verdict.ring_id,
            "fault": verdict.fault,
            "not_concluded": verdict.not_concluded,
        }
        typer.echo(orjson.dumps(told).decode())
    elif verdict.fault:
        _tell(f"Not as it was made: {verdict.fault}.")
    else:
        _tell(f"Ring {verdict.ring_id}: files, hashes and conclusions agree.")
        for left in verdict.not_concluded:
            _tell(f"Not concluded again: {left}.")
        _tell(f"Root hash {verdict.root}")
        if root is None:
            _tell(
                "Whoever can write a dossier can make another that agrees. Compare the root hash "
                "with the one that its maker's audit log holds: --root HASH."
            )
    if verdict.fault:
        raise typer.Exit(1)


@app.command()
def statement(
    takedown: Annotated[str, typer.Argument(metavar="TAKEDOWN", help="Its id.")],
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="One that it acted on.")],
    ground: Annotated[
        str, typer.Option(help="The rule that was broken, as `is based on` goes on.")
    ] = DEFAULT_GROUND,
    appeal_to: Annotated[
        str, typer.Option(help="Where a complaint goes, as `at` goes on.")
    ] = DEFAULT_APPEAL,
    by: By = None,
) -> None:
    """Print the statement of reasons for one account, to be sent to its holder."""
    name = by or getpass.getuser()
    text = _ask(
        enter(),
        lambda graph: state_reasons(
            graph, takedown, account, by=name, ground=ground, appeal_to=appeal_to
        ),
    )
    typer.echo(text, nl=False)


def _tell(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _ask(settings: Settings, work: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    async def asked() -> Answer:
        async with ready_graph(settings) as graph:
            return await work(graph)

    return run(asked())
