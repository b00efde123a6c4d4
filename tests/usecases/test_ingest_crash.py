import os
import signal
from pathlib import Path

import pytest

from ringfence import neo4j
from ringfence.errors import GraphUnavailable
from ringfence.neo4j import Memory, RunningNeo4j
from ringfence.store.graph import Graph
from ringfence.store.graph_export import export_graph
from ringfence.usecases.ingest import LoadTally, ingest
from ringfence.usecases.migrate import migrate
from tests.scale.many_events import write_events

SMALL = Memory(heap="512m", page_cache="64m")


def connect(server: RunningNeo4j) -> Graph:
    return Graph.connect(server.uri, server.user, server.password, retry_time_s=0.5)


async def exported(graph: Graph) -> bytes:
    return b"".join([line async for line in export_graph(graph)])


@pytest.mark.timeout(900)
async def test_load_that_lost_its_neo4j_says_so_and_the_same_command_completes_it(
    graph: Graph, jar_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.usecases.ingest.WINDOW_EVENTS", 1_000)
    events = tmp_path / "events.ndjson"
    total = write_events(events, accounts=900)
    await ingest(graph, [events])
    undisturbed = await exported(graph)
    tally = LoadTally()

    def kill_after_first_batch(now: LoadTally) -> None:
        if now.loaded and server.alive():
            os.kill(server.pid, signal.SIGKILL)

    with neo4j.start(tmp_path / "home", jar_cache, bound=True, memory=SMALL) as server:
        async with connect(server) as doomed:
            await migrate(doomed)
            with pytest.raises(GraphUnavailable) as caught:
                await ingest(doomed, [events], tally=tally, on_progress=kill_after_first_batch)

    with neo4j.start(tmp_path / "home", jar_cache, bound=True, memory=SMALL) as server:
        async with connect(server) as restarted:
            after_crash = (await restarted.read("graph/count"))[0]["accounts"]
            completed = await ingest(restarted, [events])
            final = await exported(restarted)

    assert f"{tally.loaded} of {tally.read} events read are surely in the graph" in str(
        caught.value
    )
    assert "The same command again completes the load" in str(caught.value)
    assert 0 < after_crash < 900
    assert completed.duplicates >= tally.loaded > 0
    assert completed.loaded + completed.duplicates == total
    assert final == undisturbed
