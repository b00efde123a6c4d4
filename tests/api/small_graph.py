"""A small graph made by hand, in which every answer is known."""

from dataclasses import dataclass
from typing import Any

from neo4j import Driver

DAY_ONE = 20_565
"""22 April 2026, in days since 1970."""

CROWD = 201
"""Accounts behind the campus address, one more than a path may follow."""


@dataclass(frozen=True)
class Writer:
    """Writes nodes and relationships straight into Neo4j."""

    driver: Driver

    def run(self, statement: str, **parameters: object) -> None:
        self.driver.execute_query(statement, parameters)

    def holds_small_graph(self) -> bool:
        return bool(self.driver.execute_query("MATCH (n:SmallGraph) RETURN n LIMIT 1").records)

    def clear(self) -> None:
        self.run("MATCH (n) WHERE NOT n:Migration AND NOT n:MigrationLock DETACH DELETE n")

    def accounts(self, *rows: dict[str, Any]) -> None:
        self.run(
            "UNWIND $rows AS row CREATE (a:Account) SET a = row, "
            "a.first_seen_at = datetime('2026-04-22T10:00:00Z'), "
            "a.last_seen_at = datetime('2026-04-23T10:00:00Z')",
            rows=list(rows),
        )

    def links(self, kind: str, value: str, *account_ids: str) -> None:
        label, key, relationship = {
            "device": ("Device", "id", "USED_DEVICE"),
            "payment_instrument": ("PaymentInstrument", "id", "PAID_WITH"),
            "ip": ("IpAddress", "address", "SEEN_AT"),
        }.get(kind, ("Identifier", "value", "USES_IDENTIFIER"))
        self.run(
            f"MERGE (i:{label} {{{key}: $value}}) "
            f"{'SET i.kind = $kind ' if label == 'Identifier' else ''}"
            "WITH i UNWIND $account_ids AS account_id MATCH (a:Account {id: account_id}) "
            f"CREATE (a)-[:{relationship} {{first_seen_at: datetime('2026-04-22T10:00:00.5Z'), "
            "last_seen_at: datetime('2026-04-23T10:00:00Z'), events: 2}]->(i)",
            kind=kind,
            value=value,
            account_ids=account_ids,
        )

    def ring(self, ring_id: str, *, operation: str = "op_1", **properties: object) -> None:
        defaults = {
            "score": 0.5,
            "grade": "corroborated",
            "tier": "review",
            "state": "open",
            "size": 0,
            "core_size": 0,
            "kinds": ["device"],
            "reason_codes": ["shared_device"],
            "reason_weights": [2.5],
            "reason_texts": ["3 members share a device"],
            "requests": 0,
            "tokens": 0,
            "run_id": "run_1",
            "operation_id": operation,
        }
        self.run(
            "MERGE (o:Operation {id: $operation}) CREATE (r:Ring {id: $ring_id}) "
            "SET r += $properties, r.found_at = datetime('2026-05-01T00:00:00Z'), "
            "r.updated_at = datetime('2026-05-02T00:00:00Z'), "
            "r.first_signed_up_at = datetime('2026-04-22T10:00:00Z'), "
            "r.last_signed_up_at = datetime('2026-04-22T11:00:00Z') CREATE (r)-[:PART_OF]->(o)",
            operation=operation,
            ring_id=ring_id,
            properties=defaults | properties,
        )

    def members(self, ring_id: str, *rows: tuple[str, str, float]) -> None:
        self.run(
            "MATCH (r:Ring {id: $ring_id}) UNWIND $rows AS row MATCH (a:Account {id: row[0]}) "
            "CREATE (a)-[:MEMBER_OF {role: row[1], strength: row[2], rank: -row[2], "
            "ring_id: $ring_id, account_id: row[0], because_kinds: ['device'], "
            "because_values: ['dev_1'], joined_because: 'shares device dev_1'}]->(r)",
            ring_id=ring_id,
            rows=rows,
        )

    def evidence(self, ring_id: str, *rows: dict[str, Any]) -> None:
        self.run(
            "MATCH (r:Ring {id: $ring_id}) UNWIND range(0, size($rows) - 1) AS rank "
            "CREATE (r)-[:HAS_EVIDENCE]->(e:Evidence) SET e = $rows[rank], e.rank = rank",
            ring_id=ring_id,
            rows=list(rows),
        )

    def detection_run(self, run_id: str, started_at: str) -> None:
        self.run(
            "CREATE (:DetectionRun {id: $run_id, started_at: datetime($started_at), "
            "finished_at: datetime($started_at) + duration('PT5S'), config: '{}', seed: 7, "
            "graph_fingerprint: 'f00d', version: '0.1.0', rings: 2, accounts_flagged: 7, "
            "state: 'finished'})",
            run_id=run_id,
            started_at=started_at,
        )


def write_small_graph(writer: Writer) -> None:
    """Two rings of one operation, a campus of honest accounts, and one account alone."""
    writer.accounts(
        {
            "id": "acct_1",
            "email": "one@example.com",
            "country": "FR",
            "plan": "free",
            "user_agent": "curl/8",
            "charges_succeeded": 2,
            "charges_declined": 1,
            "paid_minor_EUR": 1999,
            "paid_minor_USD": 500,
            "requests": 15,
            "tokens": 150,
            "usage_days": [DAY_ONE, DAY_ONE + 1],
            "usage_requests": [10, 5],
            "usage_tokens": [100, 50],
        },
        {
            "id": "acct_2",
            "requests": 7,
            "tokens": 70,
            "usage_days": [DAY_ONE + 1],
            "usage_requests": [7],
            "usage_tokens": [70],
        },
        *({"id": f"acct_{n}"} for n in (3, 4, 5, 6, 7)),
        {"id": "acct_alone"},
        *({"id": f"crowd_{n:03}"} for n in range(CROWD)),
    )
    writer.links("device", "dev_1", "acct_1", "acct_2", "acct_3")
    writer.links("payment_instrument", "card_1", "acct_3", "acct_4")
    writer.links("ip", "10.0.0.1", "acct_1", "acct_2", "acct_3", "acct_4", "acct_5")
    writer.links("device", "dev_2", "acct_6", "acct_7")
    writer.links("payment_instrument", "card_2", "acct_5", "acct_6")
    writer.links("phone", "+33612345678", "acct_6", "acct_7")
    writer.links("ip", "10.9.9.9", *(f"crowd_{n:03}" for n in range(CROWD)))
    writer.ring(
        "ring_a",
        score=0.98,
        grade="conclusive",
        tier="auto",
        size=5,
        core_size=3,
        requests=22,
        tokens=220,
        kinds=["device", "payment_instrument"],
        reason_codes=["shared_device", "spread_sign_ups"],
        reason_weights=[3.5, -0.5],
        reason_texts=["3 members share a device", "sign-ups are spread over days"],
    )
    writer.ring("ring_b", score=0.7, size=2, core_size=2)
    writer.ring("ring_gone", score=0.99, size=4, state="closed", operation="op_2")
    writer.members(
        "ring_a",
        ("acct_1", "core", 3.0),
        ("acct_2", "core", 2.0),
        ("acct_3", "core", 3.0),
        ("acct_4", "peripheral", 1.0),
        ("acct_5", "peripheral", 0.5),
    )
    writer.members("ring_b", ("acct_6", "core", 2.0), ("acct_7", "core", 2.0))
    device = {"kind": "device", "value": "dev_1", "members": 3, "accounts": 3}
    card = {"kind": "payment_instrument", "value": "card_2", "members": 1, "accounts": 2}
    address = {"kind": "ip", "value": "10.0.0.1", "members": 5, "accounts": 5}
    writer.evidence(
        "ring_a",
        device | {"hub": "ordinary", "weight": 3.0},
        card | {"hub": "ordinary", "weight": 2.0},
        address | {"hub": "public", "weight": 0.0},
    )
    writer.evidence(
        "ring_b",
        {"kind": "device", "value": "dev_2", "members": 2, "accounts": 2, "hub": "ordinary"}
        | {"weight": 3.0},
        card | {"hub": "suspect", "weight": 1.5},
    )
    writer.detection_run("run_1", "2026-05-01T00:00:00Z")
    writer.detection_run("run_2", "2026-05-02T00:00:00Z")
    writer.run("CREATE (:SmallGraph)")
