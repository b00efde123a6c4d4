"""Rings over time in GraphQL: as of a moment, under old ids, what happened, what was said."""

import pytest

from tests.api.live import LiveApi
from tests.api.small_graph import Writer

JUDGE = """mutation ($input: JudgeRingInput!) { %s(input: $input) { __typename
    ... on RingJudged { ring { ringId state tier verdicts { kind by reason stateBefore } }
                        verdict { kind by reason ringId } }
    ... on VerdictRefused { code message allowed } } }"""
DAYS = {1: "2026-05-01T00:00:00Z", 2: "2026-05-02T00:00:00Z", 3: "2026-05-03T00:00:00Z"}


def tell(writer: Writer, ring_id: str, kind: str, day: int, **figures: object) -> None:
    defaults = {
        "score": 0.5,
        "grade": "corroborated",
        "tier": "review",
        "state": "open",
        "size": 2,
        "core_size": 2,
        "kinds": ["device"],
        "size_before": 0,
        "size_after": 2,
        "added": 2,
        "removed": 0,
        "other_ring_ids": [],
    }
    writer.run(
        "MATCH (r:Ring {id: $ring_id}) CREATE (r)-[:HAS_EVENT]->(e:RingEvent "
        "{run_id: $run_id, ring_id: $ring_id, kind: $kind, at: datetime($at)}) SET e += $figures",
        ring_id=ring_id,
        run_id=f"run_{day}",
        kind=kind,
        at=DAYS[day],
        figures=defaults | figures,
    )


@pytest.fixture
def merged(writer: Writer) -> Writer:
    """Ring s of the first day merged into ring r on the third; r had lost acct_x on the second."""
    writer.accounts(*({"id": f"acct_{name}"} for name in "abxcd"))
    writer.ring("r", score=0.9, size=4, core_size=4)
    writer.ring("s", size=2, core_size=2, state="closed")
    writer.run(
        "UNWIND [['a', 'r', 1, 9], ['b', 'r', 1, 9], ['x', 'r', 1, 2], ['c', 's', 1, 3], "
        "['d', 's', 1, 3], ['c', 'r', 3, 9], ['d', 'r', 3, 9]] AS row "
        "MATCH (a:Account {id: 'acct_' + row[0]}), (r:Ring {id: row[1]}) "
        "WITH a, r, row, {role: 'core', strength: 1.0, rank: -1.0, ring_id: r.id, "
        "account_id: a.id, because_kinds: ['device'], "
        "because_values: ['d'], joined_because: 'shares a device', "
        "since: datetime('2026-05-01T00:00:00Z') + duration({days: row[2] - 1})} AS told "
        "FOREACH (_ IN CASE row[3] WHEN 9 THEN [1] ELSE [] END | "
        "CREATE (a)-[m:MEMBER_OF]->(r) SET m = told) "
        "FOREACH (_ IN CASE row[3] WHEN 9 THEN [] ELSE [1] END | "
        "CREATE (a)-[m:WAS_MEMBER_OF]->(r) SET m = told, "
        "m.until = datetime('2026-05-01T00:00:00Z') + duration({days: row[3] - 1}))"
    )
    writer.run(
        "MATCH (s:Ring {id: 's'}), (r:Ring {id: 'r'}) "
        "CREATE (s)-[:MERGED_INTO {at: datetime('2026-05-03T00:00:00Z')}]->(r)"
    )
    tell(writer, "r", "born", 1, size=3, size_after=3, added=3)
    tell(writer, "s", "born", 1, score=0.7)
    tell(writer, "r", "shrank", 2, size_before=3, added=0, removed=1, tier="watch", score=0.4)
    tell(writer, "r", "merged", 3, size=4, size_before=2, size_after=4, other_ring_ids=["s"])
    tell(writer, "s", "absorbed", 3, size_before=2, size_after=0, state="closed")
    return writer


@pytest.mark.usefixtures("merged")
def test_id_of_a_merged_ring_leads_to_the_one_that_lives_on(api: LiveApi) -> None:
    ring = api.ask('{ ring(id: "s") { id ringId aliases } }')["ring"]

    assert (ring["ringId"], ring["aliases"]) == ("r", ["s"])
    by_node = api.ask(
        "query ($id: ID!) { node(id: $id) { ... on Ring { ringId } } }", id=ring["id"]
    )
    assert by_node["node"] == {"ringId": "r"}
    old_id = "UmluZzpz"  # Ring:s
    assert api.ask("query ($id: ID!) { node(id: $id) { id } }", id=old_id) == {
        "node": {"id": ring["id"]}
    }


@pytest.mark.usefixtures("merged")
@pytest.mark.parametrize(
    ("ring_id", "day", "expected"),
    [
        ("r", 1, ("r", "REVIEW", ["acct_a", "acct_b", "acct_x"])),
        ("r", 2, ("r", "WATCH", ["acct_a", "acct_b"])),
        ("r", 3, ("r", "REVIEW", ["acct_a", "acct_b", "acct_c", "acct_d"])),
        ("s", 2, ("s", "REVIEW", ["acct_c", "acct_d"])),
        ("s", 3, ("r", "REVIEW", ["acct_a", "acct_b", "acct_c", "acct_d"])),
    ],
)
def test_ring_and_its_members_are_those_of_the_moment(
    api: LiveApi, ring_id: str, day: int, expected: tuple[str, str, list[str]]
) -> None:
    ring = api.ask(
        "query ($id: ID!, $at: DateTime!) { ring(id: $id, asOf: $at) { ringId tier asOf "
        "members(first: 9, orderBy: ACCOUNT_ID) { totalCount nodes { account { accountId } } } } }",
        id=ring_id,
        at=DAYS[day],
    )["ring"]

    accounts = [one["account"]["accountId"] for one in ring["members"]["nodes"]]
    assert (ring["ringId"], ring["tier"], accounts) == expected
    assert ring["members"]["totalCount"] == len(accounts)
    assert ring["asOf"] == DAYS[day].replace("Z", "+00:00")


@pytest.mark.usefixtures("merged")
def test_rings_of_a_moment_are_filtered_and_sorted_as_they_were(api: LiveApi) -> None:
    def listed(day: int, wanted: str = "{}") -> list[str]:
        rings = api.ask(
            f"query ($at: DateTime!) {{ rings(first: 9, asOf: $at, filter: {wanted}) "
            "{ totalCount nodes { ringId } } }",
            at=DAYS[day],
        )["rings"]
        assert rings["totalCount"] == len(rings["nodes"])
        return [ring["ringId"] for ring in rings["nodes"]]

    assert listed(1) == ["s", "r"]
    assert listed(2, "{ tier: WATCH }") == ["r"]
    assert listed(3) == ["r"]
    nothing = api.ask('{ rings(first: 9, asOf: "2026-04-01T00:00:00Z") { nodes { ringId } } }')
    assert nothing == {"rings": {"nodes": []}}


def test_moment_without_a_zone_is_refused(api: LiveApi) -> None:
    error = api.refused('{ rings(first: 1, asOf: "2026-05-01T00:00:00") { nodes { ringId } } }')

    assert error["extensions"] == {"code": "invalid_input"}
    assert error["message"].startswith("`asOf` is 2026-05-01T00:00:00; expected a zone")


@pytest.mark.usefixtures("merged")
def test_lineage_tells_what_happened_page_by_page(api: LiveApi) -> None:
    query = (
        "query ($after: String) { ring(id: $id) { lineage(first: 2, after: $after) { totalCount "
        "pageInfo { endCursor hasNextPage } "
        "nodes { kind at ringId toldBy sizeBefore sizeAfter added removed otherRingIds } } } }"
    ).replace("$id", '"r"')
    told, after = [], None
    while True:
        lineage = api.ask(query, after=after)["ring"]["lineage"]
        told += lineage["nodes"]
        if not lineage["pageInfo"]["hasNextPage"]:
            break
        after = lineage["pageInfo"]["endCursor"]

    assert lineage["totalCount"] == 5
    assert [(one["ringId"], one["kind"]) for one in told] == [
        ("r", "BORN"),
        ("s", "BORN"),
        ("r", "SHRANK"),
        ("r", "MERGED"),
        ("s", "ABSORBED"),
    ]
    assert told[3] == {
        "kind": "MERGED",
        "at": "2026-05-03T00:00:00+00:00",
        "ringId": "r",
        "toldBy": "run_3",
        "sizeBefore": 2,
        "sizeAfter": 4,
        "added": 2,
        "removed": 0,
        "otherRingIds": ["s"],
    }


@pytest.mark.usefixtures("merged")
def test_verdict_is_given_to_the_ring_that_an_old_id_leads_to(api: LiveApi) -> None:
    judged = {"ringId": "s", "reason": "one class"}

    told = api.ask(JUDGE % "dismissRing", input=judged)["dismissRing"]

    said = {"kind": "DISMISSED", "by": "root", "reason": "one class"}
    assert told == {
        "__typename": "RingJudged",
        "ring": {
            "ringId": "r",
            "state": "DISMISSED",
            "tier": "REVIEW",
            "verdicts": [said | {"stateBefore": "OPEN"}],
        },
        "verdict": said | {"ringId": "r"},
    }


@pytest.mark.usefixtures("merged")
def test_verdict_that_the_state_does_not_allow_is_refused_with_those_it_does(api: LiveApi) -> None:
    judged = {"ringId": "r", "reason": "seen"}
    api.ask(JUDGE % "confirmRing", input=judged)

    again = api.ask(JUDGE % "confirmRing", input=judged)["confirmRing"]

    assert again == {
        "__typename": "VerdictRefused",
        "code": "CONFLICT",
        "message": "Ring r is confirmed and cannot be confirmed. From there it can be: dismissed.",
        "allowed": ["DISMISSED"],
    }
    assert len(api.ask('{ ring(id: "r") { verdicts { kind } } }')["ring"]["verdicts"]) == 1


@pytest.mark.usefixtures("merged")
@pytest.mark.parametrize(
    ("change", "code", "allowed"),
    [
        ({"ringId": "none"}, "NOT_FOUND", []),
        ({"reason": " "}, "INVALID_INPUT", ["CONFIRMED", "DISMISSED"]),
    ],
)
def test_verdict_that_is_told_wrongly_is_refused(
    api: LiveApi, change: dict[str, str], code: str, allowed: list[str]
) -> None:
    judged = {"ringId": "r", "reason": "seen"} | change

    told = api.ask(JUDGE % "confirmRing", input=judged)["confirmRing"]

    assert (told["__typename"], told["code"], told["allowed"]) == ("VerdictRefused", code, allowed)
    assert api.ask('{ ring(id: "r") { state verdicts { kind } } }')["ring"] == {
        "state": "OPEN",
        "verdicts": [],
    }


@pytest.mark.usefixtures("merged")
def test_verdicts_are_not_taken_by_get(api: LiveApi) -> None:
    judged = '{ringId: "r", reason: "seen"}'

    answer = api.client.get(
        "/graphql",
        params={"query": f"mutation {{ confirmRing(input: {judged}) {{ __typename }} }}"},
    )

    assert answer.status_code == 405
    assert api.ask('{ ring(id: "r") { state } }') == {"ring": {"state": "OPEN"}}
