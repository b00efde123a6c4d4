from typing import Any

import pytest

from tests.api.live import LiveApi
from tests.api.small_graph import Writer

HITS = """query ($term: String!, $kind: String, $first: Int! = 10, $after: String) {
    search(term: $term, kind: $kind, first: $first, after: $after) {
        totalCount pageInfo { endCursor }
        nodes { __typename ... on Account { accountId } ... on Identifier { kind value } } } }"""


def hits(api: LiveApi, **variables: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.ask(HITS, **variables)["search"]["nodes"]
    return found


def an_account(account_id: str) -> dict[str, Any]:
    return {"__typename": "Account", "accountId": account_id}


def an_identifier(kind: str, value: str) -> dict[str, Any]:
    return {"__typename": "Identifier", "kind": kind, "value": value}


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("acct_3", an_account("acct_3")),
        (" acct_3 ", an_account("acct_3")),
        ("one@example.com", an_account("acct_1")),
        ("One@Example.com", an_account("acct_1")),
        ("dev_1", an_identifier("device", "dev_1")),
        ("card_2", an_identifier("payment_instrument", "card_2")),
        ("10.0.0.1", an_identifier("ip", "10.0.0.1")),
        ("::ffff:10.0.0.1", an_identifier("ip", "10.0.0.1")),
        ("+33612345678", an_identifier("phone", "+33612345678")),
    ],
)
def test_search_finds_what_bears_the_key(api: LiveApi, term: str, expected: dict[str, Any]) -> None:
    assert hits(api, term=term) == [expected]


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("account", []),
        ("device", [an_identifier("device", "dev_1")]),
        ("device_id", [an_identifier("device", "dev_1")]),
        ("payment_instrument", []),
        ("ip_address", None),
    ],
)
def test_search_keeps_to_a_kind(
    api: LiveApi, kind: str, expected: list[dict[str, Any]] | None
) -> None:
    if expected is None:
        error = api.refused(HITS, term="dev_1", kind=kind)
        assert error["extensions"] == {"code": "invalid_input"}
        assert "expected an IPv4 or IPv6 address" in error["message"]
    else:
        assert hits(api, term="dev_1", kind=kind) == expected


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize("term", ["nobody", "acct", "dev_", "", "  ", "x" * 300, "\u0000"])
def test_search_finds_nothing_for_an_unknown_key(api: LiveApi, term: str) -> None:
    assert hits(api, term=term) == []


def test_hits_of_one_key_are_paged_in_a_fixed_order(api: LiveApi, writer: Writer) -> None:
    writer.accounts(
        {"id": "same"},
        {"id": "b", "email": "same@example.com"},
        {"id": "a", "email": "same@example.com"},
        {"id": "same@example.com"},
    )
    writer.links("device", "same@example.com", "a", "same")
    writer.links("email", "same@example.com", "a")
    expected = [
        an_account("same@example.com"),
        an_identifier("device", "same@example.com"),
        an_identifier("email", "same@example.com"),
        an_account("a"),
        an_account("b"),
    ]

    met, after = [], None
    for _ in expected:
        page = api.ask(HITS, term="same@example.com", first=1, after=after)["search"]
        met += page["nodes"]
        after = page["pageInfo"]["endCursor"]

    assert met == expected
    assert page["totalCount"] == 5


@pytest.mark.usefixtures("small_graph")
def test_identifier_tells_who_used_it_and_the_rings_it_proves(api: LiveApi) -> None:
    identifier = api.ask(
        """{ search(term: "card_2", first: 1) { nodes { ... on Identifier {
            id value strength accounts proxy
            links(first: 5) { totalCount nodes { events account { accountId } } }
            rings(first: 5) { totalCount nodes { ringId } } } } } }"""
    )["search"]["nodes"][0]

    again = api.ask(
        "query ($id: ID!) { node(id: $id) { ... on Identifier { kind value } } }",
        id=identifier.pop("id"),
    )["node"]

    assert identifier == {
        "value": "card_2",
        "strength": "STRONG",
        "accounts": 2,
        "proxy": False,
        "links": {
            "totalCount": 2,
            "nodes": [
                {"events": 2, "account": {"accountId": "acct_5"}},
                {"events": 2, "account": {"accountId": "acct_6"}},
            ],
        },
        "rings": {"totalCount": 2, "nodes": [{"ringId": "ring_a"}, {"ringId": "ring_b"}]},
    }
    assert again == {"kind": "payment_instrument", "value": "card_2"}
