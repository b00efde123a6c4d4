"""The manner of a ring: what its accounts are like, and how far another account is like them."""

import numpy as np

from ringfence.detection.attachment import has_own_machine
from ringfence.detection.config import BelongingParameters
from ringfence.detection.families import families_of
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.traits import Trait, Traits
from ringfence.domain.graph import Ints

UNKNOWN = -1
IMPLIED = ("private_mail", "proxy")
"""Traits that another one or the place itself already tells."""


def manner_of(
    account: Ints,
    ring: Ints,
    group: Ints,
    ringlike: Flags,
    links: SharedLinks,
    traits: Traits,
    parameters: BelongingParameters,
) -> Floats:
    """(p,) how much more the account is like the ring's members than like everybody, in nats."""
    total = np.zeros(len(account))
    for code in _codes(links, traits):
        ratio = _log_ratio(code, account, ring, group, ringlike, parameters.least_seen)
        total += np.clip(ratio, -parameters.trait_cap, parameters.trait_cap)
    return parameters.manner * total


def _codes(links: SharedLinks, traits: Traits) -> list[Ints]:
    """What an account is like, each as (n,) codes."""
    flags = [_flag_code(trait) for name, trait in traits.flags.items() if name not in IMPLIED]
    places = families_of(links.kinds).get("place", [])
    at_home = np.asarray((links.own[places] > 0).any(axis=0), dtype=np.int64)
    usage = _bands(traits.log_requests, 12)
    rank = traits.joined_rank if traits.times_differ else np.full(len(usage), np.nan)
    return [
        *flags,
        *(traits.codes[name] for name in ("email_shape", "user_agent", "bin", "country")),
        at_home,
        np.asarray(has_own_machine(links), dtype=np.int64),
        usage,
        _bands(rank, 32),
    ]


def _flag_code(trait: Trait) -> Ints:
    return np.asarray(np.where(trait.known, trait.holds.astype(np.int64), UNKNOWN), dtype=np.int64)


def _bands(values: Floats, bands: int) -> Ints:
    """(n,) which of so many equally filled bands a value lies in, -1 for NaN."""
    known = ~np.isnan(values)
    band = np.full(len(values), UNKNOWN, dtype=np.int64)
    if known.any():
        edges = np.quantile(values[known], np.arange(1, bands) / bands)
        band[known] = np.searchsorted(edges, values[known], "right")
    return band


def _log_ratio(
    code: Ints, account: Ints, ring: Ints, group: Ints, ringlike: Flags, least_seen: float
) -> Floats:
    """(p,) log of how common the account's code is in the ring over how common it is anywhere.

    As if `least_seen` members more were like everybody.
    """
    width = int(code.max(initial=0)) + 1
    everywhere = np.bincount(code[code >= 0], minlength=width)
    common = everywhere / max(int(everywhere.sum()), 1)
    members = np.flatnonzero(ringlike & (code >= 0))
    known = np.bincount(group[members], minlength=int(group.max(initial=0)) + 1)
    keys, times = np.unique(group[members] * width + code[members], return_counts=True)
    own = np.maximum(code[account], 0)
    wanted = ring * width + own
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    seen = np.where(keys[at] == wanted, times[at], 0) if len(keys) else np.zeros(len(wanted))
    share = (seen + least_seen * common[own]) / (known[ring] + least_seen)
    ratio = np.log(np.maximum(share, 1e-12) / np.maximum(common[own], 1e-12))
    return np.where(code[account] >= 0, ratio, 0.0)
