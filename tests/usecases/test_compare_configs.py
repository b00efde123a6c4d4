from ringfence.detection import load_config
from ringfence.domain.verdicts import VerdictKind
from ringfence.store.graph import Graph
from ringfence.usecases.compare_configs import compare_configs
from ringfence.usecases.detect import detect
from ringfence.usecases.judge_ring import judge_ring
from tests.conftest import Neo4jServer
from tests.store.ring_dump import detection_runs, memberships, ring_dump
from tests.usecases.test_detect import BLIND, load, two_farms

CONFIG = load_config()


async def test_equal_parameters_find_nothing_otherwise(graph: Graph) -> None:
    await load(graph, two_farms())

    diff = await compare_configs(graph, CONFIG, CONFIG)

    assert (diff.accounts_in, diff.accounts_out, diff.tier_changes) == ((), (), ())
    assert len(diff.rings_matched) == 2


async def test_what_other_parameters_lose_is_told_and_nothing_is_written(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await load(graph, two_farms())
    await detect(graph, CONFIG)
    before = (await ring_dump(neo4j_server), await detection_runs(neo4j_server))
    found = await memberships(neo4j_server)

    diff = await compare_configs(graph, CONFIG, BLIND)

    assert diff.accounts_out == tuple(sorted(set().union(*found.values())))
    assert diff.rings_only_a == tuple(sorted(found))
    assert (await ring_dump(neo4j_server), await detection_runs(neo4j_server)) == before


async def test_dismissed_rings_are_no_difference(graph: Graph, neo4j_server: Neo4jServer) -> None:
    await load(graph, two_farms())
    await detect(graph, CONFIG)
    found = await memberships(neo4j_server)
    dismissed, other = sorted(found)
    await judge_ring(graph, dismissed, VerdictKind.DISMISSED, reason="seen", by="ana")

    diff = await compare_configs(graph, CONFIG, BLIND)

    assert diff.rings_only_a == (other,)
    assert diff.accounts_out == tuple(sorted(found[other]))
