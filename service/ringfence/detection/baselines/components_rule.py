"""Connected components over devices and payment instruments: the first thing every team tries."""

import numpy as np

from ringfence.detection.baselines.grouping import components, large_enough, shared
from ringfence.domain.graph import AccountGraph, Ints
from ringfence.domain.identifiers import DEVICE, PAYMENT_INSTRUMENT

LEAST = 8
"""Accounts a group, chosen on seeds 1 to 4 among 5, 8, 10, 15 and 25."""


def components_baseline(graph: AccountGraph, *, seed: int = 0) -> Ints:
    """(n,) group of each account, -1 for none.

    Args:
        graph: accounts and what they share.
        seed: not used; components know no chance.
    """
    del seed
    links = shared(graph, (DEVICE, PAYMENT_INSTRUMENT))
    n = len(graph.accounts)
    label = components(n + len(graph.identifiers), links.account, n + links.identifier)
    return large_enough(np.asarray(label[:n]), LEAST)
