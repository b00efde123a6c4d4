from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.live import LiveApi
from tests.api.test_events import event

QUERY = """query ($id: ID!) { ring(id: $id) { ringId members(first: 5) { nodes {
    account { accountId } } } } }"""
MEMBERS = {"ring_a": ["acct_1", "acct_3", "acct_2", "acct_4", "acct_5"]} | {
    "ring_b": ["acct_6", "acct_7"]
}


@pytest.mark.usefixtures("small_graph")
def test_clients_at_once_each_get_their_own_answer(api: LiveApi) -> None:
    ring_ids = ["ring_a", "ring_b"] * 60

    with ThreadPoolExecutor(24) as clients:
        answers = list(clients.map(lambda ring_id: api.ask(QUERY, id=ring_id), ring_ids))

    told = [
        (
            answer["ring"]["ringId"],
            [member["account"]["accountId"] for member in answer["ring"]["members"]["nodes"]],
        )
        for answer in answers
    ]
    assert told == [(ring_id, MEMBERS[ring_id]) for ring_id in ring_ids]


@pytest.mark.usefixtures("writer")
def test_loaders_at_once_count_each_event_once(api: LiveApi) -> None:
    batch = [event(number) for number in range(50)]

    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda _: api.client.post("/v1/events", json=batch), range(8)))

    assert {answer.status_code for answer in answers} == {200}
    assert sum(answer.json()["loaded"] for answer in answers) == 50
    assert sum(answer.json()["duplicate"] for answer in answers) == 350
