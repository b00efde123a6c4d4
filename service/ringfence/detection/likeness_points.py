"""Points for one hand behind a group that are no shared identifiers: rhythm, names, funding."""

from collections.abc import Iterator

import numpy as np

from ringfence.detection.config import ScoreParameters
from ringfence.detection.links import SharedLinks
from ringfence.detection.points import Point, largest_of
from ringfence.detection.profiles import Groups, Profiles
from ringfence.detection.ties import Ties

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


def likeness_points(
    groups: Groups, profiles: Profiles, ties: Ties, links: SharedLinks, weights: ScoreParameters
) -> Iterator[Point]:
    """What looks made by one hand, and how much it counts."""
    # One machine has one client and one place one class: the same witness is heard once.
    scale = {
        "user_agent": 1.0 - largest_of(groups, ties, links, "machine"),
        "proxy": 1.0 - 0.8 * largest_of(groups, ties, links, "place"),
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
