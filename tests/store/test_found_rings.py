from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Evidence, Grade, HubClass, KnownRing, RingState, Role, Tier
from ringfence.errors import Conflict
from ringfence.store.detection_runs import start_run
from ringfence.store.found_rings import (
    BATCH_ROWS,
    RingDigests,
    RingMark,
    close_rings,
    find_ring_marks,
    in_batches,
    save_rings,
)
from ringfence.store.graph import Graph
from ringfence.store.known_rings import known_rings
from ringfence.store.ring_parts import BATCH_SIZE
from tests.conftest import Neo4jServer
from tests.store.drawn_rings import (
    ACTIVITY,
    change,
    create_accounts,
    gone,
    ring,
    save_ring,
    without_evidence,
)
from tests.store.ring_dump import memberships, query, ring_dump
from tests.store.test_detection_runs import OTHER, RUN

KNOWN = KnownRing(
    id="r",
    operation_id="op_1",
    strength_by_account_id={"a": 2.5, "b": 2.0},
    found_at=RUN.started_at,
    score=0.875,
    grade=Grade.CORROBORATED,
    tier=Tier.REVIEW,
    told_score=0.875,
)


async def ring_node(server: Neo4jServer, ring_id: str) -> dict[str, Any]:
    (row,) = await query(
        server, "MATCH (r:Ring {id: $id}) RETURN properties(r) AS ring", id=ring_id
    )
    return dict(row["ring"])


async def operations(server: Neo4jServer) -> dict[str, list[str]]:
    rows = await query(
        server,
        "MATCH (o:Operation) OPTIONAL MATCH (r:Ring)-[:PART_OF]->(o) "
        "RETURN o.id AS id, collect(r.id) AS rings",
    )
    return {row["id"]: sorted(row["rings"]) for row in rows}


async def told_evidence(server: Neo4jServer) -> list[tuple[str, int, int, str]]:
    """Value, accounts, rank and run of each piece, by rank."""
    rows = await query(
        server,
        "MATCH (e:Evidence) RETURN e.value AS value, e.accounts AS accounts, e.rank AS rank, "
        "e.run_id AS run ORDER BY rank, value",
    )
    return [(row["value"], row["accounts"], row["rank"], row["run"]) for row in rows]


@pytest.fixture
async def running(graph: Graph) -> Graph:
    await create_accounts(graph, ["a", "b", "c", "d"])
    await start_run(graph, RUN, lease_s=60)
    return graph


async def test_new_ring_is_open_and_holds_all_that_was_concluded(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    await save_ring(running, "run_1", change(ring("r", ["a", "b", "c"]), "beef"), lease_s=60)

    node = await ring_node(neo4j_server, "r")
    times = [
        node.pop(name).to_native().timestamp()
        for name in ("first_signed_up_at", "last_signed_up_at")
    ]
    assert times == [1_770_000_000.123, 1_770_000_900.0]
    assert node.pop("found_at") == node.pop("updated_at")
    assert node == {
        "id": "r",
        "operation_id": "op_1",
        "score": 0.875,
        "grade": "corroborated",
        "tier": "review",
        "state": "open",
        "size": 3,
        "core_size": 1,
        "kinds": ["device", "payment_instrument"],
        "reason_codes": ["shared_strong", "established"],
        "reason_weights": [2.25, -1.0],
        "reason_texts": ["2 cards are shared", "1 of 3 has paid for long"],
        "requests": 1_000,
        "tokens": 52_000,
        "digest": "beef",
        "members_digest": "beef",
        "evidence_digest": "beef",
        "run_id": "run_1",
    }
    assert await operations(neo4j_server) == {"op_1": ["r"]}
    assert await find_ring_marks(running) == [
        RingMark("r", RingState.OPEN, RingDigests("beef", "beef", "beef"))
    ]


async def test_members_and_evidence_are_tied_to_the_ring(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    await save_ring(running, "run_1", change(ring("r", ["a", "b"]), "beef"), lease_s=60)

    members = await query(
        neo4j_server,
        "MATCH (a:Account)-[m:MEMBER_OF]->(:Ring {id: 'r'}) "
        "RETURN a.id AS id, properties(m) AS member ORDER BY id",
    )
    evidence = await query(
        neo4j_server,
        "MATCH (:Ring {id: 'r'})-[:HAS_EVIDENCE]->(e:Evidence) "
        "RETURN properties(e) AS evidence ORDER BY e.rank",
    )
    assert members[1]["member"].pop("since").to_native() == RUN.started_at
    assert members[1] == {
        "id": "b",
        "member": {
            "role": "peripheral",
            "strength": 2.0,
            "rank": -2.0,
            "ring_id": "r",
            "account_id": "b",
            "because_kinds": ["device", "payment_instrument"],
            "because_values": ["d1", "c1"],
            "joined_because": "shares a card with 3 members",
            "digest": members[1]["member"]["digest"],
            "run_id": "run_1",
        },
    }
    assert [row["id"] for row in members] == ["a", "b"]
    assert [row["evidence"] for row in evidence] == [
        {
            "kind": "device",
            "value": "d1",
            "members": 2,
            "accounts": 3,
            "hub": "ordinary",
            "weight": 1.5,
            "digest": evidence[0]["evidence"]["digest"],
            "rank": 0,
            "run_id": "run_1",
        },
        {
            "kind": "payment_instrument",
            "value": "c1",
            "members": 2,
            "accounts": 2,
            "hub": "suspect",
            "weight": 1.25,
            "digest": evidence[1]["evidence"]["digest"],
            "rank": 1,
            "run_id": "run_1",
        },
    ]


async def test_members_that_left_and_old_evidence_go(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    await save_ring(running, "run_1", change(ring("r", ["a", "b", "c"]), "1"), lease_s=60)
    await start_run_again(running)

    now = ring("r", ["b", "c", "d"])
    device, card = now.evidence
    new = replace(card, key=IdentifierKey("payment_instrument", "c2"))
    now = replace(now, evidence=(new, replace(device, accounts=4)))
    await save_ring(running, "run_2", change(now, "2"), lease_s=60)

    assert await memberships(neo4j_server) == {"r": {"b", "c", "d"}}
    assert await told_evidence(neo4j_server) == [("c2", 2, -1, "run_2"), ("d1", 4, 0, "run_2")]


async def test_evidence_behind_a_new_piece_is_not_written(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    before = ring("r", ["a", "b", "c"])
    await save_ring(running, "run_1", change(before, "1"), lease_s=60)
    await start_run_again(running)
    device, card = before.evidence
    new = replace(device, key=IdentifierKey("device", "d0"))

    now = replace(
        before, evidence=(new, device, replace(new, key=IdentifierKey("device", "e")), card)
    )
    await save_ring(running, "run_2", change(now, "2"), lease_s=60)

    told = await told_evidence(neo4j_server)
    assert [(value, run) for value, _, _, run in told] == [
        ("d0", "run_2"),
        ("d1", "run_1"),
        ("e", "run_2"),
        ("c1", "run_1"),
    ]


async def test_members_and_evidence_that_stayed_as_they_were_are_not_written(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    await save_ring(running, "run_1", change(ring("r", ["a", "b"]), "1"), lease_s=60)
    await start_run_again(running)
    now = ring("r", ["a", "b", "c"])
    first, second, third = now.members
    device, card = now.evidence
    now = replace(
        now,
        members=(first, replace(second, strength=2.0), replace(third, strength=1.0)),
        evidence=(device, replace(card, weight=1.0)),
    )

    await save_ring(running, "run_2", change(now, "2"), lease_s=60)

    rows = await query(
        neo4j_server,
        "MATCH (a:Account)-[m:MEMBER_OF]->(:Ring {id: 'r'}) "
        "RETURN a.id AS id, m.strength AS strength, m.run_id AS run ORDER BY id",
    )
    assert [tuple(row.values()) for row in rows] == [
        ("a", 2.5, "run_1"),
        ("b", 2.0, "run_1"),
        ("c", 1.0, "run_2"),
    ]
    assert await told_evidence(neo4j_server) == [("d1", 3, 0, "run_1"), ("c1", 2, 1, "run_2")]


async def test_only_what_changed_of_a_ring_is_written(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    first = change(ring("r", ["a", "b"]), "1")
    await save_ring(running, "run_1", first, lease_s=60)
    await start_run_again(running)
    other = replace(ring("r", ["b", "c"]), score=0.5)

    figures = replace(change(other, "2"), before=first.digests._replace(figures=None))
    figures = replace(figures, digests=first.digests._replace(figures="2"))
    await save_ring(running, "run_2", figures, lease_s=60)

    node = await ring_node(neo4j_server, "r")
    assert (node["score"], node["run_id"], node["digest"]) == (0.5, "run_2", "2")
    assert await memberships(neo4j_server) == {"r": {"a", "b"}}
    assert {run for *_, run in await told_evidence(neo4j_server)} == {"run_1"}

    members = replace(figures, digests=figures.digests._replace(members="3"))
    await save_ring(running, "run_2", members, lease_s=60)

    assert await memberships(neo4j_server) == {"r": {"b", "c"}}
    assert {run for *_, run in await told_evidence(neo4j_server)} == {"run_1"}


async def test_rings_of_a_batch_are_written_all_or_none(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    fine, broken = change(ring("r", ["a", "b"]), "1"), change(ring("s", ["c", "gone"]), "1")
    before = await ring_dump(neo4j_server)

    with pytest.raises(Conflict, match="1 accounts of rings r, s are gone"):
        await save_rings(running, "run_1", [fine, broken], lease_s=60)
    assert await ring_dump(neo4j_server) == before

    await save_rings(running, "run_1", [fine, change(ring("s", ["b", "c"]), "1")], lease_s=60)

    assert await memberships(neo4j_server) == {"r": {"a", "b"}, "s": {"b", "c"}}
    assert await operations(neo4j_server) == {"op_1": ["r", "s"]}
    assert len(await told_evidence(neo4j_server)) == 4


@given(st.lists(st.integers(1, 2 * BATCH_ROWS), max_size=12), st.integers(1, 4))
def test_batches_keep_the_order_and_are_small_unless_a_ring_is_large(
    sizes: list[int], rings: int
) -> None:
    drawn = ring("r", ["a"])
    changes = [
        change(replace(without_evidence(drawn), id=str(at), members=drawn.members * size), "1")
        for at, size in enumerate(sizes)
    ]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ringfence.store.found_rings.BATCH_RINGS", rings)
        batches = list(in_batches(changes, lambda change: change.rows))

    assert [one for batch in batches for one in batch] == changes
    for batch in batches:
        assert 1 <= len(batch) <= rings
        assert len(batch) == 1 or sum(one.rows for one in batch) <= BATCH_ROWS


async def test_operation_without_rings_goes_and_others_stay(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    await save_ring(
        running, "run_1", change(ring("r", ["a"], operation_id="op_1"), "1"), lease_s=60
    )
    await save_ring(
        running, "run_1", change(ring("s", ["b"], operation_id="op_2"), "1"), lease_s=60
    )
    await save_ring(
        running, "run_1", change(ring("t", ["c"], operation_id="op_2"), "1"), lease_s=60
    )

    await save_ring(
        running, "run_1", change(ring("r", ["a"], operation_id="op_2"), "2"), lease_s=60
    )
    await save_ring(
        running, "run_1", change(ring("s", ["b"], operation_id="op_3"), "2"), lease_s=60
    )

    assert await operations(neo4j_server) == {"op_2": ["r", "t"], "op_3": ["s"]}


@pytest.mark.parametrize("state", ["confirmed", "dismissed", "taken_down", "watched"])
async def test_state_that_people_gave_a_ring_stays_when_it_is_written_again(
    running: Graph, neo4j_server: Neo4jServer, state: str
) -> None:
    await save_ring(running, "run_1", change(ring("r", ["a", "b"]), "1"), lease_s=60)
    await running.run_schema(f"MATCH (r:Ring {{id: 'r'}}) SET r.state = '{state}'")

    await save_ring(running, "run_1", change(ring("r", ["a", "b", "c"]), "2"), lease_s=60)

    node = await ring_node(neo4j_server, "r")
    assert (node["state"], node["size"]) == (state, 3)


@pytest.mark.parametrize("state", ["confirmed", "dismissed", "taken_down", "watched"])
async def test_ring_that_people_judged_is_not_closed(
    running: Graph, neo4j_server: Neo4jServer, state: str
) -> None:
    await save_ring(running, "run_1", change(ring("r", ["a", "b"]), "1"), lease_s=60)
    await running.run_schema(f"MATCH (r:Ring {{id: 'r'}}) SET r.state = '{state}'")
    before = await ring_node(neo4j_server, "r")
    evidence = await query(neo4j_server, "MATCH (e:Evidence) RETURN count(e) AS pieces")

    closed = await close_rings(running, "run_1", [gone("r")], lease_s=60)

    after = await ring_node(neo4j_server, "r")
    assert closed == 0
    assert after.pop("dormant_since").to_native() == RUN.started_at
    assert after.pop("told_score") == after["score"]
    assert after == before
    assert await memberships(neo4j_server) == {"r": {"a", "b"}}
    assert await query(neo4j_server, "MATCH (e:Evidence) RETURN count(e) AS pieces") == evidence


async def test_closed_ring_keeps_its_figures_and_remembers_its_members(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    await save_ring(running, "run_1", change(ring("r", ["a", "b"]), "1"), lease_s=60)

    closed = await close_rings(running, "run_1", [gone("r")], lease_s=60)

    node = await ring_node(neo4j_server, "r")
    assert closed == 1
    assert (node["state"], node["size"], node["score"]) == ("closed", 2, 0.875)
    assert await memberships(neo4j_server) == {}
    assert await query(neo4j_server, "MATCH (e:Evidence) RETURN e") == []
    assert await known_rings(running) == [
        replace(KNOWN, state=RingState.CLOSED, dormant=True, core=frozenset({"a"}))
    ]
    assert await find_ring_marks(running) == [RingMark("r", RingState.CLOSED, RingDigests())]


async def test_closed_ring_that_comes_back_is_open_again(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    await save_ring(running, "run_1", change(ring("r", ["a", "b"]), "1"), lease_s=60)
    await close_rings(running, "run_1", [gone("r")], lease_s=60)

    await save_ring(running, "run_1", change(ring("r", ["b", "c"]), "1"), lease_s=60)

    node = await ring_node(neo4j_server, "r")
    assert (node["state"], node["digest"]) == ("open", "1")
    assert await memberships(neo4j_server) == {"r": {"b", "c"}}
    assert await known_rings(running) == [
        replace(KNOWN, strength_by_account_id={"b": 2.5, "c": 2.0}, core=frozenset({"b"}))
    ]


async def test_ring_with_an_account_that_is_gone_is_refused_whole(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    await save_ring(running, "run_1", change(ring("r", ["a", "b"]), "1"), lease_s=60)
    before = await ring_dump(neo4j_server)

    with pytest.raises(Conflict, match="1 accounts of rings r are gone"):
        await save_ring(running, "run_1", change(ring("r", ["a", "gone"]), "2"), lease_s=60)

    assert await ring_dump(neo4j_server) == before


async def test_run_that_lost_its_lease_writes_and_closes_nothing(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await create_accounts(graph, ["a", "b"])
    await start_run(graph, RUN, lease_s=0)
    await save_ring(graph, "run_1", change(ring("r", ["a", "b"]), "1"), lease_s=0)
    await start_run(graph, OTHER, lease_s=60)
    before = await ring_dump(neo4j_server)

    with pytest.raises(Conflict, match="another run took over"):
        await save_ring(graph, "run_1", change(ring("s", ["a"]), "1"), lease_s=60)
    with pytest.raises(Conflict, match="another run took over"):
        await close_rings(graph, "run_1", [gone("r")], lease_s=60)

    assert await ring_dump(neo4j_server) == before


async def test_ring_without_evidence_or_sign_ups_is_written(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    quiet = replace(ACTIVITY, first_signed_up_ms=None, last_signed_up_ms=None)

    await save_ring(
        running, "run_1", change(without_evidence(ring("r", ["a"])), "1", quiet), lease_s=60
    )

    node = await ring_node(neo4j_server, "r")
    assert "first_signed_up_at" not in node
    assert "last_signed_up_at" not in node
    assert node["kinds"] == []


async def test_ring_of_25_000_is_written_and_written_again_in_one_transaction_each(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    accounts = [f"acct_{at:05}" for at in range(25_100)]
    await create_accounts(graph, accounts)
    await start_run(graph, RUN, lease_s=60)
    large = replace(
        ring("r", accounts[:25_000]),
        evidence=tuple(
            Evidence(IdentifierKey("device", f"d{at}"), 5, 5, HubClass.ORDINARY, 1.0)
            for at in range(BATCH_SIZE + 1)
        ),
    )
    await save_ring(graph, "run_1", change(large, "1"), lease_s=60)
    await start_run_again(graph)

    await save_ring(graph, "run_2", change(ring("r", accounts[100:]), "2"), lease_s=60)

    assert await memberships(neo4j_server) == {"r": set(accounts[100:])}
    (row,) = await query(
        neo4j_server,
        "MATCH (:Account)-[m:MEMBER_OF {role: $role}]->(:Ring) RETURN count(m) AS core",
        role=Role.CORE.value,
    )
    assert row["core"] == 1


async def test_evidence_keeps_its_rank_across_batches(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    evidence = tuple(
        Evidence(IdentifierKey("device", f"d{at}"), 2, 2, HubClass.ORDINARY, 1.0)
        for at in range(BATCH_SIZE + 2)
    )

    await save_ring(
        running, "run_1", change(replace(ring("r", ["a"]), evidence=evidence), "1"), lease_s=60
    )

    rows = await query(neo4j_server, "MATCH (e:Evidence) RETURN e.rank AS at, e.value AS value")
    assert {row["at"]: row["value"] for row in rows} == {
        at: f"d{at}" for at in range(BATCH_SIZE + 2)
    }


async def start_run_again(graph: Graph) -> None:
    """Let run_2 take over at once."""
    await graph.run_schema("MATCH (l:Lease) REMOVE l.run_id, l.expires_at")
    await start_run(graph, OTHER, lease_s=60)
