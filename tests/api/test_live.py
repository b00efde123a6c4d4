"""Changes followed live, over a WebSocket and as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from ringfence.domain.changes import Change, ChangeTopic
from ringfence.store.graph import Graph, Transaction
from ringfence.store.outbox import tell, trim_outbox
from tests.api.live import API_KEY, LiveApi, live_api
from tests.api.small_graph import Writer, write_small_graph
from tests.conftest import Neo4jServer

CHANGED = """subscription ($ids: [ID!], $after: String) {
    ringChanged(ringIds: $ids, after: $after) { cursor kind ringId runId ring { size } } }"""
WITHIN_S = 10.0


@pytest.fixture
async def graph(neo4j_server: Neo4jServer, writer: Writer) -> AsyncIterator[Graph]:
    """The small graph, with an outbox of its own."""
    write_small_graph(writer)
    writer.run("MATCH (n:SmallGraph) REMOVE n:SmallGraph")
    async with Graph.connect(neo4j_server.uri, neo4j_server.user, neo4j_server.password) as graph:
        yield graph


async def say(graph: Graph, *changes: Change) -> None:
    async def work(transaction: Transaction) -> None:
        await tell(transaction, changes)

    await graph.in_write(work)


def ring(kind: str, ring_id: str = "ring_a") -> Change:
    return Change(ChangeTopic.RING, kind, ring_id, "run_9")


async def receive(socket: ClientConnection) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), WITHIN_S))
    return told


def socket_to(api: LiveApi, *, key: str = API_KEY) -> connect:
    return connect(
        f"{api.url.replace('http', 'ws', 1)}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        additional_headers={"Authorization": f"Bearer {key}"},
    )


async def follow(socket: ClientConnection, **variables: object) -> None:
    await socket.send(json.dumps({"type": "connection_init"}))
    assert (await receive(socket))["type"] == "connection_ack"
    payload = {"query": CHANGED, "variables": variables}
    await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))


async def next_change(socket: ClientConnection) -> dict[str, Any]:
    told = await receive(socket)
    assert told["type"] == "next", told
    change: dict[str, Any] = told["payload"]["data"]["ringChanged"]
    return change


async def test_change_is_heard_once_it_is_committed(api: LiveApi, graph: Graph) -> None:
    async with socket_to(api) as socket:
        await follow(socket)
        await asyncio.sleep(1.0)
        await say(graph, ring("grew"), Change(ChangeTopic.RUN, "finished", "run_9", "run_9"))
        await say(graph, ring("shrank", "ring_b"))

        first, second = await next_change(socket), await next_change(socket)

    assert (first["kind"], first["ringId"], first["runId"]) == ("GREW", "ring_a", "run_9")
    assert first["ring"] == {"size": 5}
    assert (second["kind"], second["ringId"]) == ("SHRANK", "ring_b")


async def test_who_comes_back_misses_nothing(api: LiveApi, graph: Graph) -> None:
    await say(graph, ring("born"), ring("grew"))
    async with socket_to(api) as socket:
        await follow(socket)
        await asyncio.sleep(1.0)
        await say(graph, ring("shrank"))
        cursor = (await next_change(socket))["cursor"]

    await say(graph, ring("split"), ring("merged"))

    async with socket_to(api) as socket:
        await follow(socket, after=cursor)
        kinds = [(await next_change(socket))["kind"] for _ in range(2)]
    assert kinds == ["SPLIT", "MERGED"]


async def test_only_the_rings_that_are_followed_are_heard(api: LiveApi, graph: Graph) -> None:
    async with socket_to(api) as socket:
        await follow(socket, ids=["ring_b"])
        await asyncio.sleep(1.0)
        await say(graph, ring("grew"), ring("shrank", "ring_b"))

        change = await next_change(socket)

    assert (change["kind"], change["ringId"]) == ("SHRANK", "ring_b")


async def test_cursor_of_changes_that_are_gone_is_refused(api: LiveApi, graph: Graph) -> None:
    await say(graph, ring("born"))
    async with socket_to(api) as socket:
        await follow(socket)
        await asyncio.sleep(1.0)
        await say(graph, ring("grew"))
        cursor = (await next_change(socket))["cursor"]
    await say(graph, ring("shrank"))
    assert await trim_outbox(graph, kept=timedelta(0)) == 3

    async with socket_to(api) as socket:
        await follow(socket, after=cursor)
        told = await receive(socket)

    assert "are kept" in json.dumps(told)
    assert "invalid_input" in json.dumps(told)


async def test_changes_come_as_server_sent_events(api: LiveApi, graph: Graph) -> None:
    headers = {"Accept": "text/event-stream", "Authorization": f"Bearer {API_KEY}"}
    async with (
        httpx.AsyncClient(base_url=api.url, headers=headers, timeout=WITHIN_S) as client,
        client.stream("POST", "/graphql", json={"query": CHANGED}) as answer,
    ):
        lines = answer.aiter_lines()
        await asyncio.sleep(1.0)
        await say(graph, ring("grew"))
        told = [line async for line in _until_data(lines)]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert told[-2] == "event: next"
    assert json.loads(told[-1].removeprefix("data: "))["data"]["ringChanged"]["kind"] == "GREW"


async def _until_data(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    async for line in lines:
        yield line
        if line.startswith("data: "):
            return


@pytest.mark.usefixtures("graph")
async def test_question_as_server_sent_events_is_answered_and_complete(api: LiveApi) -> None:
    answer = await asyncio.to_thread(
        lambda: api.client.post(
            "/graphql",
            json={"query": "{ rings(first: 1) { nodes { ringId } } }"},
            headers={"Accept": "text/event-stream"},
        )
    )

    events = answer.text.strip().split("\n\n")
    assert [event.partition("\n")[0] for event in events] == ["event: next", "event: complete"]
    assert '"ringId":"ring_a"' in events[0]


@pytest.mark.usefixtures("graph")
async def test_subscription_without_a_stream_is_refused(api: LiveApi) -> None:
    answer = await asyncio.to_thread(lambda: api.post_query(CHANGED))

    assert answer.status_code in (400, 405)


async def test_socket_with_a_wrong_key_is_closed(api: LiveApi) -> None:
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        async with socket_to(api, key="wrong") as socket:
            await follow(socket)


async def test_socket_may_say_who_it_is_when_it_introduces_itself(api: LiveApi) -> None:
    async def introduced(payload: dict[str, str]) -> dict[str, Any]:
        address = f"{api.url.replace('http', 'ws', 1)}/graphql"
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": payload}))
            return await receive(socket)

    known = await introduced({"authorization": f"Bearer {API_KEY}"})

    assert known["type"] == "connection_ack"
    for payload in ({}, {"authorization": "Bearer wrong"}):
        with pytest.raises(ConnectionClosed) as closed:
            await introduced(payload)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4403


async def test_documents_that_are_not_trusted_are_refused_over_a_socket_too(
    neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    (tmp_path / "changed.graphql").write_text(CHANGED)
    server = (neo4j_server.uri, neo4j_server.user, neo4j_server.password)
    with live_api(*server, trusted_documents=tmp_path) as trusting:
        async with socket_to(trusting) as socket:
            # Nothing is followed: a statement cut off as this API ends would leave its socket open.
            await socket.send(json.dumps({"type": "connection_init"}))
            assert (await receive(socket))["type"] == "connection_ack"
            other = {"query": "subscription { runFinished { runId } }"}
            await socket.send(json.dumps({"id": "2", "type": "subscribe", "payload": other}))
            told = await receive(socket)

    assert (told["type"], told["id"]) == ("error", "2")
    assert told["payload"][0]["extensions"] == {"code": "document_not_trusted"}


async def test_socket_that_does_not_introduce_itself_is_closed(api: LiveApi) -> None:
    async with socket_to(api) as socket:
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": "x"}}))
        with pytest.raises(ConnectionClosed) as closed:
            await receive(socket)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def test_two_writers_number_their_changes_without_a_gap(graph: Graph) -> None:
    await asyncio.gather(*(say(graph, ring("grew"), ring("shrank")) for _ in range(20)))

    rows = await graph.read("outbox/page", after=0, limit=100)

    assert [row["seq"] for row in rows] == list(range(1, 41))
    assert [row["kind"] for row in rows] == ["grew", "shrank"] * 20
