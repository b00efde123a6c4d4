"""`ringfence stix`: share hashed identifiers of a ring with peers, and match what they share."""

import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import orjson
import typer

from ringfence.bootstrap import ready_graph
from ringfence.cli.door import console, enter, run
from ringfence.cli.options import JsonFlag
from ringfence.domain.shared_indicators import Tlp
from ringfence.settings import Settings, require_sharing_secret
from ringfence.store.graph import Graph
from ringfence.usecases.stix import Sharing, export_ring, import_bundle, match_shared

By = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who asks; else the user of this machine.")
]
RingId = Annotated[str, typer.Argument(metavar="RING", help="Any of its ids.")]
Answer = TypeVar("Answer")

app = typer.Typer(
    no_args_is_help=True,
    help="Share hashed identifiers with peers as STIX 2.1, and match what they share. The hashes "
    "are made with RINGFENCE_SHARING_SECRET, which all peers hold.",
)


@app.command("export")
def export_(
    ring: RingId,
    output: Annotated[Path, typer.Option("-o", "--output", help="The bundle to write.")],
    tlp: Annotated[Tlp, typer.Option(help="How widely it may be passed on.")] = Tlp.AMBER,
    producer: Annotated[str, typer.Option(help="Who shares.")] = "Ringfence",
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Write a STIX 2.1 bundle of what proves a ring: keyed hashes, no value, no account."""
    settings = enter()
    sharing = Sharing(require_sharing_secret(settings), producer, tlp)
    name = by or getpass.getuser()
    count = _ask(settings, lambda graph: export_ring(graph, ring, output, sharing, by=name))
    if as_json:
        typer.echo(orjson.dumps({"indicators": count, "file": str(output)}).decode())
    else:
        _tell(f"{count:,} indicators, TLP:{tlp.value.upper()}, in {output}.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A peer's bundle.")],
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Keep the hashed identifiers of a peer's bundle; nothing is done but to match them."""
    name = by or getpass.getuser()
    imported = _ask(enter(), lambda graph: import_bundle(graph, file, by=name))
    if as_json:
        typer.echo(orjson.dumps(imported).decode())
        return
    _tell(
        f"{imported.kept:,} indicators of {imported.source}, {imported.added:,} of them new; "
        f"{imported.revoked:,} taken back, {imported.skipped:,} of another kind left out, "
        f"{imported.expired:,} that hold no more forgotten."
    )


@app.command()
def match(ring: RingId, as_json: JsonFlag = False) -> None:
    """Tell how many of a ring's identifiers peers have seen: a hint to look, no more."""
    settings = enter()
    secret = require_sharing_secret(settings)
    found = _ask(settings, lambda graph: match_shared(graph, ring, secret))
    if as_json:
        told = {"likelihood": found.likelihood, "match": found}
        typer.echo(orjson.dumps(told).decode())
        return
    _tell(f"Ring {found.ring_id}: {found.seen:,} of {found.asked:,} identifiers seen by peers.")
    for peer in found.peers:
        _tell(f"  {peer.identifiers:,} by {peer.source}, TLP:{peer.tlp.value.upper()}")
    if found.likelihood:
        _tell(f"It is {found.likelihood.value} that they know it. Nothing follows from this alone.")


def _tell(text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)


def _ask(settings: Settings, work: Callable[[Graph], Awaitable[Answer]]) -> Answer:
    async def asked() -> Answer:
        async with ready_graph(settings) as graph:
            return await work(graph)

    return run(asked())
