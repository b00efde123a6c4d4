"""Connected components of a graph: which vertices lead to each other."""

from collections.abc import Callable

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from ringfence.domain.graph import Ints

FindComponents = Callable[[Ints, Ints, int], Ints]
"""From the two ends of each edge and how many vertices there are, the component of each vertex.

Components are numbered from 0 in the order of their smallest vertices, so that all answers are one.
"""


def find_components(source: Ints, target: Ints, vertices: int) -> Ints:
    """(vertices,) component of each vertex, found in this process."""
    ends = (source, target)
    adjacency = sparse.coo_array((np.ones(len(source), np.int8), ends), (vertices, vertices))
    _, component = csgraph.connected_components(adjacency.tocsr(), directed=False)
    return component.astype(np.int64)
