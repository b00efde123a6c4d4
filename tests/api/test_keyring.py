import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from ringfence.api.keyring import FRESH_FOR, KEPT_FOR, USE_TOLD_EVERY, Keyring
from ringfence.domain.access import Scope
from ringfence.errors import GraphUnavailable
from ringfence.store.api_keys import find_key
from ringfence.store.graph import Graph
from ringfence.usecases.api_keys import create_key, end_key, split_key
from tests.api.line import line_to
from tests.api.live import API_KEY, live_api
from tests.api.test_access import Caller
from tests.conftest import Neo4jServer

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


async def key_of(graph: Graph) -> tuple[str, str]:
    _, text = await create_key(graph, "k", frozenset({Scope.READ}), now=START, by="ana")
    parts = split_key(text)
    assert parts
    return parts


async def test_revoked_key_opens_until_it_is_looked_up_again(graph: Graph) -> None:
    clock = Clock()
    keyring = Keyring(graph, clock)
    key_id, secret = await key_of(graph)
    assert await keyring.principal(key_id, secret)
    await end_key(graph, key_id, now=START, by="ana")

    clock.now += FRESH_FOR - timedelta(milliseconds=1)
    before = await keyring.principal(key_id, secret)
    clock.now += timedelta(milliseconds=1)
    after = await keyring.principal(key_id, secret)

    assert before is not None
    assert after is None


async def test_use_is_written_behind_once_a_minute(graph: Graph) -> None:
    clock = Clock()
    keyring = Keyring(graph, clock)
    key_id, secret = await key_of(graph)
    used: list[datetime | None] = []

    for wait in (timedelta(), USE_TOLD_EVERY / 2, USE_TOLD_EVERY / 2):
        clock.now += wait
        assert await keyring.principal(key_id, secret)
        await asyncio.sleep(0.5)
        found = await find_key(graph, key_id)
        assert found is not None
        used.append(found.last_used_at)

    assert used == [START, START, START + USE_TOLD_EVERY]


async def test_wrong_secret_leaves_no_use(graph: Graph) -> None:
    keyring = Keyring(graph, Clock())
    key_id, secret = await key_of(graph)

    assert await keyring.principal(key_id, secret[::-1]) is None

    await asyncio.sleep(0.3)
    found = await find_key(graph, key_id)
    assert found is not None
    assert found.last_used_at is None


async def test_known_keys_go_on_for_a_while_when_neo4j_is_away(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    clock = Clock()
    key_id, secret = await key_of(graph)
    with line_to(neo4j_server.uri) as line:
        away = Graph.connect(line.uri, neo4j_server.user, neo4j_server.password, retry_time_s=0.5)
        async with away:
            keyring = Keyring(away, clock)
            assert await keyring.principal(key_id, secret)
            await asyncio.sleep(0.3)
            line.cut()

            clock.now += KEPT_FOR - FRESH_FOR
            known = await keyring.principal(key_id, secret)
            with pytest.raises(GraphUnavailable):
                await keyring.principal("0" * 12, secret)
            clock.now += FRESH_FOR
            with pytest.raises(GraphUnavailable):
                await keyring.principal(key_id, secret)
            line.mend()

    assert known is not None


def test_door_answers_503_to_unknown_keys_and_lets_root_through_when_neo4j_is_away() -> None:
    with live_api("bolt://127.0.0.1:9", "neo4j", "none") as api:
        unknown = Caller(api.url, f"rf_{'0' * 12}_{'a' * 43}").ask("POST", "/v1/events", [])
        root = Caller(api.url, API_KEY).ask("POST", "/v1/events", [])
        wrong = Caller(api.url, "wrong").ask("POST", "/v1/events", [])

    assert (unknown.status_code, root.status_code, wrong.status_code) == (503, 200, 401)
    assert unknown.headers["retry-after"] == "5"
    assert unknown.json()["code"] == "graph_unavailable"
    assert wrong.headers["www-authenticate"] == 'Bearer realm="ringfence"'
