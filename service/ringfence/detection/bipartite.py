"""The pruned graph that rings are cut from: accounts, proving identifiers and proven pairs."""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.components import FindComponents, find_components
from ringfence.detection.config import ProofParameters
from ringfence.detection.hubs import Hubs
from ringfence.detection.links import Floats, SharedLinks
from ringfence.detection.pairs import AccountPairs, proof_of
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import Strength

LEAST_TIE = 0.2
"""A proving identifier counts for this much at least, however many carry it."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Vertices 0 to n-1 are accounts, n + i is shared identifier i; lonely ones are there too.

    Attributes:
        source, target: (e,) ends of each edge; the source is an account.
        weight: (e,) parts of a proof.
        vertices: how many there are.
        component: (vertices,) component of each vertex.
    """

    source: Ints
    target: Ints
    weight: Floats
    vertices: int
    component: Ints


def build_skeleton(
    links: SharedLinks,
    hubs: Hubs,
    pairs: AccountPairs,
    proof: ProofParameters,
    *,
    components: FindComponents = find_components,
) -> Skeleton:
    """Tie accounts to the strong identifiers that are not public, and to each other where proven.

    An identifier is a vertex, so that one with d carriers costs d edges and not d * d.
    """
    n = links.own.shape[1]
    tying = links.strength_flags(Strength.STRONG) & ~hubs.public
    rows = tying[links.identifier]
    identifier = links.identifier[rows]
    weight = links.trust[identifier] * np.maximum(
        proof.strong * proof_of(links.degree[identifier], n, proof.typical_ring), LEAST_TIE
    )
    source = np.concatenate([links.account[rows], pairs.first])
    target = np.concatenate([n + identifier, pairs.second])
    vertices = n + len(links.degree)
    return Skeleton(
        source,
        target,
        np.concatenate([weight, pairs.proof]),
        vertices,
        components(source, target, vertices),
    )
