from math import log2
from typing import Any

import pytest

from tests.api.live import LiveApi
from tests.api.small_graph import CROWD, Writer

WHY = """query ($a: ID!, $b: ID!) { whyLinked(a: $a, b: $b) { outcome text notices steps {
    from { accountId } identifier { kind value } to { accountId } accounts weight text } } }"""


def why(api: LiveApi, a: str, b: str) -> dict[str, Any]:
    explained: dict[str, Any] = api.ask(WHY, a=a, b=b)["whyLinked"]
    return explained


@pytest.mark.usefixtures("small_graph")
def test_path_over_strong_and_rare_identifiers_beats_a_shared_address(api: LiveApi) -> None:
    explained = why(api, "acct_1", "acct_4")

    assert explained == {
        "outcome": "LINKED",
        "text": (
            "acct_1 and acct_4 are linked in 2 steps: acct_1 and acct_3 both used device dev_1 "
            "(3 accounts); acct_3 and acct_4 both used payment instrument card_… (2 accounts)."
        ),
        "notices": [],
        "steps": [
            {
                "from": {"accountId": "acct_1"},
                "identifier": {"kind": "device", "value": "dev_1"},
                "to": {"accountId": "acct_3"},
                "accounts": 3,
                "weight": 3 / log2(3),
                "text": "acct_1 and acct_3 both used device dev_1 (3 accounts)",
            },
            {
                "from": {"accountId": "acct_3"},
                "identifier": {"kind": "payment_instrument", "value": "card_1"},
                "to": {"accountId": "acct_4"},
                "accounts": 2,
                "weight": 3.0,
                "text": "acct_3 and acct_4 both used payment instrument card_… (2 accounts)",
            },
        ],
    }


@pytest.mark.usefixtures("small_graph")
def test_path_is_the_same_seen_from_the_other_end(api: LiveApi) -> None:
    there = why(api, "acct_1", "acct_7")["steps"]

    back = why(api, "acct_7", "acct_1")["steps"]

    assert [step["identifier"]["value"] for step in there] == ["10.0.0.1", "card_2", "dev_2"]
    assert [(step["to"], step["identifier"], step["from"]) for step in reversed(back)] == [
        (step["from"], step["identifier"], step["to"]) for step in there
    ]


@pytest.mark.usefixtures("small_graph")
def test_accounts_that_share_only_a_hub_are_not_linked_and_the_hub_is_told(api: LiveApi) -> None:
    explained = why(api, "crowd_001", "crowd_002")

    assert explained["outcome"] == "NOT_LINKED"
    assert explained["steps"] == []
    assert explained["notices"] == [
        f"Both used address 10.9.9.…, shared by {CROWD} accounts: too many to follow.",
        "1 identifiers on the way, each shared by more than 200 accounts, were not followed.",
    ]


@pytest.mark.usefixtures("small_graph")
def test_account_that_shares_nothing_is_not_linked(api: LiveApi) -> None:
    explained = why(api, "acct_1", "acct_alone")

    assert explained == {
        "outcome": "NOT_LINKED",
        "text": (
            "No identifiers that can be followed link acct_1 and acct_alone in 6 steps or fewer."
        ),
        "notices": [],
        "steps": [],
    }


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize(
    ("a", "b", "outcome", "text"),
    [
        ("acct_1", "acct_1", "SAME_ACCOUNT", "acct_1 is one and the same account."),
        ("acct_1", "nobody", "UNKNOWN_ACCOUNT", "The graph knows no account nobody."),
        ("no_1", "no_2", "UNKNOWN_ACCOUNT", "The graph knows no account no_1 and no_2."),
        ("no_1", "no_1", "UNKNOWN_ACCOUNT", "The graph knows no account no_1."),
    ],
)
def test_ends_that_are_one_or_unknown_are_told(
    api: LiveApi, a: str, b: str, outcome: str, text: str
) -> None:
    assert why(api, a, b) == {"outcome": outcome, "text": text, "notices": [], "steps": []}


@pytest.mark.parametrize(("steps", "outcome"), [(6, "LINKED"), (7, "NOT_LINKED")])
def test_paths_of_six_steps_are_found_and_longer_ones_are_not(
    api: LiveApi, writer: Writer, steps: int, outcome: str
) -> None:
    writer.accounts(*({"id": f"chain_{number}"} for number in range(steps + 1)))
    for number in range(steps):
        writer.links("device", f"dev_{number}", f"chain_{number}", f"chain_{number + 1}")

    explained = why(api, "chain_0", f"chain_{steps}")

    assert explained["outcome"] == outcome
    assert len(explained["steps"]) == (steps if outcome == "LINKED" else 0)
