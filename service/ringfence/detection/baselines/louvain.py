"""Louvain over accounts and everything they share.

As EvilCohort did it for accounts and addresses (Stringhini and others, USENIX Security 2015); the
bipartite graph is cut by modularity.
"""

import random

import igraph
import numpy as np

from ringfence.detection.baselines.grouping import large_enough, shared
from ringfence.domain.graph import AccountGraph, Ints


def louvain_baseline(graph: AccountGraph, *, seed: int) -> Ints:
    """(n,) group of each account, -1 for none."""
    links = shared(graph)
    n = len(graph.accounts)
    present, compact = np.unique(links.identifier, return_inverse=True)
    whole = igraph.Graph(
        n + len(present), edges=zip(links.account.tolist(), (n + compact).tolist(), strict=True)
    )
    igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 reproducible, not secret
    label = np.asarray(whole.community_multilevel().membership, dtype=np.int64)
    return large_enough(label[:n])
