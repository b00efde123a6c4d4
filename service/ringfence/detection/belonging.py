"""Accounts that belong to a ring by where they were and what they are like.

A ring shows its own manner: its exits, its days, its clients, its names, its level of use. An
account that was at its exits and has its manner belongs to it; one that lives behind the exit, or
once passed it, does not have that manner. Both are weighed as odds, after naive Bayes: how common
is this among the members, how common among everybody else?
"""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.config import BelongingParameters, DetectionConfig
from ringfence.detection.hubs import Hubs
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.manner import manner_of
from ringfence.detection.ties import beyond_chance
from ringfence.detection.traits import HOUR_MS, Traits
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import Strength, strength_of


@dataclass(frozen=True, slots=True)
class _Encounters:
    """p pairs of a small unit and a ring whose places or clients it used, and the odds of that."""

    unit: Ints
    ring: Ints
    log_odds: Floats


def attach_by_belonging(
    label: Ints,
    ringlike: Flags,
    links: SharedLinks,
    hubs: Hubs,
    traits: Traits,
    config: DetectionConfig,
) -> Ints:
    """(n,) labels, with accounts and small groups joined to the ring that they belong to.

    Args:
        label: (n,) group of each account.
        ringlike: (n,) accounts of the groups that are rings by their score.
        links: shared identifiers.
        hubs: which of them are public.
        traits: what each account is like.
        config: parameters.
    """
    group = np.unique(label, return_inverse=True)[1].astype(np.int64)
    sizes = np.bincount(group)
    if not ringlike.any():
        return label
    met = _encounters(group, sizes, ringlike, links, hubs, config)
    account_order = np.argsort(group, kind="stable")
    start = np.cumsum(sizes) - sizes
    length = sizes[met.unit]
    pair = np.repeat(np.arange(len(met.unit)), length)
    account = account_order[_ranges(start[met.unit], length)]
    manner = manner_of(account, met.ring[pair], group, ringlike, links, traits, config.belonging)
    total = met.log_odds + np.bincount(pair, weights=manner, minlength=len(met.unit)) / length
    paying = traits.flags["established"]
    pays = np.bincount(group, weights=paying.holds & paying.known, minlength=len(sizes)) > 0
    firm = (total >= config.belonging.least) & ~pays[met.unit]
    order = np.lexsort((met.ring[firm], -total[firm], met.unit[firm]))
    unit, first = np.unique(met.unit[firm][order], return_index=True)
    target = np.arange(len(sizes))
    target[unit] = met.ring[firm][order][first]
    return target[group]


def _encounters(
    group: Ints,
    sizes: Ints,
    ringlike: Flags,
    links: SharedLinks,
    hubs: Hubs,
    config: DetectionConfig,
) -> _Encounters:
    """Units and rings that used the same places or clients, beyond chance; prior odds included.

    A place counts while the ring was there: who had it months before or after met nobody.
    """
    n, count = len(group), len(sizes)
    use = _uses_by_rings(group, sizes, ringlike, links, hubs, config.belonging)
    weaker = ~links.strength_flags(Strength.STRONG) & ~hubs.public
    small = ~ringlike & (sizes[group] < config.rings.flag_size)
    rows = np.flatnonzero(weaker[links.identifier] & small[links.account])
    low = np.searchsorted(use.identifier, links.identifier[rows], "left")
    high = np.searchsorted(use.identifier, links.identifier[rows], "right")
    at = _ranges(low, high - low)
    rows = np.repeat(rows, high - low)
    seen_ms = links.first_seen_ms[rows]
    then = (use.first_ms[at] <= seen_ms) & (seen_ms <= use.last_ms[at])
    at, rows = at[then], rows[then]
    meeting = np.unique(group[links.account[rows]] * max(len(use.ring), 1) + at)
    unit, at = np.divmod(meeting, max(len(use.ring), 1))
    pair, of = np.unique(unit * count + use.ring[at], return_inverse=True)
    unit, ring = np.divmod(pair, count)
    place = links.strength_flags(Strength.NEVER_ALONE)[use.identifier[at]]
    odds = np.log(sizes[ring] / np.maximum(n - sizes[ring], 1))
    odds += _summed(of[place], use.log_ratio[at[place]], len(pair))
    odds += _summed(of[~place], use.log_ratio[at[~place]], len(pair))
    total = _places_by_group(group, links)
    own = np.bincount(use.ring, np.where(use.place, use.members, 0), count)
    elsewhere = (total[ring] - own[ring] + 1) / (total[ring] + 1)
    seen = np.bincount(of, place, len(pair))
    odds += np.maximum(total[unit] / sizes[unit] - seen, 0) * np.log(elsewhere)
    return _Encounters(unit, ring, odds)


@dataclass(frozen=True, slots=True)
class _Uses:
    """u identifiers that rings use beyond chance, sorted by identifier and ring.

    Attributes:
        members: (u,) of the ring who carry it; place: (u,) whether it is a place.
        first_ms, last_ms: (u,) from when to when the ring's members came to it.
        log_ratio: (u,) how much more common it is among the members than among others, in nats.
    """

    identifier: Ints
    ring: Ints
    members: Ints
    place: Flags
    first_ms: Ints
    last_ms: Ints
    log_ratio: Floats


def _uses_by_rings(
    group: Ints,
    sizes: Ints,
    ringlike: Flags,
    links: SharedLinks,
    hubs: Hubs,
    parameters: BelongingParameters,
) -> _Uses:
    n, count = len(group), len(sizes)
    weaker = ~links.strength_flags(Strength.STRONG) & ~hubs.public
    rows = np.flatnonzero(weaker[links.identifier] & ringlike[links.account])
    key = links.identifier[rows] * count + group[links.account[rows]]
    rows = rows[np.argsort(key, kind="stable")]
    keys, start, members = np.unique(np.sort(key), return_index=True, return_counts=True)
    identifier, ring = keys // count, keys % count
    seen_ms = links.first_seen_ms[rows]
    margin = int(parameters.window_hours * HOUR_MS)
    first_ms = np.minimum.reduceat(seen_ms, start) - margin
    last_ms = np.maximum.reduceat(seen_ms, start) + margin
    others = np.maximum(links.degree[identifier] - members, 1)
    ratio = np.log((members / sizes[ring]) / (others / np.maximum(n - sizes[ring], 1)))
    place = links.strength_flags(Strength.NEVER_ALONE)[identifier]
    kept = beyond_chance(members + 1, links.degree[identifier], sizes[ring], n)
    return _Uses(
        identifier[kept],
        ring[kept],
        members[kept],
        place[kept],
        first_ms[kept],
        last_ms[kept],
        ratio[kept],
    )


def _summed(pair: Ints, log_ratio: Floats, pairs: int) -> Floats:
    """(pairs,) the best of each pair, and less for each further one: b * (2 - 2 ** (1 - count)).

    One subscription to a provider's exits explains that somebody meets a ring at several.
    """
    best = np.full(pairs, -np.inf)
    np.maximum.at(best, pair, log_ratio)
    times = np.bincount(pair, minlength=pairs)
    return np.where(times > 0, best, 0.0) * (2.0 - 2.0 ** (1.0 - np.maximum(times, 1)))


def _ranges(start: Ints, length: Ints) -> Ints:
    """start, start + 1, … of each range, one range after the other."""
    return np.repeat(start - np.cumsum(length) + length, length) + np.arange(int(length.sum()))


def _places_by_group(group: Ints, links: SharedLinks) -> Ints:
    """(groups,) addresses that the accounts of each were seen at, each account's counted."""
    shared = links.strength_flags(Strength.NEVER_ALONE)[links.identifier]
    codes = [at for at, kind in enumerate(links.kinds) if strength_of(kind) is Strength.NEVER_ALONE]
    alone = links.own[codes].sum(axis=0)
    width = int(group.max(initial=-1)) + 1
    return np.asarray(
        np.bincount(group[links.account[shared]], minlength=width)
        + np.bincount(group, weights=alone, minlength=width)
    )
