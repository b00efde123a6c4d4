"""Popular identifiers, judged by who is behind them: public, suspect or ordinary.

A campus device, a stock fingerprint or a company card has many carriers that otherwise have
nothing, or only their employer, in common; a ring's device has carriers that look alike. Degree
alone cannot tell them apart, since a ring's identifiers are popular because of the ring.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ringfence.detection.carriers import Carriers, carriers_of
from ringfence.detection.components import FindComponents, find_components
from ringfence.detection.config import HubParameters
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.profiles import Profiles, profile_groups
from ringfence.detection.traits import Traits
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import Strength
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


JudgeCarriers = Callable[[Carriers, HubParameters], Floats]
"""Gives (g,) log-odds that one operator is behind the carriers of each identifier."""


def judge_carriers(carriers: Carriers, parameters: HubParameters) -> Floats:
    """Judge each identifier in this process; each by its own carriers alone."""
    groups = carriers.groups
    profiles = profile_groups(groups, carriers.traits)
    tied = _tied_otherwise(carriers)
    alike = _likeness(profiles, parameters, machine=carriers.machine)
    others = groups.share_of_rows(carriers.other)
    paying = profiles.flags["established"].share
    return np.asarray(
        parameters.tied * np.clip(tied - parameters.tied_from, 0, None)
        + parameters.untied * np.where(tied < parameters.tied_from / 2, others, 0.0)
        + alike
        + parameters.own * groups.share_of_rows(carriers.own)
        + parameters.paying * paying
        + parameters.company * profiles.company,
        dtype=np.float64,
    )


def judge_hubs(
    links: SharedLinks,
    traits: Traits,
    parameters: HubParameters,
    *,
    judge: JudgeCarriers = judge_carriers,
    components: FindComponents = find_components,
) -> Hubs:
    """Judge each strong or medium identifier with enough carriers; the rest is ordinary.

    Places and other kinds that never prove anything alone are not judged here: a ring tells later
    which of its addresses are its own.

    Args:
        links: of identifiers that two or more accounts carry.
        traits: of all accounts.
        parameters: how much what counts.
        judge: weighs what is known of the carriers, here or elsewhere.
        components: finds which accounts identifiers lead to, here or elsewhere.
    """
    proving = links.strength_flags(Strength.STRONG, Strength.MEDIUM)
    judged = np.flatnonzero(proving & (links.degree >= parameters.judged_from))
    public = np.zeros(len(links.degree), dtype=bool)
    suspect = np.zeros(len(links.degree), dtype=bool)
    if len(judged):
        judgement = judge(carriers_of(links, judged, traits, parameters, components), parameters)
        doubted = links.degree[judged] >= parameters.doubted_from
        suspect[judged] = judgement >= parameters.suspect_above
        public[judged] = (judgement <= parameters.public_below) | (doubted & ~suspect[judged])
    return Hubs(public, suspect)


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


def _tied_otherwise(carriers: Carriers) -> Floats:
    """(g,) share of carriers that share another strong identifier among themselves.

    Identifiers that are in doubt themselves do not vouch for each other.
    """
    groups, k = carriers.groups, carriers.identifiers
    n = len(carriers.traits.joined_ms)
    carried = _incidence(carriers.tied_account, carriers.tied_identifier, (n, k))
    member = _incidence(groups.group, groups.account, (groups.count, n))
    together = (member @ carried).tocoo()
    group, identifier = together.coords
    other = (together.data >= 2) & (identifier != carriers.identifier[group])
    both = _incidence(group[other], identifier[other], (groups.count, k))
    by_group = (both @ carried.T.tocsr()).multiply(member)
    ties = np.asarray((by_group > 0).sum(axis=1), dtype=np.float64).ravel()
    return np.maximum(ties, _tied_by_way_of_others(carriers)) / np.maximum(groups.sizes, 1)


def _incidence(row: Ints, column: Ints, shape: tuple[int, int]) -> sparse.csr_array:
    return sparse.csr_array((np.ones(len(row), np.int32), (row, column)), shape)


def _tied_by_way_of_others(carriers: Carriers) -> Floats:
    """(g,) carriers that small strong identifiers lead to another carrier, over whatever accounts.

    Two accounts of a ring that draws from pools seldom share two things, yet the pools connect
    them; visitors of a campus or holders of a company card stay apart.
    """
    groups, reached = carriers.groups, carriers.reached
    key = groups.group * (int(reached.max(initial=0)) + 1) + reached[groups.account]
    _, at, together = np.unique(key, return_inverse=True, return_counts=True)
    tied = np.bincount(groups.group, weights=together[at] >= 2, minlength=groups.count)
    return np.asarray(tied, dtype=np.float64)
