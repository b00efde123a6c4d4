from pathlib import Path

from ringfence.store.graph import Graph

from .learning_curve import curve_of, replay_world
from .measuring import world_of
from .seeds import CI


async def test_sign_up_check_learns_a_campaign_and_spares_the_honest(
    graph: Graph, tmp_path: Path
) -> None:
    world = world_of(tmp_path, 600, CI)

    curve = curve_of(CI, await replay_world(world, graph, tmp_path / "screening", every=100))

    assert curve.rounds == 5
    assert curve.campaign_known >= 50
    assert curve.campaign_stopped >= 0.6
    assert curve.honest_challenged <= 0.01
    assert curve.honest_blocked == 0
