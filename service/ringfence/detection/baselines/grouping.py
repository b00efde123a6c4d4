"""What all baselines share: links that several accounts have, and groups large enough to flag."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ringfence.detection.links import Flags, Floats
from ringfence.domain.graph import AccountGraph, Ints

LEAST_ACCOUNTS = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """e links to identifiers that two or more accounts carry.

    Attributes:
        row: (e,) place of the link in the graph's own table.
        account: (e,) index of the account.
        identifier: (e,) index of the identifier in the graph.
        degree: (e,) accounts that carry it.
    """

    row: Ints
    account: Ints
    identifier: Ints
    degree: Ints


def shared(graph: AccountGraph, kinds: tuple[str, ...] | None = None, cap: int = 0) -> Shared:
    """Links to identifiers of those kinds, or of any, with `cap` carriers at most (0: any)."""
    degree = np.bincount(graph.links.identifier, minlength=len(graph.identifiers))
    wanted = degree >= 2
    if cap:
        wanted &= degree <= cap
    if kinds is not None:
        wanted &= of_kind(graph, kinds)
    rows = np.flatnonzero(wanted[graph.links.identifier])
    identifier = graph.links.identifier[rows]
    return Shared(rows, graph.links.account[rows], identifier, degree[identifier])


def of_kind(graph: AccountGraph, kinds: tuple[str, ...]) -> Flags:
    """(m,) whether the identifier is of one of those kinds."""
    names = graph.identifiers.kinds
    return np.fromiter((kind in kinds for kind in names), bool, len(names))


def components(vertices: int, first: Ints, second: Ints) -> Ints:
    """(vertices,) component of each vertex of the graph with those edges."""
    adjacency = sparse.coo_array(
        (np.ones(len(first), np.int8), (first, second)), (vertices, vertices)
    )
    _, label = connected_components(adjacency.tocsr(), directed=False)
    return label.astype(np.int64)


def projection(accounts: int, links: Shared, weight: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs of accounts and the summed weight of what they share.

    Args:
        accounts: how many there are.
        links: what they share; the pairs grow with the square of each degree.
        weight: (e,) what each link's identifier gives a pair, without unit.

    Returns:
        First and second account of each pair, the first below the second, and the weight.
    """
    width = int(links.identifier.max(initial=-1)) + 1
    shape = (accounts, max(width, 1))
    carries = sparse.csr_array((np.ones(len(weight)), (links.account, links.identifier)), shape)
    weighted = sparse.csr_array((weight, (links.account, links.identifier)), shape)
    pairs = sparse.triu(weighted @ carries.T, k=1).tocoo()
    return pairs.row.astype(np.int64), pairs.col.astype(np.int64), pairs.data


def large_enough(label: Ints, least: int = LEAST_ACCOUNTS) -> Ints:
    """The labels that at least so many accounts carry; -1 elsewhere and where it was -1."""
    sizes = np.bincount(label + 1) if len(label) else np.zeros(1, dtype=np.int64)
    sizes[0] = 0
    return np.where(sizes[label + 1] >= least, label, -1)
