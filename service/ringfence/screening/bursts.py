"""Bursts: more sign-ups behind one identifier or network than come together by themselves."""

import tomllib
from collections.abc import Collection, Sequence
from importlib.resources import files
from typing import Final

from ringfence.domain.identifiers import IP, IdentifierKey
from ringfence.domain.screenings import Burst
from ringfence.screening.counts import Counts
from ringfence.screening.keys import NETWORK, network_of

_TABLE: Final = tomllib.loads(
    files("ringfence.screening").joinpath("burst_limits.toml").read_text(encoding="utf-8")
)
LIMITS: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    kind: tuple((int(window), limit) for window, limit in limits.items())
    for kind, limits in _TABLE.items()
}
"""Windows in seconds and what is ordinary in each, by kind."""
WINDOWS: Final = tuple(sorted({window for limits in LIMITS.values() for window, _ in limits}))


def count_bursts(
    counts: Counts,
    keys: Sequence[IdentifierKey],
    at_ms: int,
    *,
    public: Collection[IdentifierKey] = (),
) -> tuple[Burst, ...]:
    """Count a sign-up behind each of its identifiers, and tell the bursts that it is part of.

    Args:
        counts: shared by all who answer.
        keys: of the sign-up, as accounts share them.
        at_ms: the present.
        public: those of them that are known to be public hubs.

    Returns:
        The longest past its limit first.
    """
    found = [
        Burst(key, window_s, count, limit)
        for key in _counted(keys, public)
        for window_s, limit in LIMITS[key.kind]
        if (count := counts.add(f"{key.kind}\0{key.value}", window_s, at_ms)) > limit
    ]
    if len(found) > 1:
        found.sort(key=lambda burst: -burst.count / burst.limit)
    return tuple(found)


def _counted(
    keys: Sequence[IdentifierKey], public: Collection[IdentifierKey]
) -> dict[IdentifierKey, None]:
    """What is counted, each once: identifiers of some kinds, and the networks of addresses."""
    counted: dict[IdentifierKey, None] = {}
    for key in keys:
        if key in public:
            continue
        if key.kind in LIMITS:
            counted[key] = None
        if key.kind == IP:
            counted[IdentifierKey(NETWORK, network_of(key.value))] = None
    return counted
