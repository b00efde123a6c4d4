"""Who leaves a group and who joins it: bystanders are let go, weaker evidence only attaches."""

import numpy as np

from ringfence.detection.families import family_of
from ringfence.detection.links import Flags, SharedLinks
from ringfence.detection.profiles import Groups
from ringfence.detection.ties import Ties
from ringfence.detection.traits import DAY_MS, Traits
from ringfence.domain.identifiers import EMAIL, Strength, strength_of

APART_DAYS = 14
"""Days between two first uses of an identifier that are not of one campaign."""
LEAST_MARGIN = 0.01
"""Part of all sign-ups by which an account may miss the time of its group at least."""
LEAST_TO_SPARE_FROM = 4
"""In smaller groups nobody is the odd one out."""


def spare_bystanders(groups: Groups, ties: Ties, links: SharedLinks, traits: Traits) -> Flags:
    """(n,) accounts that one strong identifier ties to a group while all else speaks for them.

    An account with identifiers of its own, or a paying customer, whose card or device a ring used,
    is a victim or a bystander. Where most of a group looks like that, nobody is spared: then the
    group as a whole is judged.
    """
    n = links.own.shape[1]
    strong = links.strength_flags(Strength.STRONG)[ties.identifier[ties.link_tie]]
    firm = np.bincount(ties.link_account[strong], minlength=n)
    established = traits.flags["established"]
    odd = (firm <= 1) & (
        (established.holds & established.known)
        | _holds_own_of_tying_kind(ties, links)
        | _robbed(groups, ties, links, traits)
    )
    inside = odd[groups.account]
    share = groups.share_of_rows(inside)
    spared = np.zeros(n, dtype=bool)
    from_group = (groups.sizes >= LEAST_TO_SPARE_FROM) & (share < 0.5)
    spared[groups.account[inside & from_group[groups.group]]] = True
    return spared


def _robbed(groups: Groups, ties: Ties, links: SharedLinks, traits: Traits) -> Flags:
    """(n,) accounts on a machine of their own that a single tie holds, out of time with the rest.

    Either they had signed up long before or after the group did, or they used what ties them
    weeks apart from everybody else: their card was stolen, or bought second-hand.
    """
    n = links.own.shape[1]
    lone = np.bincount(ties.link_account, minlength=n) == 1
    out_of_time = _outside_window(groups, traits, n)
    out_of_time[ties.link_account] |= _apart(ties, links)
    robbed: Flags = lone & has_own_machine(links) & out_of_time
    return robbed


def _outside_window(groups: Groups, traits: Traits, n: int) -> Flags:
    """(n,) accounts that signed up more than half the group's own span away from its middle."""
    rank = traits.joined_rank[groups.account]
    ordered = rank[np.lexsort((rank, groups.group))]
    sizes = groups.sizes
    starts = np.cumsum(sizes) - sizes
    low = ordered[starts + (0.1 * sizes).astype(np.int64)] if len(ordered) else np.zeros(0)
    high = (
        ordered[starts + np.maximum(np.ceil(0.9 * sizes).astype(np.int64) - 1, 0)]
        if len(ordered)
        else np.zeros(0)
    )
    margin = np.maximum((high - low) / 2, LEAST_MARGIN)[groups.group]
    outside = np.zeros(n, dtype=bool)
    away = (rank < low[groups.group] - margin) | (rank > high[groups.group] + margin)
    outside[groups.account[away]] = traits.times_differ
    return outside


def _apart(ties: Ties, links: SharedLinks) -> Flags:
    """Of each member's link to a tie, whether its first use is weeks from any other first use."""
    order = np.lexsort((links.first_seen_ms, links.identifier))
    seen, identifier = links.first_seen_ms[order], links.identifier[order]
    gap = np.full(len(order) + 1, np.iinfo(np.int64).max)
    same = identifier[1:] == identifier[:-1]
    gap[1:-1][same] = np.diff(seen)[same]
    alone = np.zeros(len(order), dtype=bool)
    alone[order] = np.minimum(gap[:-1], gap[1:]) >= APART_DAYS * DAY_MS
    return np.asarray(alone[ties.link_row], dtype=bool)


def has_own_machine(links: SharedLinks) -> Flags:
    """(n,) accounts with a machine to themselves."""
    rows = [at for at, kind in enumerate(links.kinds) if family_of(kind) == "machine"]
    return np.asarray((links.own[rows] > 0).any(axis=0), dtype=bool)


def _holds_own_of_tying_kind(ties: Ties, links: SharedLinks) -> Flags:
    """(n,) accounts with an identifier to themselves of the very kind that ties them."""
    n = links.own.shape[1]
    holds = np.zeros(n, dtype=bool)
    kind = links.kind[ties.identifier[ties.link_tie]]
    for code, name in enumerate(links.kinds):
        if strength_of(name) is Strength.STRONG and name != EMAIL:
            tied = ties.link_account[kind == code]
            holds[tied] |= links.own[code][tied] > 0
    return holds
