from pathlib import Path

from ringfence.store.graph import Graph

from .blast_radius import compare
from .measuring import world_of
from .seeds import CI


async def test_takedown_does_what_its_plan_told(graph: Graph, tmp_path: Path) -> None:
    world = world_of(tmp_path, 600, CI)

    told = await compare(graph, world, CI, tmp_path)

    assert told.acted == told.told_acted > 20
    assert told.requests == told.told_requests > 0
    assert abs(told.share - told.told_share) < 0.1
    assert told.honest == 0
