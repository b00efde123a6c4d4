"""Operations: rings that weaker evidence ties, though not enough to be one ring."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ringfence.detection.config import OperationParameters
from ringfence.detection.hubs import Hubs
from ringfence.detection.links import Flags, SharedLinks
from ringfence.detection.profiles import Groups
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import Strength


def group_operations(
    groups: Groups,
    links: SharedLinks,
    hubs: Hubs,
    flagged: Flags,
    parameters: OperationParameters,
) -> Ints:
    """(g,) operation of each group; groups that are not flagged stand alone.

    Of identifiers that are not strong only those count that mostly flagged rings use.
    """
    n, k = links.own.shape[1], len(links.degree)
    group_of = np.full(n, -1, dtype=np.int64)
    group_of[groups.account] = np.where(flagged[groups.group], groups.group, -1)
    rows = (group_of[links.account] >= 0) & ~hubs.public[links.identifier]
    group, identifier = group_of[links.account[rows]], links.identifier[rows]
    strong = links.strength_flags(Strength.STRONG)
    mostly = 2 * np.bincount(identifier, minlength=k) >= links.degree
    key, users = np.unique(group * max(k, 1) + identifier, return_counts=True)
    group, identifier = key // max(k, 1), key % max(k, 1)
    firmly = strong[identifier]
    loosely = (~strong & mostly)[identifier] & (users >= parameters.least_users)
    shape = (groups.count, k)
    joined = _both_use(group[firmly], identifier[firmly], shape, parameters.strong_ties)
    joined = joined + _both_use(group[loosely], identifier[loosely], shape, parameters.other_ties)
    _, operation = connected_components(joined, directed=False)
    return np.asarray(operation, dtype=np.int64)


def _both_use(
    group: Ints, identifier: Ints, shape: tuple[int, int], least_ties: int
) -> sparse.csr_array:
    """Pairs of groups that both use so many of the identifiers."""
    used = sparse.csr_array((np.ones(len(group), np.int32), (group, identifier)), shape)
    both = (used @ used.T).tocoo()
    firm = both.data >= least_ties
    return sparse.csr_array(
        (np.ones(int(firm.sum()), np.int8), tuple(axis[firm] for axis in both.coords)),
        (shape[0], shape[0]),
    )
