"""`ringfence rings`: list them, show one and its life, and say what they are."""

import getpass
from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar

import orjson
import typer

from ringfence.bootstrap import known_shared_of, ready_graph
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.options import AsOfOption, JsonFlag, read_moment
from ringfence.cli.ring_tables import (
    evidence_table,
    lineage_table,
    members_table,
    short_time,
    stored_rings_table,
)
from ringfence.detection import load_config
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import RingState, Tier
from ringfence.domain.verdicts import VerdictKind
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.store.ring_events import StoredRingEvent
from ringfence.store.rings import (
    RankAndId,
    RingFilter,
    RingOrder,
    RingOrderBy,
    StoredRing,
    page_rings,
)
from ringfence.store.verdicts import StoredVerdict
from ringfence.usecases.judge_ring import judge_ring
from ringfence.usecases.ring_story import RingStory, find_ring, read_lineage, read_ring_story
from ringfence.usecases.why_not import why_not as why_not_of

PAGE_SIZE = 200
LIVING = tuple(state for state in RingState if state is not RingState.CLOSED)
RingId = Annotated[
    str, typer.Argument(metavar="RING", help="Its id, or that of a ring that merged into it.")
]
Reason = Annotated[str, typer.Option(help="Why, in words; it is kept.")]
By = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who says so; else the user of this machine.")
]
Answer = TypeVar("Answer")

app = typer.Typer(help="List rings, show one and its life, and say what they are.")


class Order(StrEnum):
    """What a list of rings is sorted by, the highest first."""

    SCORE = "score"
    SIZE = "size"
    EXCHANGES = "exchanges"


@app.callback(invoke_without_command=True)
def rings(context: typer.Context) -> None:
    """List rings, show one and its life, and say what they are; alone: list them."""
    if context.invoked_subcommand is None:
        list_rings()


@app.command("list")
def list_rings(
    tier: Annotated[
        list[Tier] | None, typer.Option(help="Only this tier; may be repeated.")
    ] = None,
    state: Annotated[
        list[RingState] | None,
        typer.Option(help="Only this state; may be repeated. Else all but closed."),
    ] = None,
    order: Annotated[Order, typer.Option(help="What to sort by, the highest first.")] = Order.SCORE,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 50,
    as_of: AsOfOption = None,
    as_json: JsonFlag = False,
) -> None:
    """List the rings that the graph holds, or held at a moment."""
    wanted = RingFilter(
        tiers=tuple(tier) if tier else None, states=tuple(state) if state else LIVING
    )
    found = _ask(
        lambda graph: _find_rings(graph, wanted, order, limit=limit, as_of=read_moment(as_of))
    )
    if as_json:
        _print_json(found)
    elif found:
        console.print(stored_rings_table(found))
    else:
        notes.print("No ring is there. `ringfence detect` finds those of the events loaded so far.")


@app.command()
def show(
    ring: RingId,
    as_of: AsOfOption = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Members, and evidence.")] = 20,
    as_json: JsonFlag = False,
) -> None:
    """Show a ring: figures, reasons, evidence, members, what happened and what was said."""
    moment = read_moment(as_of)
    story = _ask(lambda graph: read_ring_story(graph, ring, as_of=moment, limit=limit))
    if as_json:
        _print_json(story)
    else:
        _print_story(story)


@app.command()
def lineage(ring: RingId, as_json: JsonFlag = False) -> None:
    """Tell what happened to a ring and to those that merged into it, the earliest first."""
    own_id, events = _ask(lambda graph: _find_lineage(graph, ring))
    if as_json:
        _print_json(events)
    else:
        console.print(lineage_table(events, own_id))


@app.command()
def confirm(ring: RingId, reason: Reason, by: By = None, as_json: JsonFlag = False) -> None:
    """Say that a ring is one: no run closes it or takes its id, and it stays in review."""
    _judge(ring, VerdictKind.CONFIRMED, reason, by, as_json)


@app.command()
def dismiss(ring: RingId, reason: Reason, by: By = None, as_json: JsonFlag = False) -> None:
    """Say that a group is no ring: it is flagged no more, unless new evidence comes."""
    _judge(ring, VerdictKind.DISMISSED, reason, by, as_json)


@app.command("why-not")
def why_not(
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The provider's account id.")],
    ring: Annotated[
        str | None, typer.Argument(metavar="[RING]", help="Any of its ids; else the nearest ring.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell why an account is not in a ring: what it shares, what is missing, what speaks for it."""
    settings = enter()
    parameters, shared = load_config(settings.detection_config), known_shared_of(settings)
    answer = _ask(
        lambda graph: why_not_of(graph, account, ring, parameters, known_shared=shared), settings
    )
    if as_json:
        _print_json(answer)
    else:
        console.print(answer.text, highlight=False, markup=False)


def _judge(ring: str, kind: VerdictKind, reason: str, by: str | None, as_json: bool) -> None:
    name = getpass.getuser() if by is None else by
    verdict: StoredVerdict = _ask(
        lambda graph: judge_ring(graph, ring, kind, reason=reason, by=name)
    )
    if as_json:
        _print_json(verdict)
    else:
        console.print(f"Ring {verdict.ring_id} is {verdict.kind.value} by {verdict.by}.")


async def _find_rings(
    graph: Graph, wanted: RingFilter, order: Order, *, limit: int, as_of: datetime | None
) -> list[StoredRing]:
    by = RingOrder(RingOrderBy[order.name])
    found: list[StoredRing] = []
    after: RankAndId | None = None
    while len(found) < limit:
        size = min(PAGE_SIZE, limit - len(found))
        page = await page_rings(graph, wanted, by, after=after, limit=size, as_of=as_of)
        found.extend(ring for _, ring in page)
        if len(page) < size:
            break
        after = page[-1][0]
    return found


async def _find_lineage(graph: Graph, ring_id: str) -> tuple[str, list[StoredRingEvent]]:
    ring = await find_ring(graph, ring_id)
    return ring.id, await read_lineage(graph, ring.id)


def _ask(work: Callable[[Graph], Awaitable[Answer]], settings: Settings | None = None) -> Answer:
    async def asked(settings: Settings) -> Answer:
        async with ready_graph(settings) as graph:
            return await work(graph)

    return run(asked(settings or enter()))


def _print_json(answer: object) -> None:
    typer.echo(orjson.dumps(answer, _named, orjson.OPT_INDENT_2).decode())


def _named(value: object) -> object:
    """An identifier as an object of its parts; to orjson it is no tuple."""
    if isinstance(value, IdentifierKey):
        return value._asdict()
    raise TypeError


def _print_story(story: RingStory) -> None:
    ring = story.ring
    aliases = f", also {', '.join(ring.aliases)}" if ring.aliases else ""
    console.print(
        f"Ring {ring.id}{aliases}: {ring.state.value}, tier {ring.tier.value}, {ring.grade.value}, "
        f"score {ring.score:.3f}"
    )
    console.print(
        f"{ring.size:,} accounts, {ring.core_size:,} of them core; {ring.requests:,} exchanges; "
        f"operation {ring.operation_id}; found {short_time(ring.found_at)}, "
        f"changed {short_time(ring.updated_at)}"
    )
    for reason in ring.reasons:
        console.print(f"  {reason.weight:+.2f} {reason.text}", highlight=False, markup=False)
    for verdict in story.verdicts:
        console.print(
            f"{verdict.kind.value} by {verdict.by}, {short_time(verdict.at)}: {verdict.reason}",
            highlight=False,
            markup=False,
        )
    if story.evidence:
        console.print(evidence_table(story.evidence, title="Evidence, the strongest"))
    console.print(members_table(story.members, title="Members, the most firmly tied"))
    console.print(lineage_table(story.events, ring.id, title="What happened"))
