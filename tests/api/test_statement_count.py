"""A request runs as many statements for a hundred objects as for one."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.api.live import LiveApi
from tests.api.small_graph import Writer

PAGE = """query ($first: Int!) { rings(first: $first) { totalCount nodes {
    ringId score grade tier size reasons { text }
    operation { operationId ringCount rings(first: 3) { nodes { ringId } } }
    relatedRings(first: 3) { ring { ringId } }
    usageByDay { day exchanges } heaviestUsers(first: 3) { share account { accountId } }
    evidence(first: $first) { totalCount nodes { value identifier {
        accounts links(first: 3) { nodes { account { accountId } } }
        rings(first: 2) { totalCount nodes { ringId } } } } }
    members(first: $first) { totalCount nodes { role joinedBecause account { accountId email
        charges { paid { currency } } usageByDay { day }
        links(first: 3) { totalCount nodes { identifier { value } } }
        memberships(first: 2) { totalCount nodes { ring { ringId } } } } } } } } }"""


@pytest.fixture
def rings_and_members(writer: Writer) -> None:
    """Twelve rings of twelve members each, every member with a device of its pair."""
    for ring in range(12):
        account_ids = [f"acct_{ring}_{number:02}" for number in range(12)]
        writer.accounts(*({"id": account_id, "requests": 1} for account_id in account_ids))
        for one, other in pairwise(account_ids):
            writer.links("device", f"dev_{one}", one, other)
        writer.ring(f"ring_{ring:02}", score=0.5)
        writer.members(
            f"ring_{ring:02}", *((account_id, "core", 1.0) for account_id in account_ids)
        )
        writer.evidence(
            f"ring_{ring:02}",
            *(
                {"kind": "device", "value": f"dev_{account_id}", "members": 2, "accounts": 2}
                | {"hub": "ordinary", "weight": 1.0}
                for account_id in account_ids[:-1]
            ),
        )


@pytest.mark.usefixtures("rings_and_members")
def test_statements_do_not_grow_with_the_page(api: LiveApi) -> None:
    ran: list[Counter[str]] = []

    for first in (1, 3, 12):
        api.graph.statements.clear()
        rings = api.ask(PAGE, first=first)["rings"]["nodes"]
        ran.append(Counter(api.graph.statements))
        assert len(rings) == first
        assert all(len(ring["members"]["nodes"]) == first for ring in rings)

    assert ran[0] == ran[1] == ran[2]
    assert ran[0].total() <= 32


@pytest.mark.usefixtures("rings_and_members")
def test_page_of_rings_and_members_takes_four_statements(api: LiveApi) -> None:
    api.graph.statements.clear()

    api.ask(
        "{ rings(first: 12) { nodes { ringId members(first: 12) { nodes { account { id } } } } } }"
    )

    assert api.graph.statements == [
        "rings/page",
        "rings/find_many",
        "rings/page_members_by_strength",
        "accounts/find_many",
    ]


@pytest.mark.usefixtures("rings_and_members")
def test_totals_are_counted_only_when_asked_for(api: LiveApi) -> None:
    api.graph.statements.clear()

    api.ask("{ rings(first: 1) { nodes { ringId } } }")

    assert api.graph.statements == ["rings/page", "rings/find_many"]
