"""Points against a group: what households, companies and customers show, and rings do not."""

from collections.abc import Iterator

import numpy as np

from ringfence.detection.attachment import has_own_machine
from ringfence.detection.config import ScoreParameters
from ringfence.detection.links import Flags, SharedLinks
from ringfence.detection.points import Point, largest_of
from ringfence.detection.profiles import Groups, Profiles
from ringfence.detection.ties import Ties
from ringfence.domain.identifiers import EMAIL, Strength, strength_of


def innocence_points(
    groups: Groups,
    profiles: Profiles,
    ties: Ties,
    links: SharedLinks,
    weights: ScoreParameters,
) -> Iterator[Point]:
    """What speaks against each group, and how much."""
    paying = profiles.flags["established"].share
    majority = weights.established_majority * np.clip(paying - weights.paying_majority, 0, None)
    yield Point(
        "established",
        weights.established * paying + majority,
        "{:.0%} have paid for months without trouble",
        paying,
    )
    own_machine = groups.share_of_rows(has_own_machine(links)[groups.account])
    company = profiles.company
    # A crew can rent a domain, too, yet it comes through many proxies and not from one office.
    scattered = 1 - largest_of(groups, ties, links, "place")
    office = company * (1 - profiles.flags["proxy"].share * scattered)
    yield Point(
        "company", weights.company * office, "{:.0%} have e-mail of one own domain", company
    )
    yield Point(
        "managed_machines",
        weights.managed * office * own_machine,
        "{:.0%} work on a machine of their own",
        own_machine,
    )
    private = profiles.flags["private_mail"]
    yield Point(
        "private_mail",
        np.where(company > 0, 0.0, weights.private_mail * private.lift),
        "{:.0%} write from domains of their own",
        private.share,
    )
    payer = np.clip((largest_of(groups, ties, links, "payer") - 0.5) / 0.3, 0, 1)
    yield Point(
        "one_payer_for_many",
        np.where(company > 0, 0.0, weights.agent * private.lift * payer),
        "one payer stands for {:.0%} that write from domains of their own, as an agency does",
        private.share,
    )
    yield from _spread_points(profiles, weights)
    mailbox = largest_of(groups, ties, links, "mailbox")
    one_owner = np.clip((mailbox - 0.5) / 0.3, 0, 1) * (profiles.size <= weights.one_mailbox_size)
    yield Point(
        "one_mailbox",
        weights.one_mailbox * one_owner,
        "{:.0%} use one and the same mailbox openly",
        mailbox,
    )
    fading = np.clip(2.0 - profiles.size / weights.open_owner_size, 0, 1)
    openly = np.clip((mailbox - 0.5) / 0.3, 0, 1) * (company > 0) * fading
    yield Point(
        "open_owner",
        weights.open_owner * openly,
        "{:.0%} openly use one mailbox of the organisation's own domain",
        mailbox,
    )
    handful = profiles.size <= weights.one_home_size
    here = np.where(handful, weights.one_home, weights.one_machine)
    yield Point(
        "one_home",
        np.where(_at_home(groups, ties, links, weights), here, 0.0),
        "{:.0f} accounts on one machine at one place, as a household or a public desk has",
        profiles.size.astype(np.float64),
    )
    own = groups.share_of_rows(_own_beside_tie(ties, links)[groups.account])
    yield Point(
        "own_identifiers",
        weights.own_identifiers * own,
        "{:.0%} also have one to themselves of the kind they share",
        own,
    )


def _spread_points(profiles: Profiles, weights: ScoreParameters) -> Iterator[Point]:
    family = (
        (profiles.size <= weights.family_size)
        & (profiles.span_days >= weights.family_days)
        & (profiles.burst.lift < 0.3)
    )
    yield Point(
        "family",
        np.where(family, weights.family, 0.0),
        "a handful of accounts made over {:.0f} days",
        profiles.span_days,
    )
    wide = np.where(
        profiles.window.known > 0, np.clip((profiles.window.share - 0.4) / 0.3, 0, 1), 0
    )
    yield Point(
        "spread_out",
        np.where(family, 0.0, weights.spread * wide),
        "four in five signed up while {:.0%} of all accounts did",
        profiles.window.share,
    )


def _at_home(groups: Groups, ties: Ties, links: SharedLinks, weights: ScoreParameters) -> Flags:
    """(g,) whether one machine and one place each hold nearly all of a group."""
    machine = largest_of(groups, ties, links, "machine")
    place = largest_of(groups, ties, links, "place")
    return np.asarray(np.minimum(machine, place) >= weights.full_cover, dtype=bool)


def _own_beside_tie(ties: Ties, links: SharedLinks) -> Flags:
    """(n,) accounts that share a strong identifier and hold one of the same kind alone."""
    holds = np.zeros(links.own.shape[1], dtype=bool)
    kind = links.kind[ties.identifier[ties.link_tie]]
    for code, name in enumerate(links.kinds):
        if strength_of(name) is Strength.STRONG and name != EMAIL:
            tied = ties.link_account[kind == code]
            holds[tied] |= links.own[code][tied] > 0
    return holds
