"""`ringfence webhooks`: where messages go, secrets, dead letters, and who sends them."""

import asyncio
import getpass
import signal
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from threading import Event
from typing import Annotated, Any, TypeVar

import orjson
import typer

from ringfence.bootstrap import delivery_settings, ready_graph
from ringfence.cli.door import console, enter, notes, run
from ringfence.cli.options import JsonFlag
from ringfence.cli.receiver import Receiver, receiving
from ringfence.cli.tables import narrow_table
from ringfence.domain.webhooks import BATCH, MAX_BATCH, AskedEndpoint, DeadLetter, WebhookEndpoint
from ringfence.settings import Settings, require_identifier_secret
from ringfence.store.graph import Graph
from ringfence.store.times import present
from ringfence.store.webhooks import find_endpoints, page_dead
from ringfence.usecases.deliver_actions import Deliverer, DeliverySettings
from ringfence.usecases.webhook_secrets import SecretBox
from ringfence.usecases.webhooks import (
    add_endpoint,
    end_endpoint,
    known_endpoint,
    replay_dead,
    resume_endpoint,
    rotate_secret,
)

Result = TypeVar("Result")
EndpointId = Annotated[str, typer.Argument(metavar="ID", help="The endpoint's id, as in `list`.")]

app = typer.Typer(
    no_args_is_help=True, help="Tell the provider's systems what to do, by signed webhooks."
)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="https:// address that messages are posted to.")],
    batch: Annotated[
        int, typer.Option(min=1, max=MAX_BATCH, help="Most actions of one message.")
    ] = BATCH,
    after: Annotated[
        int | None,
        typer.Option(min=0, help="Tell it of actions after this number; else of new ones."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Send messages to a URL. The secret that signs them is shown once."""
    settings = enter()
    box = box_of(settings)
    made = _ask(
        settings,
        lambda graph: add_endpoint(
            graph,
            box,
            AskedEndpoint(url, batch, after),
            now=present(),
            by=_who(),
            allow_private=settings.webhook_allow_private,
        ),
    )
    _tell_secret(*made, as_json=as_json)


@app.command("list")
def list_endpoints(as_json: JsonFlag = False) -> None:
    """List all endpoints, with what waits for them and what went wrong last."""
    found = _ask(enter(), find_endpoints)
    if as_json:
        typer.echo(orjson.dumps([_facts(one) for one in found]).decode())
        return
    table = narrow_table("id", "state", "waiting", "dead", "last failure", words=2)
    for one in found:
        table.add_row(one.id, _state(one), f"{one.waiting:,}", f"{one.dead:,}", one.last_failure)
    console.print(table)
    for one in found:
        console.print(f"{one.id}  {one.url}", highlight=False, soft_wrap=True)


@app.command()
def rotate(
    endpoint_id: EndpointId,
    overlap_hours: Annotated[
        int, typer.Option(min=0, max=24 * 30, help="How long the old one signs too.")
    ] = 24,
    as_json: JsonFlag = False,
) -> None:
    """Sign with a new secret, which is shown once; the old one signs too for a while."""
    settings = enter()
    box, overlap = box_of(settings), timedelta(hours=overlap_hours)
    made = _ask(
        settings,
        lambda graph: rotate_secret(
            graph, box, endpoint_id, now=present(), by=_who(), overlap=overlap
        ),
    )
    _tell_secret(*made, as_json=as_json)


@app.command()
def remove(endpoint_id: EndpointId) -> None:
    """Send no more to an endpoint, and forget it and its dead letters."""
    _ask(enter(), lambda graph: end_endpoint(graph, endpoint_id, by=_who()))
    console.print(f"Endpoint {endpoint_id} is removed.", highlight=False)


@app.command()
def enable(endpoint_id: EndpointId) -> None:
    """Send to an endpoint again that was disabled, beginning with what it has missed."""
    told = _ask(enter(), lambda graph: resume_endpoint(graph, endpoint_id, by=_who()))
    console.print(
        f"Endpoint {told.id} is enabled; {told.waiting:,} actions wait for it.", highlight=False
    )


@app.command()
def deliver(
    once: Annotated[
        bool, typer.Option("--once", help="End as soon as nothing is left to be sent.")
    ] = False,
) -> None:
    """Send messages until Ctrl-C, as `serve` does by itself; any number may run at once."""
    settings = enter(service=True)
    told = delivery_settings(settings)
    run(_on_graph(settings, lambda graph: _deliver(graph, told, once=once)))


@app.command()
def dead(
    endpoint_id: EndpointId,
    after: Annotated[int, typer.Option(min=0, help="Those after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many.")] = 100,
    as_json: JsonFlag = False,
) -> None:
    """List the dead letters of an endpoint: actions that it was not told of."""
    found = _ask(enter(), lambda graph: _dead(graph, endpoint_id, after, limit))
    if as_json:
        typer.echo(orjson.dumps([asdict(one) for one in found]).decode())
        return
    table = narrow_table("seq", "account", "because", "since", "failure", words=5)
    for one in found:
        since = f"{one.at:%Y-%m-%d %H:%M}"
        table.add_row(str(one.action_seq), one.account_id, one.because, since, one.failure)
    console.print(table)


@app.command()
def replay(endpoint_id: EndpointId) -> None:
    """Send the dead letters of an endpoint again, in order, and wait for the outcome."""
    settings = enter()
    told = delivery_settings(settings)

    async def work(graph: Graph) -> WebhookEndpoint:
        await replay_dead(graph, endpoint_id, by=_who())
        await Deliverer(graph, told).drain(endpoint_id)
        return await known_endpoint(graph, endpoint_id)

    left = _ask(settings, work)
    if left.dead or left.disabled_because:
        why = left.disabled_because or left.last_failure
        notes.print(f"{left.dead:,} dead letters are left: {why}.", highlight=False)
        raise typer.Exit(3)
    console.print("All dead letters are delivered.", highlight=False)


@app.command()
def receive(
    secret: Annotated[list[str], typer.Option(help="That signs messages; may be repeated.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: a free one.")] = 8090,
    fail_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of calls that go wrong on purpose.")
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Of what goes wrong.")] = 0,
) -> None:
    """Be a provider's system for a demonstration: verify, print, and fail on purpose."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    receiver = Receiver(secret, fail_share=fail_share, seed=seed, told=_tell_message)
    with receiving(receiver, host=host, port=port) as url:
        notes.print(f"Takes messages at {url} until Ctrl-C.", highlight=False)
        try:
            stop.wait()
        except KeyboardInterrupt:
            notes.print("Stopped.")


def box_of(settings: Settings) -> SecretBox:
    """What secrets of webhooks are sealed with.

    Raises:
        InvalidInput: the service has no secret, and no API key to make one of.
    """
    return SecretBox(require_identifier_secret(settings))


async def _deliver(graph: Graph, told: DeliverySettings, *, once: bool) -> None:
    deliverer = Deliverer(graph, told)
    if once:
        await deliverer.drain()
        return
    async with deliverer.running():
        await _forever()


async def _forever() -> None:
    await asyncio.Event().wait()


async def _dead(graph: Graph, endpoint_id: str, after: int, limit: int) -> list[DeadLetter]:
    await known_endpoint(graph, endpoint_id)
    return await page_dead(graph, endpoint_id, after=after, limit=limit)


def _tell_message(message_id: str, new: list[dict[str, Any]]) -> None:
    console.print(f"{message_id}: {len(new)} new", highlight=False)
    for action in new:
        told = f"{action['kind']:6} {action['account_id']} {action['standing']}"
        console.print(f"  {action['seq']:>7} {told}", highlight=False, soft_wrap=True)


def _tell_secret(endpoint: WebhookEndpoint, secret: str, *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(_facts(endpoint) | {"secret": secret}).decode())
        return
    notes.print(f"Endpoint {endpoint.id}; this secret is shown once:", highlight=False)
    typer.echo(secret)


def _facts(endpoint: WebhookEndpoint) -> dict[str, object]:
    facts = asdict(endpoint)
    del facts["secrets"]
    return facts | {"state": _state(endpoint)}


def _state(endpoint: WebhookEndpoint) -> str:
    if endpoint.disabled_because:
        return "disabled"
    if endpoint.replaying:
        return "replaying"
    return "retrying" if endpoint.tries else "working"


def _who() -> str:
    return f"operator:{getpass.getuser()}"


def _ask(settings: Settings, question: Callable[[Graph], Awaitable[Result]]) -> Result:
    return run(_on_graph(settings, question))


async def _on_graph(settings: Settings, question: Callable[[Graph], Awaitable[Result]]) -> Result:
    async with ready_graph(settings) as graph:
        return await question(graph)
