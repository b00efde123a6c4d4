"""A ring drawn for takedowns, and the steps that tests take with it."""

from datetime import UTC, datetime, timedelta
from typing import Final

from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedown_rules import TakedownRules, load_takedown_rules
from ringfence.domain.takedowns import TakedownAction
from ringfence.store.graph import Graph
from ringfence.store.takedowns import StoredTakedown
from ringfence.usecases.approve_takedown import approve_takedown
from ringfence.usecases.carry_out_takedown import start_takedown
from ringfence.usecases.plan_takedown import plan_takedown
from ringfence.usecases.takedown_worker import TakedownWorker

SECRET: Final = b"a secret of the tests"
RULES: Final = load_takedown_rules()
AT_ONCE: Final = TakedownOptions(delay_minutes=(0.0, 0.0))
PLANNER: Final = "key_planner"
APPROVER: Final = "key_approver"


class Clock:
    """A clock that goes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


async def draw_ring(
    graph: Graph,
    ring_id: str = "ring_a",
    *,
    members: int = 6,
    core: int = 4,
    prefix: str | None = None,
) -> None:
    """A ring of members `ring_a_00` and on, the first of them core, on two devices and a card.

    All have one device, the even ones a card too. Each drew 10 exchanges more than the one before.
    Accounts of another ring with the same prefix are its members too.
    """
    prefix = prefix or ring_id
    await graph.run_schema(
        f"""
        CREATE (ring:Ring {{
          id: '{ring_id}', operation_id: 'op_1', score: 0.95, grade: 'corroborated', tier: 'auto',
          state: 'open', size: {members}, core_size: {core}, kinds: ['device'],
          reason_codes: [], reason_weights: [], reason_texts: [], requests: 0, tokens: 0,
          run_id: 'run_1', found_at: datetime(), updated_at: datetime()
        }})
        CREATE (ring)-[:HAS_EVIDENCE]->(:Evidence {{
          kind: 'device', value: '{ring_id} device', members: {members}, accounts: {members},
          hub: 'suspect', weight: 2.0, rank: 0, run_id: 'run_1'
        }})
        CREATE (ring)-[:HAS_EVIDENCE]->(:Evidence {{
          kind: 'payment_instrument', value: '{ring_id} card', members: {(members + 1) // 2},
          accounts: {(members + 1) // 2}, hub: 'ordinary', weight: 1.0, rank: 1, run_id: 'run_1'
        }})
        MERGE (device:Device {{id: '{ring_id} device'}})
        MERGE (card:PaymentInstrument {{id: '{ring_id} card'}})
        WITH ring, device, card
        UNWIND range(0, {members - 1}) AS n
        WITH ring, device, card, n, '{prefix}_' + right('00000' + toString(n), 5) AS id
        MERGE (a:Account {{id: id}})
        SET a.signed_up_at = datetime(), a.first_seen_at = datetime(), a.last_seen_at = datetime(),
            a.requests = 10 * n
        CREATE (a)-[:USED_DEVICE {{first_seen_at: datetime(), last_seen_at: datetime(), events: 1}}]
               ->(device)
        FOREACH (_ IN CASE n % 2 WHEN 0 THEN [1] ELSE [] END |
          CREATE (a)-[:PAID_WITH {{
            first_seen_at: datetime(), last_seen_at: datetime(), events: 1
          }}]->(card))
        CREATE (a)-[:MEMBER_OF {{
          ring_id: '{ring_id}', account_id: a.id, rank: -1.0, strength: 1.0,
          role: CASE WHEN n < {core} THEN 'core' ELSE 'peripheral' END,
          because_kinds: ['device', 'payment_instrument'][..2 - n % 2],
          because_values: ['{ring_id} device', '{ring_id} card'][..2 - n % 2],
          joined_because: 'shares a device', run_id: 'run_1', since: datetime()
        }}]->(ring)
        """
    )


async def planned(
    graph: Graph,
    ring_id: str = "ring_a",
    action: TakedownAction = TakedownAction.SUSPEND,
    *,
    rules: TakedownRules = RULES,
    options: TakedownOptions = AT_ONCE,
) -> StoredTakedown:
    """A plan."""
    return await plan_takedown(
        graph, ring_id, action, rules, reason="It is a ring.", by=PLANNER, options=options
    )


async def started(
    graph: Graph,
    ring_id: str = "ring_a",
    action: TakedownAction = TakedownAction.SUSPEND,
    *,
    rules: TakedownRules = RULES,
    options: TakedownOptions = AT_ONCE,
    at: datetime | None = None,
) -> StoredTakedown:
    """A takedown that was approved, if it has to be, and started."""
    takedown = await planned(graph, ring_id, action, rules=rules, options=options)
    if takedown.needs_approval:
        await approve_takedown(graph, takedown.id, rules, plan_hash=takedown.plan_hash, by=APPROVER)
    return await start_takedown(graph, takedown.id, rules, by=PLANNER, at=at or datetime.now(UTC))


def worker(
    graph: Graph, clock: Clock | None = None, rules: TakedownRules = RULES, *, batch: int = 1_000
) -> TakedownWorker:
    """Somebody who carries takedowns out."""
    return TakedownWorker(
        graph, rules, SECRET, clock=clock or (lambda: datetime.now(UTC)), batch=batch
    )


async def standings(graph: Graph, prefix: str = "ring_a_") -> list[str]:
    """What each account whose id begins so may do, by id."""
    rows = await graph.read("graph/export_accounts")
    return [
        row["properties"].get("standing", "active")
        for row in rows
        if row["properties"]["id"].startswith(prefix)
    ]
