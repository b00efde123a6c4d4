from typing import Any

import numpy as np
import pytest

from ringfence.detection import load_config
from ringfence.detection.pairs import proof_of
from tests.api.live import LiveApi

WHY = """query ($account: ID!, $ring: ID) { whyNot(accountId: $account, ringId: $ring) {
    accountId ringId member proof needed missing against text
    shares { kind value members accounts hub proof identifier { kind } } } }"""


def why(api: LiveApi, account: str, ring: str | None = None) -> dict[str, Any]:
    answer: dict[str, Any] = api.ask(WHY, account=account, ring=ring)["whyNot"]
    return answer


@pytest.mark.usefixtures("small_graph")
def test_what_is_shared_with_a_ring_is_weighed(api: LiveApi) -> None:
    config = load_config()
    rarity = proof_of(np.array([2]), 1000, config.proof.typical_ring)

    answer = why(api, "acct_5", "ring_b")

    (share,) = answer["shares"]
    assert (answer["accountId"], answer["ringId"], answer["member"]) == ("acct_5", "ring_b", False)
    assert (share["kind"], share["members"], share["accounts"], share["hub"]) == (
        "payment_instrument",
        1,
        2,
        "ORDINARY",
    )
    assert share["identifier"] == {"kind": "payment_instrument"}
    assert share["proof"] == answer["proof"] == round(config.proof.strong * float(rarity[0]), 4)
    assert answer["needed"] == config.attach.proof
    assert answer["text"].startswith(
        "acct_5 is not a member of ring_b and shares card card_… with 1 member (2 accounts carry"
    )


@pytest.mark.usefixtures("small_graph")
def test_without_a_ring_the_nearest_is_told(api: LiveApi) -> None:
    assert why(api, "acct_1")["ringId"] == "ring_a"
    assert why(api, "acct_1")["member"] is True
    assert why(api, "acct_alone")["ringId"] is None
    assert why(api, "acct_alone")["missing"] == ["nothing_shared"]
