"""Pairs of accounts tied by several weaker identifiers, rare enough to prove it together."""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.config import DetectionConfig
from ringfence.detection.hubs import Hubs
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.traits import Traits
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import Strength, strength_of

MIN_POPULATION = 1000
"""Rarity is measured as if there were at least so many accounts, or a tiny file proves nothing."""
FULL_TIE = 1.5
"""A pair counts for this much at the most, in parts of a proof."""


@dataclass(frozen=True, slots=True)
class AccountPairs:
    """p pairs of accounts, first below second, sorted; proof in parts of a whole one."""

    first: Ints
    second: Ints
    proof: Floats

    def __len__(self) -> int:
        return len(self.first)


def proof_of(carriers: Ints | Floats, accounts: int, typical_ring: float) -> Floats:
    """Part of a proof that sharing something with so many carriers gives, before its strength.

    log2(accounts / carriers) over log2(accounts / typical_ring): 1 at a typical ring's size, more
    for what is rarer, 0 for what everybody has.
    """
    population = float(max(accounts, MIN_POPULATION))
    rarity = np.log2(population / np.clip(carriers, 1, population))
    return np.asarray(rarity / np.log2(population / typical_ring), dtype=np.float64)


def tied_pairs(
    links: SharedLinks, hubs: Hubs, traits: Traits, config: DetectionConfig
) -> AccountPairs:
    """Pairs whose medium and weak identifiers prove enough together.

    At least two kinds must agree, one of them more than a place; sign-ups next to each other
    count as a kind beside a medium one.
    """
    n = links.own.shape[1]
    first, second, identifier = _candidates(links, hubs, traits, config.hubs.pair_cap)
    if not config.parts.pairs or not len(first):
        return AccountPairs(first[:0], second[:0], np.zeros(0))
    part = np.array([config.proof.of(strength_of(kind)) for kind in links.kinds])
    proof = part[links.kind[identifier]] * proof_of(
        links.degree[identifier], n, config.proof.typical_ring
    )
    proof *= links.trust[identifier]
    return _proven(first, second, links.kind[identifier], proof, links.kinds, traits, config)


def pairs_within(carriers: Ints, degree: int) -> tuple[Ints, Ints]:
    """All pairs among each run of `degree` carriers; (m * degree,) accounts, sorted within runs."""
    runs = carriers.reshape(-1, degree)
    left, right = np.triu_indices(degree, k=1)
    return runs[:, left].ravel(), runs[:, right].ravel()


def _candidates(
    links: SharedLinks, hubs: Hubs, traits: Traits, cap: int
) -> tuple[Ints, Ints, Ints]:
    usable = ~links.strength_flags(Strength.STRONG) & ~hubs.public
    firsts, seconds, identifiers = ([np.empty(0, dtype=np.int64)] for _ in range(3))
    for degree in range(2, cap + 1):
        chosen = usable & (links.degree == degree)
        carriers = links.account[chosen[links.identifier]]
        first, second = pairs_within(carriers, degree)
        firsts.append(first)
        seconds.append(second)
        identifiers.append(np.repeat(np.flatnonzero(chosen), degree * (degree - 1) // 2))
    crowded = usable & (links.degree > cap) & links.strength_flags(Strength.MEDIUM)
    first, second, identifier = _neighbours_in_time(links, crowded, traits)
    return (
        np.concatenate([*firsts, first]),
        np.concatenate([*seconds, second]),
        np.concatenate([*identifiers, identifier]),
    )


def _neighbours_in_time(
    links: SharedLinks, chosen: Flags, traits: Traits
) -> tuple[Ints, Ints, Ints]:
    """Of crowded identifiers only carriers that signed up one after the other make a pair."""
    rows = chosen[links.identifier]
    account, identifier = links.account[rows], links.identifier[rows]
    order = np.lexsort((account, traits.joined_ms[account], identifier))
    account, identifier = account[order], identifier[order]
    same = identifier[1:] == identifier[:-1]
    left, right = account[:-1][same], account[1:][same]
    return np.minimum(left, right), np.maximum(left, right), identifier[1:][same]


def _proven(
    first: Ints,
    second: Ints,
    kind: Ints,
    proof: Floats,
    kinds: tuple[str, ...],
    traits: Traits,
    config: DetectionConfig,
) -> AccountPairs:
    n = len(traits.joined_ms)
    pair, at = np.unique(first * n + second, return_inverse=True)
    best = np.zeros((len(kinds), len(pair)))
    for code in range(len(kinds)):
        rows = kind == code
        np.maximum.at(best[code], at[rows], proof[rows])
    strengths = [strength_of(name) for name in kinds]
    agreeing = (best > 0).sum(axis=0)
    medium = (best[[s is Strength.MEDIUM for s in strengths]] > 0).any(axis=0)
    more_than_place = (best[[s is not Strength.NEVER_ALONE for s in strengths]] > 0).any(axis=0)
    left, right = pair // n, pair % n
    timing = _timing_proof(left, right, traits, config)
    total = best.sum(axis=0) + np.where(medium | (agreeing >= 2), timing, 0.0)
    kept = more_than_place & (total >= 1) & (agreeing + (medium & (timing > 0)) >= 2)
    return AccountPairs(left[kept], right[kept], np.minimum(total[kept], FULL_TIE))


def _timing_proof(left: Ints, right: Ints, traits: Traits, config: DetectionConfig) -> Floats:
    """What signing up so close proves: as an identifier that all who came between carry."""
    n = len(traits.joined_rank)
    if not traits.times_differ:
        return np.zeros(len(left))
    between = 2 * n * np.abs(traits.joined_rank[left] - traits.joined_rank[right]) + 2
    proof = proof_of(between, n, config.proof.typical_ring)
    return np.where(between <= np.sqrt(n) + 2, config.proof.timing * proof, 0.0)
