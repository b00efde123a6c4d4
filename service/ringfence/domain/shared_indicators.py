"""Indicators shared with peers: keyed hashes of identifiers, how widely, and for how long."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of
from ringfence.domain.rings import Evidence, HubClass
from ringfence.domain.screenings import Likelihood

ALGORITHM: Final = "HMAC-SHA-256"
_LABEL: Final = b"ringfence shared indicator\0"


class Tlp(StrEnum):
    """How widely something may be shared: the Traffic Light Protocol 2.0, the widest first."""

    CLEAR = "clear"
    GREEN = "green"
    AMBER = "amber"
    AMBER_STRICT = "amber+strict"
    RED = "red"


RANK_BY_TLP: Final[Mapping[Tlp, int]] = {tlp: at for at, tlp in enumerate(Tlp)}
"""How strict each mark is."""


@dataclass(frozen=True, slots=True)
class SharedIndicator:
    """An identifier that a peer has seen in a ring of its own.

    Attributes:
        hash: of its kind and value with the peers' common secret, in hex.
        source: who shared it.
        tlp: how widely it may be passed on.
    """

    hash: str
    source: str
    tlp: Tlp
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class SeenByPeer:
    """How many identifiers of a ring a peer has seen, and the strictest mark among them."""

    source: str
    tlp: Tlp
    identifiers: int


@dataclass(frozen=True, slots=True)
class SharedMatch:
    """What peers say of a ring: a hint to look, never a ground to act.

    Attributes:
        asked: identifiers of the ring that were compared.
        seen: those of them that any peer has seen.
        peers: most identifiers first.
        likelihood: possible, however many they are; None where no peer has seen any.
    """

    ring_id: str
    asked: int
    seen: int
    peers: tuple[SeenByPeer, ...]

    @property
    def likelihood(self) -> Likelihood | None:
        """How sure it is that a peer knows the ring."""
        return Likelihood.POSSIBLE if self.seen else None


def shared_hash(secret: bytes, key: IdentifierKey) -> str:
    """The hash under which peers share an identifier, 64 digits in hex.

    It is made with another label than what is remembered here, so that one secret used for both
    by mistake still gives hashes that tell nothing of each other.
    """
    told = f"{key.kind}\0{key.value}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret, _LABEL + told, "sha256").hex()


def is_shared(piece: Evidence) -> bool:
    """Whether a piece of evidence is fit to be shared.

    Strong and medium identifiers are, unless they are public or more accounts outside of the ring
    carry them than members.
    """
    strong = strength_of(piece.key.kind) in (Strength.STRONG, Strength.MEDIUM)
    own = piece.accounts - piece.members <= piece.members
    return strong and own and piece.hub is not HubClass.PUBLIC
