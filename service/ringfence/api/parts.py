"""What the API is made of, given to it from outside."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ringfence.api.oidc import OidcSettings
from ringfence.api.throttle import Throttle
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.takedown_rules import TakedownRules, load_takedown_rules
from ringfence.store.graph import Graph
from ringfence.usecases.screen import Screener
from ringfence.usecases.screening_upkeep import Upkeep

CAPACITY = 1_000_000
RESTORED_PER_S = 50_000.0
"""Points; a page of 50 rings with 20 members each costs 1,101."""


def present_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one API.

    Attributes:
        graph: opened and closed by whoever made it.
        api_key: holds every scope.
        demo: whether introspection and the query page are open, and the key is public.
        query_timeout_s: longest time a request may take.
        throttle: what each caller may ask of GraphQL over time.
        trusted_documents: folder of the documents that alone are run, or None.
        now_ms: the clock, milliseconds since 1970.
        oidc: whose tokens are taken, or None.
        screener: checks sign-ups, or None where this service does not.
        upkeep: of the screener, or None where nobody keeps it.
        identifier_secret: by which accounts that were erased are known, or None.
        takedown_rules: of takedowns.
        known_shared: identifiers that prove nothing for some days.
        loopback_issuer: whether that issuer may be on this machine, over HTTP.
    """

    graph: Graph
    api_key: str = field(repr=False)
    demo: bool = False
    query_timeout_s: float = 30.0
    throttle: Throttle = field(default_factory=lambda: Throttle(CAPACITY, RESTORED_PER_S))
    trusted_documents: Path | None = None
    now_ms: Callable[[], int] = present_ms
    oidc: OidcSettings | None = None
    loopback_issuer: bool = False
    screener: Screener | None = None
    upkeep: Upkeep | None = None
    identifier_secret: bytes | None = field(default=None, repr=False)
    takedown_rules: TakedownRules = field(default_factory=load_takedown_rules)
    known_shared: KnownSharedList = ()
