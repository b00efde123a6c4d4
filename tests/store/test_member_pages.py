"""Pages of members: each list is whole, in order, and costs the same at every depth."""

import math
from dataclasses import replace
from random import Random
from typing import Any, Final

import pytest

from neo4j import GraphDatabase
from ringfence.domain.rings import Member, Ring, Role
from ringfence.store.detection_runs import start_run
from ringfence.store.graph import Graph
from ringfence.store.members import MemberOrder, MemberOrderBy, page_members
from ringfence.store.queries import statement
from ringfence.store.rings import RankAndId
from tests.conftest import Neo4jServer
from tests.store.drawn_rings import change, create_accounts, ring, save_ring
from tests.store.test_detection_runs import RUN

ODD_IDS: Final = ["", "Z", "a", "a ", "é", "\uffee", "\U0001f600"]
"""One before all letters, and some that bytes, code points and UTF-16 units order differently."""
ACCOUNTS: Final = [f"acct_{number:03}" for number in range(50)] + ODD_IDS[1:]
DEEP: Final = 2_000


def tied(ring_id: str, account_ids: list[str], *, seed: int = 1) -> Ring:
    """A ring of few strengths, zero among them, which both roles share."""
    chance = Random(seed)  # noqa: S311
    told = ring(ring_id, account_ids)
    return replace(
        told,
        members=tuple(
            replace(one, role=chance.choice(list(Role)), strength=chance.choice((0.0, 0.5, 2.0)))
            for one in told.members
        ),
    )


TIED, HALF = tied("tied", ACCOUNTS), tied("half", ACCOUNTS[::2], seed=2)


@pytest.fixture
async def tied_rings(graph: Graph) -> Graph:
    await create_accounts(graph, ACCOUNTS)
    await start_run(graph, RUN, lease_s=0)
    for one in (TIED, HALF):
        await save_ring(graph, "run_1", change(one, "beef"), lease_s=0)
    return graph


def sorted_places(of: Ring, order: MemberOrder) -> list[RankAndId]:
    """All places of a list, as Python sorts them."""

    def place(member: Member) -> RankAndId:
        rank = 0.0 if order.by is MemberOrderBy.ACCOUNT_ID else -member.strength
        return rank, member.account_id

    return sorted(place(one) for one in of.members if order.role in (None, one.role))


async def pages(
    graph: Graph, ring_ids: list[str], order: MemberOrder, after: RankAndId | None, limit: int
) -> dict[str, list[RankAndId]]:
    found = await page_members(graph, ring_ids, order=order, after=after, limit=limit)
    return {
        ring_id: [(one.rank, one.account_id) for one, _ in many] for ring_id, many in found.items()
    }


@pytest.mark.parametrize("by", MemberOrderBy)
@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("limit", [1, 7, 100])
async def test_pages_hold_all_members_in_order_once(
    tied_rings: Graph, by: MemberOrderBy, role: Role | None, limit: int
) -> None:
    order = MemberOrder(by, role)
    walked: list[RankAndId] = []
    after = None

    while page := (await pages(tied_rings, ["tied"], order, after, limit))["tied"]:
        assert len(page) <= limit
        walked += page
        after = page[-1]

    assert walked == sorted_places(TIED, order)


@pytest.mark.parametrize("by", MemberOrderBy)
@pytest.mark.parametrize("role", [None, *Role])
async def test_page_continues_after_any_place_in_each_ring(
    tied_rings: Graph, by: MemberOrderBy, role: Role | None
) -> None:
    order = MemberOrder(by, role)
    ranks = (-2.0, -1.0, -0.5, 0.0) if by is MemberOrderBy.STRENGTH else (0.0,)

    for after in (
        (rank, f"{base}{end}") for rank in ranks for base in ODD_IDS for end in ("", "~")
    ):
        found = await pages(tied_rings, ["tied", "gone", "half"], order, after, 5)

        assert found == {
            one.id: [place for place in sorted_places(one, order) if place > after][:5]
            for one in (TIED, HALF)
        }


async def test_member_takes_the_place_of_its_new_strength_and_role(tied_rings: Graph) -> None:
    changed = replace(
        TIED,
        members=tuple(
            replace(one, strength=2.5 - one.strength, role=Role.CORE) for one in TIED.members[1:]
        ),
    )

    await start_run(tied_rings, replace(RUN, id="run_2"), lease_s=0)
    await save_ring(tied_rings, "run_2", change(changed, "cafe"), lease_s=0)

    for order in (MemberOrder(), MemberOrder(role=Role.PERIPHERAL)):
        found = await pages(tied_rings, ["tied"], order, None, 100)
        assert found == {"tied": sorted_places(changed, order)}


@pytest.mark.parametrize("by", MemberOrderBy)
async def test_page_reads_no_more_members_than_it_gives_wherever_it_is(
    graph: Graph, neo4j_server: Neo4jServer, by: MemberOrderBy
) -> None:
    account_ids = [f"acct_{number:05}" for number in range(DEEP)]
    large = tied("large", account_ids)
    await create_accounts(graph, account_ids)
    await start_run(graph, RUN, lease_s=0)
    await save_ring(graph, "run_1", change(large, "beef"), lease_s=0)
    places = [(-math.inf, ""), *sorted_places(large, MemberOrder(by))[::490]]

    hits = [database_hits(neo4j_server, by, place, limit=10) for place in places]

    assert max(hits) < 300


def database_hits(server: Neo4jServer, by: MemberOrderBy, after: RankAndId, *, limit: int) -> int:
    """What one page costs: everything that its plan reads of the store."""
    parameters = {
        "ring_ids": ["large"],
        "roles": list(Role),
        "after_rank": after[0],
        "after_id": after[1],
        "limit": limit,
    }
    text = f"PROFILE {statement(f'rings/page_members_by_{by}')}"
    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        result = driver.execute_query(text, parameters)
    assert len(result.records[0]["members"]) == limit
    return _hits(result.summary.profile or {})


def _hits(plan: dict[str, Any]) -> int:
    return int(plan.get("dbHits", 0)) + sum(map(_hits, plan.get("children", ())))
