"""Components and cells against oracles that are too slow to use."""

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ringfence.detection import load_config
from ringfence.detection.bipartite import Skeleton, build_skeleton
from ringfence.detection.cells import cut_cells
from ringfence.detection.hubs import Hubs
from ringfence.detection.links import SharedLinks
from ringfence.detection.pairs import AccountPairs
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import IdentifierKey


def skeleton_of(edges: list[tuple[int, int]], vertices: int) -> Skeleton:
    source = np.array([a for a, _ in edges], dtype=np.int64)
    target = np.array([b for _, b in edges], dtype=np.int64)
    adjacency = coo_array((np.ones(len(edges)), (source, target)), (vertices, vertices))
    component = connected_components(adjacency.tocsr(), directed=False)[1].astype(np.int64)
    return Skeleton(source, target, np.ones(len(edges)), vertices, component)


def cells_of(cell: Ints) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(cell == label).tolist()) for label in set(cell.tolist())}


def block(accounts: range, identifiers: range) -> list[tuple[int, int]]:
    return [(a, i) for a in accounts for i in identifiers]


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 11)), max_size=60))
@settings(max_examples=60, deadline=None)
def test_components_agree_with_union_find(pairs: list[tuple[int, int]]) -> None:
    unique = sorted({(identifier, account) for account, identifier in pairs})
    degree = np.bincount([i for i, _ in unique], minlength=12)
    links = SharedLinks(
        account=np.array([a for _, a in unique], dtype=np.int64),
        identifier=np.array([i for i, _ in unique], dtype=np.int64),
        first_seen_ms=np.zeros(len(unique), dtype=np.int64),
        last_seen_ms=np.zeros(len(unique), dtype=np.int64),
        events=np.ones(len(unique), dtype=np.int64),
        kind=np.zeros(12, dtype=np.int64),
        degree=degree,
        trust=np.ones(12),
        keys=[IdentifierKey("device", str(at)) for at in range(12)],
        kinds=("device",),
        own=np.zeros((1, 20), dtype=np.int64),
    )
    nobody = np.zeros(12, dtype=bool)
    none = np.empty(0, dtype=np.int64)

    found = build_skeleton(
        links, Hubs(nobody, nobody), AccountPairs(none, none, np.empty(0)), load_config().proof
    )

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(32))
    graph.add_edges_from((account, 20 + identifier) for identifier, account in unique)
    assert cells_of(found.component) == {frozenset(c) for c in nx.connected_components(graph)}


def test_two_blocks_on_one_bridge_are_cut_and_one_expander_is_not() -> None:
    bridged = block(range(12), range(24, 28)) + block(range(12, 24), range(28, 32)) + [(0, 28)]
    dice = np.random.default_rng(2)
    pool = sorted({(at, 400 + int(i)) for at in range(400) for i in dice.integers(0, 90, 3)})
    parameters = load_config().cells

    two = cut_cells(skeleton_of(bridged, 32), parameters, seed=1)
    one = cut_cells(skeleton_of(pool, 490), parameters, seed=1)

    assert cells_of(two) == {
        frozenset([*range(12), *range(24, 28)]),
        frozenset([*range(12, 24), *range(28, 32)]),
    }
    assert len(set(one[:400].tolist())) == 1


def test_small_component_is_kept_whole() -> None:
    bridged = block(range(5), range(10, 12)) + block(range(5, 10), range(12, 14)) + [(0, 12)]

    cell = cut_cells(skeleton_of(bridged, 14), load_config().cells, seed=1)

    assert len(set(cell.tolist())) == 1
