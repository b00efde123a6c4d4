import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from ringfence.domain.receipts import Receipt, ReceiptFate, ReceiptOutcome
from ringfence.domain.takedowns import ActionKind
from ringfence.errors import NotFound
from ringfence.store.audit_log import page_entries
from ringfence.store.graph import Graph
from ringfence.usecases.receipts import take_receipts
from tests.conftest import Neo4jServer
from tests.receiver import NOW, write_actions
from tests.store.ring_dump import query

DONE, FAILED = ReceiptOutcome.DONE, ReceiptOutcome.FAILED
RECORDED, UNCHANGED = ReceiptFate.RECORDED, ReceiptFate.UNCHANGED
SUPERSEDED, UNKNOWN = ReceiptFate.SUPERSEDED, ReceiptFate.UNKNOWN
TARGETS = [("td_1", "a"), ("td_1", "b"), ("td_1", "c"), ("td_2", "a")]


@pytest.fixture
async def acted(graph: Graph, neo4j_server: Neo4jServer) -> Graph:
    """Two takedowns: of `a`, `b` and `c`, actions 1 to 3; and of `a` alone, action 4."""
    await query(
        neo4j_server,
        "UNWIND $rows AS row MERGE (t:Takedown {id: row[0]}) MERGE (a:Account {id: row[1]}) "
        "CREATE (t)-[:TARGETS {takedown_id: row[0], account_id: row[1], state: 'acted'}]->(a)",
        rows=TARGETS,
    )
    await write_actions(graph, ["a", "b", "c"])
    await write_actions(graph, ["a"], takedown_id="td_2")
    return graph


async def taken(
    graph: Graph, *receipts: Receipt, takedown_id: str = "td_1", now: datetime = NOW
) -> list[ReceiptFate]:
    return await take_receipts(graph, takedown_id, receipts, now=now, by="executor")


async def kept(server: Neo4jServer) -> dict[str, Any]:
    """Outcome, reason and action's number of each receipt, by takedown and account."""
    rows = await query(
        server,
        "MATCH ()-[t:TARGETS]->() WHERE t.receipt IS NOT NULL RETURN t.takedown_id AS takedown, "
        "t.account_id AS account, t.receipt AS receipt, t.receipt_reason AS reason, "
        "t.receipt_seq AS seq, t.receipt_at.epochMillis AS at_ms ORDER BY takedown, account",
    )
    return {
        f"{row['takedown']} {row['account']}": (row["receipt"], row["reason"], row["seq"])
        for row in rows
        if row["at_ms"]
    }


async def test_receipt_names_an_account_or_an_action(
    acted: Graph, neo4j_server: Neo4jServer
) -> None:
    fates = await taken(
        acted,
        Receipt(DONE, account_id="a"),
        Receipt(FAILED, action_id="td_1.2", reason="no such customer"),
    )

    assert fates == [RECORDED, RECORDED]
    assert await kept(neo4j_server) == {
        "td_1 a": ("done", None, 1),
        "td_1 b": ("failed", "no such customer", 2),
    }


async def test_receipt_that_comes_again_changes_nothing(
    acted: Graph, neo4j_server: Neo4jServer
) -> None:
    receipt = Receipt(DONE, account_id="a")
    await taken(acted, receipt)

    again = await taken(acted, receipt, now=NOW + timedelta(hours=1))

    assert again == [UNCHANGED]
    (row,) = await query(
        neo4j_server,
        "MATCH ()-[t:TARGETS {takedown_id: 'td_1', account_id: 'a'}]->() RETURN t.receipt_at AS at",
    )
    assert row["at"].to_native() == NOW
    entries = await page_entries(acted, after=0, limit=10)
    assert [(one.action, one.subject, one.detail) for one in entries] == [
        ("receipts_taken", "td_1", '{"failed":0,"receipts":1}')
    ]


async def test_what_is_no_action_of_the_takedown_is_unknown(
    acted: Graph, neo4j_server: Neo4jServer
) -> None:
    fates = await taken(
        acted,
        Receipt(DONE, account_id="nobody"),
        Receipt(DONE, action_id="td_2.4"),
        Receipt(DONE, action_id="td_1.4"),
        Receipt(DONE, action_id="td_1.99999999999999999999"),
        Receipt(DONE, action_id="x"),
        Receipt(DONE, account_id="c"),
    )

    assert fates == [UNKNOWN] * 5 + [RECORDED]
    assert await kept(neo4j_server) == {"td_1 c": ("done", None, 3)}
    with pytest.raises(NotFound, match="No takedown has the id td_9"):
        await taken(acted, Receipt(DONE, account_id="a"), takedown_id="td_9")


async def test_receipt_of_an_undone_act_does_not_take_the_place_of_that_of_the_undoing(
    acted: Graph, neo4j_server: Neo4jServer
) -> None:
    await write_actions(acted, ["a", "b"], kind=ActionKind.REVERT)
    await taken(acted, Receipt(DONE, account_id="a"))

    fates = await taken(
        acted, Receipt(FAILED, action_id="td_1.1"), Receipt(FAILED, action_id="td_1.2")
    )

    assert fates == [SUPERSEDED, RECORDED]
    assert await kept(neo4j_server) == {
        "td_1 a": ("done", None, 5),
        "td_1 b": ("failed", None, 2),
    }
    assert await taken(acted, Receipt(DONE, account_id="b")) == [RECORDED]
    assert (await kept(neo4j_server))["td_1 b"] == ("done", None, 6)


async def test_of_several_receipts_of_one_account_that_of_its_last_action_counts(
    acted: Graph, neo4j_server: Neo4jServer
) -> None:
    await write_actions(acted, ["a"], kind=ActionKind.REVERT)

    fates = await taken(
        acted,
        Receipt(FAILED, action_id="td_1.5"),
        Receipt(DONE, action_id="td_1.1"),
        Receipt(DONE, action_id="td_1.5"),
    )

    assert fates == [SUPERSEDED, SUPERSEDED, RECORDED]
    assert await kept(neo4j_server) == {"td_1 a": ("done", None, 5)}


async def test_receipts_in_any_order_at_once_end_with_that_of_the_last_action(
    acted: Graph, neo4j_server: Neo4jServer
) -> None:
    for _ in range(4):
        await write_actions(acted, ["a"], kind=ActionKind.REVERT)
        await write_actions(acted, ["a"])
    receipts = [Receipt(FAILED, action_id=f"td_1.{seq}") for seq in (1, *range(5, 12))]

    await asyncio.gather(
        *(taken(acted, one) for one in (*receipts, Receipt(DONE, action_id="td_1.12"), *receipts))
    )

    assert await kept(neo4j_server) == {"td_1 a": ("done", None, 12)}
