"""Verdicts: which are taken, what they change, and that later runs respect them."""

from datetime import datetime

import pytest

from ringfence.detection import load_config
from ringfence.domain.rings import RingState
from ringfence.domain.verdicts import MOVES, VerdictKind
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.loading import BATCH_EVENTS, save_events
from ringfence.store.rings import find_rings
from ringfence.store.verdicts import find_verdicts
from ringfence.usecases.detect import detect
from ringfence.usecases.judge_ring import judge_ring
from tests.conftest import Neo4jServer
from tests.detection.drawing import Drawing, farm
from tests.store.ring_dump import memberships, query, ring_dump

CONFIG = load_config()
BLIND = CONFIG.model_copy(
    update={"rings": CONFIG.rings.model_copy(update={"watch_score": 1.0, "review_score": 1.0})}
)
CONFIRMED, DISMISSED = VerdictKind.CONFIRMED, VerdictKind.DISMISSED


def one_farm(*, joined: int = 0) -> Drawing:
    world = Drawing()
    world.strangers(200)
    farm(world, "one", 30, devices=7, cards=5)
    for at in range(joined):
        account = f"one9{at:03}"
        world.sign_up(
            account,
            day=61 + at / 100,
            device=f"one-device{at % 7}",
            email=f"oneuser9{at}@gmail.com",
        )
        world.attach(account, f"one-card{at % 5}", day=61 + at / 100)
    return world


async def load(graph: Graph, world: Drawing) -> None:
    for first in range(0, len(world.events), BATCH_EVENTS):
        await save_events(graph, world.events[first : first + BATCH_EVENTS])


@pytest.fixture
async def found(graph: Graph) -> Graph:
    await load(graph, one_farm())
    await detect(graph, CONFIG)
    return graph


@pytest.fixture
async def ring_id(found: Graph, neo4j_server: Neo4jServer) -> str:
    sizes = {name: len(accounts) for name, accounts in (await memberships(neo4j_server)).items()}
    return max(sizes, key=lambda name: sizes[name])


async def state_of(graph: Graph, ring_id: str) -> RingState:
    return (await find_rings(graph, [ring_id]))[ring_id].state


async def test_verdict_changes_the_state_and_is_kept_with_its_reason(
    found: Graph, ring_id: str, neo4j_server: Neo4jServer
) -> None:
    first = await judge_ring(found, ring_id, DISMISSED, reason=" a class ", by="ana")
    second = await judge_ring(found, ring_id, CONFIRMED, reason="they pay for each other", by="bo")

    kept = (await find_verdicts(found, [ring_id]))[ring_id]
    assert kept == [second, first]
    assert (first.reason, first.by, first.state_before) == ("a class", "ana", RingState.OPEN)
    assert second.state_before is RingState.DISMISSED
    assert await state_of(found, ring_id) is RingState.CONFIRMED
    (told,) = await query(
        neo4j_server,
        "MATCH (v:Verdict {id: $id})-[:ON]->(:Ring) "
        "RETURN v.size AS size, v.strong_values AS strong",
        id=first.id,
    )
    assert told["size"] == 30
    assert {f"one-device{at}" for at in range(7)} <= set(told["strong"])


@pytest.mark.parametrize("state", RingState)
@pytest.mark.parametrize("kind", VerdictKind)
async def test_moves_that_the_table_does_not_allow_are_refused_and_change_nothing(
    found: Graph, ring_id: str, neo4j_server: Neo4jServer, state: RingState, kind: VerdictKind
) -> None:
    await found.run_schema(f"MATCH (r:Ring {{id: '{ring_id}'}}) SET r.state = '{state.value}'")
    before = await ring_dump(neo4j_server)

    if kind in MOVES[state]:
        await judge_ring(found, ring_id, kind, reason="seen", by="ana")
        assert await state_of(found, ring_id) == kind.value
        return
    with pytest.raises(Conflict, match="From there it can be: ") as refused:
        await judge_ring(found, ring_id, kind, reason="seen", by="ana")

    allowed = " or ".join(one.value for one in MOVES[state]) or "nothing"
    assert str(refused.value).endswith(f"it can be: {allowed}.")
    assert await ring_dump(neo4j_server) == before


@pytest.mark.parametrize(
    ("reason", "by"), [("", "ana"), ("  ", "ana"), ("x" * 2001, "ana"), ("x", "")]
)
async def test_verdict_without_a_reason_or_a_name_is_refused(
    found: Graph, ring_id: str, reason: str, by: str
) -> None:
    with pytest.raises(InvalidInput, match="Tell who judges, and why"):
        await judge_ring(found, ring_id, DISMISSED, reason=reason, by=by)

    assert await state_of(found, ring_id) is RingState.OPEN


async def test_unknown_ring_is_told(found: Graph) -> None:
    with pytest.raises(NotFound, match="No ring has the id ring_none"):
        await judge_ring(found, "ring_none", CONFIRMED, reason="seen", by="ana")


async def test_dismissed_ring_stays_dismissed_and_is_flagged_no_more(
    found: Graph, ring_id: str, neo4j_server: Neo4jServer
) -> None:
    await judge_ring(found, ring_id, DISMISSED, reason="a class", by="ana")
    before = await ring_dump(neo4j_server)

    summary = await detect(found, CONFIG)

    assert summary.rings_written == 0
    assert (summary.accounts_flagged, summary.top_rings) == (0, ())
    assert await ring_dump(neo4j_server) == before


async def test_dismissal_holds_while_the_ring_grows_by_less_than_half(
    found: Graph, ring_id: str, neo4j_server: Neo4jServer
) -> None:
    await judge_ring(found, ring_id, DISMISSED, reason="a class", by="ana")
    await load(found, one_farm(joined=8))

    summary = await detect(found, CONFIG)

    assert len((await memberships(neo4j_server))[ring_id]) == 38
    assert await state_of(found, ring_id) is RingState.DISMISSED
    assert summary.accounts_flagged == 0


async def test_ring_that_outgrows_its_dismissal_is_a_new_one_that_names_the_old_verdict(
    found: Graph, ring_id: str, neo4j_server: Neo4jServer
) -> None:
    await judge_ring(found, ring_id, DISMISSED, reason="a class", by="ana")
    await load(found, one_farm(joined=20))

    summary = await detect(found, CONFIG)
    again = await detect(found, CONFIG)

    (new_id,) = (await memberships(neo4j_server)).keys() - {ring_id}
    new = (await find_rings(found, [new_id]))[new_id]
    reasons = {reason.code: reason for reason in new.reasons}
    assert (new.state, new.size) == (RingState.OPEN, 50)
    assert f"ana dismissed ring {ring_id}" in reasons["dismissed_before"].text
    assert reasons["dismissed_before"].weight < 0
    assert await state_of(found, ring_id) is RingState.DISMISSED
    assert summary.accounts_flagged == 50
    assert (again.rings_written, again.rings_closed) == (0, 0)


async def test_confirmed_ring_outlives_runs_that_do_not_find_it_and_tells_it_once(
    found: Graph, ring_id: str, neo4j_server: Neo4jServer
) -> None:
    await judge_ring(found, ring_id, CONFIRMED, reason="paid with stolen cards", by="ana")

    await detect(found, BLIND)
    once = await ring_dump(neo4j_server)
    await detect(found, BLIND)
    twice = await ring_dump(neo4j_server)
    await detect(found, CONFIG)

    assert once == twice
    assert await state_of(found, ring_id) is RingState.CONFIRMED
    assert await kinds(neo4j_server) == ["born", "confirmed", "dormant", "returned"]


async def test_state_is_told_as_of_before_and_after_the_verdict(found: Graph, ring_id: str) -> None:
    born: datetime | None = (await find_rings(found, [ring_id]))[ring_id].found_at
    assert born is not None
    verdict = await judge_ring(found, ring_id, DISMISSED, reason="a class", by="ana")

    before = await find_rings(found, [ring_id], as_of=born)
    after = await find_rings(found, [ring_id], as_of=verdict.at)

    assert before[ring_id].state is RingState.OPEN
    assert after[ring_id].state is RingState.DISMISSED


async def kinds(server: Neo4jServer) -> list[str]:
    rows = await query(server, "MATCH (e:RingEvent) RETURN e.kind AS kind ORDER BY e.at")
    return [row["kind"] for row in rows]
