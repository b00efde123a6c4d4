"""Plain Leiden on the weighted projection: pairs of accounts, weighed by the rarity they share.

Traag, Waltman and van Eck 2019, doi:10.1038/s41598-019-41695-z, with the constant Potts model of
Traag, Van Dooren and Nesterov 2011, arXiv:1104.3083. Weight of a pair: the sum over what they share
of the kind's weight / log2(1 + carriers), after Adamic and Adar 2003.
"""

import random

import igraph
import numpy as np

from ringfence.detection.baselines.grouping import large_enough, projection, shared
from ringfence.detection.collector import collector_off
from ringfence.domain.graph import AccountGraph, Ints
from ringfence.domain.identifiers import IP, strength_of

KIND_WEIGHT = {"payment_instrument": 3.0, "device": 2.5, "fingerprint": 1.5, IP: 1.0}
"""Start values that fraud teams use (detection.md 5.2); other kinds by their strength."""
STRENGTH_WEIGHT = {"strong": 2.5, "medium": 1.5, "weak": 1.0, "never_alone": 0.5}
DEGREE_CAP = 8
"""Identifiers with more carriers are left out. Chosen on seeds 1 to 4 among 8 to 100."""
RESOLUTION = 0.0005
"""Chosen on seeds 1 to 4 among 0.0005 to 0.5."""
LEAST = 15
"""Accounts a group, chosen on seeds 1 to 4 among 5, 10 and 15."""
ITERATIONS = 2


def leiden_baseline(graph: AccountGraph, *, seed: int) -> Ints:
    """(n,) group of each account, -1 for none."""
    n = len(graph.accounts)
    links = shared(graph, cap=DEGREE_CAP)
    kind_weight = np.array([_weight(kind) for kind in graph.identifiers.kinds])
    weight = kind_weight[links.identifier] / np.log2(1 + links.degree)
    first, second, strength = projection(n, links, weight)
    with collector_off():
        pairs = igraph.Graph(n, edges=zip(first.tolist(), second.tolist(), strict=True))
        igraph.set_random_number_generator(random.Random(seed))  # noqa: S311 reproducible
        found = pairs.community_leiden(
            objective_function="CPM",
            weights=strength.tolist(),
            resolution=RESOLUTION,
            n_iterations=ITERATIONS,
        )
    return large_enough(np.asarray(found.membership, dtype=np.int64), LEAST)


def _weight(kind: str) -> float:
    return KIND_WEIGHT.get(kind, STRENGTH_WEIGHT[strength_of(kind).value])
