"""Random histories of takedowns: acts, undos, crashes, changes in any order, and what must hold."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from ringfence.domain.standings import ToldStanding
from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedowns import RANK_BY_STANDING, Standing, TakedownAction, TargetState
from ringfence.errors import Conflict
from ringfence.store.actions import last_action, page_actions
from ringfence.store.graph import Graph, Transaction
from ringfence.store.takedown_targets import page_targets
from ringfence.store.takedowns import StoredTakedown
from ringfence.usecases.approve_takedown import approve_takedown, find_takedown
from ringfence.usecases.carry_out_takedown import (
    pause_takedown,
    resume_takedown,
    start_takedown,
    stop_takedown,
    switch_takedowns,
)
from ringfence.usecases.standings import tell_standings
from ringfence.usecases.takedown_worker import TakedownWorker
from ringfence.usecases.undo_takedown import begin_undo, undo_of_accounts
from tests.usecases.rings_taken_down import (
    APPROVER,
    PLANNER,
    RULES,
    SECRET,
    Clock,
    draw_ring,
    planned,
)

MEMBERS: Final = 5
ACCOUNTS: Final = tuple(f"shared_{n:05}" for n in range(MEMBERS))
RINGS: Final = ("ring_a", "ring_b")
BATCH: Final = 2
OPTIONS: Final = (
    TakedownOptions(canary=2, delay_minutes=(0.0, 0.0), peripheral=True),
    TakedownOptions(canary=1, delay_minutes=(0.0, 0.0), expire_days=0.01),
    TakedownOptions(canary=2, delay_minutes=(1.0, 5.0)),
)
Result = TypeVar("Result")


class Crash(Exception):
    """A worker that dies in the middle."""


class CrashingGraph(Graph):
    """A graph whose user dies at its next write: before the commit, or after it.

    Args:
        graph: that is written to.
        kept: whether the commit still happened.
    """

    def __init__(self, graph: Graph, *, kept: bool) -> None:
        self._graph = graph
        self._kept = kept

    def __getattribute__(self, name: str) -> Any:
        if name in ("in_write", "write", "_graph", "_kept"):
            return object.__getattribute__(self, name)
        return getattr(object.__getattribute__(self, "_graph"), name)

    async def in_write(
        self, work: Callable[[Transaction], Awaitable[Result]], *, timeout_s: float | None = None
    ) -> Result:
        async def until_death(transaction: Transaction) -> Result:
            result = await work(transaction)
            if not self._kept:
                raise Crash
            return result

        await self._graph.in_write(until_death, timeout_s=timeout_s)
        raise Crash

    async def write(
        self, name: str, /, *, timeout_s: float | None = None, **parameters: object
    ) -> list[dict[str, Any]]:
        async def work(transaction: Transaction) -> list[dict[str, Any]]:
            return await transaction.run(name, **parameters)

        return await self.in_write(work, timeout_s=timeout_s)


@dataclass(frozen=True)
class Command:
    """One thing that happens: what, to which of the takedowns, rings or accounts."""

    what: str
    which: int = 0
    accounts: tuple[str, ...] = ()
    standing: Standing = Standing.ACTIVE
    action: TakedownAction = TakedownAction.SUSPEND
    kept: bool = False
    steps: int = 1


def commands() -> st.SearchStrategy[list[Command]]:
    """Histories that begin with a takedown; what is not possible at its time is refused."""
    return st.tuples(_takedowns(), st.lists(_any_command(), min_size=5, max_size=24)).map(
        lambda drawn: [drawn[0], *drawn[1]]
    )


def _takedowns() -> st.SearchStrategy[Command]:
    return st.builds(
        Command, st.just("take_down"), _WHICH, action=st.sampled_from(list(TakedownAction))
    )


def _any_command() -> st.SearchStrategy[Command]:
    steps = st.builds(Command, st.just("work"), _WHICH, steps=st.integers(1, 5))
    crash = st.builds(Command, st.just("crash"), _WHICH, kept=st.booleans())
    told = st.builds(
        Command, st.just("tell"), accounts=_SOME, standing=st.sampled_from(list(Standing))
    )
    drift = st.builds(
        Command, st.just("drift"), _WHICH, accounts=_SOME, standing=st.sampled_from(list(Standing))
    )
    words = st.sampled_from(["pause", "resume", "stop", "undo", "halt", "release", "wait"])
    move = st.builds(Command, words, _WHICH)
    part = st.builds(Command, st.just("undo_accounts"), _WHICH, accounts=_SOME)
    return st.one_of(steps, steps, steps, crash, crash, _takedowns(), told, drift, part, move)


_WHICH: Final = st.integers(0, 3)
_SOME: Final = st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=MEMBERS).map(tuple)


class History:
    """Runs commands on a graph, and looks at the laws after each."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.clock = Clock()
        self.takedowns: list[str] = []
        self.told: dict[str, Standing] = dict.fromkeys(ACCOUNTS, Standing.ACTIVE)
        self.seen: Counter[str] = Counter()

    async def run(self, history: Sequence[Command]) -> None:
        """All commands, then the undoing of all that holds: each account has what it had before."""
        await reset(self.graph)
        for command in history:
            try:
                await getattr(self, f"_{command.what}")(command)
                self.seen[command.what] += 1
            except Conflict:
                self.seen[f"{command.what} refused"] += 1
            except Crash:
                self.seen["crashed"] += 1
            await self.check()
        await self._release(Command("release"))
        for takedown_id in self.takedowns:
            with suppress(Conflict):
                await begin_undo(self.graph, takedown_id, reason="The end.", by=PLANNER)
        await self._worker(self.graph).work_off()
        await self.check()
        assert await self._standings() == self.told
        self.seen["actions"] += await last_action(self.graph)

    async def check(self) -> None:
        """Each account has the strictest of what was told and of what holds it; actions agree."""
        rows = await self.graph.read("graph/export_accounts")
        holding = await self._holding()
        for row in rows:
            account = row["properties"]
            strictest = max(
                [self.told[account["id"]].value, *holding.get(account["id"], [])],
                key=RANK_BY_STANDING.__getitem__,
            )
            assert account.get("standing", "active") == strictest, account["id"]
            assert account.get("standing") != "active"
        actions = await page_actions(self.graph, after=0, limit=1_000)
        applied = [(one.takedown_id, one.account_id) for one in actions if one.kind == "apply"]
        assert len(applied) == len(set(applied))

    async def _holding(self) -> dict[str, list[str]]:
        holding: dict[str, list[str]] = {}
        for takedown_id in self.takedowns:
            takedown = await find_takedown(self.graph, takedown_id)
            acted = await page_targets(
                self.graph, takedown_id, after_id="", limit=100, states=[TargetState.ACTED]
            )
            for one in acted:
                holding.setdefault(one.account_id, []).append(takedown.standing.value)
        return holding

    async def _standings(self) -> dict[str, Standing]:
        rows = await self.graph.read("graph/export_accounts")
        return {
            row["properties"]["id"]: Standing(row["properties"].get("standing", "active"))
            for row in rows
        }

    def _id(self, command: Command) -> str:
        return self.takedowns[command.which % len(self.takedowns)]

    async def _takedown(self, command: Command) -> StoredTakedown:
        return await find_takedown(self.graph, self._id(command))

    def _worker(self, graph: Graph) -> TakedownWorker:
        return TakedownWorker(graph, RULES, SECRET, clock=self.clock, batch=BATCH)

    async def _take_down(self, command: Command) -> None:
        ring_id = RINGS[command.which // 2 % len(RINGS)]
        takedown = await planned(
            self.graph, ring_id, command.action, options=OPTIONS[command.which % len(OPTIONS)]
        )
        self.takedowns.append(takedown.id)
        if takedown.needs_approval:
            await approve_takedown(
                self.graph, takedown.id, RULES, plan_hash=takedown.plan_hash, by=APPROVER
            )
        await start_takedown(self.graph, takedown.id, RULES, by=PLANNER, at=self.clock.now)

    async def _drift(self, command: Command) -> None:
        """A plan whose members change before it starts is void, and acts on nobody."""
        ring_id = RINGS[command.which // 2 % len(RINGS)]
        takedown = await planned(self.graph, ring_id, options=OPTIONS[command.which % len(OPTIONS)])
        before = dict(self.told)
        await self._tell(command)
        if before == self.told:
            return
        self.takedowns.append(takedown.id)
        await start_takedown(self.graph, takedown.id, RULES, by=PLANNER, at=self.clock.now)

    async def _work(self, command: Command) -> None:
        for _ in range(command.steps):
            await self._worker(self.graph).step(await self._takedown(command))

    async def _crash(self, command: Command) -> None:
        takedown = await self._takedown(command)
        await self._worker(CrashingGraph(self.graph, kept=command.kept)).step(takedown)

    async def _tell(self, command: Command) -> None:
        told = [ToldStanding(account_id, command.standing) for account_id in command.accounts]
        await tell_standings(self.graph, told, by=PLANNER)
        self.told |= dict.fromkeys(command.accounts, command.standing)

    async def _pause(self, command: Command) -> None:
        await pause_takedown(self.graph, self._id(command), reason="Wait.", by=PLANNER)

    async def _resume(self, command: Command) -> None:
        await resume_takedown(
            self.graph, self._id(command), reason="Go.", by=PLANNER, at=self.clock.now
        )

    async def _stop(self, command: Command) -> None:
        await stop_takedown(self.graph, self._id(command), reason="Stop.", by=PLANNER)

    async def _undo(self, command: Command) -> None:
        await begin_undo(self.graph, self._id(command), reason="Undo.", by=PLANNER)

    async def _undo_accounts(self, command: Command) -> None:
        await undo_of_accounts(
            self.graph,
            self._id(command),
            command.accounts,
            reason="Some.",
            by=PLANNER,
            at=self.clock.now,
        )

    async def _halt(self, _: Command) -> None:
        await self._switch(halted=True)

    async def _release(self, _: Command) -> None:
        await self._switch(halted=False)

    async def _switch(self, *, halted: bool) -> None:
        await switch_takedowns(
            self.graph, halted=halted, reason="The switch.", by=PLANNER, at=self.clock.now
        )

    async def _wait(self, _: Command) -> None:
        self.clock.forward(minutes=6)


async def reset(graph: Graph) -> None:
    """Two rings of the same accounts, and no takedown."""
    await graph.run_schema("MATCH (n) WHERE NOT n:Migration DETACH DELETE n")
    await draw_ring(graph, "ring_a", members=MEMBERS, core=MEMBERS, prefix="shared")
    await draw_ring(graph, "ring_b", members=MEMBERS - 1, core=MEMBERS - 2, prefix="shared")
