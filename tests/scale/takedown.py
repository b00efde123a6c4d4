"""A takedown of one large ring: planned, carried out and undone, beside one account at a time.

    uv run python -m tests.scale.takedown [--accounts N] [--json]

The plain way is a loop over accounts, each in a statement of its own that sets its standing,
without a plan, prior states, actions to deliver or an audit; it is run on a share of them and
reckoned up. The rows with a bar hold our seconds against those that the product promises.
"""

import argparse
import asyncio
import resource
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final, TypeVar

from neo4j import AsyncDriver, AsyncGraphDatabase
from ringfence import neo4j as embedded
from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedown_rules import load_takedown_rules
from ringfence.domain.takedowns import TakedownAction, TakedownState
from ringfence.logs import configure_logs
from ringfence.settings import Settings
from ringfence.store.actions import last_action
from ringfence.store.graph import Graph
from ringfence.usecases.approve_takedown import approve_takedown, find_takedown
from ringfence.usecases.carry_out_takedown import start_takedown
from ringfence.usecases.migrate import migrate
from ringfence.usecases.plan_takedown import plan_takedown
from ringfence.usecases.takedown_worker import TakedownWorker
from ringfence.usecases.undo_takedown import begin_undo
from tests.scale.report import Row, at_most, print_report

ACCOUNTS: Final = 25_000
Answer = TypeVar("Answer")
PLAN_S, ACT_S, UNDO_S, GROWTH_MIB = 2.0, 30.0, 30.0, 200.0
PLAIN_SHARE: Final = 10
RULES: Final = load_takedown_rules()
RING: Final = "large"
RING_QUERY: Final = """
CREATE (ring:Ring {
  id: 'large', operation_id: 'op', score: 0.97, grade: 'conclusive', tier: 'auto', state: 'open',
  size: $accounts, core_size: $accounts, kinds: ['device'], reason_codes: [], reason_weights: [],
  reason_texts: [], requests: 0, tokens: 0, run_id: 'run', found_at: datetime(),
  updated_at: datetime()
})
WITH ring
UNWIND range(0, $devices - 1) AS n
CREATE (:Device {id: 'device ' + n})
CREATE (ring)-[:HAS_EVIDENCE]->(:Evidence {
  kind: 'device', value: 'device ' + n, members: 20, accounts: 21, hub: 'suspect', weight: 1.0,
  rank: n, run_id: 'run'
})"""
MEMBERS_QUERY: Final = """
MATCH (ring:Ring {id: 'large'})
UNWIND range($first, $last) AS n
WITH ring, n, 'account ' + right('000000' + n, 7) AS id,
     [n % $devices, n * 7 % $devices, n * 31 % $devices] AS carried
CREATE (a:Account {
  id: id, first_seen_at: datetime(), last_seen_at: datetime(), signed_up_at: datetime(),
  requests: 1000 + n % 97, charges_succeeded: CASE n % 50 WHEN 0 THEN 2 ELSE 0 END,
  paid_minor_EUR: n % 50
})
CREATE (a)-[:MEMBER_OF {
  ring_id: ring.id, account_id: id, role: 'core', rank: -3.0, strength: 3.0, run_id: 'run',
  because_kinds: [at IN carried | 'device'], because_values: [at IN carried | 'device ' + at],
  joined_because: 'shares devices', since: datetime()
}]->(ring)
WITH a, carried
UNWIND carried AS at
MATCH (device:Device {id: 'device ' + at})
CREATE (a)-[:USED_DEVICE {
  first_seen_at: datetime(), last_seen_at: datetime(), events: 1
}]->(device)"""
PLAIN_QUERY: Final = "MATCH (a:Account {id: $id}) SET a.plain_standing = $standing"


async def measure(graph: Graph, driver: AsyncDriver, *, accounts: int) -> list[Row]:
    """Both ways, over a graph that holds nothing else."""
    await build(driver, accounts)
    before_mib = _peak_mib()
    await warm_up(graph)
    plan_s, takedown = await _timed(
        plan_takedown(
            graph,
            RING,
            TakedownAction.SUSPEND,
            RULES,
            reason="measured",
            by="planner",
            options=TakedownOptions(delay_minutes=(0.0, 0.0)),
        )
    )
    worker = TakedownWorker(graph, RULES, b"a secret of the benchmark")
    act_s, _ = await _timed(_carry_out(graph, worker, takedown.id, takedown.plan_hash))
    acted = await find_takedown(graph, takedown.id)
    assert acted.state is TakedownState.DONE
    assert await last_action(graph) == accounts
    undo_s, _ = await _timed(_undo(graph, worker, takedown.id))
    assert await last_action(graph) == 2 * accounts
    growth_mib = _peak_mib() - before_mib
    plain_s = await _one_by_one(driver, accounts)
    told = f"{accounts:,} accounts"
    return [
        at_most(f"{told}: acted on, beside one by one", ours=act_s, plain=plain_s, unit="s"),
        at_most(f"{told}: undone, beside one by one", ours=undo_s, plain=plain_s, unit="s"),
        at_most(f"{told}: planned; bar", ours=plan_s, plain=PLAN_S, unit="s", bar=1.0),
        at_most(f"{told}: recorded and queued; bar", ours=act_s, plain=ACT_S, unit="s", bar=1.0),
        at_most(f"{told}: undone; bar", ours=undo_s, plain=UNDO_S, unit="s", bar=1.0),
        at_most(
            f"{told}: memory that grew; bar", ours=growth_mib, plain=GROWTH_MIB, unit="MiB", bar=1.0
        ),
    ]


async def build(driver: AsyncDriver, accounts: int) -> None:
    """One ring of so many accounts, each on three devices that 20 others have."""
    devices = max(3, accounts // 7)
    await driver.execute_query(RING_QUERY, {"accounts": accounts, "devices": devices})
    for first in range(0, accounts, 5_000):
        last = min(first + 5_000, accounts) - 1
        await driver.execute_query(
            MEMBERS_QUERY, {"first": first, "last": last, "devices": devices}
        )


async def warm_up(graph: Graph) -> None:
    """Plan once, so that what is measured is not the first planning of each statement."""
    await plan_takedown(
        graph, RING, TakedownAction.THROTTLE, RULES, reason="to warm up", by="planner"
    )


async def _carry_out(
    graph: Graph, worker: TakedownWorker, takedown_id: str, plan_hash: str
) -> None:
    await approve_takedown(graph, takedown_id, RULES, plan_hash=plan_hash, by="approver")
    await start_takedown(graph, takedown_id, RULES, by="planner", at=datetime.now(UTC))
    await worker.work_off(takedown_id)


async def _undo(graph: Graph, worker: TakedownWorker, takedown_id: str) -> None:
    await begin_undo(graph, takedown_id, reason="measured", by="planner")
    await worker.work_off(takedown_id)


async def _one_by_one(driver: AsyncDriver, accounts: int) -> float:
    count = max(1, accounts // PLAIN_SHARE)
    started = perf_counter()
    for n in range(count):
        await driver.execute_query(PLAIN_QUERY, {"id": f"account {n:07}", "standing": "suspended"})
    return (perf_counter() - started) * accounts / count


async def _timed(work: Awaitable[Answer]) -> tuple[float, Answer]:
    started = perf_counter()
    answer = await work
    return perf_counter() - started, answer


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def _main(accounts: int, *, as_json: bool) -> None:
    settings = Settings()
    with (
        TemporaryDirectory(prefix="ringfence-scale-") as folder,
        embedded.start(Path(folder), settings.cache, bound=True) as server,
    ):
        auth = (server.user, server.password)
        async with (
            Graph.connect(server.uri, *auth) as graph,
            AsyncGraphDatabase.driver(server.uri, auth=auth) as driver,
        ):
            await migrate(graph)
            rows = await measure(graph, driver, accounts=accounts)
    print_report("takedown", rows, as_json=as_json)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    configure_logs(json=True, level="ERROR")
    asyncio.run(_main(arguments.accounts, as_json=arguments.json))
