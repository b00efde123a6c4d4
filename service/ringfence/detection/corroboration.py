"""Groups tied by several weaker witnesses, none of which would do alone.

A ring that draws from pools falls into pieces where the pools are large: a card here, two proxy
exits there, the same client and name shape. One strong identifier between two pieces, or a place,
never joins them; a strong one and others that agree do. Single accounts are attached the same way,
each to the group it fits best, so that none of them can bridge two groups.
"""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.components import find_components
from ringfence.detection.config import DetectionConfig
from ringfence.detection.families import families_of
from ringfence.detection.hubs import Hubs
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.pairs import pairs_within, proof_of
from ringfence.detection.traits import Traits
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import Strength, strength_of

ALIKE_CODES = ("bin", "user_agent", "email_shape")
"""Categories that speak for one hand when both sides mostly show the same rare value."""


@dataclass(frozen=True, slots=True)
class _Bonds:
    """Pairs of groups and what ties them; first below second.

    Attributes:
        proof: (families, p) parts of a proof by family of kinds.
        ties: (p,) distinct identifiers that both touch.
        strong: (p,) whether a strong or medium one is among them.
        least_bridging: (p,) accounts that carry them, on the side with fewer.
    """

    first: Ints
    second: Ints
    proof: Floats
    ties: Ints
    strong: Flags
    least_bridging: Ints


def corroborate(
    label: Ints, links: SharedLinks, hubs: Hubs, traits: Traits, config: DetectionConfig
) -> Ints:
    """(n,) labels after groups are joined and single accounts attached."""
    joined = _join_groups(label, links, hubs, traits, config)
    return _attach_accounts(joined, links, hubs, traits, config)


def _join_groups(
    label: Ints, links: SharedLinks, hubs: Hubs, traits: Traits, config: DetectionConfig
) -> Ints:
    group, sizes = _numbered(label)
    bonds = _bonds(group, sizes >= 2, links, hubs, config)
    both = (sizes[bonds.first] >= 2) & (sizes[bonds.second] >= 2)
    smaller = np.minimum(sizes[bonds.first], sizes[bonds.second])
    total = bonds.proof.sum(axis=0) + _alike(group, sizes, bonds, traits, config)
    bridged = bonds.least_bridging >= config.rings.min_bridging
    firm = (
        both
        & bonds.strong
        & (total >= config.attach.join_proof)
        & ((bonds.proof > 0).sum(axis=0) >= 2)
        & (bonds.ties >= config.rings.min_tie_share * smaller)
        & (bridged | (smaller < config.attach.small_piece))
    )
    return find_components(bonds.first[firm], bonds.second[firm], len(sizes))[group]


def _attach_accounts(
    label: Ints, links: SharedLinks, hubs: Hubs, traits: Traits, config: DetectionConfig
) -> Ints:
    group, sizes = _numbered(label)
    bonds = _bonds(group, sizes >= config.rings.flag_size, links, hubs, config)
    left = sizes[bonds.first] == 1
    lone = np.where(left, bonds.first, bonds.second)
    host = np.where(left, bonds.second, bonds.first)
    account_of = np.zeros(len(sizes), dtype=np.int64)
    account_of[group] = np.arange(len(group))
    paying = traits.flags["established"]
    total = bonds.proof.sum(axis=0) + _alike(group, sizes, bonds, traits, config)
    firm = (
        (sizes[lone] == 1)
        & (sizes[host] >= config.rings.flag_size)
        & bonds.strong
        & (total >= config.attach.proof)
        & ((bonds.proof > 0).sum(axis=0) >= 2)
        & ~(paying.holds & paying.known)[account_of[lone]]
    )
    order = np.lexsort((host[firm], -total[firm], lone[firm]))
    lone, host = lone[firm][order], host[firm][order]
    best = np.ones(len(lone), dtype=bool)
    best[1:] = lone[1:] != lone[:-1]
    target = np.arange(len(sizes))
    target[lone[best]] = host[best]
    return target[group]


def _numbered(label: Ints) -> tuple[Ints, Ints]:
    group = np.unique(label, return_inverse=True)[1].astype(np.int64)
    return group, np.bincount(group)


def _bonds(
    group: Ints, hosts: Flags, links: SharedLinks, hubs: Hubs, config: DetectionConfig
) -> _Bonds:
    """Pairs of groups that share identifiers, one of which is a host at least."""
    n, count = len(group), max(len(hosts), 1)
    rows = np.flatnonzero(~hubs.public[links.identifier])
    keys = links.identifier[rows] * count + group[links.account[rows]]
    rows = rows[np.argsort(keys, kind="stable")]
    key, start, carriers = np.unique(np.sort(keys), return_index=True, return_counts=True)
    identifier, touched = key // count, key % count
    first_at, second_at = _pairs_at_each(
        identifier, touched, hosts, config.attach.max_groups_touched
    )
    first, second = touched[first_at], touched[second_at]
    pair, at = np.unique(first * count + second, return_inverse=True)
    shared = identifier[first_at]
    part = np.array([config.proof.of(strength_of(kind)) for kind in links.kinds])
    proof = part[links.kind[shared]] * proof_of(links.degree[shared], n, config.proof.typical_ring)
    proof *= links.trust[shared]
    proving = links.strength_flags(Strength.STRONG, Strength.MEDIUM)
    spans = _Spans(links.account[rows], start, carriers)
    bridging = np.minimum(
        spans.distinct(at, first_at, len(pair)), spans.distinct(at, second_at, len(pair))
    )
    return _Bonds(
        first=pair // count,
        second=pair % count,
        proof=_proof_by_family(at, links.kind[shared], proof, links.kinds, len(pair)),
        ties=np.bincount(at, minlength=len(pair)),
        strong=np.bincount(at, weights=proving[shared], minlength=len(pair)) > 0,
        least_bridging=bridging,
    )


@dataclass(frozen=True, slots=True)
class _Spans:
    """Accounts that carry one identifier within one group, span after span."""

    account: Ints
    start: Ints
    length: Ints

    def distinct(self, pair: Ints, span: Ints, pairs: int) -> Ints:
        """(pairs,) different accounts in all spans of each pair."""
        length = self.length[span]
        within = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
        account = self.account[np.repeat(self.start[span], length) + within]
        width = int(self.account.max(initial=0)) + 1
        seen = np.unique(np.repeat(pair, length) * width + account)
        return np.bincount(seen // width, minlength=pairs)


def _pairs_at_each(identifier: Ints, touched: Ints, hosts: Flags, most: int) -> tuple[Ints, Ints]:
    """Places of all pairs of groups at each identifier that touches few, one a host at least."""
    spans = np.bincount(identifier)
    firsts, seconds = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for span in range(2, most + 1):
        places = np.flatnonzero(spans[identifier] == span)
        first, second = pairs_within(places, span)
        keep = hosts[touched[first]] | hosts[touched[second]]
        firsts.append(first[keep])
        seconds.append(second[keep])
    return np.concatenate(firsts), np.concatenate(seconds)


def _proof_by_family(
    pair: Ints, kind: Ints, proof: Floats, kinds: tuple[str, ...], pairs: int
) -> Floats:
    """The best of each family, and less for each further one: b * (2 - 2 ** (1 - count))."""
    families = families_of(kinds)
    best = np.zeros((len(families), pairs))
    for row, codes in enumerate(families.values()):
        at = np.isin(kind, codes)
        np.maximum.at(best[row], pair[at], proof[at])
        times = np.bincount(pair[at], minlength=pairs)
        best[row] *= 2.0 - 2.0 ** (1.0 - np.maximum(times, 1))
    return best


def _alike(
    group: Ints, sizes: Ints, bonds: _Bonds, traits: Traits, config: DetectionConfig
) -> Floats:
    """What a rare category and a time of sign-up in common prove, as never-alone identifiers do."""
    n = len(group)
    total = np.zeros(len(bonds.first))
    for name in ALIKE_CODES:
        codes = traits.codes[name]
        top, share = _top_code(group, codes, len(sizes))
        same = (top[bonds.first] == top[bonds.second]) & (top[bonds.first] >= 0)
        same &= np.minimum(share[bonds.first], share[bonds.second]) >= config.attach.mostly
        carriers = np.bincount(codes[codes >= 0], minlength=1)[np.maximum(top[bonds.first], 0)]
        part = config.proof.never_alone * proof_of(carriers, n, config.proof.typical_ring)
        total += np.where(same, part, 0.0)
    if traits.times_differ:
        low, high = np.full(len(sizes), 1.0), np.zeros(len(sizes))
        np.minimum.at(low, group, traits.joined_rank)
        np.maximum.at(high, group, traits.joined_rank)
        span = np.maximum(high[bonds.first], high[bonds.second]) - np.minimum(
            low[bonds.first], low[bonds.second]
        )
        total += config.proof.timing * proof_of(n * span + 1, n, config.proof.typical_ring)
    return total


def _top_code(group: Ints, codes: Ints, count: int) -> tuple[Ints, Floats]:
    width = int(codes.max(initial=0)) + 1
    rows = codes >= 0
    pairs, times = np.unique(group[rows] * width + codes[rows], return_counts=True)
    order = np.lexsort((pairs, -times, pairs // width))
    of = (pairs // width)[order]
    leading = np.ones(len(of), dtype=bool)
    leading[1:] = of[1:] != of[:-1]
    top, share = np.full(count, -1, dtype=np.int64), np.zeros(count)
    known = np.bincount(group[rows], minlength=count)
    top[of[leading]] = (pairs % width)[order][leading]
    share[of[leading]] = times[order][leading] / np.maximum(known[of[leading]], 1)
    return top, share
