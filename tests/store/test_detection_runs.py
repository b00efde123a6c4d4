from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ringfence.errors import Conflict
from ringfence.store.detection_runs import (
    RunRecord,
    fail_run,
    finish_run,
    record_fingerprint,
    renew_lease,
    start_run,
)
from ringfence.store.graph import Graph
from tests.conftest import Neo4jServer
from tests.store.ring_dump import detection_runs, query

RUN = RunRecord(
    id="run_1",
    started_at=datetime(2026, 7, 1, 12, 0, 0, 123_000, tzinfo=UTC),
    as_of=None,
    config='{"seed": 7}',
    seed=7,
    version="0.1.0",
)
OTHER = replace(RUN, id="run_2", as_of=datetime(2026, 6, 1, tzinfo=UTC))


async def states(server: Neo4jServer) -> dict[str, str]:
    return {run["id"]: run["state"] for run in await detection_runs(server)}


async def test_run_is_recorded_as_running_before_anything_else(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    abandoned = await start_run(graph, RUN, lease_s=60)

    (run,) = await detection_runs(neo4j_server)
    assert abandoned == []
    assert run.pop("started_at").to_native() == RUN.started_at
    assert run.pop("told_at").to_native() == RUN.started_at
    assert run == {
        "id": "run_1",
        "config": '{"seed": 7}',
        "seed": 7,
        "version": "0.1.0",
        "state": "running",
    }


async def test_finished_run_tells_what_it_found(graph: Graph, neo4j_server: Neo4jServer) -> None:
    await start_run(graph, OTHER, lease_s=60)

    await record_fingerprint(graph, "run_2", "00ff")
    await finish_run(graph, "run_2", rings=3, accounts_flagged=41)

    (run,) = await detection_runs(neo4j_server)
    assert run["as_of"].to_native() == OTHER.as_of
    assert run["finished_at"] >= run["started_at"]
    assert (run["state"], run["graph_fingerprint"]) == ("finished", "00ff")
    assert (run["rings"], run["accounts_flagged"]) == (3, 41)


async def test_second_run_is_refused_with_the_name_of_the_first(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await start_run(graph, RUN, lease_s=60)

    with pytest.raises(Conflict, match="Detection run_1 is running"):
        await start_run(graph, OTHER, lease_s=60)

    assert await states(neo4j_server) == {"run_1": "running"}
    await renew_lease(graph, "run_1", lease_s=60)


async def test_lease_is_free_again_after_the_end(graph: Graph, neo4j_server: Neo4jServer) -> None:
    await start_run(graph, RUN, lease_s=60)
    await finish_run(graph, "run_1", rings=0, accounts_flagged=0)

    abandoned = await start_run(graph, OTHER, lease_s=60)

    assert abandoned == []
    assert await states(neo4j_server) == {"run_1": "finished", "run_2": "running"}


async def test_lease_is_free_again_after_a_failure(graph: Graph, neo4j_server: Neo4jServer) -> None:
    await start_run(graph, RUN, lease_s=60)
    await fail_run(graph, "run_1")

    await start_run(graph, OTHER, lease_s=60)

    assert await states(neo4j_server) == {"run_1": "failed", "run_2": "running"}


async def test_dead_run_is_marked_abandoned_once_its_lease_has_ended(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await start_run(graph, RUN, lease_s=0)

    abandoned = await start_run(graph, OTHER, lease_s=60)

    assert abandoned == ["run_1"]
    assert await states(neo4j_server) == {"run_1": "abandoned", "run_2": "running"}


async def test_run_that_lost_its_lease_can_neither_renew_nor_end_the_other_ones(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await start_run(graph, RUN, lease_s=0)
    await start_run(graph, OTHER, lease_s=60)

    with pytest.raises(Conflict, match="another run took over"):
        await renew_lease(graph, "run_1", lease_s=60)
    await fail_run(graph, "run_1")

    assert await states(neo4j_server) == {"run_1": "abandoned", "run_2": "running"}
    await renew_lease(graph, "run_2", lease_s=60)


async def test_late_run_keeps_a_lease_that_nobody_took(graph: Graph) -> None:
    await start_run(graph, RUN, lease_s=0)

    await renew_lease(graph, "run_1", lease_s=60)

    with pytest.raises(Conflict, match="run_1"):
        await start_run(graph, OTHER, lease_s=60)


async def test_there_is_one_lease_however_many_runs(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    for at in range(3):
        await start_run(graph, replace(RUN, id=f"run_{at}"), lease_s=0)

    assert await query(neo4j_server, "MATCH (l:Lease) RETURN l.name AS name") == [
        {"name": "detection"}
    ]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (None, RUN.started_at + timedelta(milliseconds=1)),
        (RUN.started_at - timedelta(days=1), RUN.started_at + timedelta(milliseconds=1)),
        (RUN.started_at + timedelta(days=1), RUN.started_at + timedelta(milliseconds=1)),
    ],
)
async def test_no_run_tells_of_a_moment_that_was_told_of_already(
    graph: Graph, neo4j_server: Neo4jServer, as_of: datetime | None, expected: datetime
) -> None:
    await start_run(graph, RUN, lease_s=0)

    await start_run(graph, replace(RUN, id="run_2", as_of=as_of), lease_s=60)

    assert await told_at(neo4j_server, "run_2") == expected


async def test_runs_that_look_from_one_moment_after_the_other_tell_of_those(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    days = [RUN.started_at - timedelta(days=back) for back in (20, 10)]

    for at, day in enumerate(days):
        await start_run(graph, replace(RUN, id=f"run_{at}", as_of=day), lease_s=0)

    assert [await told_at(neo4j_server, f"run_{at}") for at in range(2)] == days


async def told_at(server: Neo4jServer, run_id: str) -> datetime:
    (run,) = [run for run in await detection_runs(server) if run["id"] == run_id]
    moment: datetime = run["told_at"].to_native()
    return moment
