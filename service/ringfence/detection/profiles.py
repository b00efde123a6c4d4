"""What a group of accounts has in common beyond chance: the same figures for a hub and for a ring.

Each figure is a lift in [0, 1]: 0 when the group is like everybody else or nothing is known, 1 when
all of it differs and its size leaves no room for chance.
"""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.links import Flags, Floats
from ringfence.detection.traits import Trait, Traits
from ringfence.domain.graph import Ints

FULL_SURPRISE_NATS = 8.0
"""Surprise at which a lift counts in full; exp(-8) is one chance in 3,000."""
COMPANY_SHARE = 0.6
"""Accounts on one own e-mail domain that make a company of them."""
BURST_MS = 30 * 60 * 1000
"""Sign-ups closer than this follow each other; detection.md 5.5 uses the same 30 minutes."""


@dataclass(frozen=True, slots=True)
class Groups:
    """g groups of accounts; an account may be in several.

    Attributes:
        group, account: (r,) sorted by group, then account, each pair once.
    """

    group: Ints
    account: Ints
    count: int

    @property
    def sizes(self) -> Ints:
        """(g,) accounts a group."""
        return np.bincount(self.group, minlength=self.count)

    def share_of_rows(self, flags: Flags) -> Floats:
        """(g,) share of a group's rows that carry the flag; flags has one entry a row."""
        carried = np.bincount(self.group, weights=flags, minlength=self.count)
        return np.asarray(carried / np.maximum(self.sizes, 1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Shares:
    """Of g groups: how common something is in each, against the background, and the lift."""

    share: Floats
    background: Floats
    lift: Floats
    known: Ints


@dataclass(frozen=True, slots=True)
class Profiles:
    """What g groups have in common.

    Attributes:
        size: (g,) accounts.
        flags, codes: shares by trait; of a code, of its most common value.
        company: share on the most common e-mail domain, where that is an organisation's own.
        burst: sign-ups in quick succession, against an even spread over the group's own span.
        window: part of all sign-ups that passed while four in five of the group signed up.
        span_days: first to last sign-up.
        alike_usage: how much less the exchanges of its accounts vary than everybody's.
    """

    size: Ints
    flags: dict[str, Shares]
    codes: dict[str, Shares]
    company: Floats
    burst: Shares
    window: Shares
    span_days: Floats
    alike_usage: Shares


def profile_groups(groups: Groups, traits: Traits) -> Profiles:
    """Profile every group at once."""
    burst, window, span_days = _rhythm(groups, traits)
    everybody = traits.population
    return Profiles(
        size=groups.sizes,
        flags={
            name: _flag_shares(groups, trait, everybody.shares[name])
            for name, trait in traits.flags.items()
        },
        codes={
            name: _code_shares(groups, code, everybody.code_accounts[name])
            for name, code in traits.codes.items()
        },
        company=_company(groups, traits),
        burst=burst,
        window=window,
        span_days=span_days,
        alike_usage=_alike_usage(groups, traits.log_requests, everybody.usage_spread),
    )


def lift_of(share: Floats, background: Floats, known: Ints | Floats, *, looks: int = 1) -> Floats:
    """How far a share exceeds the background, times how little chance explains it; in [0, 1].

    The surprise is that of a binomial draw: known * KL(share || background), in nats, less
    log(looks) where the value was picked as the most common of that many.
    """
    share = np.asarray(share, dtype=np.float64)
    q = np.clip(background, 1e-4, 1 - 1e-4)
    p = np.clip(share, 1e-9, 1 - 1e-9)
    surprise = known * (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
    surprise = surprise - np.log(max(looks, 1))
    excess = np.clip((share - q) / (1 - q), 0, 1)
    return np.asarray(excess * np.clip(surprise / FULL_SURPRISE_NATS, 0, 1), dtype=np.float64)


def _flag_shares(groups: Groups, trait: Trait, everywhere: float) -> Shares:
    known = np.bincount(groups.group, weights=trait.known[groups.account], minlength=groups.count)
    holds = (trait.holds & trait.known)[groups.account]
    share = np.bincount(groups.group, weights=holds, minlength=groups.count) / np.maximum(known, 1)
    background = np.full(groups.count, everywhere)
    return Shares(share, background, lift_of(share, background, known), known.astype(np.int64))


def _code_shares(groups: Groups, codes: Ints, everywhere: Ints) -> Shares:
    held = codes[groups.account]
    rows = held >= 0
    known = np.bincount(groups.group[rows], minlength=groups.count)
    top_code, top = _most_common(groups.group[rows], held[rows], len(everywhere), groups.count)
    total = max(int(everywhere.sum()), 1)
    background = np.where(top_code >= 0, everywhere[top_code] / total, 1.0)
    share = top / np.maximum(known, 1)
    lift = lift_of(share, background, known, looks=int((everywhere > 0).sum()))
    return Shares(share, background, np.where(known >= 3, lift, 0.0), known)


def _most_common(group: Ints, code: Ints, width: int, count: int) -> tuple[Ints, Ints]:
    """Most common code of each group and how often it occurs; the lowest code wins a tie."""
    top_code = np.full(count, -1, dtype=np.int64)
    top = np.zeros(count, dtype=np.int64)
    if not len(group):
        return top_code, top
    pairs, times = np.unique(group * width + code, return_counts=True)
    order = np.lexsort((pairs, -times, pairs // width))
    of = (pairs // width)[order]
    first = np.ones(len(of), dtype=bool)
    first[1:] = of[1:] != of[:-1]
    top_code[of[first]] = (pairs % width)[order][first]
    top[of[first]] = times[order][first]
    return top_code, top


def _company(groups: Groups, traits: Traits) -> Floats:
    """A domain is the group's own if its users sit together, or are mostly in the group."""
    held = traits.own_domain[groups.account]
    rows = held >= 0
    accounts, closed = traits.population.domain_accounts, traits.population.domain_closed
    if not len(accounts):
        return np.zeros(groups.count)
    domain, top = _most_common(groups.group[rows], held[rows], len(accounts), groups.count)
    own = closed[domain] | (top >= 0.5 * accounts[domain])
    share = top / np.maximum(groups.sizes, 1)
    return np.where((domain >= 0) & own & (share >= COMPANY_SHARE), share, 0.0)


def _rhythm(groups: Groups, traits: Traits) -> tuple[Shares, Shares, Floats]:
    sizes = groups.sizes
    joined, rank = traits.joined_ms[groups.account], traits.joined_rank[groups.account]
    order = np.lexsort((joined, groups.group))
    group, joined, rank = groups.group[order], joined[order], rank[order]
    starts = np.cumsum(sizes) - sizes
    ends = starts + sizes - 1
    filled = sizes > 0
    span_ms = np.zeros(groups.count)
    span_ms[filled] = joined[ends[filled]] - joined[starts[filled]]
    inside = group[1:] == group[:-1]
    quick = inside & (np.diff(joined) <= BURST_MS)
    gaps = np.maximum(sizes - 1, 0)
    share = np.bincount(group[1:], weights=quick, minlength=groups.count) / np.maximum(gaps, 1)
    mean_gap = span_ms / np.maximum(gaps, 1)
    background = 1 - np.exp(-BURST_MS / np.maximum(mean_gap, 1.0))
    known = gaps if traits.times_differ else np.zeros_like(gaps)
    burst = Shares(share, background, lift_of(share, background, known), known)
    return (
        burst,
        _window(group, rank, sizes, starts, times_differ=traits.times_differ),
        (span_ms / (24 * 3600 * 1000)),
    )


def _window(group: Ints, rank: Floats, sizes: Ints, starts: Ints, *, times_differ: bool) -> Shares:
    """The narrowest part of the order of sign-ups that holds four in five of a group."""
    need = np.ceil(0.8 * sizes).astype(np.int64)
    at = np.arange(len(group))
    last = at + need[group] - 1
    fits = (need[group] >= 2) & (last < (starts + sizes)[group])
    width = np.full(len(sizes), 1.0)
    np.minimum.at(width, group[fits], rank[last[fits]] - rank[at[fits]])
    known = np.where(sizes >= 3, need, 0) if times_differ else np.zeros_like(need)
    q = np.clip(width, 1e-6, 1.0)
    surprise = (known - 1) * np.log(1 / q)
    lift = np.where(known > 0, (1 - q) * np.clip(surprise / (2 * FULL_SURPRISE_NATS), 0, 1), 0.0)
    return Shares(width, np.ones(len(sizes)), lift, known)


def _alike_usage(groups: Groups, log_requests: Floats, everybody: float) -> Shares:
    value = log_requests[groups.account]
    rows = ~np.isnan(value)
    group, value = groups.group[rows], value[rows]
    known = np.bincount(group, minlength=groups.count)
    mean = np.bincount(group, weights=value, minlength=groups.count) / np.maximum(known, 1)
    spread = np.bincount(group, weights=(value - mean[group]) ** 2, minlength=groups.count)
    deviation = np.sqrt(spread / np.maximum(known - 1, 1))
    background = np.full(groups.count, everybody)
    if everybody == 0:
        return Shares(deviation, background, np.zeros(groups.count), known)
    ratio = np.clip(deviation / everybody, 0, 1)
    lift = np.where(known >= 4, (1 - ratio) * np.clip(known / 12, 0, 1), 0.0)
    return Shares(deviation, background, lift, known)
