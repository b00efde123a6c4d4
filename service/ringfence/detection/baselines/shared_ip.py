"""The count rule of most sign-up doors: so many accounts at one address within a window.

The popularity rule that Ianus compares itself with (Yuan and others, CCS 2019,
doi:10.1145/3319535.3363198, section on single attributes).
"""

import numpy as np

from ringfence.detection.baselines.grouping import large_enough, shared
from ringfence.domain.graph import AccountGraph, Ints
from ringfence.domain.identifiers import IP

LEAST_AT_ONE_ADDRESS = 8
WINDOW_MS = 60 * 24 * 3600 * 1000
"""Both chosen on seeds 1 to 4 among 3 to 20 accounts within an hour to 60 days."""


def shared_ip_baseline(graph: AccountGraph, *, seed: int = 0) -> Ints:
    """(n,) group of each account, -1 for none: who came to one address in a run of others.

    Args:
        graph: accounts and what they share.
        seed: not used; counting knows no chance.
    """
    del seed
    links = shared(graph, (IP,))
    time = graph.links.first_seen_ms[links.row]
    order = np.lexsort((links.account, time, links.identifier))
    account, identifier, time = links.account[order], links.identifier[order], time[order]
    crowded = _crowded(identifier, time)
    starts = np.ones(len(account), dtype=bool)
    starts[1:] = (identifier[1:] != identifier[:-1]) | (np.diff(time) > WINDOW_MS)
    run = np.cumsum(starts) - 1
    account, run, time = account[crowded], run[crowded], time[crowded]
    by_time = np.lexsort((run, time, account))
    member, first = np.unique(account[by_time], return_index=True)
    label = np.full(len(graph.accounts), -1, dtype=np.int64)
    label[member] = run[by_time][first]
    return large_enough(label)


def _crowded(identifier: Ints, time: Ints) -> Ints:
    """Places of links that lie in some window with enough others at the same address."""
    ahead = LEAST_AT_ONE_ADDRESS - 1
    first = np.arange(max(len(identifier) - ahead, 0))
    last = first + ahead
    full = (identifier[first] == identifier[last]) & (time[last] - time[first] <= WINDOW_MS)
    inside = np.zeros(len(identifier) + 1, dtype=np.int64)
    np.add.at(inside, first[full], 1)
    np.add.at(inside, last[full] + 1, -1)
    return np.flatnonzero(np.cumsum(inside[:-1]) > 0)
