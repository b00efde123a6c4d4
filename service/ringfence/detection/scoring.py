"""Log-odds for and against each group, added up to a probability; every summand has its reason."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ringfence.detection.attachment import has_own_machine
from ringfence.detection.config import ScoreParameters
from ringfence.detection.families import families_of
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.profiles import Groups, Profiles
from ringfence.detection.ties import Ties, cover_by_kind
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import EMAIL, Strength, strength_of

AGREES_FROM = 0.3
"""A kind agrees with a group when its ties reach this share of the accounts."""


LIKENESS_CODES = frozenset(
    {
        "burst",
        "window",
        "email_shape",
        "bin",
        "user_agent",
        "prepaid",
        "unpaid",
        "declined",
        "disputed",
        "proxy",
        "free_mail",
        "alike_usage",
    }
)
"""Points for one hand behind a group that are no shared identifiers."""


FULL_COVER = 0.8
"""Share of the accounts from which a kind counts in full."""
PLACES_A_MEMBER = 0.1
"""Addresses for each account from which a group counts as moving between many."""
OWN_PLACE_SHARE = 1 / 3
"""Share of an address's carriers from which a group uses it as its own."""
LARGEST_PLACE = 0.75
"""Share of a group at one address above which it simply sits there."""
PAYING_MAJORITY = 0.5
"""Share of paying customers above which a group is a customer itself."""


@dataclass(frozen=True, slots=True)
class Point:
    """One summand: log-odds of each of g groups, and the figure that its text tells."""

    code: str
    weight: Floats
    text: str
    figure: Floats


@dataclass(frozen=True, slots=True)
class Scores:
    """Of g groups.

    Attributes:
        log_odds, probability: (g,).
        points: all summands, in a fixed order.
        agreeing: (kinds, g) whether the kind's ties reach enough of the group.
    """

    log_odds: Floats
    probability: Floats
    points: list[Point]
    agreeing: Flags
    cover: Floats


def score_groups(
    groups: Groups, ties: Ties, profiles: Profiles, links: SharedLinks, weights: ScoreParameters
) -> Scores:
    """Score every group at once."""
    cover = cover_by_kind(ties, groups, links)
    agreeing = cover >= AGREES_FROM
    points = [
        *_tie_points(cover, links.kinds, weights),
        *_group_points(groups, profiles, agreeing, ties, links, weights),
        *_likeness_points(groups, profiles, ties, links, weights),
        *_innocence_points(groups, profiles, ties, links, weights),
    ]
    log_odds = weights.prior + np.sum([point.weight for point in points], axis=0)
    log_odds = np.broadcast_to(log_odds, groups.sizes.shape).astype(np.float64)
    return Scores(log_odds, 1 / (1 + np.exp(-log_odds)), points, agreeing, cover)


def _tie_points(cover: Floats, kinds: tuple[str, ...], weights: ScoreParameters) -> Iterator[Point]:
    """Kinds that agree; of kinds that tell of one thing the best counts, others hardly."""
    full = {
        Strength.STRONG: weights.strong,
        Strength.MEDIUM: weights.medium,
        Strength.WEAK: weights.weak,
        Strength.NEVER_ALONE: weights.never_alone,
    }
    gain = np.array([full[strength_of(kind)] for kind in kinds]).reshape(-1, 1)
    gain = gain * np.clip(cover / FULL_COVER, 0, 1)
    for members in families_of(kinds).values():
        best = gain[members].argmax(axis=0)
        for row, code in enumerate(members):
            gain[code] *= np.where(best == row, 1.0, weights.same_family)
    for code, kind in enumerate(kinds):
        text = f"{{:.0%}} of its accounts share {_words(kind)} with others of it"
        yield Point(f"shared_{kind}", gain[code], text, cover[code])


def _group_points(
    groups: Groups,
    profiles: Profiles,
    agreeing: Flags,
    ties: Ties,
    links: SharedLinks,
    weights: ScoreParameters,
) -> Iterator[Point]:
    size = profiles.size.astype(np.float64)
    growth = np.clip(weights.size * np.log2(np.maximum(size, 1) / 6), -2.0, weights.size_cap)
    yield Point("size", growth, "{:.0f} accounts", size)
    families = {
        name: [at for at in members if strength_of(links.kinds[at]) is not Strength.NEVER_ALONE]
        for name, members in families_of(links.kinds).items()
    }
    agree = np.array([agreeing[members].any(axis=0) for members in families.values()])
    agree = agree.reshape(len(families), groups.count)
    by_payer = _agrees("payer", families, agreeing)
    lone = (agree.sum(axis=0) == 1) & (_families_at_hand(groups, links) >= 2)
    yield Point(
        "one_kind_only",
        np.where(lone, np.where(by_payer, weights.one_payer, weights.one_kind), 0.0),
        "only {:.0f} kind of evidence agrees, though others are at hand",
        agree.sum(axis=0).astype(np.float64),
    )
    proving = [strength_of(kind) is not Strength.NEVER_ALONE for kind in links.kinds]
    placed = ~agreeing[proving].any(axis=0)
    yield Point(
        "place_only",
        np.where(placed, weights.place_only, 0.0),
        "nothing but places ties its {:.0f} accounts",
        size,
    )
    places, largest = _places(groups, ties, links)
    many = np.clip(places / np.maximum(size, 1) / PLACES_A_MEMBER, 0, 1) * (
        largest <= LARGEST_PLACE
    )
    yield Point(
        "many_addresses",
        np.where(placed, weights.many_addresses * many, 0.0),
        "they meet at {:.0f} addresses that few others use",
        places,
    )


def _agrees(family: str, families: dict[str, list[int]], agreeing: Flags) -> Flags:
    members = families.get(family, [])
    return np.asarray(agreeing[members].any(axis=0), dtype=bool)


def _places(groups: Groups, ties: Ties, links: SharedLinks) -> tuple[Floats, Floats]:
    """(g,) addresses that mostly each group uses, and the share of it at the most used one."""
    codes = families_of(links.kinds).get("place", [])
    rows = np.isin(links.kind[ties.identifier], codes)
    rows &= ties.members >= OWN_PLACE_SHARE * links.degree[ties.identifier]
    places = np.bincount(ties.group[rows], minlength=groups.count).astype(np.float64)
    return places, _largest(groups, ties, links, "place")


def _families_at_hand(groups: Groups, links: SharedLinks) -> Ints:
    """(g,) families, of those that can prove something, that half of a group's accounts carry.

    Everybody has a mailbox, so that one does not count.
    """
    n = links.own.shape[1]
    count = np.zeros(groups.count, dtype=np.int64)
    for members in families_of(links.kinds).values():
        held = np.zeros(n, dtype=bool)
        for code in members:
            kind = links.kinds[code]
            if kind != EMAIL and strength_of(kind) is not Strength.NEVER_ALONE:
                shared = links.kind[links.identifier] == code
                held |= links.own[code] > 0
                held[links.account[shared]] = True
        count += groups.share_of_rows(held[groups.account]) >= 0.5
    return count


def _likeness_points(
    groups: Groups, profiles: Profiles, ties: Ties, links: SharedLinks, weights: ScoreParameters
) -> Iterator[Point]:
    # One machine has one client and one place one class: the same witness is heard once.
    scale = {
        "user_agent": 1.0 - _largest(groups, ties, links, "machine"),
        "proxy": 1.0 - 0.8 * _largest(groups, ties, links, "place"),
    }
    flags, codes = profiles.flags, profiles.codes
    yield Point(
        "burst",
        weights.burst * profiles.burst.lift,
        "{:.0%} of sign-ups follow another within half an hour",
        profiles.burst.share,
    )
    yield Point(
        "window",
        weights.window * profiles.window.lift,
        "four in five signed up while {:.1%} of all accounts did",
        profiles.window.share,
    )
    shape, length = codes["email_shape"], codes["email_length"]
    shaped = shape.lift >= length.lift
    yield Point(
        "email_shape",
        weights.email_shape * np.maximum(shape.lift, length.lift),
        "{:.0%} of e-mail names have one shape",
        np.where(shaped, shape.share, length.share),
    )
    for name, words in (
        ("bin", "{:.0%} of cards come from one issuer range"),
        ("user_agent", "{:.0%} use one client version"),
    ):
        yield Point(
            name,
            getattr(weights, name) * codes[name].lift * scale.get(name, 1.0),
            words,
            codes[name].share,
        )
    for name, words in (
        ("prepaid", "{:.0%} pay with prepaid or virtual cards"),
        ("unpaid", "{:.0%} have never paid"),
        ("declined", "{:.0%} had charges declined"),
        ("disputed", "{:.0%} had charges disputed"),
        ("proxy", "{:.0%} came through proxies"),
        ("free_mail", "{:.0%} use free mail hosts"),
    ):
        yield Point(
            name,
            getattr(weights, name) * flags[name].lift * scale.get(name, 1.0),
            words,
            flags[name].share,
        )
    yield Point(
        "alike_usage",
        weights.alike_usage * profiles.alike_usage.lift,
        "usage varies by a factor of e^{:.2f} only",
        profiles.alike_usage.share,
    )


def _innocence_points(
    groups: Groups,
    profiles: Profiles,
    ties: Ties,
    links: SharedLinks,
    weights: ScoreParameters,
) -> Iterator[Point]:
    paying = profiles.flags["established"].share
    majority = weights.established_majority * np.clip(paying - PAYING_MAJORITY, 0, None)
    yield Point(
        "established",
        weights.established * paying + majority,
        "{:.0%} have paid for months without trouble",
        paying,
    )
    own_machine = groups.share_of_rows(has_own_machine(links)[groups.account])
    company = profiles.company
    yield Point(
        "company", weights.company * company, "{:.0%} have e-mail of one own domain", company
    )
    yield Point(
        "managed_machines",
        weights.managed * company * own_machine,
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
    yield from _spread_points(profiles, weights)
    mailbox = _largest(groups, ties, links, "mailbox")
    one_owner = np.clip((mailbox - 0.5) / 0.3, 0, 1) * (profiles.size <= weights.one_mailbox_size)
    yield Point(
        "one_mailbox",
        weights.one_mailbox * one_owner,
        "{:.0%} use one and the same mailbox openly",
        mailbox,
    )
    handful = profiles.size <= weights.one_home_size
    here = np.where(handful, weights.one_home, weights.one_machine)
    yield Point(
        "one_home",
        np.where(_at_home(groups, ties, links), here, 0.0),
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


def _at_home(groups: Groups, ties: Ties, links: SharedLinks) -> Flags:
    """(g,) whether one machine and one place each hold nearly all of a group."""
    machine = _largest(groups, ties, links, "machine")
    return (machine >= FULL_COVER) & (_largest(groups, ties, links, "place") >= FULL_COVER)


def _largest(groups: Groups, ties: Ties, links: SharedLinks, family: str) -> Floats:
    """(g,) share of a group that one identifier of the family holds."""
    codes = families_of(links.kinds).get(family, [])
    rows = np.flatnonzero(np.isin(links.kind[ties.identifier], codes))
    most = np.zeros(groups.count)
    np.maximum.at(most, ties.group[rows], ties.members[rows].astype(np.float64))
    return np.asarray(most / np.maximum(groups.sizes, 1), dtype=np.float64)


def _own_beside_tie(ties: Ties, links: SharedLinks) -> Flags:
    """(n,) accounts that share a strong identifier and hold one of the same kind alone."""
    holds = np.zeros(links.own.shape[1], dtype=bool)
    kind = links.kind[ties.identifier[ties.link_tie]]
    for code, name in enumerate(links.kinds):
        if strength_of(name) is Strength.STRONG and name != EMAIL:
            tied = ties.link_account[kind == code]
            holds[tied] |= links.own[code][tied] > 0
    return holds


def _words(kind: str) -> str:
    words = {"ip": "an IP address", "email": "a mailbox", "payment_instrument": "a card"}
    return words.get(kind, f"a {kind.replace('_', ' ')}")
