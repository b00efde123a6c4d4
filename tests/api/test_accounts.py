import pytest

from tests.api.live import LiveApi
from tests.api.small_graph import CROWD


@pytest.mark.usefixtures("small_graph")
def test_account_tells_all_its_facts(api: LiveApi) -> None:
    account = api.ask(
        """{ account(id: "acct_1") {
            accountId email country plan userAgent signedUpAt firstSeenAt lastSeenAt
            exchanges tokens usageByDay { day exchanges tokens accounts }
            charges { succeeded declined refunded disputed firstPaidAt
                      paid { currency amountMinor } }
        } }"""
    )["account"]

    assert account == {
        "accountId": "acct_1",
        "email": "one@example.com",
        "country": "FR",
        "plan": "free",
        "userAgent": "curl/8",
        "signedUpAt": None,
        "firstSeenAt": "2026-04-22T10:00:00+00:00",
        "lastSeenAt": "2026-04-23T10:00:00+00:00",
        "exchanges": 15,
        "tokens": 150,
        "usageByDay": [
            {"day": "2026-04-22", "exchanges": 10, "tokens": 100, "accounts": 1},
            {"day": "2026-04-23", "exchanges": 5, "tokens": 50, "accounts": 1},
        ],
        "charges": {
            "succeeded": 2,
            "declined": 1,
            "refunded": 0,
            "disputed": 0,
            "firstPaidAt": None,
            "paid": [
                {"currency": "EUR", "amountMinor": 1999},
                {"currency": "USD", "amountMinor": 500},
            ],
        },
    }


@pytest.mark.usefixtures("small_graph")
def test_links_of_an_account_come_by_kind_and_value(api: LiveApi) -> None:
    query = """query ($after: String) { account(id: "acct_6") { links(first: 2, after: $after) {
        totalCount pageInfo { hasNextPage endCursor }
        nodes { events firstSeenAt lastSeenAt account { accountId }
                identifier { kind value accounts strength } } } } }"""

    page = api.ask(query)["account"]["links"]
    rest = api.ask(query, after=page["pageInfo"]["endCursor"])["account"]["links"]

    assert page["totalCount"] == 3
    assert page["nodes"] == [
        {
            "events": 2,
            "firstSeenAt": "2026-04-22T10:00:00.500000+00:00",
            "lastSeenAt": "2026-04-23T10:00:00+00:00",
            "account": {"accountId": "acct_6"},
            "identifier": {
                "kind": "device",
                "value": "dev_2",
                "accounts": 2,
                "strength": "STRONG",
            },
        },
        page["nodes"][0]
        | {
            "identifier": {
                "kind": "payment_instrument",
                "value": "card_2",
                "accounts": 2,
                "strength": "STRONG",
            }
        },
    ]
    assert [link["identifier"]["kind"] for link in rest["nodes"]] == ["phone"]
    assert rest["pageInfo"]["hasNextPage"] is False


@pytest.mark.usefixtures("small_graph")
def test_account_tells_its_rings(api: LiveApi) -> None:
    account = api.ask(
        """{ account(id: "acct_4") { memberships(first: 5) {
            totalCount nodes { role strength ring { ringId score } } } } }"""
    )["account"]

    assert account["memberships"] == {
        "totalCount": 1,
        "nodes": [
            {"role": "PERIPHERAL", "strength": 1.0, "ring": {"ringId": "ring_a", "score": 0.98}}
        ],
    }


@pytest.mark.usefixtures("small_graph")
def test_account_alone_has_nothing(api: LiveApi) -> None:
    account = api.ask(
        """{ account(id: "acct_alone") { email exchanges usageByDay { day } charges { paid {
            currency } } links(first: 5) { totalCount nodes { events } }
            memberships(first: 5) { totalCount nodes { role } } } }"""
    )["account"]

    assert account == {
        "email": None,
        "exchanges": 0,
        "usageByDay": [],
        "charges": {"paid": []},
        "links": {"totalCount": 0, "nodes": []},
        "memberships": {"totalCount": 0, "nodes": []},
    }


@pytest.mark.usefixtures("small_graph")
def test_walk_over_an_address_meets_all_its_accounts_once(api: LiveApi) -> None:
    met: list[str] = []
    query = """query ($after: String) { search(term: "10.9.9.9", first: 1) { nodes {
        ... on Identifier { links(first: 100, after: $after) { totalCount
        pageInfo { hasNextPage endCursor } nodes { account { accountId } } } } } } }"""
    after, more = None, True

    while more:
        links = api.ask(query, after=after)["search"]["nodes"][0]["links"]
        met += [link["account"]["accountId"] for link in links["nodes"]]
        after, more = links["pageInfo"]["endCursor"], links["pageInfo"]["hasNextPage"]

    assert met == [f"crowd_{number:03}" for number in range(CROWD)]
    assert links["totalCount"] == CROWD
