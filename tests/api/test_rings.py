from typing import Any

import pytest

from tests.api.live import LiveApi
from tests.api.small_graph import Writer


@pytest.mark.usefixtures("small_graph")
def test_rings_come_highest_score_first_without_closed_ones(api: LiveApi) -> None:
    rings = api.ask("{ rings(first: 10) { totalCount nodes { ringId score } } }")["rings"]

    assert rings == {
        "totalCount": 2,
        "nodes": [{"ringId": "ring_a", "score": 0.98}, {"ringId": "ring_b", "score": 0.7}],
    }


@pytest.mark.usefixtures("small_graph")
def test_ring_tells_all_that_the_run_concluded(api: LiveApi) -> None:
    ring = api.ask(
        """{ ring(id: "ring_a") {
            ringId score grade tier state size coreSize kinds exchanges tokens runId
            firstSignedUpAt lastSignedUpAt foundAt updatedAt reasons { code weight text }
            operation { operationId ringCount size exchanges tokens
                        rings(first: 5) { totalCount nodes { ringId } } }
            relatedRings(first: 5) { sharedIdentifiers kinds sameOperation ring { ringId } }
        } }"""
    )["ring"]

    assert ring == {
        "ringId": "ring_a",
        "score": 0.98,
        "grade": "CONCLUSIVE",
        "tier": "AUTO",
        "state": "OPEN",
        "size": 5,
        "coreSize": 3,
        "kinds": ["device", "payment_instrument"],
        "exchanges": 22,
        "tokens": 220,
        "runId": "run_1",
        "firstSignedUpAt": "2026-04-22T10:00:00+00:00",
        "lastSignedUpAt": "2026-04-22T11:00:00+00:00",
        "foundAt": "2026-05-01T00:00:00+00:00",
        "updatedAt": "2026-05-02T00:00:00+00:00",
        "reasons": [
            {"code": "shared_device", "weight": 3.5, "text": "3 members share a device"},
            {"code": "spread_sign_ups", "weight": -0.5, "text": "sign-ups are spread over days"},
        ],
        "operation": {
            "operationId": "op_1",
            "ringCount": 2,
            "size": 7,
            "exchanges": 22,
            "tokens": 220,
            "rings": {"totalCount": 2, "nodes": [{"ringId": "ring_a"}, {"ringId": "ring_b"}]},
        },
        "relatedRings": [
            {
                "sharedIdentifiers": 1,
                "kinds": ["payment_instrument"],
                "sameOperation": True,
                "ring": {"ringId": "ring_b"},
            }
        ],
    }


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("{}", ["ring_a", "ring_b"]),
        ("{ direction: ASC }", ["ring_b", "ring_a"]),
        ("{ by: SIZE }", ["ring_a", "ring_b"]),
        ("{ by: EXCHANGES, direction: ASC }", ["ring_b", "ring_a"]),
    ],
)
def test_rings_come_in_the_order_asked_for(api: LiveApi, order: str, expected: list[str]) -> None:
    rings = api.ask(f"{{ rings(first: 5, orderBy: {order}) {{ nodes {{ ringId }} }} }}")["rings"]

    assert [ring["ringId"] for ring in rings["nodes"]] == expected


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("{ grade: CONCLUSIVE }", ["ring_a"]),
        ("{ grade: [CONCLUSIVE, CORROBORATED] }", ["ring_a", "ring_b"]),
        ("{ tier: REVIEW }", ["ring_b"]),
        ("{ state: CLOSED }", ["ring_gone"]),
        ("{ state: [OPEN, CLOSED] }", ["ring_gone", "ring_a", "ring_b"]),
        ("{ minSize: 3 }", ["ring_a"]),
        ("{ maxSize: 2 }", ["ring_b"]),
        ("{ minSize: 3, maxSize: 4 }", []),
        ("{ grade: CONCLUSIVE, tier: REVIEW }", []),
    ],
)
def test_rings_that_pass_every_condition_are_listed_and_counted(
    api: LiveApi, wanted: str, expected: list[str]
) -> None:
    rings = api.ask(f"{{ rings(first: 5, filter: {wanted}) {{ totalCount nodes {{ ringId }} }} }}")[
        "rings"
    ]

    assert [ring["ringId"] for ring in rings["nodes"]] == expected
    assert rings["totalCount"] == len(expected)


def test_walk_meets_every_ring_once_though_scores_are_equal(api: LiveApi, writer: Writer) -> None:
    for number in range(7):
        writer.ring(f"ring_{number}", score=0.5 if number % 2 else 0.9)

    pages = walk(api, "{ rings(first: 3, after: $after) { ...page } }", "RingConnection", "ringId")

    assert pages == [
        ["ring_0", "ring_2", "ring_4"],
        ["ring_6", "ring_1", "ring_3"],
        ["ring_5"],
    ]


@pytest.mark.parametrize("order", ["STRENGTH", "ACCOUNT_ID"])
def test_walk_meets_every_member_once_though_strengths_are_equal(
    api: LiveApi, writer: Writer, order: str
) -> None:
    account_ids = [f"acct_{number:02}" for number in range(23)]
    writer.accounts(*({"id": account_id} for account_id in account_ids))
    writer.ring("ring_1", size=23)
    writer.members("ring_1", *((account_id, "core", 1.25) for account_id in account_ids))

    pages = walk(
        api,
        f'{{ ring(id: "ring_1") {{ members(first: 5, after: $after, orderBy: {order}) '
        "{ ...page } } }",
        "MemberConnection",
        "account { accountId }",
    )

    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]
    assert [member["accountId"] for page in pages for member in page] == account_ids


@pytest.mark.usefixtures("small_graph")
def test_members_come_most_firmly_tied_first(api: LiveApi) -> None:
    members = api.ask(
        """{ ring(id: "ring_a") { members(first: 3) {
            totalCount pageInfo { hasNextPage hasPreviousPage }
            nodes { role strength joinedBecause because { kind value }
                    account { accountId } ring { ringId } } } } }"""
    )["ring"]["members"]

    assert members["totalCount"] == 5
    assert members["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False}
    assert [(one["account"]["accountId"], one["strength"]) for one in members["nodes"]] == [
        ("acct_1", 3.0),
        ("acct_3", 3.0),
        ("acct_2", 2.0),
    ]
    assert members["nodes"][0] | {"account": None} == {
        "role": "CORE",
        "strength": 3.0,
        "joinedBecause": "shares device dev_1",
        "because": [{"kind": "device", "value": "dev_1"}],
        "account": None,
        "ring": {"ringId": "ring_a"},
    }


@pytest.mark.usefixtures("small_graph")
def test_members_of_one_role_are_listed_and_counted(api: LiveApi) -> None:
    members = api.ask(
        """{ ring(id: "ring_a") { members(first: 5, role: PERIPHERAL) {
            totalCount nodes { account { accountId } } } } }"""
    )["ring"]["members"]

    assert members == {
        "totalCount": 2,
        "nodes": [{"account": {"accountId": "acct_4"}}, {"account": {"accountId": "acct_5"}}],
    }


@pytest.mark.usefixtures("small_graph")
def test_evidence_comes_strongest_first(api: LiveApi) -> None:
    page = api.ask(
        """{ ring(id: "ring_a") { evidence(first: 2) {
            totalCount pageInfo { hasNextPage endCursor }
            nodes { kind value members accounts hub weight
                    identifier { accounts strength } } } } }"""
    )["ring"]["evidence"]
    rest = api.ask(
        """query ($after: String) { ring(id: "ring_a") { evidence(first: 2, after: $after) {
            pageInfo { hasNextPage hasPreviousPage } nodes { value hub } } } }""",
        after=page["pageInfo"]["endCursor"],
    )["ring"]["evidence"]

    assert page["totalCount"] == 3
    assert page["pageInfo"]["hasNextPage"] is True
    assert page["nodes"] == [
        {
            "kind": "device",
            "value": "dev_1",
            "members": 3,
            "accounts": 3,
            "hub": "ORDINARY",
            "weight": 3.0,
            "identifier": {"accounts": 3, "strength": "STRONG"},
        },
        {
            "kind": "payment_instrument",
            "value": "card_2",
            "members": 1,
            "accounts": 2,
            "hub": "ORDINARY",
            "weight": 2.0,
            "identifier": {"accounts": 2, "strength": "STRONG"},
        },
    ]
    assert rest == {
        "pageInfo": {"hasNextPage": False, "hasPreviousPage": True},
        "nodes": [{"value": "10.0.0.1", "hub": "PUBLIC"}],
    }


@pytest.mark.usefixtures("small_graph")
def test_usage_of_members_is_added_up_by_day(api: LiveApi) -> None:
    ring = api.ask(
        """{ ring(id: "ring_a") { usageByDay { day exchanges tokens accounts }
             heaviestUsers(first: 5) { exchanges tokens share account { accountId } } } }"""
    )["ring"]

    assert ring == {
        "usageByDay": [
            {"day": "2026-04-22", "exchanges": 10, "tokens": 100, "accounts": 1},
            {"day": "2026-04-23", "exchanges": 12, "tokens": 120, "accounts": 2},
        ],
        "heaviestUsers": [
            {
                "exchanges": 15,
                "tokens": 150,
                "share": 15 / 22,
                "account": {"accountId": "acct_1"},
            },
            {"exchanges": 7, "tokens": 70, "share": 7 / 22, "account": {"accountId": "acct_2"}},
        ],
    }


@pytest.mark.usefixtures("small_graph")
def test_ring_without_usage_has_none(api: LiveApi) -> None:
    ring = api.ask(
        """{ ring(id: "ring_b") { usageByDay { day } heaviestUsers(first: 5) { share } } }"""
    )["ring"]

    assert ring == {"usageByDay": [], "heaviestUsers": []}


@pytest.mark.usefixtures("small_graph")
def test_ring_is_found_by_global_id_and_by_plain_id(api: LiveApi) -> None:
    plain = api.ask('{ ring(id: "ring_b") { id ringId } }')["ring"]

    found = api.ask(
        """query ($id: ID!) { ring(id: $id) { ringId }
           node(id: $id) { id __typename ... on Ring { ringId } } }""",
        id=plain["id"],
    )

    assert found == {
        "ring": {"ringId": "ring_b"},
        "node": {"id": plain["id"], "__typename": "Ring", "ringId": "ring_b"},
    }


@pytest.mark.usefixtures("small_graph")
def test_unknown_ids_are_null(api: LiveApi) -> None:
    found = api.ask(
        """{ ring(id: "ring_x") { ringId } account(id: "acct_x") { accountId }
             operation(id: "op_x") { operationId } node(id: "UmluZzpyaW5nX3g=") { id } }"""
    )

    assert found == {"ring": None, "account": None, "operation": None, "node": None}


@pytest.mark.usefixtures("small_graph")
def test_detection_runs_come_newest_first(api: LiveApi) -> None:
    pages = walk(
        api,
        "{ detectionRuns(first: 1, after: $after) { ...page } }",
        "DetectionRunConnection",
        "runId",
    )
    run = api.ask(
        """{ detectionRuns(first: 1) { totalCount nodes { startedAt finishedAt asOf config seed
             graphFingerprint version ringsFound accountsFlagged state } } }"""
    )["detectionRuns"]

    assert pages == [["run_2"], ["run_1"]]
    assert run == {
        "totalCount": 2,
        "nodes": [
            {
                "startedAt": "2026-05-02T00:00:00+00:00",
                "finishedAt": "2026-05-02T00:00:05+00:00",
                "asOf": None,
                "config": "{}",
                "seed": 7,
                "graphFingerprint": "f00d",
                "version": "0.1.0",
                "ringsFound": 2,
                "accountsFlagged": 7,
                "state": "finished",
            }
        ],
    }


def walk(api: LiveApi, query: str, connection: str, field: str) -> list[list[Any]]:
    """The pages of a list, each as the values of one field."""
    document = (
        f"query ($after: String) {query} "
        f"fragment page on {connection} {{ pageInfo {{ hasNextPage endCursor }} "
        f"nodes {{ {field} }} }}"
    )
    name = field.split(maxsplit=1)[0]
    pages: list[list[Any]] = []
    after = None
    while True:
        page = api.ask(document, after=after)
        while "nodes" not in page:
            page = next(iter(page.values()))
        pages.append([node[name] for node in page["nodes"]])
        if not page["pageInfo"]["hasNextPage"]:
            return pages
        after = page["pageInfo"]["endCursor"]
