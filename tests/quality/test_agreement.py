from pathlib import Path

from ringfence.store.graph import Graph
from ringfence.usecases.migrate import migrate
from tests.conftest import clear
from tests.quality.agreement import compare, index_after, read_world
from tests.quality.measuring import world_of


async def test_rounds_on_the_way_lead_to_what_one_full_run_leads_to(
    graph: Graph, tmp_path: Path
) -> None:
    world = read_world(world_of(tmp_path / "worlds", 800, 5))
    snapshots = tmp_path / "snapshot"

    on_the_way = await index_after(graph, world, tmp_path, rounds=3, snapshots=snapshots)
    await clear(graph)
    await migrate(graph)
    at_once = await index_after(graph, world, tmp_path, rounds=1, snapshots=None)

    found = compare(5, world, tmp_path / "asked", 3, on_the_way, at_once)
    assert found.newcomers == 80
    assert found.rings[0] == found.rings[1] > 0
    assert found.stopped > 0
    assert found.equal == 1.0
