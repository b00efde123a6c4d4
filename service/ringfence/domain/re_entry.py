"""What is remembered of rings that were taken down: hashes of their identifiers, for a while."""

import hmac
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of
from ringfence.domain.screenings import Likelihood

HASH_BYTES: Final = 16
"""Half of a SHA-256: among a thousand million identifiers, no two are taken for each other."""
STRENGTHS: Final = tuple(Strength)
"""Strengths by the number that stands for each in columns."""

_TABLE: Final = tomllib.loads(
    files("ringfence.domain").joinpath("re_entry.toml").read_text(encoding="utf-8")
)
WEIGHT_BY_STRENGTH: Final[Mapping[Strength, float]] = {
    Strength(strength): float(weight) for strength, weight in _TABLE["weight"].items()
}
LEAST_WEIGHT: Final[Mapping[Likelihood, float]] = {
    Likelihood(likelihood): float(weight) for likelihood, weight in _TABLE["likelihood"].items()
}
PLACES: Final[frozenset[str]] = frozenset(_TABLE["places"]["kinds"])
_DAYS_BY_KIND: Final[Mapping[str, int]] = _TABLE["lifetime_days"]
_KEY_ID_LABEL: Final = b"ringfence identifier key id"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An identifier that a ring left when it was taken down.

    Attributes:
        hash: of its kind and value, in hex; the value is kept nowhere.
    """

    hash: str
    kind: str
    strength: Strength
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Remembered:
    """What was remembered of a ring.

    Attributes:
        ring_id: its own id, which another id may have led to.
        generation: how often it, or what it came from, had returned before.
        identifiers: how many are remembered.
        left_out: how many core members carry that others carry more than the ring does, or that
            detection found to be public.
        last_expires_at: when nothing of it is remembered any more; None where nothing is.
    """

    ring_id: str
    generation: int
    identifiers: int
    left_out: int
    last_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class RememberedColumns:
    """n tombstones of all rings, in no order.

    Attributes:
        hashes: (n, 2) uint64, both halves of each hash, the leading one first.
        ring: (n,) index into `ring_ids`.
        strength: (n,) index into `STRENGTHS`.
        generation: (n,) of the ring when it was taken down.
        remembered_ms, expires_ms: (n,) milliseconds since 1970.
        key: (n,) index into `key_ids`.
        key_ids: of the secrets that they are hashed with.
    """

    hashes: npt.NDArray[np.uint64]
    ring: Ints
    strength: Ints
    generation: Ints
    remembered_ms: Ints
    expires_ms: Ints
    key: Ints
    ring_ids: tuple[str, ...]
    key_ids: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.ring)


def is_remembered(kind: str) -> bool:
    """Whether identifiers of the kind are remembered; weak ones, which many share, are not."""
    return strength_of(kind) is not Strength.WEAK


def lifetime_of(kind: str) -> timedelta:
    """For how long identifiers of the kind are remembered."""
    return timedelta(days=_DAYS_BY_KIND.get(kind, _DAYS_BY_KIND["other"]))


def key_id_of(secret: bytes) -> str:
    """Name of a secret that does not tell it: what is hashed with another one matches nothing."""
    return hmac.digest(secret, _KEY_ID_LABEL, "sha256")[:4].hex()


def hash_of(secret: bytes, key: IdentifierKey) -> bytes:
    """The hash under which an identifier is remembered: `HASH_BYTES` of its HMAC-SHA-256.

    Without the secret nobody can try out values. Kind and value are told apart by a zero, which no
    kind holds.
    """
    told = f"{key.kind}\0{key.value}".encode("utf-8", "surrogatepass")
    return hmac.digest(secret, told, "sha256")[:HASH_BYTES]
