"""Rounds: rings found anew, and an index of what is known then, in a folder that opens."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from ringfence.detection import detect_rings, load_config
from ringfence.domain.identifiers import DEVICE, IdentifierKey
from ringfence.domain.known_shared import KnownShared
from ringfence.domain.rings import KnownRing, Ring, RingState
from ringfence.domain.verdicts import VerdictKind
from ringfence.errors import GraphUnavailable
from ringfence.screening.building import build_index
from ringfence.screening.index import ARRAYS, ScreeningIndex
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from ringfence.usecases.detect import detect
from ringfence.usecases.evaluate import read_graph
from ringfence.usecases.ingest import ingest
from ringfence.usecases.judge_ring import judge_ring
from ringfence.usecases.rounds import index_of, newest_index, round_in_child, run_round
from tests.conftest import Neo4jServer
from tests.screening.graphs_by_hand import farm_world

CONFIG = load_config()
SMALL = Path(__file__).parents[2] / "seed" / "small" / "events.ndjson.gz"


@pytest.fixture
async def farm(graph: Graph) -> Graph:
    await save_events(graph, farm_world(strangers=40).events)
    return graph


def as_known(ring: Ring) -> KnownRing:
    """A ring that a run has just found, as the next one knows it."""
    return KnownRing(
        id=ring.id,
        operation_id=ring.operation_id,
        strength_by_account_id={one.account_id: one.strength for one in ring.members},
        score=ring.score,
        grade=ring.grade,
        tier=ring.tier,
    )


def names_in(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


async def dismiss(graph: Graph, ring_id: str) -> None:
    await judge_ring(graph, ring_id, VerdictKind.DISMISSED, reason="a class", by="ana")


async def test_what_is_known_to_be_shared_today_or_was_overturned_leads_to_no_ring(
    farm: Graph,
) -> None:
    await detect(farm, CONFIG)
    first, second, third = (IdentifierKey(DEVICE, f"one-device{at}") for at in range(3))
    today = datetime.now(UTC).date()
    over = KnownShared(second, "a library", "ana", ends=today - timedelta(days=2))
    listed = [KnownShared(first, "a library", "ana", begins=today - timedelta(days=1)), over]

    plain = await index_of(farm, CONFIG)
    index = await index_of(farm, CONFIG, known_shared=listed)
    await farm.run_schema(
        f"CREATE (:Discount {{kind: '{third.kind}', value: '{third.value}', overturned: 1}})"
    )
    overturned = await index_of(farm, CONFIG)

    assert plain.public_among([first, second, third]) == []
    assert index.public_among([first, second, third]) == [first]
    assert overturned.public_among([first, second, third]) == [third]


async def test_index_from_neo4j_equals_the_index_from_the_file(graph: Graph) -> None:
    from_file, _ = read_graph(SMALL, None)
    found = detect_rings(from_file, CONFIG).rings
    expected = build_index(from_file, [as_known(ring) for ring in found], CONFIG)
    await ingest(graph, [SMALL])
    await detect(graph, CONFIG)

    index = await index_of(graph, CONFIG)

    assert index.rings
    assert (index.version, index.built_ms) == (expected.version, expected.built_ms)
    assert index.rings == expected.rings
    for name in ARRAYS:
        assert np.array_equal(getattr(index, name), getattr(expected, name)), name


async def test_round_finds_rings_and_leaves_an_index_that_opens(
    farm: Graph, tmp_path: Path
) -> None:
    folder = await run_round(farm, CONFIG, tmp_path / "new" / "screening")

    index = ScreeningIndex.open(folder)
    assert folder.parent == tmp_path / "new" / "screening"
    assert folder.name == f"index-{index.version}"
    assert [(ring.size, ring.state) for ring in index.rings] == [(30, RingState.OPEN)]
    assert newest_index(folder.parent) == folder


async def test_round_without_detection_takes_the_rings_there_are(
    farm: Graph, tmp_path: Path
) -> None:
    before = await run_round(farm, CONFIG, tmp_path, detecting=False)
    await detect(farm, CONFIG)

    after = await run_round(farm, CONFIG, tmp_path, detecting=False)

    assert ScreeningIndex.open(before).rings == ()
    assert len(ScreeningIndex.open(after).rings) == 1


async def test_nothing_new_leads_to_the_same_folder_which_is_the_newest_again(
    farm: Graph, tmp_path: Path
) -> None:
    first = await run_round(farm, CONFIG, tmp_path)
    ring_id = ScreeningIndex.open(first).rings[0].id
    await dismiss(farm, ring_id)
    second = await run_round(farm, CONFIG, tmp_path, detecting=False)

    again = await run_round(farm, CONFIG, tmp_path, detecting=False)

    assert first != second == again == newest_index(tmp_path)
    assert ScreeningIndex.open(second).rings == ()


async def test_two_indexes_are_kept_and_the_rest_goes(farm: Graph, tmp_path: Path) -> None:
    (tmp_path / "journal").mkdir()
    for name in ("index-old", "index-older"):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1, 1))
    first = await run_round(farm, CONFIG, tmp_path)
    opened = ScreeningIndex.open(first)
    await dismiss(farm, opened.rings[0].id)
    second = await run_round(farm, CONFIG, tmp_path, detecting=False)
    await save_events(farm, farm_world(strangers=41).events[-10:])
    third = await run_round(farm, CONFIG, tmp_path, detecting=False)

    assert len({first, second, third}) == 3
    assert names_in(tmp_path) == sorted(["journal", second.name, third.name])
    assert int(opened.degree.sum()) > 0


def test_folder_without_an_index_has_no_newest(tmp_path: Path) -> None:
    (tmp_path / "index-1.partial").mkdir()

    assert newest_index(tmp_path) is None
    assert newest_index(tmp_path / "nowhere") is None


@pytest.fixture
def environment(neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RINGFENCE_NEO4J_URI", neo4j_server.uri)
    monkeypatch.setenv("RINGFENCE_NEO4J_USER", neo4j_server.user)
    monkeypatch.setenv("RINGFENCE_NEO4J_PASSWORD", neo4j_server.password)


@pytest.mark.usefixtures("environment")
async def test_round_in_a_process_of_its_own_gives_the_same_index(
    farm: Graph, tmp_path: Path
) -> None:
    index = await round_in_child(tmp_path / "screening", detecting=True)

    expected = await index_of(farm, CONFIG)
    assert (index.version, index.rings) == (expected.version, expected.rings)
    assert len(index.rings) == 1
    assert all(np.array_equal(getattr(index, name), getattr(expected, name)) for name in ARRAYS)


async def test_round_that_fails_in_its_process_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGFENCE_QUERY_TIMEOUT_S", "never")

    with pytest.raises(GraphUnavailable, match="ended with exit code 2"):
        await round_in_child(tmp_path, detecting=True)

    assert names_in(tmp_path) == []


async def test_round_clears_away_what_a_dead_one_left_and_spares_what_is_being_written(
    farm: Graph, tmp_path: Path
) -> None:
    dead, living = tmp_path / "index-1.aa.partial", tmp_path / "index-2.bb.partial"
    for one in (dead, living):
        one.mkdir()
    os.utime(dead, (1, 1))

    folder = await run_round(farm, CONFIG, tmp_path, detecting=False)

    assert names_in(tmp_path) == sorted([folder.name, living.name])
    assert newest_index(tmp_path) == folder
