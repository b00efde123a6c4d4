"""What every team tries first, to be measured beside: components and Louvain."""

import random

import igraph
import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ringfence.domain.graph import AccountGraph, Ints
from ringfence.domain.identifiers import DEVICE, PAYMENT_INSTRUMENT

LEAST_ACCOUNTS = 5


def components_baseline(graph: AccountGraph) -> Ints:
    """(n,) group of each account, -1 for none: components over devices and payment instruments."""
    account, identifier = _shared(graph, (DEVICE, PAYMENT_INSTRUMENT))
    n = len(graph.accounts)
    vertices = n + len(graph.identifiers)
    adjacency = sparse.coo_array(
        (np.ones(len(account), np.int8), (account, n + identifier)), (vertices, vertices)
    )
    _, label = connected_components(adjacency.tocsr(), directed=False)
    return _large_enough(label[:n].astype(np.int64))


def louvain_baseline(graph: AccountGraph, *, seed: int) -> Ints:
    """(n,) group of each account, -1 for none: Louvain over all shared identifiers."""
    account, identifier = _shared(graph, None)
    n = len(graph.accounts)
    present, compact = np.unique(identifier, return_inverse=True)
    whole = igraph.Graph(
        n + len(present), edges=zip(account.tolist(), (n + compact).tolist(), strict=True)
    )
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 reproducible, not secret
    label = np.asarray(whole.community_multilevel().membership, dtype=np.int64)
    return _large_enough(label[:n])


def _shared(graph: AccountGraph, kinds: tuple[str, ...] | None) -> tuple[Ints, Ints]:
    """Links to identifiers of those kinds, or of any, that two or more accounts carry."""
    degree = np.bincount(graph.links.identifier, minlength=len(graph.identifiers))
    wanted = degree >= 2
    if kinds:
        wanted &= np.fromiter(
            (kind in kinds for kind in graph.identifiers.kinds), bool, len(wanted)
        )
    rows = wanted[graph.links.identifier]
    return graph.links.account[rows], graph.links.identifier[rows]


def _large_enough(label: Ints) -> Ints:
    if not len(label):
        return label
    return np.where(np.bincount(label)[label] >= LEAST_ACCOUNTS, label, -1)
