"""Cells: components, cut where little leads from one block to the rest.

Leiden with the constant Potts model keeps a block S of n vertices together with the rest only if
the weight between them exceeds resolution * |S| * (n - |S|). With the resolution
conductance * mean strength / n this cuts S off exactly when less than about `conductance` of its
strength leads out, whatever its size. Each block is tried again by its own mean and size until
nothing comes off: a ring of 25,000 that draws from pools stays whole, a small ring that hangs on
it by one card does not.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import igraph
import numpy as np

from ringfence.detection.bipartite import Skeleton
from ringfence.detection.collector import collector_off
from ringfence.detection.config import CellParameters
from ringfence.detection.links import Floats
from ringfence.domain.graph import Ints

_HASH_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class LargeComponents:
    """c components that are too large to stay whole unseen, and their edges.

    Attributes:
        numbers: (c,) component, rising.
        bounds: (c + 1,) where the edges of each begin; those of one keep the skeleton's order.
        source, target, weight: of the edges.
    """

    numbers: Ints
    bounds: Ints
    source: Ints
    target: Ints
    weight: Floats


Cut = tuple[Ints, Ints]
"""Vertices of one component, and the block of each, from 0."""

CutAll = Callable[[LargeComponents, CellParameters, int], Iterable[Cut]]
"""Cuts each component, in their order; each cut depends on the edges of its component alone."""


def cut_one_by_one(large: LargeComponents, parameters: CellParameters, seed: int) -> Iterator[Cut]:
    """Cut each component in this process."""
    with collector_off():
        for at in range(len(large.numbers)):
            part = slice(large.bounds[at], large.bounds[at + 1])
            edges = (large.source[part], large.target[part], large.weight[part])
            yield cut_component(*edges, parameters, seed)


def cut_cells(
    skeleton: Skeleton,
    parameters: CellParameters,
    *,
    seed: int,
    cut_all: CutAll = cut_one_by_one,
) -> Ints:
    """(vertices,) cell of each vertex; the first of a component keeps the component's number."""
    cell = skeleton.component.copy()
    fresh = int(cell.max(initial=-1)) + 1
    large = _large_components(skeleton, parameters.whole_vertices)
    cuts = cut_all(large, parameters, seed)
    for component, (vertices, blocks) in zip(large.numbers, cuts, strict=True):
        cell[vertices] = np.where(blocks == 0, component, fresh + blocks - 1)
        fresh += int(blocks.max(initial=0))
    return cell


def _large_components(skeleton: Skeleton, whole_vertices: int) -> LargeComponents:
    sizes = np.bincount(skeleton.component)
    large = sizes > whole_vertices
    component = skeleton.component[skeleton.source]
    rows = np.flatnonzero(large[component])
    rows = rows[np.argsort(component[rows], kind="stable")]
    numbers = np.flatnonzero(large)
    return LargeComponents(
        numbers=numbers,
        bounds=np.searchsorted(component[rows], np.append(numbers, len(sizes))),
        source=skeleton.source[rows],
        target=skeleton.target[rows],
        weight=skeleton.weight[rows],
    )


def cut_component(
    source: Ints, target: Ints, weight: Floats, parameters: CellParameters, seed: int
) -> Cut:
    """Cut one component, given all its edges."""
    vertices, ends = np.unique(np.concatenate([source, target]), return_inverse=True)
    a, b = ends[: len(source)], ends[len(source) :]
    canon = _canonical_rank(a, b, weight, len(vertices))
    a, b = canon[a], canon[b]
    order = np.lexsort((b, a))
    block = np.zeros(len(vertices), dtype=np.int64)
    done = 0
    pending = [_Block(np.arange(len(vertices)), a[order], b[order], weight[order])]
    while pending:
        piece = pending.pop()
        parts = _split(piece, parameters, seed)
        if len(parts) == 1:
            block[piece.members] = done
            done += 1
        else:
            pending.extend(reversed(parts))
    return vertices, block[canon]


@dataclass(frozen=True, slots=True)
class _Block:
    """Some vertices of a component and the edges among them, in places of `members`."""

    members: Ints
    a: Ints
    b: Ints
    weight: Floats


def _split(block: _Block, parameters: CellParameters, seed: int) -> list[_Block]:
    n = len(block.members)
    if n <= parameters.whole_vertices:
        return [block]
    label = _leiden(n, block, parameters, seed)
    count = int(label.max()) + 1
    if count == 1:
        return [block]
    by_label = np.argsort(label, kind="stable")
    starts = np.searchsorted(label[by_label], np.arange(count + 1))
    place = np.empty(n, dtype=np.int64)
    place[by_label] = np.arange(n) - starts[label[by_label]]
    inner = np.flatnonzero(label[block.a] == label[block.b])
    inner = inner[np.argsort(label[block.a[inner]], kind="stable")]
    edges = np.searchsorted(label[block.a[inner]], np.arange(count + 1))
    parts = []
    for at in range(count):
        rows = inner[edges[at] : edges[at + 1]]
        members = block.members[by_label[starts[at] : starts[at + 1]]]
        parts.append(
            _Block(members, place[block.a[rows]], place[block.b[rows]], block.weight[rows])
        )
    return parts


def _leiden(n: int, block: _Block, parameters: CellParameters, seed: int) -> Ints:
    """Labels of one block; what the first iteration leaves whole is not tried again."""
    graph = igraph.Graph(n, edges=zip(block.a.tolist(), block.b.tolist(), strict=True))
    weights = block.weight.tolist()
    strength = 2 * float(block.weight.sum()) / n
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 reproducible, not secret
    label = None
    for _ in range(parameters.iterations):
        label = graph.community_leiden(
            objective_function="CPM",
            weights=weights,
            resolution=parameters.conductance * strength / n,
            n_iterations=1,
            initial_membership=label,
        ).membership
        if not any(label):
            break
    return np.asarray(label, dtype=np.int64)


def _canonical_rank(a: Ints, b: Ints, weight: Floats, n: int) -> Ints:
    """Rank of each vertex by its surroundings, so that new names give the same cut.

    Colour refinement by hashing: vertices that still tie after a few rounds are alike or nearly
    so, and keep the order they came in.
    """
    colour = np.bincount(a, minlength=n) + 1000.0 * np.bincount(b, minlength=n)
    for _ in range(_HASH_ROUNDS):
        mixed = np.modf(np.sin(colour * 12.9898) * 43758.5453)[0] + 1.0
        # Rounded, since sums come in the order of the edges and floats do not commute exactly.
        arriving = np.bincount(a, weights=mixed[b] * weight, minlength=n)
        leaving = np.bincount(b, weights=mixed[a] * weight, minlength=n)
        colour = np.round(colour % 1000.0 + arriving + 3.0 * leaving, 6)
    rank = np.empty(n, dtype=np.int64)
    rank[np.lexsort((np.arange(n), colour))] = np.arange(n)
    return rank
