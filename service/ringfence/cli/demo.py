"""`ringfence demo`: a seeded campaign, its rings, a takedown, a return, and the API to ask."""

import asyncio
import json
import signal
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import Annotated, Any

import typer

from ringfence.api.app import create_app
from ringfence.api.parts import Parts
from ringfence.api.server import serving
from ringfence.bootstrap import (
    REBUILD_EVERY_S,
    GraphAddress,
    connect,
    delivery_settings,
    existing_address,
    screener_of,
    serving_neo4j,
    takedown_worker_of,
)
from ringfence.cli.demo_door import ask
from ringfence.cli.demo_takedown import Stage, show_takedown
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.ring_tables import rings_table
from ringfence.cli.story import told_step
from ringfence.detection import load_config
from ringfence.errors import Conflict
from ringfence.settings import DEMO_API_KEY, Settings
from ringfence.store.graph import Graph
from ringfence.usecases.address_feed import load_address_feed
from ringfence.usecases.detect import DetectionSummary, detect
from ringfence.usecases.ingest import ingest
from ringfence.usecases.migrate import migrate
from ringfence.usecases.rounds import index_of
from ringfence.usecases.screen import Screener
from ringfence.usecases.screening_upkeep import Upkeep
from ringfence.worlds import MIN_ACCOUNTS, build_world

TOP_RINGS = """{
  rings(first: 3, orderBy: {by: EXCHANGES, direction: DESC}) {
    nodes { ringId size score grade tier exchanges reasons { text } }
  }
}"""
"""The question that the demo asks itself and shows as the first to try."""


def demo(
    accounts: Annotated[
        int, typer.Option("--accounts", min=MIN_ACCOUNTS, max=200_000, help="Accounts in all.")
    ] = 12_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Which world.")] = 3,
    host: Annotated[str, typer.Option(help="Address the API listens on.")] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port of the API; 0: a free one.")
    ] = None,
    exit_: Annotated[
        bool, typer.Option("--exit", help="Ask the API one question, print it, and stop.")
    ] = False,
) -> None:
    """Run all of Ringfence on a seeded campaign, and leave the API up until Ctrl-C.

    Neo4j and its data live in a folder of their own and go with the demo, unless
    RINGFENCE_NEO4J_URI names a server; the data then stay there.
    """
    settings = enter(hush="ERROR")  # The receiver of its webhooks fails on purpose.
    signal.signal(signal.SIGTERM, _leave)
    notes.print("[bold]Ringfence demo[/]: from events to a takedown", highlight=False)
    with TemporaryDirectory(prefix="ringfence-demo-") as folder, ExitStack() as stack:
        home, world = Path(folder, "neo4j"), Path(folder, "world")
        own = settings.model_copy(update={"home": home})
        with told_step("Seed a world") as told:
            told.extend(_told_of_world(build_world(world, accounts, seed)))
        with told_step("Find Neo4j" if existing_address(own) else "Start Neo4j") as told:
            address = stack.enter_context(serving_neo4j(own))
            told.append(address.uri)
        door = Door(host, settings.port if port is None else port, exit_)
        run(_show(address, own, world, door, seed))
    notes.print("Stopped; nothing is left running.")


@dataclass(frozen=True, slots=True)
class Door:
    """Where the API answers, and whether the demo ends by itself."""

    host: str
    port: int
    leave: bool


async def _show(
    address: GraphAddress, settings: Settings, world: Path, door: Door, seed: int
) -> None:
    async with connect(address, settings) as graph:
        with told_step("Apply migrations") as told:
            told.append(f"{len(await migrate(graph))} applied")
        await _load(graph, world)
        with told_step("Detect rings") as told:
            found = await detect(graph, load_config())
            told.extend(_told_of_rings(found))
        console.print(rings_table(found.top_rings[:10], title="Top rings"))
        screener = screener_of(settings, demo=True, folder=world.parent / "screening")
        build = partial(index_of, graph, load_config())
        upkeep = Upkeep(screener, graph, build, every_s=REBUILD_EVERY_S)
        with told_step("Index identifiers for sign-up checks") as told:
            screener.learn(index=await build())
            told.append(f"{len(screener.known.index.keys if screener.known.index else ()):,} known")
        await _open(graph, settings, door, screener, upkeep, found, seed)


async def _open(
    graph: Graph,
    settings: Settings,
    door: Door,
    screener: Screener,
    upkeep: Upkeep,
    found: DetectionSummary,
    seed: int,
) -> None:
    """Open the API, play the last act, and ask one question or leave it open."""
    parts = Parts(
        graph,
        DEMO_API_KEY,
        demo=True,
        screener=screener,
        upkeep=upkeep,
        identifier_secret=screener.settings.secret,
    )
    worker = takedown_worker_of(settings, graph, demo=True)
    async with (
        upkeep.running(),
        worker.running(),
        serving(create_app(parts), host=door.host, port=door.port) as server,
    ):
        if found.top_rings:
            campaign = max(found.top_rings, key=lambda ring: ring.size)
            rules, delivery = parts.takedown_rules, delivery_settings(settings, demo=True)
            stage = Stage(graph, screener, rules, worker, delivery, server.address, seed)
            await show_takedown(stage, campaign.id)
        _tell_what_to_try(server.address, found)
        if door.leave:
            answer = await asyncio.to_thread(ask, server.address, "/graphql", {"query": TOP_RINGS})
            console.print_json(json.dumps(answer))
        else:
            await server.stopped


async def _load(graph: Graph, world: Path) -> None:
    await _refuse_other_accounts(graph, _account_ids(world / "truth.csv"))
    with told_step("Load events") as told:
        loaded = await ingest(graph, [world / "events.ndjson"])
        told.append(f"{loaded.loaded:,} events, {loaded.events_per_s:,.0f} a second")
    with told_step("Load the address feed") as told:
        known = await load_address_feed(graph, world / "addresses.csv")
        told.append(f"{known:,} addresses")


def _account_ids(truth: Path) -> list[str]:
    lines = truth.read_text(encoding="utf-8").splitlines()[1:]
    return [line.partition(",")[0] for line in lines]


async def _refuse_other_accounts(graph: Graph, ids: list[str]) -> None:
    """Keep the seeded world out of a graph in use.

    Raises:
        Conflict: the graph holds accounts of another world.
    """
    (row,) = await graph.read("graph/count_strangers", ids=ids)
    if row["strangers"]:
        raise Conflict(
            f"RINGFENCE_NEO4J_URI names a graph that holds {row['strangers']:,} accounts of its "
            "own. The demo would mix its made-up accounts among them: name an empty graph, or "
            "unset the variable."
        )


def _told_of_world(summary: dict[str, Any]) -> list[str]:
    campaign = summary["categories"]["campaign"]
    return [
        f"{summary['accounts']:,} accounts, {summary['fake_accounts']:,} of them fake",
        f"a campaign of {campaign['accounts']:,} that drew {campaign['exchanges']:,} exchanges",
    ]


def _told_of_rings(found: DetectionSummary) -> list[str]:
    return [f"{found.rings:,} rings", f"{found.accounts_flagged:,} accounts flagged"]


def _tell_what_to_try(address: str, found: DetectionSummary) -> None:
    question = json.dumps({"query": " ".join(TOP_RINGS.split())})
    notes.print(f"\n[bold]The API answers at {address}[/]. Try:\n", highlight=False)
    notes.print(
        f"  curl -s {address}/graphql -H 'Authorization: Bearer {DEMO_API_KEY}' \\\n"
        f"    -H 'Content-Type: application/json' -d '{question}'\n",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    if found.top_rings:
        notes.print(_question_of_ring(found.top_rings[0].id), highlight=False, markup=False)
    notes.print(f"\nMore, ready to run, in the browser: {address}/graphql", highlight=False)


def _question_of_ring(ring_id: str) -> str:
    return (
        f'  {{ ring(id: "{ring_id}") {{ size score grade exchanges\n'
        "      reasons { weight text }\n"
        "      evidence(first: 5) { nodes { kind value members accounts } }\n"
        "      members(first: 5) { nodes { role joinedBecause account { accountId } } } } }"
    )


def _leave(_: int, __: FrameType | None) -> None:
    sys.exit(0)
