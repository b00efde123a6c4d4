"""Rings that were taken down and come back: known by the identifiers that a sign-up carries."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ringfence.domain.identifiers import IdentifierKey, Strength
from ringfence.domain.re_entry import (
    HASH_BYTES,
    LEAST_WEIGHT,
    PLACES,
    STRENGTHS,
    WEIGHT_BY_STRENGTH,
    RememberedColumns,
    hash_of,
    key_id_of,
)
from ringfence.domain.screenings import Likelihood, ReEntry
from ringfence.screening.keys import telling_key

_RANK: Final = {likelihood: rank for rank, likelihood in enumerate(Likelihood)}
_WEIGHT_BY_CODE: Final = tuple(WEIGHT_BY_STRENGTH[strength] for strength in STRENGTHS)
_STRONG: Final = STRENGTHS.index(Strength.STRONG)
_HALF: Final = HASH_BYTES // 2


def weight_at(full: float, *, remembered_ms: int, expires_ms: int, at_ms: int) -> float:
    """What an identifier counts at a moment: `full` at first, falling evenly to 0 at its expiry.

    Args:
        full: without unit, from 0 up.
        remembered_ms: when the ring was taken down, in milliseconds since 1970.
        expires_ms: when the identifier is forgotten.
        at_ms: the moment; one before the takedown counts as the takedown itself.

    Returns:
        From 0 to `full`.
    """
    if at_ms >= expires_ms:
        return 0.0
    age, lifetime = max(0, at_ms - remembered_ms), expires_ms - remembered_ms
    return full * (1 - age / lifetime) if age else full


@dataclass(slots=True)
class _Trace:
    """What of one ring a sign-up carries."""

    weight: float = 0.0
    strong: int = 0
    other_kinds: set[str] = field(default_factory=set)
    generation: int = 0
    matched: list[tuple[float, IdentifierKey]] = field(default_factory=list)

    def add(self, key: IdentifierKey, weight: float, *, strong: bool, generation: int) -> None:
        self.weight += weight
        self.generation = max(self.generation, generation)
        self.matched.append((-weight, key))
        if strong:
            self.strong += 1
        else:
            self.other_kinds.add(key.kind)

    @property
    def likelihood(self) -> Likelihood | None:
        """How sure it is that the ring is back; None: too little to name it."""
        others = len(self.other_kinds)
        if not self.strong and (others < 2 or self.other_kinds <= PLACES):
            return None
        several = self.strong >= 2 or (self.strong and others >= 2)
        if several and self.weight >= LEAST_WEIGHT[Likelihood.CONFIRMED]:
            return Likelihood.CONFIRMED
        if self.strong and self.weight >= LEAST_WEIGHT[Likelihood.LIKELY]:
            return Likelihood.LIKELY
        return Likelihood.POSSIBLE


class RememberedRings:
    """All that rings left when they were taken down, to look up what a sign-up carries.

    Some 60 bytes an identifier; a look-up is a search among sorted numbers.

    Args:
        columns: as they are stored; those hashed with another secret match nothing.
        secret: with which what a sign-up carries is hashed.
    """

    def __init__(self, columns: RememberedColumns, secret: bytes) -> None:
        own = np.array([key_id == key_id_of(secret) for key_id in columns.key_ids], dtype=bool)
        rows = np.flatnonzero(own[columns.key]) if len(columns) else np.empty(0, dtype=np.int64)
        hashes = columns.hashes[rows]
        order = np.lexsort((columns.ring[rows], hashes[:, 1], hashes[:, 0]))
        rows = rows[order]
        self._secret = secret
        self._ring_ids = columns.ring_ids
        self._leading = array("Q", np.ascontiguousarray(hashes[order, 0]).tobytes())
        self._trailing = array("Q", np.ascontiguousarray(hashes[order, 1]).tobytes())
        self._ring, self._strength, self._generation, self._remembered_ms, self._expires_ms = (
            array("q", np.ascontiguousarray(column[rows], dtype=np.int64).tobytes())
            for column in (
                columns.ring,
                columns.strength,
                columns.generation,
                columns.remembered_ms,
                columns.expires_ms,
            )
        )

    def __len__(self) -> int:
        return len(self._leading)

    def match(self, attempt_keys: Iterable[IdentifierKey], at_ms: int) -> ReEntry | None:
        """The ring that seems to be back with a sign-up, or None.

        It takes a strong identifier, or two others of different kinds that are not both places; an
        address alone never names a ring. Of several rings, the one that is named most surely, by
        the most weight, stands for all.

        Args:
            attempt_keys: what the sign-up carries, normalised.
            at_ms: when, in milliseconds since 1970.
        """
        named = self._named(attempt_keys, at_ms)
        return min(named, key=lambda one: (*one[:2], one[2].ring_id))[2] if named else None

    def named(self, attempt_keys: Iterable[IdentifierKey], at_ms: int) -> list[ReEntry]:
        """All rings that seem to be back, in no order; see `match`."""
        return [one for _, _, one in self._named(attempt_keys, at_ms)]

    def _named(
        self, attempt_keys: Iterable[IdentifierKey], at_ms: int
    ) -> list[tuple[int, float, ReEntry]]:
        """Each ring, behind how surely and by how much it is named, both below 0."""
        if not self._leading:
            return []
        traces: dict[int, _Trace] = {}
        for key, row in self._found(attempt_keys):
            if at_ms < self._expires_ms[row]:
                strength = self._strength[row]
                weight = weight_at(
                    _WEIGHT_BY_CODE[strength],
                    remembered_ms=self._remembered_ms[row],
                    expires_ms=self._expires_ms[row],
                    at_ms=at_ms,
                )
                traces.setdefault(self._ring[row], _Trace()).add(
                    key, weight, strong=strength == _STRONG, generation=self._generation[row]
                )
        return [
            (-_RANK[likelihood], -trace.weight, self._re_entry(ring, trace, likelihood))
            for ring, trace in traces.items()
            if (likelihood := trace.likelihood)
        ]

    def _found(self, attempt_keys: Iterable[IdentifierKey]) -> Iterator[tuple[IdentifierKey, int]]:
        """Each key that is remembered, with each row that remembers it; equal spellings once."""
        seen: set[IdentifierKey] = set()
        for key in attempt_keys:
            spelled = telling_key(key)
            if spelled in seen:
                continue
            seen.add(spelled)
            hashed = hash_of(self._secret, spelled)
            leading, trailing = int.from_bytes(hashed[:_HALF]), int.from_bytes(hashed[_HALF:])
            row = bisect_left(self._leading, leading)
            while row < len(self._leading) and self._leading[row] == leading:
                if self._trailing[row] == trailing:
                    yield key, row
                row += 1

    def _re_entry(self, ring: int, trace: _Trace, likelihood: Likelihood) -> ReEntry:
        matched = tuple(key for _, key in sorted(trace.matched))
        return ReEntry(self._ring_ids[ring], likelihood, trace.generation + 1, matched)
