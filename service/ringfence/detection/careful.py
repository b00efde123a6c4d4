"""Careful rings: no machine and no card twice, yet they sign up in sittings at the same few exits.

An account belongs to a sitting when it was at an address, in its first days, within hours of the
next one there. One sitting is a family, a class or a café; several sittings that the same accounts
tie together, at addresses that few others use, are worth a look. The score of the group decides.
"""

import numpy as np

from ringfence.detection.bipartite import Skeleton
from ringfence.detection.cells import cut_cells
from ringfence.detection.components import find_components
from ringfence.detection.config import DetectionConfig
from ringfence.detection.links import Flags, SharedLinks
from ringfence.detection.traits import HOUR_MS, Traits
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import Strength


def group_by_sittings(
    label: Ints, links: SharedLinks, traits: Traits, config: DetectionConfig
) -> Ints:
    """(n,) labels, with accounts of no group or a tiny one regrouped by the sittings they share."""
    if not traits.times_differ or not len(label):
        return label
    free = np.bincount(label)[label] < config.rings.flag_size
    account, sitting = _sittings(free, links, traits, config)
    n, count = len(label), int(sitting.max(initial=-1)) + 1
    component = find_components(account, n + sitting, n + count)
    weight = np.ones(len(account))
    skeleton = Skeleton(account, n + sitting, weight, n + count, component)
    cell = cut_cells(skeleton, config.cells, seed=config.seed)
    accounts = np.bincount(cell[:n], minlength=int(cell.max()) + 1)
    sittings = np.bincount(cell[n:], minlength=len(accounts))
    kept = (accounts >= config.rings.flag_size) & (sittings >= config.careful.min_sittings)
    regrouped = kept[cell[:n]] & free
    return np.where(regrouped, int(label.max()) + 1 + cell[:n], label)


def attach_by_sittings(
    label: Ints, links: SharedLinks, traits: Traits, config: DetectionConfig
) -> Ints:
    """(n,) labels, with single accounts joined to the group whose sittings they shared.

    Twice at least they were at an address that mostly the group uses, within hours of one of its
    accounts; they signed up while it did, and are no paying customers. One such meeting proves
    nothing: behind a residential proxy somebody lives.
    """
    n = len(label)
    if not traits.times_differ or not n:
        return label
    group = np.unique(label, return_inverse=True)[1].astype(np.int64)
    sizes = np.bincount(group)
    member = sizes[group] >= config.rings.flag_size
    account, sitting, identifier = _meetings(
        np.ones(len(links.account), dtype=bool), links, config, config.attach.window_hours
    )
    owner = _owner_of_place(group, member, links)[identifier]
    met = np.zeros(int(sitting.max(initial=-1)) + 1, dtype=bool)
    met[sitting[member[account] & (group[account] == owner)]] = True
    paying = traits.flags["established"]
    fits = (sizes[group] == 1) & ~(paying.holds & paying.known)
    rows = (owner >= 0) & met[sitting] & fits[account]
    rows &= _while_group_joined(account, owner, group, traits)
    lone, host = _often_enough(
        account[rows], owner[rows], identifier[rows], config.careful.min_sittings
    )
    attached = group.copy()
    attached[lone] = host
    return attached


def _often_enough(account: Ints, owner: Ints, identifier: Ints, least: int) -> tuple[Ints, Ints]:
    """Accounts with so many different places of one group, and that group; the most places win."""
    places = np.unique(np.stack([account, owner, identifier]), axis=1)
    pairs, times = np.unique(places[:2], axis=1, return_counts=True)
    order = np.lexsort((pairs[1], -times, pairs[0]))
    order = order[times[order] >= least]
    lone, first = np.unique(pairs[0][order], return_index=True)
    return lone, pairs[1][order][first]


def _owner_of_place(group: Ints, member: Flags, links: SharedLinks) -> Ints:
    """(k,) group that holds half of an identifier's carriers and two at least, else -1."""
    rows = member[links.account]
    count = int(group.max()) + 1
    keys, carriers = np.unique(
        links.identifier[rows] * count + group[links.account[rows]], return_counts=True
    )
    held = (carriers >= 2) & (2 * carriers >= links.degree[keys // count])
    owner = np.full(len(links.degree), -1, dtype=np.int64)
    # In reverse, so that of two groups with half each the first has it.
    owner[(keys // count)[held][::-1]] = (keys % count)[held][::-1]
    return owner


def _while_group_joined(account: Ints, owner: Ints, group: Ints, traits: Traits) -> Flags:
    count = int(group.max()) + 1
    low, high = np.full(count, 2.0), np.full(count, -1.0)
    np.minimum.at(low, group, traits.joined_rank)
    np.maximum.at(high, group, traits.joined_rank)
    rank = traits.joined_rank[account]
    return np.asarray((low[owner] <= rank) & (rank <= high[owner]), dtype=bool)


def _sittings(
    free: Flags, links: SharedLinks, traits: Traits, config: DetectionConfig
) -> tuple[Ints, Ints]:
    """Accounts and the sittings they took part in; a sitting has two free accounts at least."""
    window_ms = config.careful.window_hours * HOUR_MS
    young = np.abs(links.first_seen_ms - traits.joined_ms[links.account]) <= window_ms
    account, sitting, _ = _meetings(
        young & free[links.account], links, config, config.careful.window_hours
    )
    attended = np.bincount(sitting, minlength=1) >= 2
    keep = attended[sitting]
    return account[keep], np.unique(sitting[keep], return_inverse=True)[1]


def _meetings(
    rows: Flags, links: SharedLinks, config: DetectionConfig, window_hours: float
) -> tuple[Ints, Ints, Ints]:
    """Account, sitting and address of each of the rows at an address with few carriers.

    A sitting is a run of first uses of one address, each within the window of the next.
    """
    place = links.strength_flags(Strength.NEVER_ALONE) & (
        links.degree <= config.careful.address_cap
    )
    at = np.flatnonzero(place[links.identifier] & rows)
    order = np.lexsort((links.account[at], links.first_seen_ms[at], links.identifier[at]))
    at = at[order]
    identifier, seen = links.identifier[at], links.first_seen_ms[at]
    breaks = np.ones(len(at), dtype=bool)
    breaks[1:] = (identifier[1:] != identifier[:-1]) | (np.diff(seen) > window_hours * HOUR_MS)
    return links.account[at], np.cumsum(breaks) - 1, identifier
