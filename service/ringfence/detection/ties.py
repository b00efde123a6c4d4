"""What ties the accounts of each group: identifiers that several of them carry, beyond chance."""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.config import ProofParameters
from ringfence.detection.hubs import Hubs
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.pairs import proof_of
from ringfence.detection.profiles import Groups
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import Strength, strength_of

CHANCE_NATS = 3.0
"""A place or fingerprint ties members where chance explains them no better than exp(-3)."""


@dataclass(frozen=True, slots=True)
class Ties:
    """t ties, sorted by group and identifier, and the links that make them.

    Attributes:
        group, identifier: (t,) which identifier ties which group.
        members: (t,) accounts of the group that carry it, at least 2.
        weight: (t,) part of a proof that it adds to each pair of members.
        link_tie: (l,) tie of each link of a member to a tying identifier.
        link_account: (l,) the member.
        link_row: (l,) the row of the link.
    """

    group: Ints
    identifier: Ints
    members: Ints
    weight: Floats
    link_tie: Ints
    link_account: Ints
    link_row: Ints


def find_ties(groups: Groups, links: SharedLinks, hubs: Hubs, proof: ProofParameters) -> Ties:
    """Identifiers that two or more accounts of a group carry, without public ones.

    Of kinds that are not strong only those count that the group uses far more than its size and
    their popularity explain.
    """
    n, k = links.own.shape[1], len(links.degree)
    group_of = np.full(n, -1, dtype=np.int64)
    group_of[groups.account] = groups.group
    rows = np.flatnonzero((group_of[links.account] >= 0) & ~hubs.public[links.identifier])
    key = group_of[links.account[rows]] * max(k, 1) + links.identifier[rows]
    keys, tie, members = np.unique(key, return_inverse=True, return_counts=True)
    group, identifier = keys // max(k, 1), keys % max(k, 1)
    strong = links.strength_flags(Strength.STRONG)[identifier]
    rare = beyond_chance(members, links.degree[identifier], groups.sizes[group], n)
    kept = (members >= 2) & (strong | rare)
    renumbered = np.cumsum(kept) - 1
    link_rows = kept[tie]
    part = np.array([proof.of(strength_of(kind)) for kind in links.kinds])
    weight = part[links.kind[identifier]] * proof_of(
        links.degree[identifier], n, proof.typical_ring
    )
    weight *= links.trust[identifier]
    return Ties(
        group=group[kept],
        identifier=identifier[kept],
        members=members[kept],
        weight=weight[kept],
        link_tie=renumbered[tie[link_rows]],
        link_account=links.account[rows[link_rows]],
        link_row=rows[link_rows],
    )


def beyond_chance(members: Ints, degree: Ints, sizes: Ints, accounts: int) -> Flags:
    """Whether so many members use something far more than its popularity explains.

    A Poisson tail by its Chernoff bound: m log(m / expected) - (m - expected), in nats.
    """
    expected = np.maximum(degree * sizes / max(accounts, 1), 1e-9)
    surprise = members * np.log(np.maximum(members / expected, 1e-9)) - (members - expected)
    return np.asarray((members > expected) & (surprise >= CHANCE_NATS), dtype=bool)


def cover_by_kind(ties: Ties, groups: Groups, links: SharedLinks, trust: Floats) -> Floats:
    """(kinds, g) share of each group's accounts that a tie of that kind reaches.

    Args:
        ties: of the groups.
        groups: of accounts.
        links: that the ties were found in.
        trust: (k,) what an account counts that the identifier reaches, from 0 to 1; the best of
            several counts.
    """
    n = links.own.shape[1]
    identifier = ties.identifier[ties.link_tie]
    kind, counted = links.kind[identifier], trust[identifier]
    group_of = np.zeros(n, dtype=np.int64)
    group_of[groups.account] = groups.group
    cover = np.zeros((len(links.kinds), groups.count))
    for code in range(len(links.kinds)):
        reached = np.zeros(n)
        np.maximum.at(reached, ties.link_account[kind == code], counted[kind == code])
        carried = np.bincount(groups.group, weights=reached[groups.account], minlength=groups.count)
        cover[code] = carried / np.maximum(groups.sizes, 1)
    return cover


def ties_of_members(ties: Ties, accounts: int) -> tuple[Ints, Ints, Floats]:
    """(n,) how many ties each account has, how many fellow members they reach, and their weight."""
    count = np.bincount(ties.link_account, minlength=accounts)
    fellows = np.bincount(
        ties.link_account, weights=ties.members[ties.link_tie] - 1, minlength=accounts
    )
    strength = np.bincount(
        ties.link_account, weights=ties.weight[ties.link_tie], minlength=accounts
    )
    return count, fellows.astype(np.int64), np.asarray(strength, dtype=np.float64)
