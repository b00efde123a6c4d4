"""Who carries popular identifiers: what judging them needs, apart from all other links."""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.components import FindComponents
from ringfence.detection.config import HubParameters
from ringfence.detection.families import family_of
from ringfence.detection.links import Flags, SharedLinks
from ringfence.detection.profiles import Groups
from ringfence.detection.traits import Traits
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import EMAIL, Strength, strength_of


@dataclass(frozen=True, slots=True)
class Carriers:
    """g popular identifiers, and what judging them needs of the accounts that carry them.

    All of it is of these accounts: some of the identifiers, with theirs, are judged as all are.

    Attributes:
        groups: the carriers of each identifier; r rows.
        traits: of n accounts, among them all carriers.
        machine: (g,) whether the identifier is a machine's.
        own: (r,) whether the carrier has one of the same kind to itself.
        other: (r,) whether it has a strong identifier of another kind, shared or not.
        reached: (n,) a number that accounts share if small strong identifiers lead from one to the
            other, over whatever accounts.
        tied_account, tied_identifier: (t,) strong links of carriers to identifiers that are in no
            doubt themselves.
        identifier: (g,) the identifier, as `tied_identifier` numbers it.
        identifiers: numbers of identifiers are below this.
    """

    groups: Groups
    traits: Traits
    machine: Flags
    own: Flags
    other: Flags
    reached: Ints
    tied_account: Ints
    tied_identifier: Ints
    identifier: Ints
    identifiers: int


def carriers_of(
    links: SharedLinks,
    judged: Ints,
    traits: Traits,
    parameters: HubParameters,
    components: FindComponents,
) -> Carriers:
    """What judging these identifiers needs.

    Args:
        links: of identifiers that two or more accounts carry.
        judged: (g,) indices of identifiers, rising.
        traits: of all accounts.
        parameters: from when on an identifier is in doubt, and until when it vouches.
        components: finds which accounts identifiers lead to, here or elsewhere.
    """
    groups = _groups_of(links, judged)
    kind = links.kind[judged]
    carried = np.zeros(links.own.shape[1], dtype=bool)
    carried[groups.account] = True
    telling = links.strength_flags(Strength.STRONG) & (links.degree < parameters.doubted_from)
    rows = telling[links.identifier] & carried[links.account]
    return Carriers(
        groups=groups,
        traits=traits,
        machine=np.array([family_of(name) == "machine" for name in links.kinds], dtype=bool)[kind],
        own=links.own[kind[groups.group], groups.account] > 0,
        other=_has_other_kind(groups, kind, links),
        reached=_reached(links, parameters.vouching_below, components),
        tied_account=links.account[rows],
        tied_identifier=links.identifier[rows],
        identifier=judged,
        identifiers=len(links.degree),
    )


def _groups_of(links: SharedLinks, identifiers: Ints) -> Groups:
    """One group for each identifier: the accounts that carry it."""
    at = np.full(len(links.degree), -1, dtype=np.int64)
    at[identifiers] = np.arange(len(identifiers))
    rows = at[links.identifier] >= 0
    return Groups(at[links.identifier[rows]], links.account[rows], len(identifiers))


def _reached(links: SharedLinks, below: int, components: FindComponents) -> Ints:
    """(n,) a number that accounts share if small strong identifiers lead from one to the other."""
    n, k = links.own.shape[1], len(links.degree)
    small = links.strength_flags(Strength.STRONG) & (links.degree < below)
    rows = small[links.identifier]
    return components(links.account[rows], n + links.identifier[rows], n + k)[:n]


def _has_other_kind(groups: Groups, kind: Ints, links: SharedLinks) -> Flags:
    """(r,) whether the carrier holds a strong identifier of another kind, shared or not.

    Everybody has a mailbox of their own, so e-mail does not count.
    """
    n = links.own.shape[1]
    holds = np.zeros(len(groups.group), dtype=bool)
    for code, name in enumerate(links.kinds):
        if strength_of(name) is Strength.STRONG and name != EMAIL:
            shared = links.kind[links.identifier] == code
            held = (links.own[code] > 0) | (np.bincount(links.account[shared], minlength=n) > 0)
            holds |= held[groups.account] & (kind[groups.group] != code)
    return holds
