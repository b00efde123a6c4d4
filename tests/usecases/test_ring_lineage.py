"""Rings that merge, split and come back, as runs over the graph tell it."""

import pytest

from ringfence.detection import load_config
from ringfence.domain.lineage import RingEventKind
from ringfence.store.graph import Graph
from ringfence.store.migrations import read_migrations
from ringfence.store.ring_events import StoredRingEvent
from ringfence.store.rings import find_rings
from ringfence.usecases.detect import detect
from ringfence.usecases.ring_story import read_lineage, read_ring_story
from tests.conftest import Neo4jServer
from tests.detection.drawing import Drawing, farm
from tests.store.drawn_rings import create_accounts
from tests.store.ring_dump import memberships, query, ring_dump
from tests.usecases.test_detect import BLIND, break_after, load, two_farms

CONFIG = load_config()


def told(events: list[StoredRingEvent]) -> list[tuple[str, str]]:
    return [(one.event.kind.value, one.event.ring_id) for one in events]


async def test_life_of_a_ring_is_told_from_its_birth_on(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await load(graph, two_farms())
    await detect(graph, CONFIG)
    (ring_id,) = [
        name for name, accounts in (await memberships(neo4j_server)).items() if len(accounts) == 30
    ]
    grown = two_farms()
    for at in range(4):
        grown.sign_up(
            f"one9{at}", day=61, device=f"one-device{at}", email=f"oneuser9{at}@gmail.com"
        )
        grown.attach(f"one9{at}", f"one-card{at}", day=61)
    await load(graph, grown)
    await detect(graph, CONFIG)
    await detect(graph, BLIND)
    await detect(graph, BLIND)
    await detect(graph, CONFIG)
    await detect(graph, CONFIG)

    events = await read_lineage(graph, ring_id)

    assert [
        (one.event.kind.value, one.event.size_before, one.event.size_after) for one in events
    ] == [
        ("born", 0, 30),
        ("grew", 30, 34),
        ("dormant", 34, 34),
        ("returned", 34, 34),
    ]
    stories = [await read_ring_story(graph, ring_id, as_of=one.at, limit=99) for one in events]
    assert [len(story.members) for story in stories] == [30, 34, 0, 34]
    assert [story.ring.state.value for story in stories] == ["open", "open", "closed", "open"]
    assert [len(story.events) for story in stories] == [1, 2, 3, 4]


def bridged(world: Drawing) -> Drawing:
    """Accounts that draw from the devices and cards of both farms."""
    for at in range(24):
        account = f"both{at:04}"
        farm_name, other = ("one", "two") if at % 2 else ("two", "one")
        world.sign_up(
            account,
            day=91 + at / 100,
            device=f"{farm_name}-device{at % 4}",
            email=f"oneuser5{at:02}@gmail.com",
        )
        world.sign_in(account, day=92 + at / 100, device=f"{other}-device{at % 4}")
        world.attach(account, f"{other}-card{at % 3}", day=91 + at / 100)
        world.attach(account, f"{farm_name}-card{at % 3}", day=92 + at / 100)
    return world


async def test_ring_found_first_keeps_its_id_in_a_merger_and_the_other_id_leads_to_it(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    second = Drawing()
    second.strangers(200)
    farm(second, "two", 20, day=90)
    await load(graph, second)
    await detect(graph, CONFIG)
    (older,) = await memberships(neo4j_server)
    await load(graph, two_farms())
    await detect(graph, CONFIG)
    (younger,) = (await memberships(neo4j_server)).keys() - {older}
    await load(graph, bridged(two_farms()))

    await detect(graph, CONFIG)

    assert list(await memberships(neo4j_server)) == [older]
    assert len((await memberships(neo4j_server))[older]) == 74
    found = await find_rings(graph, [older, younger])
    assert {one.id for one in found.values()} == {older}
    events = await read_lineage(graph, older)
    assert told(events)[-2:] == sorted(
        [("merged", older), ("absorbed", younger)], key=lambda one: one[1]
    )
    before = await ring_dump(neo4j_server)
    again = await detect(graph, CONFIG)
    assert (again.rings_written, again.rings_closed) == (0, 0)
    assert await ring_dump(neo4j_server) == before


async def test_run_after_one_that_broke_tells_what_that_one_could_not_and_nothing_twice(
    graph: Graph, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await load(graph, two_farms())
    with monkeypatch.context() as broken:
        break_after(broken, rings=1)
        with pytest.raises(ConnectionError):
            await detect(graph, CONFIG)

    await detect(graph, CONFIG)

    rows = await query(neo4j_server, "MATCH (e:RingEvent) RETURN e.kind AS kind, e.ring_id AS ring")
    assert [row["kind"] for row in rows] == ["born", "born"]
    assert {row["ring"] for row in rows} == set(await memberships(neo4j_server))


async def test_graph_of_an_earlier_version_gets_births_and_times_of_membership(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await create_accounts(graph, ["a", "b"])
    for name, state, link in (("r", "open", "MEMBER_OF"), ("s", "closed", "WAS_MEMBER_OF")):
        await graph.run_schema(
            f"CREATE (r:Ring {{id: '{name}', state: '{state}', run_id: 'run_0', size: 2, "
            "core_size: 2, score: 0.5, grade: 'conclusive', tier: 'auto', operation_id: 'op', "
            "found_at: datetime('2026-01-01T00:00:00Z'), "
            "updated_at: datetime('2026-02-01T00:00:00Z')}) "
            f"WITH r MATCH (a:Account) CREATE (a)-[:{link} {{strength: 1.0}}]->(r)"
        )
    texts = [one.text for one in read_migrations() if one.number in (22, 23)]

    for text in texts * 2:
        assert text is not None
        await graph.run_schema(text)

    for name in ("r", "s"):
        (event,) = await read_lineage(graph, name)
        assert event.event.kind is RingEventKind.BORN
        story = await read_ring_story(graph, name, as_of=event.at, limit=9)
        assert {one.account_id for one in story.members} == {"a", "b"}
        assert story.ring.size == 2
    rows = await query(
        neo4j_server,
        "MATCH (r:Ring {id: 's'})<-[m:WAS_MEMBER_OF]-() "
        "RETURN m.until = r.dormant_since AND r.dormant_since = r.updated_at AS ends",
    )
    assert [row["ends"] for row in rows] == [True, True]
