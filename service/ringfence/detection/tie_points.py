"""Points from what ties a group: kinds that agree, their independence, and its size."""

from collections.abc import Iterator

import numpy as np

from ringfence.detection.config import ScoreParameters
from ringfence.detection.families import families_of
from ringfence.detection.links import Flags, Floats, SharedLinks
from ringfence.detection.points import Point, largest_of
from ringfence.detection.profiles import Groups, Profiles
from ringfence.detection.ties import Ties
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import EMAIL, Strength, strength_of


def tie_points(
    cover: Floats, shares: Floats, kinds: tuple[str, ...], weights: ScoreParameters
) -> Iterator[Point]:
    """Kinds that agree; of kinds that tell of one thing the best counts, others hardly.

    Args:
        cover: (kinds, g) share of the accounts that a tie of the kind reaches, by trust in the tie.
        shares: (kinds, g) the same without regard to trust, for the words.
        kinds: names of the kinds.
        weights: log-odds.
    """
    full = {
        Strength.STRONG: weights.strong,
        Strength.MEDIUM: weights.medium,
        Strength.WEAK: weights.weak,
        Strength.NEVER_ALONE: weights.never_alone,
    }
    gain = np.array([full[strength_of(kind)] for kind in kinds]).reshape(-1, 1)
    gain = gain * np.clip(cover / weights.full_cover, 0, 1)
    for members in families_of(kinds).values():
        best = gain[members].argmax(axis=0)
        for row, code in enumerate(members):
            gain[code] *= np.where(best == row, 1.0, weights.same_family)
    for code, kind in enumerate(kinds):
        text = f"{{:.0%}} of its accounts share {_words(kind)} with others of it"
        yield Point(f"shared_{kind}", gain[code], text, shares[code])


def group_points(
    groups: Groups,
    profiles: Profiles,
    agreeing: Flags,
    ties: Ties,
    links: SharedLinks,
    weights: ScoreParameters,
) -> Iterator[Point]:
    """What its size, and how many independent kinds agree, say of each group."""
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
    places, largest = _places(groups, ties, links, weights)
    many = np.clip(places / np.maximum(size, 1) / weights.places_a_member, 0, 1) * (
        largest <= weights.largest_place
    )
    yield Point(
        "many_addresses",
        np.where(placed, weights.many_addresses * many, 0.0),
        "they meet at {:.0f} addresses that few others use",
        places,
    )
    # Strangers who rent one exit do not sign up there one after the other; a crew does.
    proxied = profiles.flags["proxy"].share * profiles.burst.lift
    yield Point(
        "sittings_at_proxies",
        np.where(placed, weights.sittings_at_proxies * proxied, 0.0),
        "nothing but proxies ties them, yet {:.0%} of sign-ups follow another within half an hour",
        profiles.burst.share,
    )


def _agrees(family: str, families: dict[str, list[int]], agreeing: Flags) -> Flags:
    members = families.get(family, [])
    return np.asarray(agreeing[members].any(axis=0), dtype=bool)


def _places(
    groups: Groups, ties: Ties, links: SharedLinks, weights: ScoreParameters
) -> tuple[Floats, Floats]:
    """(g,) addresses that mostly each group uses, and the share of it at the most used one."""
    codes = families_of(links.kinds).get("place", [])
    rows = np.isin(links.kind[ties.identifier], codes)
    rows &= ties.members >= weights.own_place_share * links.degree[ties.identifier]
    places = np.bincount(ties.group[rows], minlength=groups.count).astype(np.float64)
    return places, largest_of(groups, ties, links, "place")


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


def _words(kind: str) -> str:
    words = {"ip": "an IP address", "email": "a mailbox", "payment_instrument": "a card"}
    return words.get(kind, f"a {kind.replace('_', ' ')}")
