"""Rings as they were: memberships with their times, what happened, and ids that lead on."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ringfence.domain.lineage import RingEvent, RingEventKind
from ringfence.domain.rings import Ring, RingState, Role
from ringfence.store.detection_runs import start_run
from ringfence.store.found_rings import close_rings, find_ring_marks
from ringfence.store.graph import Graph
from ringfence.store.known_rings import known_rings
from ringfence.store.members import MemberOrder, MemberOrderBy, count_members, page_members
from ringfence.store.ring_events import count_ring_events, page_ring_events
from ringfence.store.rings import RingFilter, RingOrder, count_rings, find_rings, page_rings
from tests.conftest import Neo4jServer
from tests.store.drawn_rings import change, create_accounts, gone, ring, save_ring
from tests.store.ring_dump import query, ring_dump
from tests.store.test_detection_runs import RUN

FIRST = RUN.started_at
BY_ID = MemberOrder(MemberOrderBy.ACCOUNT_ID)


@pytest.fixture
async def running(graph: Graph) -> Graph:
    await create_accounts(graph, list("abcdefgh"))
    await start_run(graph, RUN, lease_s=0)
    return graph


async def next_run(graph: Graph, day: int) -> str:
    run = replace(RUN, id=f"run_{day}", started_at=FIRST + timedelta(days=day))
    await start_run(graph, run, lease_s=0)
    return run.id


async def save(graph: Graph, run_id: str, of: Ring, *events: RingEvent) -> None:
    digest = f"{run_id} {of}"
    await save_ring(graph, run_id, replace(change(of, digest), events=events), lease_s=0)


def event(kind: str, ring_id: str, before: int, after: int, *others: str) -> RingEvent:
    added, removed = max(after - before, 0), max(before - after, 0)
    return RingEvent(RingEventKind(kind), ring_id, before, after, added, removed, others)


async def members_at(graph: Graph, ring_id: str, moment: datetime | None) -> dict[str, Role]:
    found = await page_members(graph, [ring_id], order=BY_ID, after=None, limit=100, as_of=moment)
    return {one.account_id: one.role for one, _ in found[ring_id]}


def day(number: float) -> datetime:
    return FIRST + timedelta(days=number)


async def test_members_and_roles_are_told_as_of_every_moment(running: Graph) -> None:
    core, peripheral = Role.CORE, Role.PERIPHERAL
    await save(running, "run_1", ring("r", ["a", "b"]), event("born", "r", 0, 2))
    await save(running, await next_run(running, 2), ring("r", ["b", "c"]))
    await save(running, await next_run(running, 3), ring("r", ["a", "b"]))

    told = [await members_at(running, "r", day(at)) for at in (-1, 0, 1, 2, 2.5, 3, 9)]

    assert told[0] == {}
    assert told[1] == told[2] == {"a": core, "b": peripheral}
    assert told[3] == told[4] == {"b": core, "c": peripheral}
    assert told[5] == told[6] == {"a": core, "b": peripheral}
    assert await members_at(running, "r", None) == told[6]
    assert await count_members(running, ["r"], role=core, limit=9, as_of=day(2)) == {"r": 1}


async def test_members_of_a_moment_come_in_pages_by_key(running: Graph) -> None:
    await save(running, "run_1", ring("r", list("abcdefg")), event("born", "r", 0, 7))
    await save(running, await next_run(running, 2), ring("r", ["h"]))

    walked: list[str] = []
    after = None
    while page := (
        await page_members(running, ["r"], order=MemberOrder(), after=after, limit=3, as_of=day(1))
    )["r"]:
        walked += [one.account_id for one, _ in page]
        after = (page[-1][0].rank, page[-1][0].account_id)

    assert walked == list("abcdefg")


async def test_figures_are_told_as_of_every_moment(running: Graph) -> None:
    await save(running, "run_1", ring("r", ["a", "b"]), event("born", "r", 0, 2))
    grown = replace(ring("r", ["a", "b", "c"]), score=0.5)
    await save(running, await next_run(running, 2), grown, event("grew", "r", 2, 3))
    await close_rings(running, await next_run(running, 3), [gone("r", size=3)], lease_s=0)

    told = {
        at: [
            (one.score, one.size, one.state.value, one.updated_at)
            for one in (await find_rings(running, ["r"], as_of=day(at))).values()
        ]
        for at in (-1, 1, 2, 4)
    }

    assert told == {
        -1: [],
        1: [(0.875, 2, "open", FIRST)],
        2: [(0.5, 3, "open", day(2))],
        4: [(0.5, 3, "closed", day(3))],
    }


async def test_list_of_a_moment_holds_the_rings_of_then_in_their_order(running: Graph) -> None:
    await save(running, "run_1", ring("r", ["a", "b"]), event("born", "r", 0, 2))
    await save(running, "run_1", ring("s", ["c", "d", "e"]), event("born", "s", 0, 3))
    later = await next_run(running, 2)
    low = replace(ring("r", ["a", "b"]), score=0.25)
    await save(running, later, low, event("changed", "r", 2, 2))
    await save(running, later, ring("t", ["f"]), event("born", "t", 0, 1))
    high = RingFilter(states=(RingState.OPEN,))

    async def listed(moment: datetime, wanted: RingFilter = high) -> list[str]:
        found = await page_rings(running, wanted, RingOrder(), after=None, limit=9, as_of=moment)
        assert await count_rings(running, wanted, limit=9, as_of=moment) == len(found)
        return [one.id for _, one in found]

    assert await listed(day(1)) == ["r", "s"]
    assert await listed(day(2)) == ["s", "t", "r"]
    assert await listed(day(1), RingFilter(min_size=3)) == ["s"]
    assert await listed(day(-1)) == []


async def merge(graph: Graph) -> None:
    """Rings r and s of the first run become r on the second day."""
    await save(graph, "run_1", ring("r", ["a", "b"]), event("born", "r", 0, 2))
    await save(graph, "run_1", ring("s", ["c", "d"]), event("born", "s", 0, 2))
    await save(
        graph,
        await next_run(graph, 2),
        ring("r", list("abcd")),
        event("merged", "r", 2, 4, "s"),
        event("absorbed", "s", 2, 0, "r"),
    )


async def test_id_of_a_merged_ring_leads_to_the_one_that_lives_on(running: Graph) -> None:
    await merge(running)

    found = await find_rings(running, ["r", "s", "none"])
    before = await find_rings(running, ["s"], as_of=day(1))
    after = await find_rings(running, ["s"], as_of=day(2))

    assert {asked: one.id for asked, one in found.items()} == {"r": "r", "s": "r"}
    assert found["s"].aliases == ("s",)
    assert (before["s"].id, before["s"].size, before["s"].aliases) == ("s", 2, ())
    assert (after["s"].id, after["s"].size) == ("r", 4)
    assert await members_at(running, "s", day(1)) == {"c": Role.CORE, "d": Role.PERIPHERAL}


async def test_ids_lead_on_through_every_merger(running: Graph) -> None:
    await merge(running)
    await save(running, await next_run(running, 3), ring("q", ["e"]), event("born", "q", 0, 1))
    await save(
        running,
        await next_run(running, 4),
        ring("q", list("abcde")),
        event("merged", "q", 1, 5, "r"),
        event("absorbed", "r", 4, 0, "q"),
    )

    found = await find_rings(running, ["r", "s"])
    at_first = await find_rings(running, ["s"], as_of=day(3))

    assert {one.id for one in found.values()} == {"q"}
    assert found["s"].aliases == ("r", "s")
    assert at_first["s"].id == "r"


async def test_ring_that_merged_is_listed_and_known_no_more_but_as_an_alias(
    running: Graph,
) -> None:
    await merge(running)

    (known,) = await known_rings(running)
    everything = RingFilter()
    listed = await page_rings(running, everything, RingOrder(), after=None, limit=9)

    assert (known.id, known.aliases, set(known.members)) == ("r", ("s",), set("abcd"))
    assert [one.id for _, one in listed] == ["r"]
    assert await count_rings(running, everything, limit=9) == 1
    assert [mark.id for mark in await find_ring_marks(running)] == ["r"]


async def test_lineage_is_that_of_the_ring_and_of_those_that_merged_into_it(
    running: Graph,
) -> None:
    await merge(running)

    first = (await page_ring_events(running, ["r"], after=None, limit=3))["r"]
    rest = (await page_ring_events(running, ["r"], after=first[-1].place, limit=3))["r"]

    told = [(one.at, one.event.ring_id, one.event.kind.value) for one in first + rest]
    assert told == [
        (FIRST, "r", "born"),
        (FIRST, "s", "born"),
        (day(2), "r", "merged"),
        (day(2), "s", "absorbed"),
    ]
    assert first[2].event == event("merged", "r", 2, 4, "s")
    assert (first[2].run_id, first[2].score, first[2].state) == ("run_2", 0.875, RingState.OPEN)
    assert await count_ring_events(running, ["r"]) == {"r": 4}


async def test_event_that_is_told_again_by_the_same_run_stands_once(
    running: Graph, neo4j_server: Neo4jServer
) -> None:
    await save(running, "run_1", ring("r", ["a", "b"]), event("born", "r", 0, 2))
    before = await ring_dump(neo4j_server)

    await save(running, "run_1", ring("r", ["a", "b"]), event("born", "r", 0, 2))

    events = await query(neo4j_server, "MATCH (e:RingEvent) RETURN e.kind AS kind")
    assert events == [{"kind": "born"}]
    assert [line for line in await ring_dump(neo4j_server) if "RingEvent" in line] == [
        line for line in before if "RingEvent" in line
    ]
