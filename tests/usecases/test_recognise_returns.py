"""Rings that come back after a takedown: recognised, told once, told apart from innocents."""

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from ringfence.detection import load_config
from ringfence.domain.changes import ChangeTopic
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.lineage import RingEventKind
from ringfence.domain.returns import Return, Watch
from ringfence.domain.screenings import Likelihood
from ringfence.errors import NotFound
from ringfence.store.graph import Graph
from ringfence.store.outbox import page_told
from ringfence.store.ring_events import page_ring_events
from ringfence.usecases.detect import detect
from ringfence.usecases.recognise_returns import read_watch, recognise_returns
from tests.conftest import Neo4jServer
from tests.detection.drawing import START, Drawing, farm
from tests.store.ring_dump import query
from tests.usecases.rings_taken_down import SECRET, draw_ring, started, worker
from tests.usecases.test_detect import load

DOWN: Final = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)
RELATION: Final = {"device": "USED_DEVICE", "payment_instrument": "PAID_WITH", "ip": "SEEN_AT"}
LABEL: Final = {
    "device": ("Device", "id"),
    "payment_instrument": ("PaymentInstrument", "id"),
    "ip": ("IpAddress", "address"),
}


async def draw_new_ring(
    server: Neo4jServer,
    ring_id: str,
    carried: list[IdentifierKey],
    *,
    at: datetime,
    run_id: str = "run_2",
) -> None:
    """A ring of two core members that signed up within the hour, both with all of that."""
    ids = [f"{ring_id}_{n}" for n in range(2)]
    await query(
        server,
        "MERGE (run:DetectionRun {id: $run_id}) SET run.told_at = datetime() "
        "MERGE (ring:Ring {id: $ring_id}) SET ring.state = 'open', ring.score = 0.9, "
        "ring.grade = 'corroborated', ring.tier = 'review', ring.size = 2, ring.core_size = 2, "
        "ring.kinds = ['device'], ring.run_id = $run_id, ring.requests = 0, ring.tokens = 0, "
        "ring.reason_codes = [], ring.reason_weights = [], ring.reason_texts = [], "
        "ring.last_signed_up_at = $at + duration('PT1H'), ring.first_signed_up_at = $at "
        "WITH ring UNWIND range(0, 1) AS n MERGE (a:Account {id: $ids[n]}) "
        "SET a.signed_up_at = $at + duration({hours: n}), a.first_seen_at = a.signed_up_at, "
        "    a.last_seen_at = a.signed_up_at "
        "MERGE (a)-[m:MEMBER_OF]->(ring) SET m.ring_id = ring.id, m.account_id = a.id, "
        "m.role = 'core', m.strength = 1.0, m.rank = -1.0, m.since = datetime(), "
        "m.because_kinds = [], m.because_values = [], m.run_id = $run_id, "
        "m.joined_because = 'shares'",
        ring_id=ring_id,
        run_id=run_id,
        ids=ids,
        at=at,
    )
    for key in carried:
        label, name = LABEL[key.kind]
        await query(
            server,
            f"MERGE (i:{label} {{{name}: $value}}) WITH i UNWIND $ids AS id "
            f"MATCH (a:Account {{id: id}}) MERGE (a)-[:{RELATION[key.kind]}]->(i)",
            value=key.value,
            ids=ids,
        )


async def take_down(graph: Graph, server: Neo4jServer, ring_id: str, at: datetime) -> None:
    """Suspend the core of a ring, as of a moment."""
    takedown = await started(graph, ring_id)
    await query(
        server,
        "MATCH (t:Takedown {id: $id})-[:OF]->(ring) "
        "SET t.started_at = $at, ring.taken_down_at = $at",
        id=takedown.id,
        at=at,
    )
    await worker(graph).work_off()


async def taken_down(graph: Graph, server: Neo4jServer, devices: int = 10) -> list[IdentifierKey]:
    """Ring ring_a, whose core carried ten devices beside those it is drawn with, taken down."""
    await draw_ring(graph)
    own = [IdentifierKey("device", f"old {n}") for n in range(devices)]
    for key in own:
        await query(
            server,
            "MERGE (i:Device {id: $value}) WITH i MATCH (a:Account) "
            "WHERE a.id IN ['ring_a_00000', 'ring_a_00001'] MERGE (a)-[:USED_DEVICE]->(i)",
            value=key.value,
        )
    await query(server, "MATCH ()-[m:MEMBER_OF]->() SET m.since = $at", at=DOWN - timedelta(days=1))
    await take_down(graph, server, "ring_a", DOWN)
    return own


async def look(graph: Graph, run_id: str = "run_2") -> int:
    return await recognise_returns(graph, secret=SECRET, run_id=run_id, at=datetime.now(UTC))


async def told_returns(graph: Graph) -> list[str]:
    changes = [one.change for one in await page_told(graph, after=0, limit=1_000)]
    return [
        one.subject_id
        for one in changes
        if (one.topic, one.kind) == (ChangeTopic.RING, RingEventKind.RETURNED)
    ]


@pytest.mark.parametrize("replaced", [3, 6, 9])
async def test_ring_is_recognised_though_it_replaced_most_of_what_it_had(
    graph: Graph, neo4j_server: Neo4jServer, replaced: int
) -> None:
    own = await taken_down(graph, neo4j_server)
    new = [IdentifierKey("device", f"new {n}") for n in range(replaced)]
    at = DOWN + timedelta(hours=3)
    await draw_new_ring(neo4j_server, "ring_b", [*own[replaced:], *new], at=at)

    assert await look(graph) == 1

    watch = await read_watch(graph, "ring_b")
    sure = Likelihood.LIKELY if replaced == 9 else Likelihood.CONFIRMED
    assert (watch.returned_from, watch.likelihood) == ("ring_a", sure)
    assert (watch.generation, watch.hours_to_return) == (1, 3.0)
    assert watch.replacement_rate == pytest.approx(replaced / 10)
    old = await read_watch(graph, "ring_a")
    assert old.returns == (Return("ring_b", sure, 1, watch.replacement_rate or 0.0, 3.0),)
    assert (old.generation, old.taken_down_at, old.new_members_since_takedown) == (0, DOWN, 0)


async def test_return_is_told_once_however_often_one_looks(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    own = await taken_down(graph, neo4j_server)
    at = DOWN + timedelta(hours=1)
    await draw_new_ring(neo4j_server, "ring_b", own[:5], at=at)

    assert await look(graph) == 1
    assert await look(graph) == 0
    more = [*own[:5], IdentifierKey("device", "one more")]
    await draw_new_ring(neo4j_server, "ring_b", more, at=at, run_id="run_3")
    assert await look(graph, "run_3") == 0

    assert await told_returns(graph) == ["ring_b"]
    assert (await read_watch(graph, "ring_b")).replacement_rate == pytest.approx(1 / 6)
    (event,) = (await page_ring_events(graph, ["ring_b"], after=None, limit=9))["ring_b"]
    assert (event.event.kind, event.event.other_ring_ids) == (RingEventKind.RETURNED, ("ring_a",))


async def test_innocents_who_inherit_an_address_are_no_return(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await taken_down(graph, neo4j_server, devices=0)
    await query(
        neo4j_server,
        "MERGE (i:IpAddress {address: '203.0.113.7'}) WITH i MATCH (a:Account) "
        "WHERE a.id STARTS WITH 'ring_a_' MERGE (a)-[:SEEN_AT]->(i)",
    )
    await take_down(graph, neo4j_server, "ring_a", DOWN)
    inherited = [IdentifierKey("ip", "203.0.113.7"), IdentifierKey("device", "a shop's")]
    at = DOWN + timedelta(hours=2)
    await draw_new_ring(neo4j_server, "ring_b", inherited, at=at)

    assert await look(graph) == 0

    assert await read_watch(graph, "ring_b") == Watch("ring_b")
    assert (await read_watch(graph, "ring_a")).returns == ()


async def test_who_was_there_before_the_takedown_did_not_return(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    own = await taken_down(graph, neo4j_server)
    before = DOWN - timedelta(hours=2)
    await draw_new_ring(neo4j_server, "ring_b", own, at=before)

    assert await look(graph) == 0

    assert (await read_watch(graph, "ring_b")).returned_from is None


async def test_generation_counts_up_from_takedown_to_takedown(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    own = await taken_down(graph, neo4j_server)
    new = [IdentifierKey("device", f"new {n}") for n in range(6)]
    at = DOWN + timedelta(hours=1)
    await draw_new_ring(neo4j_server, "ring_b", [*own[:4], *new], at=at)
    assert await look(graph) == 1

    await take_down(graph, neo4j_server, "ring_b", DOWN + timedelta(hours=3))
    newer = [IdentifierKey("device", f"newer {n}") for n in range(2)]
    at = DOWN + timedelta(hours=4)
    await draw_new_ring(neo4j_server, "ring_c", [*own[:4], *new[:4], *newer], at=at)
    assert await look(graph) == 1

    second, third = await read_watch(graph, "ring_b"), await read_watch(graph, "ring_c")
    assert (second.generation, second.returned_from) == (1, "ring_a")
    assert (third.generation, third.returned_from, third.hours_to_return) == (2, "ring_b", 1.0)
    assert third.replacement_rate == pytest.approx(0.2)
    assert [one.ring_id for one in second.returns] == ["ring_c"]
    assert await told_returns(graph) == ["ring_b", "ring_c"]


async def test_ring_that_refills_under_its_own_id_is_no_return(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await taken_down(graph, neo4j_server)
    await query(
        neo4j_server,
        "MATCH (ring:Ring {id: 'ring_a'}) UNWIND range(1, 3) AS n "
        "CREATE (:Account {id: 'fresh_' + n})-[:MEMBER_OF {ring_id: 'ring_a', role: 'core', "
        "account_id: 'fresh_' + n, since: $at}]->(ring)",
        at=datetime.now(UTC) + timedelta(hours=1),
    )
    # One whose role changed was a member all along.
    await query(
        neo4j_server,
        "MATCH (a:Account {id: 'ring_a_00005'})-[m:MEMBER_OF]->(ring:Ring) "
        "CREATE (a)-[was:WAS_MEMBER_OF]->(ring) SET was = properties(m), was.since = $before, "
        "was.until = $at, m.since = $at, m.role = 'core'",
        at=datetime.now(UTC) + timedelta(hours=1),
        before=DOWN - timedelta(days=1),
    )
    await query(
        neo4j_server,
        "MATCH (t:Takedown) SET t.started_at = $at",
        at=datetime.now(UTC) + timedelta(minutes=1),
    )

    assert await look(graph) == 0

    watch = await read_watch(graph, "ring_a")
    assert (watch.new_members_since_takedown, watch.returned_from) == (3, None)


async def test_return_is_recognised_after_the_accounts_of_the_old_ring_are_gone(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    own = await taken_down(graph, neo4j_server)
    await query(neo4j_server, "MATCH (a:Account) WHERE a.id STARTS WITH 'ring_a_' DETACH DELETE a")
    await draw_new_ring(neo4j_server, "ring_b", own[:2], at=DOWN + timedelta(hours=1))

    assert await look(graph) == 1


async def test_another_secret_recognises_nothing(graph: Graph, neo4j_server: Neo4jServer) -> None:
    own = await taken_down(graph, neo4j_server)
    await draw_new_ring(neo4j_server, "ring_b", own, at=DOWN + timedelta(hours=1))

    found = await recognise_returns(
        graph, secret=b"another secret of the tests", run_id="run_2", at=datetime.now(UTC)
    )

    assert found == 0


async def test_first_sign_up_check_that_named_it_is_told(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await taken_down(graph, neo4j_server)
    await query(
        neo4j_server,
        "UNWIND [-1, 2, 4] AS hours CREATE (:Screening {id: 's' + hours, "
        "re_entry_ring_id: 'ring_a', at: $down + duration({hours: hours})})",
        down=DOWN,
    )

    watch = await read_watch(graph, "ring_a")

    assert watch.first_named_at == DOWN + timedelta(hours=2)


async def test_unknown_ring_has_no_watch(graph: Graph) -> None:
    with pytest.raises(NotFound, match="No ring has the id ring_x"):
        await read_watch(graph, "ring_x")


async def test_detection_recognises_what_came_back_if_it_has_the_secret(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    world = Drawing()
    world.strangers(200)
    farm(world, "first", 20)
    await load(graph, world)
    await detect(graph, load_config(), secret=SECRET)
    (old,) = await query(neo4j_server, "MATCH (r:Ring) WHERE r.size >= 15 RETURN r.id AS id")
    await take_down(graph, neo4j_server, old["id"], DOWN)
    # What accounts of the old ring carry is theirs no more; they are erased, or it is long ago.
    (carried,) = await query(
        neo4j_server,
        "MATCH (:Account)-[m:MEMBER_OF {role: 'core'}]->(:Ring {id: $id}) "
        "MATCH (a:Account {id: m.account_id})-[:USED_DEVICE]->(d) "
        "WITH collect(DISTINCT d.id) AS devices MATCH (a:Account) WHERE a.id STARTS WITH 'first' "
        "DETACH DELETE a RETURN devices LIMIT 1",
        id=old["id"],
    )
    again, day = Drawing(), (DOWN + timedelta(hours=2) - START) / timedelta(days=1)
    farm(again, "second", 20, day=day, minutes=1)
    for at, device in enumerate(carried["devices"]):
        again.sign_in(f"second{at % 20:04d}", day=day + 0.05, device=device)
    await load(graph, again)

    await detect(graph, load_config())
    assert await told_returns(graph) == []
    await detect(graph, load_config(), secret=SECRET)

    (new,) = await told_returns(graph)
    watch = await read_watch(graph, new)
    assert (watch.returned_from, watch.generation) == (old["id"], 1)
    assert watch.hours_to_return == pytest.approx(2.0, abs=0.01)
