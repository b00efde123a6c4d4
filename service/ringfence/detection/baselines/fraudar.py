"""FRAUDAR: dense blocks of accounts and identifiers, peeled greedily, one block after the other.

Hooi and others, KDD 2016, doi:10.1145/2939672.2939747: the weight of an edge falls with the log of
its column's degree, 1 / log(5 + degree), so that camouflage through popular columns gains nothing;
the block is the set of highest average weight that is met while the vertex of least weight is
removed again and again. Its edges are then removed and the next block is sought.
"""

import heapq

import numpy as np

from ringfence.detection.baselines.grouping import large_enough, shared
from ringfence.detection.collector import collector_off
from ringfence.domain.graph import AccountGraph, Ints

BLOCKS = 40
"""Blocks at the most."""
LEAST_DENSITY_SHARE = 0.65
"""Stop at a block less dense than this part of the first. Chosen on seeds 1 to 4."""

Neighbours = list[list[tuple[int, float]]]


def fraudar_baseline(graph: AccountGraph, *, seed: int = 0) -> Ints:
    """(n,) block of each account, -1 for none.

    Args:
        graph: accounts and what they share.
        seed: not used; peeling knows no chance.
    """
    del seed
    links = shared(graph)
    n = len(graph.accounts)
    present, compact = np.unique(links.identifier, return_inverse=True)
    weight = (1 / np.log(5 + links.degree)).tolist()
    near: Neighbours = [[] for _ in range(n + len(present))]
    for account, column, gain in zip(
        links.account.tolist(), (n + compact).tolist(), weight, strict=True
    ):
        near[account].append((column, gain))
        near[column].append((account, gain))
    label = np.full(n, -1, dtype=np.int64)
    with collector_off():
        _peel_blocks(near, label)
    return large_enough(label)


def _peel_blocks(near: Neighbours, label: Ints) -> None:
    densest = 0.0
    for block in range(BLOCKS):
        density, members = _densest(near)
        densest = max(densest, density)
        if density < LEAST_DENSITY_SHARE * densest or not members:
            return
        accounts = [at for at in members if at < len(label) and label[at] < 0]
        label[accounts] = block
        _cut_out(near, members)


def _densest(near: Neighbours) -> tuple[float, list[int]]:
    """Average weight and vertices of the densest set that greedy peeling meets."""
    weight = [sum(gain for _, gain in edges) for edges in near]
    heap = [(total, at) for at, total in enumerate(weight) if total > 0]
    heapq.heapify(heap)
    left, inside = len(heap), sum(weight) / 2
    best, removed_at_best = (inside / left if left else 0.0), 0
    removed: list[int] = []
    gone = bytearray(len(near))
    while heap:
        total, at = heapq.heappop(heap)
        if gone[at] or total != weight[at]:
            continue
        gone[at] = 1
        removed.append(at)
        inside -= total
        left -= 1
        for other, gain in near[at]:
            if not gone[other]:
                weight[other] -= gain
                heapq.heappush(heap, (weight[other], other))
        if left and inside / left > best:
            best, removed_at_best = inside / left, len(removed)
    return best, removed[removed_at_best:]


def _cut_out(near: Neighbours, members: list[int]) -> None:
    """Remove the edges among members; a vertex may still belong to a block to come."""
    block = set(members)
    for at in members:
        near[at] = [(other, gain) for other, gain in near[at] if other not in block]
