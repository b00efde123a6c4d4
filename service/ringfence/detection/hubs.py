"""Popular identifiers, judged by who is behind them: public, suspect or ordinary.

A campus device, a stock fingerprint or a company card has many carriers that otherwise have
nothing, or only their employer, in common; a ring's device has carriers that look alike. Degree
alone cannot tell them apart, since a ring's identifiers are popular because of the ring.
"""

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ringfence.detection.config import HubParameters
from ringfence.detection.families import family_of
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.profiles import Groups, Profiles, profile_groups
from ringfence.detection.traits import Traits
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import EMAIL, Strength, strength_of
from ringfence.domain.rings import HubClass


@dataclass(frozen=True, slots=True)
class Hubs:
    """(k,) flags over shared identifiers; neither means ordinary."""

    public: Flags
    suspect: Flags

    def class_of(self, identifier: int) -> HubClass:
        """Class of one identifier."""
        if self.public[identifier]:
            return HubClass.PUBLIC
        return HubClass.SUSPECT if self.suspect[identifier] else HubClass.ORDINARY

    def classes_of(self, identifiers: Ints) -> list[HubClass]:
        """Class of each of the identifiers."""
        code = np.where(self.public[identifiers], 2, self.suspect[identifiers].astype(np.int64))
        names = (HubClass.ORDINARY, HubClass.SUSPECT, HubClass.PUBLIC)
        return [names[at] for at in code.tolist()]


def judge_hubs(links: SharedLinks, traits: Traits, parameters: HubParameters) -> Hubs:
    """Judge each strong or medium identifier with enough carriers; the rest is ordinary.

    Places and other kinds that never prove anything alone are not judged here: a ring tells later
    which of its addresses are its own.
    """
    proving = links.strength_flags(Strength.STRONG, Strength.MEDIUM)
    judged = np.flatnonzero(proving & (links.degree >= parameters.judged_from))
    public = np.zeros(len(links.degree), dtype=bool)
    suspect = np.zeros(len(links.degree), dtype=bool)
    if len(judged):
        groups = carriers_of(links, judged)
        judgement = _judgement(groups, judged, links, traits, parameters)
        doubted = links.degree[judged] >= parameters.doubted_from
        suspect[judged] = judgement >= parameters.suspect_above
        public[judged] = (judgement <= parameters.public_below) | (doubted & ~suspect[judged])
    return Hubs(public, suspect)


def carriers_of(links: SharedLinks, identifiers: Ints) -> Groups:
    """One group for each identifier: the accounts that carry it."""
    at = np.full(len(links.degree), -1, dtype=np.int64)
    at[identifiers] = np.arange(len(identifiers))
    rows = at[links.identifier] >= 0
    return Groups(at[links.identifier[rows]], links.account[rows], len(identifiers))


def _judgement(
    groups: Groups, judged: Ints, links: SharedLinks, traits: Traits, parameters: HubParameters
) -> Floats:
    """Log-odds that one operator is behind the carriers of each identifier."""
    profiles = profile_groups(groups, traits)
    tied, others = _tied_otherwise(groups, judged, links, parameters)
    alike = _likeness(profiles, parameters, machine=_machine_flags(judged, links))
    own = _own_of_same_kind(groups, judged, links)
    paying = profiles.flags["established"].share
    return np.asarray(
        parameters.tied * np.clip(tied - parameters.tied_from, 0, None)
        + parameters.untied * np.where(tied < parameters.tied_from / 2, others, 0.0)
        + alike
        + parameters.own * own
        + parameters.paying * paying
        + parameters.company * profiles.company,
        dtype=np.float64,
    )


def _machine_flags(judged: Ints, links: SharedLinks) -> Flags:
    by_kind = np.array([family_of(kind) == "machine" for kind in links.kinds], dtype=bool)
    return by_kind[links.kind[judged]]


def _likeness(profiles: Profiles, weights: HubParameters, *, machine: Flags) -> Floats:
    """How much the accounts of each group look made by one hand, apart from what they share.

    Where they share a machine (flag), having one client follows from it.
    """
    flags, codes = profiles.flags, profiles.codes
    return np.asarray(
        weights.burst * profiles.burst.lift
        + weights.window * profiles.window.lift
        + weights.email_shape * np.maximum(codes["email_shape"].lift, codes["email_length"].lift)
        + weights.bin * codes["bin"].lift
        + weights.user_agent * np.where(machine, 0.0, codes["user_agent"].lift)
        + weights.prepaid * flags["prepaid"].lift
        + weights.unpaid * flags["unpaid"].lift
        + weights.declined * flags["declined"].lift
        + weights.disputed * flags["disputed"].lift
        + weights.proxy * flags["proxy"].lift
        + weights.alike_usage * profiles.alike_usage.lift,
        dtype=np.float64,
    )


def _tied_otherwise(
    groups: Groups, judged: Ints, links: SharedLinks, parameters: HubParameters
) -> tuple[Floats, Floats]:
    """Share of carriers that share another strong identifier among themselves, or have others.

    Identifiers that are in doubt themselves do not vouch for each other.

    Returns:
        Share of carriers tied otherwise, and share of carriers with strong identifiers of another
        kind, shared or not: where they have none, untied says nothing.
    """
    n = links.own.shape[1]
    kind = links.kind[judged]
    telling = links.strength_flags(Strength.STRONG) & (links.degree < parameters.doubted_from)
    rows = telling[links.identifier]
    account, identifier = links.account[rows], links.identifier[rows]
    shape = (n, len(links.degree))
    carried = sparse.csr_array((np.ones(len(account), np.int32), (account, identifier)), shape)
    member = sparse.csr_array(
        (np.ones(len(groups.group), np.int32), (groups.group, groups.account)), (groups.count, n)
    )
    together = (member @ carried).tocoo()
    other = (together.data >= 2) & (together.coords[1] != judged[together.coords[0]])
    both = sparse.csr_array(
        (np.ones(int(other.sum()), np.int32), tuple(axis[other] for axis in together.coords)),
        (groups.count, len(links.degree)),
    )
    by_group = (both @ carried.T.tocsr()).multiply(member)
    ties = np.asarray((by_group > 0).sum(axis=1), dtype=np.float64).ravel()
    ties = np.maximum(ties, _tied_by_way_of_others(groups, links, parameters.vouching_below))
    has_other = _has_other_kind(groups, kind, links)
    return ties / np.maximum(groups.sizes, 1), has_other


def _tied_by_way_of_others(groups: Groups, links: SharedLinks, below: int) -> Floats:
    """(g,) carriers that small strong identifiers lead to another carrier, over whatever accounts.

    Two accounts of a ring that draws from pools seldom share two things, yet the pools connect
    them; visitors of a campus or holders of a company card stay apart.
    """
    n, k = links.own.shape[1], len(links.degree)
    small = links.strength_flags(Strength.STRONG) & (links.degree < below)
    rows = small[links.identifier]
    adjacency = sparse.coo_array(
        (
            np.ones(int(rows.sum()), np.int8),
            (links.account[rows], n + links.identifier[rows]),
        ),
        (n + k, n + k),
    )
    _, component = connected_components(adjacency.tocsr(), directed=False)
    key = groups.group * (n + k) + component[groups.account]
    _, at, together = np.unique(key, return_inverse=True, return_counts=True)
    tied = np.bincount(groups.group, weights=together[at] >= 2, minlength=groups.count)
    return np.asarray(tied, dtype=np.float64)


def _has_other_kind(groups: Groups, kind: Ints, links: SharedLinks) -> Floats:
    """Share of carriers that hold a strong identifier of another kind, shared or not.

    Everybody has a mailbox of their own, so e-mail does not count.
    """
    n = links.own.shape[1]
    holds = np.zeros(len(groups.group), dtype=bool)
    for code, name in enumerate(links.kinds):
        if strength_of(name) is Strength.STRONG and name != EMAIL:
            shared = links.kind[links.identifier] == code
            held = (links.own[code] > 0) | (np.bincount(links.account[shared], minlength=n) > 0)
            holds |= held[groups.account] & (kind[groups.group] != code)
    return groups.share_of_rows(holds)


def _own_of_same_kind(groups: Groups, judged: Ints, links: SharedLinks) -> Floats:
    """Share of carriers that also have an identifier of the same kind to themselves."""
    own = links.own[links.kind[judged][groups.group], groups.account] > 0
    return groups.share_of_rows(own)
