"""Pages of policies and of list entries: each list is whole, in order, and cheap at every depth."""

from collections.abc import Sequence
from datetime import date
from itertools import product
from typing import Any, Final

import pytest

from neo4j import GraphDatabase
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.policies import PolicyKey, PolicyMode
from ringfence.domain.policy_lists import ListName
from ringfence.domain.policy_reading import read_draft
from ringfence.store.graph import Graph
from ringfence.store.policies import (
    count_versions,
    find_many_versions,
    page_versions,
    save_mode,
    save_version,
)
from ringfence.store.policy_lists import count_entries, page_entries, remove_entry, save_entry
from ringfence.store.queries import statement
from tests.conftest import Neo4jServer
from tests.screening.policies_by_hand import entry, policy

LATER: Final = date(2999, 12, 31)
ODD: Final = ["Z", "a", "a b", "é", "\uffee", "\U0001f600"]
"""Values that bytes, code points and UTF-16 units order differently."""
KINDS: Final = ("device", "fingerprint", "phone_hash")
DEEP: Final = 3_000


async def walked(graph: Graph, list_name: ListName, limit: int) -> list[IdentifierKey]:
    found: list[IdentifierKey] = []
    after = None
    while page := await page_entries(graph, list_name, after=after, limit=limit):
        assert len(page) <= limit
        found += [one.key for one in page]
        after = found[-1]
    return found


@pytest.mark.parametrize("limit", [1, 4, 100])
async def test_pages_hold_all_entries_of_a_list_in_order_once(graph: Graph, limit: int) -> None:
    keys = [IdentifierKey(*key) for key in product(KINDS, ODD)]
    for kind, value in reversed(keys):
        await save_entry(graph, entry(ListName.BLOCK, kind, value, until=LATER), by="ana")
    await save_entry(graph, entry(ListName.ALLOW, "device", "b", until=LATER), by="ana")

    assert await walked(graph, ListName.BLOCK, limit) == sorted(keys)
    assert await walked(graph, ListName.ALLOW, limit) == [("device", "b")]
    assert await count_entries(graph, ListName.BLOCK, limit=1_000) == len(keys)
    assert await count_entries(graph, ListName.BLOCK, limit=5) == 5


async def test_page_holds_the_living_version_of_an_entry_alone(graph: Graph) -> None:
    for until in (LATER, date(2998, 12, 31)):
        await save_entry(graph, entry(ListName.BLOCK, "device", "d", until=until), by="ana")
    gone = entry(ListName.BLOCK, "device", "e", until=LATER)
    await save_entry(graph, gone, by="ana")
    await remove_entry(graph, ListName.BLOCK, gone.key, reason="wrong", by="ana")

    (found,) = await page_entries(graph, ListName.BLOCK, after=None, limit=9)

    assert (found.key.value, found.version, found.ends) == ("d", 2, date(2998, 12, 31))
    assert await count_entries(graph, ListName.BLOCK, limit=9) == 1


async def test_page_of_entries_costs_the_same_wherever_it_is(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    assert graph
    fill = """UNWIND range(1, $deep) AS n CREATE (:PolicyListEntry {list: 'block',
        kind: ['device', 'email', 'ip'][n % 3], value: toString(100000 + n), version: 1,
        living: true, reason: 'r', owner: 'o', begins_on: date('2026-05-01'),
        ends_on: date('2999-12-31')})"""
    text = f"PROFILE {statement('policy_lists/page')}"
    places = [("", ""), ("device", "100010"), ("email", "101000"), ("ip", "102500")]
    with GraphDatabase.driver(
        neo4j_server.uri, auth=(neo4j_server.user, neo4j_server.password)
    ) as driver:
        driver.execute_query(fill, {"deep": DEEP})
        hits = []
        for kind, value in places:
            asked = {"list": "block", "after_kind": kind, "after_value": value, "limit": 10}
            result = driver.execute_query(text, asked)
            assert len(result.records) == 10
            hits.append(_hits(result.summary.profile or {}))

    assert max(hits) < 200


def _hits(plan: dict[str, Any]) -> int:
    inside: Sequence[dict[str, Any]] = plan.get("children", ())
    return int(plan.get("dbHits", 0)) + sum(_hits(child) for child in inside)


@pytest.mark.parametrize("limit", [1, 2, 100])
async def test_pages_hold_all_versions_of_policies_in_order_once(graph: Graph, limit: int) -> None:
    keys: list[PolicyKey] = [(name, version) for name in ("a", "a-b", "b") for version in (1, 2, 3)]
    for policy_id, version in keys:
        told = policy(id=policy_id, name=f"Version {version}").document()
        await save_version(graph, read_draft(told, where="test"), by="ana")
        retired = PolicyMode.RETIRED
        await save_mode(graph, policy_id, version, retired, reason="enough", by="ana")
    found: list[PolicyKey] = []

    while page := await page_versions(graph, after=found[-1] if found else None, limit=limit):
        found += [one.policy.key for one in page]

    assert found == keys
    assert await count_versions(graph, limit=100) == len(keys)
    some = [("a", 2), ("b", 3), ("b", 4), ("c", 1)]
    assert sorted(await find_many_versions(graph, some)) == [("a", 2), ("b", 3)]
