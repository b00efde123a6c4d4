"""Who leaves a group and who joins it: bystanders are let go, weaker evidence only attaches."""

import numpy as np

from ringfence.detection.config import BystanderParameters
from ringfence.detection.families import family_of
from ringfence.detection.links import Flags, SharedLinks
from ringfence.detection.profiles import Groups
from ringfence.detection.ties import Ties
from ringfence.detection.traits import DAY_MS, Traits
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import EMAIL, Strength, strength_of


def spare_bystanders(
    groups: Groups,
    ties: Ties,
    links: SharedLinks,
    traits: Traits,
    parameters: BystanderParameters,
) -> Flags:
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
        | _robbed(groups, ties, links, traits, parameters)
    )
    odd |= taken_over(links, traits, parameters.taken_over_days)
    inside = odd[groups.account]
    share = groups.share_of_rows(inside)
    spared = np.zeros(n, dtype=bool)
    from_group = (groups.sizes >= parameters.least_group) & (share < 0.5)
    spared[groups.account[inside & from_group[groups.group]]] = True
    return spared


def _met(groups: Groups, links: SharedLinks) -> Flags:
    """(n,) accounts that were at a place where another account of their group was, at any time."""
    n, k = links.own.shape[1], max(len(links.degree), 1)
    group_of = np.full(n, -1, dtype=np.int64)
    group_of[groups.account] = groups.group
    place = np.array([family_of(kind) == "place" for kind in links.kinds], dtype=bool)
    rows = np.flatnonzero(place[links.kind[links.identifier]] & (group_of[links.account] >= 0))
    key = group_of[links.account[rows]] * k + links.identifier[rows]
    _, at, together = np.unique(key, return_inverse=True, return_counts=True)
    met = np.zeros(n, dtype=bool)
    met[links.account[rows[together[at] >= 2]]] = True
    return met


def spare_card_owners(groups: Groups, ties: Ties, links: SharedLinks, few_share: float) -> Flags:
    """(n,) accounts on a machine of their own that one card alone holds, where most have more.

    A card can be stolen without its owner's doing; a machine cannot. Who was ever at a place where
    another member was is not spared. To be asked once groups are whole, since such accounts may
    be all that is seen of what ties two pieces.
    """
    n = links.own.shape[1]
    lone = np.bincount(ties.link_account, minlength=n) == 1
    share = groups.share_of_rows(lone[groups.account])
    few = np.zeros(n, dtype=bool)
    few[groups.account] = share[groups.group] <= few_share
    paying = np.array([family_of(kind) == "payer" for kind in links.kinds], dtype=bool)
    by_card = np.zeros(n, dtype=bool)
    by_card[ties.link_account[paying[links.kind[ties.identifier[ties.link_tie]]]]] = True
    unlike: Flags = lone & by_card & few & has_own_machine(links) & ~_met(groups, links)
    return unlike


def _robbed(
    groups: Groups,
    ties: Ties,
    links: SharedLinks,
    traits: Traits,
    parameters: BystanderParameters,
) -> Flags:
    """(n,) accounts on a machine of their own that a single tie holds, out of time with the rest.

    Either they had signed up long before or after the group did, or they used what ties them
    weeks apart from everybody else: their card was stolen, or bought second-hand.
    """
    n = links.own.shape[1]
    lone = np.bincount(ties.link_account, minlength=n) == 1
    out_of_time = _outside_window(groups, traits, parameters.margin)
    asked = lone[ties.link_account]
    rows = ties.link_row[asked]
    out_of_time[ties.link_account[asked]] |= _apart(rows, links, parameters.apart_days)
    robbed: Flags = lone & has_own_machine(links) & out_of_time
    return robbed


def taken_over(links: SharedLinks, traits: Traits, days: float) -> Flags:
    """(n,) accounts that began on a machine of their own and shared nothing for days.

    Whoever opens an account for a ring does it on the ring's machines or through its exits; where
    these come days later, and a machine or a place is among them, the account was taken over or
    sold. A ring that is made of such accounts altogether is judged as a whole.
    """
    n = links.own.shape[1]
    if not traits.times_differ:
        return np.zeros(n, dtype=bool)
    telling = links.strength_flags(Strength.STRONG, Strength.NEVER_ALONE)[links.identifier]
    account = links.account[telling]
    since_ms = links.first_seen_ms[telling] - traits.joined_ms[account]
    earliest = np.full(n, np.iinfo(np.int64).max)
    np.minimum.at(earliest, account, since_ms)
    there = np.array([family_of(kind) in ("machine", "place") for kind in links.kinds], dtype=bool)
    moved = np.zeros(n, dtype=bool)
    moved[account[there[links.kind[links.identifier[telling]]]]] = True
    late: Flags = moved & (earliest >= days * DAY_MS) & has_own_machine(links)
    return late


def _outside_window(groups: Groups, traits: Traits, least_margin: float) -> Flags:
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
    margin = np.maximum((high - low) / 2, least_margin)[groups.group]
    outside = np.zeros(len(traits.joined_rank), dtype=bool)
    away = (rank < low[groups.group] - margin) | (rank > high[groups.group] + margin)
    outside[groups.account[away]] = traits.times_differ
    return outside


def _apart(rows: Ints, links: SharedLinks, days: float) -> Flags:
    """Of each of the links, whether its first use is weeks from any other first use."""
    chosen = np.zeros(len(links.degree), dtype=bool)
    chosen[links.identifier[rows]] = True
    order = np.flatnonzero(chosen[links.identifier])
    order = order[np.lexsort((links.first_seen_ms[order], links.identifier[order]))]
    seen, identifier = links.first_seen_ms[order], links.identifier[order]
    gap = np.full(len(order) + 1, np.iinfo(np.int64).max)
    same = identifier[1:] == identifier[:-1]
    gap[1:-1][same] = np.diff(seen)[same]
    alone = np.zeros(len(links.account), dtype=bool)
    alone[order] = np.minimum(gap[:-1], gap[1:]) >= days * DAY_MS
    return np.asarray(alone[rows], dtype=bool)


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
