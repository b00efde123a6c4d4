"""A mixed load for a long time: errors by kind, times, and the memory of the service and of Neo4j.

    uv run python -m tests.scale.soak [--seconds S] [--accounts N] [--detect-every S] [--json]

The service is `ringfence serve` in a process of its own, which builds its index anew twice a minute
while things change; detection runs in another. Events, sign-up checks and questions come at a
steady pace, whatever the answers take, and now and then a takedown is planned, carried out and
undone. A takedown whose ring changed meanwhile is void, which is no error. Memory is bounded if it
has grown by a fifth at the most since a third of the time was over.
"""

import argparse
import asyncio
import itertools
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Final

import httpx
from rich.console import Console

from ringfence import neo4j as embedded
from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedown_rules import load_takedown_rules
from ringfence.domain.takedowns import TakedownAction, TakedownState
from ringfence.errors import Conflict, RingfenceError
from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.store.graph import Graph
from ringfence.store.rings import RingFilter, RingOrder, page_rings
from ringfence.usecases.approve_takedown import approve_takedown, find_takedown
from ringfence.usecases.carry_out_takedown import start_takedown
from ringfence.usecases.plan_takedown import plan_takedown
from ringfence.usecases.undo_takedown import begin_undo
from tests.scale.asking import Question
from tests.scale.clients import GROWTH_BAR, SUMMARY, analyst_questions, load_world
from tests.scale.report import Row, at_least, at_most, print_report
from tests.scale.served import ROOT_KEY, Server, served

EVENTS: Final = 50
"""Events of one request: new accounts, and a fifth of them again."""
PACE_S: Final = {"events": 1.0, "sign-up check": 0.05, "any question": 0.25}
SAMPLE_EVERY_S: Final = 1.0
TAKEDOWN_WITHIN_S: Final = 120.0
PATIENCE_S: Final = 60.0
WARM_UP_TRIES: Final = 5
RULES: Final = load_takedown_rules()
notes: Final = Console(stderr=True)

Act = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long, and how often what is rare comes."""

    seconds: float
    detect_every_s: float
    takedown_every_s: float


@dataclass
class Soaked:
    """What was met.

    Attributes:
        seconds: for how long things were begun.
        took_ms: by kind.
        errors: by kind and status.
        done: how often what is rare came to its end.
        memory_mib: of the service, once a second.
        neo4j_mib: the same of Neo4j.
    """

    seconds: float
    took_ms: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    memory_mib: list[float] = field(default_factory=list)
    neo4j_mib: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Soak:
    """The load on one service and its Neo4j."""

    graph: Graph
    client: httpx.AsyncClient
    questions: list[Question]
    plan: Plan
    environment: dict[str, str]
    met: Soaked
    chance: Random = field(default_factory=lambda: Random(1))  # noqa: S311

    async def run(self, server: Server, neo4j_pid: int) -> Soaked:
        """All at once, until the time is over; what was begun is waited for."""
        ends_at = perf_counter() + self.plan.seconds
        acts: dict[str, Act] = {
            "events": self._send_events,
            "sign-up check": self._check,
            "any question": self._ask,
        }
        await asyncio.gather(
            *(self._steadily(name, act, ends_at) for name, act in acts.items()),
            self._now_and_then(self._detect, self.plan.detect_every_s, ends_at),
            self._now_and_then(self._take_down, self.plan.takedown_every_s, ends_at),
            self._watch(server, neo4j_pid, ends_at),
        )
        return self.met

    async def _steadily(self, name: str, act: Act, ends_at: float) -> None:
        """Begin one after the other at a pace; none waits for those before it.

        Of a machine that is too slow for the pace less is asked, and that is told.
        """
        running: set[asyncio.Task[None]] = set()
        due = perf_counter()
        for number in itertools.count():
            await asyncio.sleep(max(0.0, due - perf_counter()))
            if perf_counter() >= ends_at:
                break
            task = asyncio.create_task(self._timed(name, act, number))
            running.add(task)
            task.add_done_callback(running.discard)
            due += PACE_S[name]
        await asyncio.gather(*running)

    async def _timed(self, name: str, act: Act, number: int) -> None:
        started = perf_counter()
        try:
            await act(number)
        except httpx.HTTPError as error:
            self.met.errors[f"{name}: {type(error).__name__}"] += 1
        self.met.took_ms[name].append((perf_counter() - started) * 1_000)

    async def _post(self, name: str, path: str, body: object) -> dict[str, Any]:
        response = await self.client.post(path, json=body)
        told: dict[str, Any] = response.json()
        if response.status_code != httpx.codes.OK or told.get("errors"):
            self.met.errors[f"{name}: {response.status_code}"] += 1
        return told

    async def _send_events(self, number: int) -> None:
        now = datetime.now(UTC).isoformat()
        fresh = range(number * EVENTS, (number + 1) * EVENTS)
        again = range(max(0, fresh.start - EVENTS // 5), fresh.start)
        events = [
            {
                "specversion": "1.0",
                "id": f"soak-{n}",
                "source": "/soak",
                "type": "account.signed_up",
                "time": now,
                "subject": f"soak_{n}",
                "data": {"email": f"soak{n}@example.com", "device_id": f"soak_{n // 3}"},
            }
            for n in (*again, *fresh)
        ]
        told = await self._post("events", "/v1/events", events)
        self.met.done["events loaded"] += int(told.get("loaded", 0))

    async def _check(self, number: int) -> None:
        device = f"soak_{self.chance.randrange(1 + number)}"
        attempt = {"attempt_id": f"try_{number}", "device_id": device, "ip": "198.51.100.7"}
        told = await self._post("sign-up check", "/v1/screenings", attempt)
        self.met.done[f"degraded: {told.get('degraded_because') or 'no'}"] += 1

    async def _ask(self, _: int) -> None:
        question = self.chance.choice(self.questions)
        body = {"query": question.document, "variables": self.chance.choice(question.rows)}
        started = perf_counter()
        await self._post(question.name, "/graphql", body)
        self.met.took_ms[question.name].append((perf_counter() - started) * 1_000)

    async def _now_and_then(
        self, act: Callable[[], Awaitable[None]], every_s: float, ends_at: float
    ) -> None:
        while perf_counter() + every_s / 2 < ends_at:
            await asyncio.sleep(every_s / 2)
            started = perf_counter()
            await act()
            await asyncio.sleep(max(0.0, every_s / 2 - (perf_counter() - started)))

    async def _detect(self) -> None:
        started = perf_counter()
        command = (sys.executable, "-m", "ringfence", "detect", "--json")
        process = await asyncio.create_subprocess_exec(
            *command, env=self.environment, stdout=asyncio.subprocess.DEVNULL
        )
        if await process.wait():
            self.met.errors["detection"] += 1
        self.met.took_ms["detection"].append((perf_counter() - started) * 1_000)

    async def _take_down(self) -> None:
        """Plan, approve and start a takedown, let the service carry it out, and undo it."""
        started = perf_counter()
        try:
            rings = await page_rings(self.graph, RingFilter(), RingOrder(), after=None, limit=10)
            ring = self.chance.choice(rings)[1]
            planned = await plan_takedown(
                self.graph,
                ring.id,
                TakedownAction.SUSPEND,
                RULES,
                reason="soak",
                by="planner",
                options=TakedownOptions(delay_minutes=(0.0, 0.0)),
            )
            told = {"plan_hash": planned.plan_hash, "by": "approver"}
            await approve_takedown(self.graph, planned.id, RULES, **told)
            await start_takedown(self.graph, planned.id, RULES, by="planner", at=datetime.now(UTC))
            await self._await_state(planned.id, TakedownState.DONE)
            await begin_undo(self.graph, planned.id, reason="soak", by="planner")
            await self._await_state(planned.id, TakedownState.UNDONE)
        except Conflict as error:
            notes.print(f"takedown: {error}", highlight=False)
            self.met.done["takedowns refused"] += 1
        except TimeoutError:
            self.met.errors["takedown: not in time"] += 1
        except RingfenceError as error:
            self.met.errors[f"takedown: {error.code}"] += 1
        else:
            self.met.took_ms["takedown and undo"].append((perf_counter() - started) * 1_000)

    async def _await_state(self, takedown_id: str, state: TakedownState) -> None:
        async with asyncio.timeout(TAKEDOWN_WITHIN_S):
            while True:
                if (await find_takedown(self.graph, takedown_id)).state is state:
                    return
                await asyncio.sleep(0.2)

    async def _watch(self, server: Server, neo4j_pid: int, ends_at: float) -> None:
        while perf_counter() < ends_at:
            self.met.memory_mib.append(server.memory_mib())
            self.met.neo4j_mib.append(memory_mib(neo4j_pid))
            await asyncio.sleep(SAMPLE_EVERY_S)


def memory_mib(pid: int) -> float:
    """Memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def rows_of(met: Soaked) -> list[Row]:
    """The figures; what stands under plain is told with each."""
    requests = sum(map(len, met.took_ms.values()))
    third = met.memory_mib[len(met.memory_mib) // 3]
    neo4j_third = met.neo4j_mib[len(met.neo4j_mib) // 3]
    checks = met.took_ms["sign-up check"]
    return [
        at_least(
            "sign-up checks begun a second; plain: the pace",
            ours=len(checks) / met.seconds,
            plain=1 / PACE_S["sign-up check"],
            unit="",
        ),
        at_most("errors; plain: requests", ours=met.errors.total(), plain=requests, unit="", bar=0),
        *(
            at_most(
                f"{name} ({len(many):,}): p99; plain: p50",
                ours=quantile(many, 0.99),
                plain=quantile(many, 0.5),
                unit="ms",
            )
            for name, many in met.took_ms.items()
        ),
        at_most(
            "memory after a third; plain: at the start",
            ours=third,
            plain=met.memory_mib[0],
            unit="MiB",
        ),
        at_most(
            "memory at the end; plain: after a third",
            ours=met.memory_mib[-1],
            plain=third,
            unit="MiB",
            bar=GROWTH_BAR,
        ),
        at_most(
            "Neo4j's memory at the end; plain: after a third",
            ours=met.neo4j_mib[-1],
            plain=neo4j_third,
            unit="MiB",
        ),
    ]


def quantile(values: list[float], share: float) -> float:
    """The value that so much of them are below or at."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def soak(address: tuple[str, str, str], neo4j_pid: int, log: Path, plan: Plan) -> Soaked:
    """The load on a Neo4j that holds a world with rings, through a service of its own."""
    environment = os.environ | dict(
        zip(
            ("RINGFENCE_NEO4J_URI", "RINGFENCE_NEO4J_USER", "RINGFENCE_NEO4J_PASSWORD"),
            address,
            strict=True,
        )
    )
    async with Graph.connect(*address) as graph:
        # Of the whole picture of a ring there is one at a time in a browser, and few a minute.
        questions = [one for one in await analyst_questions(graph) if one.document != SUMMARY]
        with served(*address, log) as server:
            async with httpx.AsyncClient(
                base_url=f"http://{server.host}:{server.port}",
                headers={"X-API-Key": ROOT_KEY},
                timeout=PATIENCE_S,
                # Or a check would wait here for a connection that a slow question has.
                limits=httpx.Limits(max_connections=None),
            ) as client:
                await warm_up(client, questions)
                return await Soak(
                    graph, client, questions, plan, environment, Soaked(plan.seconds)
                ).run(server, neo4j_pid)


async def warm_up(client: httpx.AsyncClient, questions: list[Question]) -> None:
    """Ask everything until it is answered: a Neo4j just started plans statements for seconds."""
    for question in questions:
        body = {"query": question.document, "variables": question.rows[0]}
        for _ in range(WARM_UP_TRIES):
            if (await client.post("/graphql", json=body)).is_success:
                break


async def measure(options: argparse.Namespace) -> Soaked:
    """A soak on a Neo4j of its own."""
    plan = Plan(options.seconds, options.detect_every, options.takedown_every)
    with (
        TemporaryDirectory(prefix="ringfence-soak-") as folder,
        embedded.start(Path(folder, "neo4j"), Settings().cache, bound=True) as neo4j,
    ):
        address = (neo4j.uri, neo4j.user, neo4j.password)
        async with Graph.connect(*address) as graph:
            await load_world(graph, accounts=options.accounts)
        return await soak(address, neo4j.pid, Path(folder, "server.log"), plan)


def main() -> None:
    """Load a world, let the load go on and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3_600.0)
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--detect-every", type=float, default=600.0)
    parser.add_argument("--takedown-every", type=float, default=300.0)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    configure_logs(json=False, level="ERROR")
    met = asyncio.run(measure(options))
    notes.print("errors:", dict(met.errors), "done:", dict(met.done))
    print_report("soak", rows_of(met), as_json=options.json)


if __name__ == "__main__":
    main()
