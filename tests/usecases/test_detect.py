import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ringfence.detection import load_config
from ringfence.detection.config import DetectionConfig
from ringfence.domain.graph import AccountGraph
from ringfence.domain.rings import Tier
from ringfence.errors import Conflict, InvalidInput
from ringfence.store.account_graph import read_account_graph
from ringfence.store.detection_runs import RunRecord, start_run
from ringfence.store.found_rings import RingChange, save_rings
from ringfence.store.graph import Graph
from ringfence.store.loading import BATCH_EVENTS, save_events
from ringfence.usecases.detect import Engine, detect, detect_respecting
from tests.conftest import Neo4jServer, connect
from tests.detection import drawing as drawn
from tests.detection.drawing import START, Drawing, farm
from tests.store.ring_dump import detection_runs, memberships, query, ring_dump

CONFIG = load_config()
BLIND = CONFIG.model_copy(
    update={"rings": CONFIG.rings.model_copy(update={"watch_score": 1.0, "review_score": 1.0})}
)
"""Parameters by which no group is a ring."""


def two_farms() -> Drawing:
    world = Drawing()
    world.strangers(200)
    farm(world, "one", 30, devices=7, cards=5)
    farm(world, "two", 20, day=90)
    return world


async def load(graph: Graph, world: Drawing) -> None:
    for first in range(0, len(world.events), BATCH_EVENTS):
        await save_events(graph, world.events[first : first + BATCH_EVENTS])


async def ring_states(server: Neo4jServer) -> dict[str, str]:
    rows = await query(server, "MATCH (r:Ring) RETURN r.id AS id, r.state AS state")
    return {row["id"]: row["state"] for row in rows}


@pytest.fixture
async def farms(graph: Graph) -> Graph:
    await load(graph, two_farms())
    return graph


async def test_rings_from_neo4j_equal_rings_from_the_file(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    from_file = drawn.detect(two_farms().graph())

    summary = await detect(farms, CONFIG)

    assert summary.graph_fingerprint == from_file.graph_fingerprint
    assert summary.rings == len(from_file.rings) >= 2
    assert await memberships(neo4j_server) == {
        ring.id: drawn.members(ring) for ring in from_file.rings
    }
    rows = await query(
        neo4j_server,
        "MATCH (r:Ring) RETURN r.id AS id, r.operation_id AS operation, r.score AS score, "
        "r.grade AS grade, r.tier AS tier, r.reason_texts AS reasons, r.kinds AS kinds",
    )
    assert {row["id"]: tuple(row.values())[1:] for row in rows} == {
        ring.id: (
            ring.operation_id,
            ring.score,
            ring.grade.value,
            ring.tier.value,
            [reason.text for reason in ring.reasons],
            list(ring.kinds),
        )
        for ring in from_file.rings
    }


async def test_summary_counts_what_was_found_and_the_record_agrees(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    summary = await detect(farms, CONFIG)

    (run,) = await detection_runs(neo4j_server)
    assert summary.accounts == 250
    assert sum(summary.rings_by_tier.values()) == summary.rings
    assert sum(summary.rings_by_grade.values()) == summary.rings
    assert (summary.rings_written, summary.rings_closed) == (summary.rings, 0)
    assert summary.accounts_flagged == 50
    assert (run["id"], run["state"]) == (summary.run_id, "finished")
    assert (run["rings"], run["accounts_flagged"]) == (summary.rings, 50)
    assert run["graph_fingerprint"] == summary.graph_fingerprint
    assert DetectionConfig.model_validate(json.loads(run["config"])) == CONFIG
    assert (run["seed"], "as_of" in run) == (CONFIG.seed, False)


async def test_usage_and_sign_ups_of_the_members_are_joined_to_the_ring(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    summary = await detect(farms, CONFIG)

    rows = await query(
        neo4j_server,
        "MATCH (a:Account)-[:MEMBER_OF]->(r:Ring) "
        "WITH r, sum(a.requests) AS summed, "
        "min(a.signed_up_at) AS first, max(a.signed_up_at) AS last "
        "RETURN r.id AS id, r.requests AS told, summed, "
        "r.first_signed_up_at = first AND r.last_signed_up_at = last AS times_agree",
    )
    assert all(row["told"] == row["summed"] for row in rows)
    assert all(row["times_agree"] for row in rows)
    exchanges = {row["id"]: row["told"] for row in rows}
    assert {line.id: line.requests for line in summary.top_rings} == exchanges
    assert max(exchanges.values()) == sum(900 + at for at in range(30))


async def test_second_run_finds_the_same_and_writes_nothing_but_its_record(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    first = await detect(farms, CONFIG)
    before = await ring_dump(neo4j_server)

    second = await detect(farms, CONFIG)

    assert await ring_dump(neo4j_server) == before
    assert (second.rings_written, second.rings_closed) == (0, 0)
    assert second.top_rings == first.top_rings
    assert [run["state"] for run in await detection_runs(neo4j_server)] == ["finished"] * 2


async def test_new_usage_of_a_member_rewrites_its_ring_alone(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    before = await detect(farms, CONFIG)
    more = two_farms()
    more.use("one0003", 7)
    await load(farms, more)

    after = await detect(farms, CONFIG)

    lines_before = {line.id: line.requests for line in before.top_rings}
    lines_after = {line.id: line.requests for line in after.top_rings}
    assert sum(lines_after.values()) == sum(lines_before.values()) + 7
    assert after.rings_written == 1


async def test_ring_keeps_its_id_when_members_join(farms: Graph, neo4j_server: Neo4jServer) -> None:
    await detect(farms, CONFIG)
    before = await memberships(neo4j_server)
    grown = two_farms()
    for at in range(4):
        grown.sign_up(
            f"one9{at}", day=61, device=f"one-device{at}", email=f"oneuser9{at}@gmail.com"
        )
        grown.attach(f"one9{at}", f"one-card{at}", day=61)
    await load(farms, grown)

    await detect(farms, CONFIG)

    after = await memberships(neo4j_server)
    assert after.keys() == before.keys()
    joined = {ring_id: after[ring_id] - before[ring_id] for ring_id in after}
    assert sorted(map(len, joined.values())) == [0] * (len(after) - 1) + [4]


async def test_rings_found_no_more_are_closed_and_come_back_under_their_ids(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    await detect(farms, CONFIG)
    members = await memberships(neo4j_server)

    blind = await detect(farms, BLIND)

    assert (blind.rings, blind.rings_closed) == (0, len(members))
    assert set((await ring_states(neo4j_server)).values()) == {"closed"}
    assert await memberships(neo4j_server) == {}

    again = await detect(farms, CONFIG)

    assert again.rings_written == len(members)
    assert await ring_states(neo4j_server) == dict.fromkeys(members, "open")
    assert await memberships(neo4j_server) == members


async def test_state_that_people_gave_outlives_runs_that_find_the_ring_and_that_do_not(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    await detect(farms, CONFIG)
    members = await memberships(neo4j_server)
    judged = min(members)
    await farms.run_schema(f"MATCH (r:Ring {{id: '{judged}'}}) SET r.state = 'confirmed'")

    await detect(farms, BLIND)
    states_when_blind = await ring_states(neo4j_server)
    members_when_blind = await memberships(neo4j_server)
    await detect(farms, CONFIG)

    assert states_when_blind[judged] == "confirmed"
    assert members_when_blind == {judged: members[judged]}
    assert (await ring_states(neo4j_server))[judged] == "confirmed"
    assert await memberships(neo4j_server) == members


async def test_past_moment_shows_the_rings_of_that_time(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    moment = START + timedelta(days=75)

    summary = await detect(farms, CONFIG, as_of=moment)

    flagged = {account for ring in (await memberships(neo4j_server)).values() for account in ring}
    (run,) = await detection_runs(neo4j_server)
    assert {account[:3] for account in flagged} == {"one"}
    assert summary.accounts_flagged == 30
    assert run["as_of"].to_native() == moment


async def test_moment_without_a_zone_is_refused_before_anything_is_written(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    with pytest.raises(InvalidInput, match="expected a zone"):
        await detect(graph, CONFIG, as_of=datetime(2026, 1, 1))  # noqa: DTZ001

    assert await detection_runs(neo4j_server) == []


async def test_empty_graph_has_no_rings(graph: Graph) -> None:
    summary = await detect(graph, CONFIG)

    assert (summary.accounts, summary.rings, summary.top_rings) == (0, 0, ())


async def test_of_two_detections_at_once_one_is_refused_with_the_name_of_the_other(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    begun, going_on = asyncio.Event(), asyncio.Event()

    async def read(graph: Graph, as_of: datetime | None) -> AccountGraph:
        begun.set()
        await going_on.wait()
        return await read_account_graph(graph, as_of=as_of)

    first = asyncio.create_task(detect(farms, CONFIG, engine=Engine(read, detect_respecting)))
    await begun.wait()
    async with connect(neo4j_server) as other:
        with pytest.raises(Conflict) as refused:
            await detect(other, CONFIG)
    going_on.set()
    await first

    (run,) = await detection_runs(neo4j_server)
    assert f"Detection {run['id']} is running" in str(refused.value)
    assert run["state"] == "finished"


async def test_error_between_two_rings_leaves_whole_rings_and_the_next_run_does_the_rest(
    farms: Graph, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        break_after(broken, rings=1)
        with pytest.raises(ConnectionError):
            await detect(farms, CONFIG)
    half = await memberships(neo4j_server)
    assert len(half) == 1

    summary = await detect(farms, CONFIG)

    assert summary.rings_written == summary.rings - 1
    assert (await memberships(neo4j_server)).items() >= half.items()
    states = [run["state"] for run in await detection_runs(neo4j_server)]
    assert states == ["failed", "finished"]


async def test_run_that_died_stays_running_until_the_next_one_takes_over(
    farms: Graph, neo4j_server: Neo4jServer
) -> None:
    await start_run(
        farms,
        RunRecord("run_dead", datetime(2026, 7, 1, tzinfo=UTC), None, "{}", 7, "0"),
        lease_s=1,
    )
    with pytest.raises(Conflict, match="run_dead"):
        await detect(farms, CONFIG)
    await asyncio.sleep(1.1)

    summary = await detect(farms, CONFIG)

    states = {run["id"]: run["state"] for run in await detection_runs(neo4j_server)}
    assert states == {"run_dead": "abandoned", summary.run_id: "finished"}


async def test_lease_is_kept_while_detection_takes_longer_than_it(
    farms: Graph, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow_read(*_: object, **__: object) -> object:
        await asyncio.sleep(4)
        return plain_read

    plain_read = await read_account_graph(farms)
    monkeypatch.setattr("ringfence.usecases.detect.read_account_graph", slow_read)
    running = asyncio.create_task(detect(farms, CONFIG, lease_s=2))
    await asyncio.sleep(3)

    with pytest.raises(Conflict, match="is running"):
        await detect(farms, CONFIG)

    await running
    assert [run["state"] for run in await detection_runs(neo4j_server)] == ["finished"]


async def test_cancelled_run_is_recorded_as_failed_and_frees_the_lease(
    farms: Graph, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = asyncio.Event()

    async def read_for_ever(*_: object, **__: object) -> None:
        reading.set()
        await asyncio.Event().wait()

    with monkeypatch.context() as patch:
        patch.setattr("ringfence.usecases.detect.read_account_graph", read_for_ever)
        running = asyncio.create_task(detect(farms, CONFIG))
        await reading.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    await detect(farms, CONFIG)

    states = [run["state"] for run in await detection_runs(neo4j_server)]
    assert states == ["failed", "finished"]


async def test_progress_tells_each_step_and_ends_at_its_total(farms: Graph) -> None:
    told: list[tuple[str, int, int]] = []

    summary = await detect(farms, CONFIG, progress=lambda *step: told.append(step))

    assert [step for step, _, _ in told[:2]] == ["reading", "detecting"]
    assert told[-1] == ("writing", summary.rings, summary.rings)


async def test_top_rings_are_sorted_by_tier_then_score_then_size(farms: Graph) -> None:
    summary = await detect(farms, CONFIG)

    tiers = [Tier(line.tier) for line in summary.top_rings]
    keys = [(list(Tier).index(line.tier), -line.score, -line.size) for line in summary.top_rings]
    assert Tier.AUTO in tiers or Tier.REVIEW in tiers
    assert keys == sorted(keys)


def break_after(patch: pytest.MonkeyPatch, *, rings: int) -> None:
    """Let the connection fail once so many rings are written."""
    written: list[RingChange] = []

    async def save(
        graph: Graph, run_id: str, changes: Sequence[RingChange], *, lease_s: int
    ) -> None:
        if len(written) == rings:
            raise ConnectionError
        written.extend(changes)
        await save_rings(graph, run_id, changes, lease_s=lease_s)

    patch.setattr("ringfence.store.found_rings.BATCH_RINGS", 1)
    patch.setattr("ringfence.usecases.detect.save_rings", save)


async def test_run_that_reads_what_changed_finds_what_one_that_reads_all_finds(
    farms: Graph, tmp_path: Path
) -> None:
    before = await detect(farms, CONFIG, snapshots=tmp_path)
    late = Drawing()
    farm(late, "late", 25, day=40)
    for first in range(0, len(late.events), BATCH_EVENTS):
        await save_events(farms, late.events[first : first + BATCH_EVENTS])

    in_part = await detect(farms, CONFIG, snapshots=tmp_path)
    whole = await detect(farms, CONFIG)

    assert (in_part.rings, in_part.accounts_flagged) == (whole.rings, whole.accounts_flagged)
    assert in_part.rings == before.rings + 1
    assert whole.rings_written == 0
