"""Cells joined to rings where several strong identifiers, carried by several accounts, tie them."""

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ringfence.detection.bipartite import Skeleton
from ringfence.detection.config import RingParameters
from ringfence.detection.links import Flags
from ringfence.detection.profiles import Groups
from ringfence.domain.graph import Ints


def join_cells(skeleton: Skeleton, cell: Ints, accounts: int, parameters: RingParameters) -> Ints:
    """(accounts,) group of each account, from 0; cells tied firmly enough are one group.

    One account or one identifier between two cells never joins them: an innocent's card used once
    by a ring, or one card bought by two rings, is such a bridge.
    """
    own = np.unique(cell[:accounts], return_inverse=True)[1].astype(np.int64)
    cells = int(own.max(initial=-1)) + 1
    rows = skeleton.target >= accounts
    account, identifier = skeleton.source[rows], skeleton.target[rows] - accounts
    joined = _joined(own, account, identifier, cells, parameters)
    _, group = connected_components(joined, directed=False)
    return np.asarray(group[own], dtype=np.int64) if cells else own


def groups_of(label: Ints, *, least: int) -> tuple[Groups, Ints]:
    """The labels that at least so many accounts carry, as groups, and the group of each account.

    Returns:
        Groups in order of their first account, and (n,) the group of each account or -1.
    """
    sizes = np.bincount(label) if len(label) else np.zeros(0, dtype=np.int64)
    account = np.flatnonzero(sizes[label] >= least) if len(label) else np.zeros(0, dtype=np.int64)
    _, first, compact = np.unique(label[account], return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first))
    group = rank[compact] if len(first) else compact.astype(np.int64)
    of = np.full(len(label), -1, dtype=np.int64)
    of[account] = group
    order = np.lexsort((account, group))
    return Groups(group[order], account[order], len(first)), of


def _joined(
    own: Ints, account: Ints, identifier: Ints, cells: int, parameters: RingParameters
) -> sparse.csr_array:
    k = int(identifier.max(initial=-1)) + 1
    touches = sparse.csr_array(
        (np.ones(len(account), np.int32), (identifier, own[account])), (k, cells)
    )
    touches.data[:] = 1
    spanned = np.diff(touches.indptr)
    tying = (spanned >= 2) & (spanned <= parameters.max_cells_spanned)
    between = _selected(touches, tying)
    ties = (between.T @ between).tocoo()
    reach = _bridging_accounts(own, account, identifier, between, cells)
    identifiers_of = np.asarray(touches.sum(axis=0), dtype=np.float64).ravel()
    left, right = ties.coords
    forth = _entries(reach, left, right)
    back = _entries(reach, right, left)
    smaller = np.minimum(identifiers_of[left], identifiers_of[right])
    firm = (
        (left != right)
        & (ties.data >= np.maximum(parameters.min_ties, parameters.min_tie_share * smaller))
        & (np.minimum(forth, back) >= parameters.min_bridging)
    )
    return sparse.csr_array(
        (np.ones(int(firm.sum()), np.int8), (left[firm], right[firm])), (cells, cells)
    )


def _entries(matrix: sparse.csr_array, rows: Ints, columns: Ints) -> Ints:
    """Values at those places, 0 where nothing is stored."""
    stored = matrix.tocoo()
    width = max(matrix.shape[1], 1)
    keys = stored.coords[0].astype(np.int64) * width + stored.coords[1]
    order = np.argsort(keys)
    wanted = rows.astype(np.int64) * width + columns
    at = np.searchsorted(keys[order], wanted)
    found = at < len(keys)
    found[found] = keys[order][at[found]] == wanted[found]
    values = np.zeros(len(wanted), dtype=np.int64)
    values[found] = stored.data[order][at[found]]
    return values


def _selected(touches: sparse.csr_array, chosen: Flags) -> sparse.csr_array:
    rows = np.flatnonzero(chosen)
    pick = sparse.csr_array(
        (np.ones(len(rows), np.int32), (rows, rows)), (touches.shape[0], touches.shape[0])
    )
    selected: sparse.csr_array = (pick @ touches).tocsr()
    return selected


def _bridging_accounts(
    own: Ints, account: Ints, identifier: Ints, between: sparse.csr_array, cells: int
) -> sparse.csr_array:
    """(cells, cells) accounts of the first cell that carry an identifier of the second."""
    carried = sparse.csr_array(
        (np.ones(len(account), np.int32), (account, identifier)), (len(own), between.shape[0])
    )
    reached = (carried @ between).tocoo()
    by_cell = sparse.coo_array(
        (np.ones(len(reached.data), np.int32), (own[reached.coords[0]], reached.coords[1])),
        (cells, cells),
    )
    return by_cell.tocsr()
