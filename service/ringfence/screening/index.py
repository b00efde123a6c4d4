"""The index that a sign-up is checked against: identifiers, rings and manners, in flat arrays.

It is read from memory alone, shared by all workers of a machine when it is read from its folder,
and costs 17 bytes an identifier beside what the rings use.
"""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, Self

import msgspec
import numpy as np
import numpy.typing as npt

from ringfence.domain.identifiers import IP, IdentifierKey
from ringfence.domain.networks import NetworkTable, is_network
from ringfence.domain.rings import Grade, HubClass, RingState, Tier
from ringfence.screening.keys import key_hash
from ringfence.screening.sorted_hashes import SortedHashes
from ringfence.screening.trait_rows import TraitRows

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]

LEAST_NOBODYS: Final = 0.05
HUBS: Final = tuple(HubClass)
MINUTE_MS: Final = 60_000
FORMAT: Final = "3"
"""Changes with what the arrays mean; an index of another format is built anew."""
_FACTS = "index.json"
PARTIAL: Final = ".partial"
"""How the name of a folder ends that is being written."""
_PUBLIC: Final = HUBS.index(HubClass.PUBLIC)


@dataclass(frozen=True, slots=True)
class IndexedRing:
    """A ring as the index tells it.

    Attributes:
        prior: share of sign-ups that are of this ring, in (0, 1), lately before all others.
    """

    id: str
    score: float
    grade: Grade
    tier: Tier
    state: RingState
    size: int
    prior: float


@dataclass(frozen=True)  # without slots, so that what is derived can be kept beside
class ScreeningIndex:
    """All that is known, of one moment. Keys are `key_hash`, sorted; times are minutes since 1970.

    Attributes:
        version: of what it was built from: equal graphs and rings have equal versions.
        built_ms: the moment it tells of, in milliseconds since 1970.
        keys, degree, hub, last_seen: (m,) identifiers, how many accounts carry each, its place in
            `HUBS`, and when it was seen last.
        use_keys, use_ring, use_members, use_first, use_last: (u,) identifiers that rings use, by
            ring: how many of its members, from when to when.
        trait_keys, trait_ring, trait_ratio: (t,) features that a ring's members have, and how much
            more common they are among them than among everybody, in nats.
        trait_absent: (features, rings) the same of a value that no member has.
        fresh: (families, rings) the same of an identifier that no member has used before.
        purity: (kinds, rings) share of members among those who carry what a member carries too.
        member_keys, member_ring: (a,) accounts that rings have.
        set_aside: identifiers that tie nobody, as people said, seen before or not; networks among
            them stand for their addresses.
    """

    version: str
    built_ms: int
    rings: tuple[IndexedRing, ...]
    keys: Array
    degree: Array
    hub: Array
    last_seen: Array
    use_keys: Array
    use_ring: Array
    use_members: Array
    use_first: Array
    use_last: Array
    trait_keys: Array
    trait_ring: Array
    trait_ratio: Array
    trait_absent: Array
    fresh: Array
    purity: Array
    member_keys: Array
    member_ring: Array
    set_aside: tuple[IdentifierKey, ...]

    @cached_property
    def slots(self) -> dict[str, int]:
        """Place of each ring by its id."""
        return {ring.id: slot for slot, ring in enumerate(self.rings)}

    @cached_property
    def log_priors(self) -> Floats:
        """(rings,) log of each ring's prior."""
        return np.log(np.array([ring.prior for ring in self.rings], dtype=np.float64))

    @cached_property
    def scores(self) -> Floats:
        """(rings,) how likely each is a ring of fake accounts."""
        return np.array([ring.score for ring in self.rings])

    @cached_property
    def nobodys(self) -> float:
        """Share of sign-ups that are of no ring, in (0, 1]; never nothing at all."""
        return max(1.0 - sum(ring.prior for ring in self.rings), LEAST_NOBODYS)

    @cached_property
    def ones_and_scores(self) -> Floats:
        """(2, rings) ones, and `scores`: both sums over rings come from one product."""
        return np.stack([np.ones(len(self.rings)), self.scores])

    @cached_property
    def trait_rows(self) -> TraitRows:
        """What features of sign-ups say of each ring."""
        return TraitRows(self.trait_keys, self.trait_ring, self.trait_ratio, self.trait_absent)

    @cached_property
    def _untouched(self) -> dict[int, Floats]:
        return {}

    @cached_property
    def _keys(self) -> SortedHashes:
        return SortedHashes(self.keys)

    @cached_property
    def _use_keys(self) -> SortedHashes:
        return SortedHashes(self.use_keys)

    @cached_property
    def _member_keys(self) -> SortedHashes:
        return SortedHashes(self.member_keys)

    @property
    def bytes_held(self) -> int:
        """Bytes of all arrays."""
        return sum(getattr(self, name).nbytes for name in ARRAYS)

    def row_of(self, hash_: int) -> int:
        """Row of an identifier, -1 where it is not known."""
        return self._keys.find(hash_)

    def uses_of(self, hash_: int) -> range:
        """Rows of the rings that use an identifier."""
        return self._use_keys.range_of(hash_)

    def slot_of(self, account_id: str) -> int | None:
        """Place of the ring that an account is in, or None."""
        row = self._member_keys.find(key_hash("account", account_id))
        return None if row < 0 else int(self.member_ring[row])

    def untouched(self, families: int) -> Floats:
        """(rings,) log-odds of each before anything is known but that no identifier leads to it.

        Args:
            families: those of the identifiers, a bit for each place in `FAMILIES`.
        """
        row = self._untouched.get(families)
        if row is None:
            present = [at for at in range(len(self.fresh)) if families >> at & 1]
            row = self.log_priors + self.fresh[present].sum(axis=0, dtype=np.float64)
            self._untouched[families] = row
        return row

    def is_public(self, row: int) -> bool:
        """Whether the identifier of a row is a public hub; of no row, it is not."""
        return row >= 0 and self.hub[row] == _PUBLIC

    def ties_nobody(self, key: IdentifierKey, row: int) -> bool:
        """Whether an identifier, as accounts share it, is a public hub or was set aside.

        Args:
            key: the identifier.
            row: its row, -1 where it is not known.
        """
        if self.is_public(row):
            return True
        if not self.set_aside:
            return False
        return key in self._aside_keys or (
            key.kind == IP and any(self._aside_networks.around(key.value))
        )

    @cached_property
    def _aside_keys(self) -> frozenset[IdentifierKey]:
        return frozenset(self.set_aside)

    @cached_property
    def _aside_networks(self) -> NetworkTable[bool]:
        return NetworkTable((key.value, True) for key in self.set_aside if is_network(key))

    def public_among(self, keys: Sequence[IdentifierKey]) -> list[IdentifierKey]:
        """Those of some identifiers that tie nobody."""
        return [key for key in keys if self.ties_nobody(key, self.row_of(key_hash(*key)))]

    def save(self, folder: Path) -> None:
        """Write the index into a folder of its own, which others may open while this one serves.

        Where another worker was first with the same one, its folder stays.
        """
        partial = folder.with_name(f"{folder.name}.{token_hex(4)}{PARTIAL}")
        partial.mkdir(parents=True)
        for name in ARRAYS:
            np.save(partial / f"{name}.npy", getattr(self, name))
        facts = _Facts(FORMAT, self.version, self.built_ms, self.rings, self.set_aside)
        (partial / _FACTS).write_bytes(msgspec.json.encode(facts))
        try:
            partial.rename(folder)
        except OSError:
            shutil.rmtree(partial)
            if not folder.exists():
                raise

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The index of a folder; its arrays stay on disk and are shared with whoever else reads.

        Raises:
            FileNotFoundError: there is none, or of another format.
        """
        told = (folder / _FACTS).read_bytes()
        # Another format may tell other facts, so that they are read only after it is known.
        if (found := msgspec.json.decode(told)["format"]) != FORMAT:
            raise FileNotFoundError(f"{folder} has format {found}, this version {FORMAT}.")
        facts = msgspec.json.decode(told, type=_Facts)
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ARRAYS}
        return cls(
            version=facts.version,
            built_ms=facts.built_ms,
            rings=facts.rings,
            set_aside=facts.set_aside,
            **_plain(arrays),
        )


@dataclass(frozen=True, slots=True)
class _Facts:
    format: str
    version: str
    built_ms: int
    rings: tuple[IndexedRing, ...]
    set_aside: tuple[IdentifierKey, ...]


_FACT_NAMES: Final = frozenset(one.name for one in fields(_Facts))
ARRAYS: Final = tuple(one.name for one in fields(ScreeningIndex) if one.name not in _FACT_NAMES)


def _plain(arrays: dict[str, Array]) -> dict[str, Array]:
    """The same memory as plain arrays, whose elements are reached several times faster."""
    return {name: np.asarray(array).view(np.ndarray) for name, array in arrays.items()}


def empty_index() -> ScreeningIndex:
    """An index of nothing, which leads nowhere."""
    types = dict.fromkeys(ARRAYS, np.int32) | {
        "keys": np.uint64,
        "use_keys": np.uint64,
        "trait_keys": np.uint64,
        "member_keys": np.uint64,
        "trait_ratio": np.float32,
    }
    arrays: dict[str, Array] = {name: np.zeros(0, dtype=type_) for name, type_ in types.items()}
    arrays["trait_absent"] = arrays["fresh"] = arrays["purity"] = np.zeros((0, 0), dtype=np.float32)
    return ScreeningIndex(version="", built_ms=0, rings=(), set_aside=(), **arrays)
