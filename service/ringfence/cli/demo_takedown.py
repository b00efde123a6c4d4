"""The demo's last act: the campaign is taken down, given back, taken down again, and returns."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from time import monotonic
from typing import Any, Final

from ringfence.cli.demo_door import ask
from ringfence.cli.receiver import Receiver, receiving
from ringfence.cli.story import told_step
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT
from ringfence.domain.rings import Role
from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedown_rules import TakedownRules
from ringfence.domain.takedowns import Standing, TakedownAction
from ringfence.domain.webhooks import AskedEndpoint
from ringfence.store.graph import Graph
from ringfence.store.remembered import CarryingMember, stream_carrying_members
from ringfence.store.standings import count_standings
from ringfence.store.takedowns import StoredTakedown
from ringfence.usecases.approve_takedown import approve_takedown
from ringfence.usecases.carry_out_takedown import start_takedown
from ringfence.usecases.deliver_actions import Deliverer, DeliverySettings
from ringfence.usecases.plan_takedown import plan_takedown
from ringfence.usecases.screen import Screener
from ringfence.usecases.takedown_worker import TakedownWorker
from ringfence.usecases.undo_takedown import begin_undo
from ringfence.usecases.webhook_secrets import SecretBox
from ringfence.usecases.webhooks import add_endpoint, end_endpoint

PLANNER: Final = "demo:analyst"
APPROVER: Final = "demo:lead"
FAIL_SHARE: Final = 0.3
RETURNING: Final = 20
REPLACED: Final = 0.6
PATIENCE_S: Final = 20.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What the last act is played on.

    Attributes:
        worker: takes takedowns' steps.
        address: of the API.
        seed: of what returning accounts replace.
    """

    graph: Graph
    screener: Screener
    rules: TakedownRules
    worker: TakedownWorker
    delivery: DeliverySettings
    address: str
    seed: int


async def show_takedown(stage: Stage, ring_id: str) -> StoredTakedown:
    """Take a ring down, give it back, take it down for good, and meet it at the sign-up."""
    before = await count_standings(stage.graph)
    receiver = Receiver([], fail_share=FAIL_SHARE, late_s=0.2, seed=stage.seed)
    with receiving(receiver) as url:
        endpoint, secret = await add_endpoint(
            stage.graph,
            SecretBox(stage.delivery.secret),
            AskedEndpoint(url),
            now=datetime.now(UTC),
            by=PLANNER,
            allow_private=True,
        )
        receiver.secrets.append(secret)
        first = await _take_down(stage, ring_id)
        await _deliver(stage, receiver)
        await _undo(stage, first, before)
        await _deliver(stage, receiver)
        known = stage.screener.known.remembered
        last = await _take_down(stage, ring_id)
        await _deliver(stage, receiver)
        await end_endpoint(stage.graph, endpoint.id, by=PLANNER)
    await _until(lambda: stage.screener.known.remembered is not known)
    await _return(stage, ring_id)
    return last


async def _take_down(stage: Stage, ring_id: str) -> StoredTakedown:
    """Plan, have a second person approve, and carry out all waves without the wait between them."""
    with told_step("Plan a takedown") as told:
        takedown = await plan_takedown(
            stage.graph,
            ring_id,
            TakedownAction.SUSPEND,
            stage.rules,
            reason="A campaign of fake accounts.",
            by=PLANNER,
            options=TakedownOptions(delay_minutes=(0.0, 0.0)),
        )
        told.extend(_told_of_plan(takedown))
    with told_step("Approve and carry out") as told:
        if takedown.needs_approval:
            await approve_takedown(
                stage.graph, takedown.id, stage.rules, plan_hash=takedown.plan_hash, by=APPROVER
            )
        started = await start_takedown(
            stage.graph, takedown.id, stage.rules, by=APPROVER, at=datetime.now(UTC)
        )
        await stage.worker.work_off(takedown.id)
        told.append(f"{started.size:,} accounts suspended in {started.waves} waves")
    return started


async def _deliver(stage: Stage, receiver: Receiver) -> None:
    with told_step("Tell the provider") as told:
        before = sum(map(len, receiver.got.done.values()))
        failed = receiver.got.faults.total()
        await Deliverer(stage.graph, stage.delivery).drain()
        done = sum(map(len, receiver.got.done.values())) - before
        told.append(f"{done:,} actions by signed webhooks, each once")
        told.append(f"{receiver.got.faults.total() - failed} calls failed on purpose")


async def _undo(stage: Stage, takedown: StoredTakedown, before: dict[Standing, int]) -> None:
    with told_step("Undo all of it") as told:
        await begin_undo(stage.graph, takedown.id, reason="To show it.", by=PLANNER)
        await stage.worker.work_off(takedown.id)
        same = await count_standings(stage.graph) == before
        told.append("each account has what it had before" if same else "NOT as it was before")


async def _return(stage: Stage, ring_id: str) -> None:
    """New accounts sign up with what is left of the ring's things."""
    with told_step("The ring returns") as told:
        known: list[dict[str, Any]] = []
        for attempt in await _returning(stage, ring_id):
            answer = await asyncio.to_thread(ask, stage.address, "/v1/screenings", attempt)
            if (answer.get("re_entry") or {}).get("ring_id") == ring_id:
                known.append(answer)
        told.append(f"{REPLACED:.0%} of its identifiers are new")
        told.append(f"{len(known)} of {RETURNING} sign-ups are known as {ring_id}")
        if known:
            told.append(
                f"the first is {known[0]['re_entry']['likelihood']}: {known[0]['decision']}"
            )


async def _returning(stage: Stage, ring_id: str) -> list[dict[str, Any]]:
    chance = Random(stage.seed)  # noqa: S311 - which things are new is no secret
    attempts: list[dict[str, Any]] = []
    async for member in stream_carrying_members(stage.graph, ring_id, Role.CORE):
        attempts.append(dict(_attempt(member, len(attempts), chance)))
        if len(attempts) == RETURNING:
            break
    return attempts


def _attempt(member: CarryingMember, number: int, chance: Random) -> Iterator[tuple[str, Any]]:
    """A sign-up by whoever had that account; nobody reuses a mailbox."""
    yield "attempt_id", f"return-{number}"
    yield "email", f"new.name.{number}@mail.example"
    for key, _ in member.carried:
        value = key.value if chance.random() >= REPLACED else f"new-{chance.random()}"
        if key.kind == DEVICE:
            yield "device_id", value
        elif key.kind == PAYMENT_INSTRUMENT:
            yield "instrument", {"instrument_id": value}
        elif key.kind == IP and value == key.value:
            yield "ip", value


def _told_of_plan(takedown: StoredTakedown) -> Iterator[str]:
    radius = takedown.blast_radius
    yield f"{radius.acted:,} of {radius.members:,} members"
    yield f"{radius.harm_share:.0%} of its exchanges stop"
    yield f"paying {radius.paying:,}, campus {radius.campus:,}, by one link {radius.one_link:,}"


async def _until(true: Callable[[], bool]) -> None:
    ends_at = monotonic() + PATIENCE_S
    while not true() and monotonic() < ends_at:  # noqa: ASYNC110 - the screener tells nobody
        await asyncio.sleep(0.1)
