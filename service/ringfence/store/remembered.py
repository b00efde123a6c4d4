"""What is remembered of rings that were taken down: written, forgotten in time, read as columns."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np

from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import IdentifierKey, Strength
from ringfence.domain.re_entry import HASH_BYTES, STRENGTHS, RememberedColumns, Tombstone
from ringfence.domain.rings import Role
from ringfence.store.graph import Graph, Row
from ringfence.store.times import milliseconds

MEMBER_PAGE: Final = 2_000
"""Members that one statement reads."""
SAVE_BATCH: Final = 2_000
"""Identifiers that one transaction remembers."""
FORGET_BATCH: Final = 5_000
"""Identifiers that one transaction forgets."""
CHUNK_SPAN: Final = 10_000
"""Internal numbers of nodes that make one row of an answer."""


@dataclass(frozen=True, slots=True)
class DepartingRing:
    """A ring that is taken down.

    Attributes:
        id: its own, which another id may have led to.
        generation: how often it, or what it came from, had returned before.
        public: identifiers that detection found to be public, in its spelling.
    """

    id: str
    generation: int
    public: frozenset[IdentifierKey]


@dataclass(frozen=True, slots=True)
class CarryingMember:
    """A member of a ring, and all that it carries with the number of accounts that do so too."""

    email: str | None
    carried: tuple[tuple[IdentifierKey, int], ...]


async def find_departing_ring(graph: Graph, ring_id: str) -> DepartingRing | None:
    """The ring that an id leads to, or None."""
    rows = await graph.read("remembered/find_ring", ring_id=ring_id)
    if not rows:
        return None
    public = frozenset(IdentifierKey(*told) for told in rows[0]["public"])
    return DepartingRing(rows[0]["id"], rows[0]["generation"], public)


async def stream_carrying_members(
    graph: Graph, ring_id: str, role: Role
) -> AsyncIterator[CarryingMember]:
    """The members of a ring in one role, by account id; read page by page."""
    after = ""
    while True:
        rows = await graph.read(
            "remembered/page_carried",
            ring_id=ring_id,
            role=role.value,
            after_id=after,
            limit=MEMBER_PAGE,
        )
        for row in rows:
            carried = ((IdentifierKey(kind, value), n) for kind, value, n in row["carried"])
            yield CarryingMember(row["email"], tuple(carried))
        if len(rows) < MEMBER_PAGE:
            return
        after = rows[-1]["account_id"]


async def save_tombstones(
    graph: Graph, ring: DepartingRing, tombstones: Sequence[Tombstone], *, key_id: str, at: datetime
) -> None:
    """Remember identifiers of a ring, each once, in batches that are each kept whole.

    Args:
        graph: connected and migrated.
        ring: that left them.
        tombstones: any number, any order.
        key_id: of the secret that they are hashed with.
        at: when the ring was taken down.
    """
    ordered = sorted(tombstones, key=lambda one: one.hash)
    for first in range(0, len(ordered), SAVE_BATCH):
        batch = ordered[first : first + SAVE_BATCH]
        await graph.write(
            "remembered/save",
            ring_id=ring.id,
            generation=ring.generation,
            key_id=key_id,
            at_ms=milliseconds(at),
            hashes=[one.hash for one in batch],
            kinds=[one.kind for one in batch],
            strengths=[one.strength.value for one in batch],
            expires_ms=[milliseconds(one.expires_at) for one in batch],
        )


async def forget_expired(graph: Graph, *, at: datetime | None = None) -> int:
    """Forget what expired by a moment (None: now), batch by batch, and say how much that was."""
    at = at or datetime.now(UTC)
    total = 0
    while True:
        (row,) = await graph.write("remembered/forget", at=at, limit=FORGET_BATCH)
        forgotten = int(row["forgotten"])
        total += forgotten
        if forgotten < FORGET_BATCH:
            return total


async def forget_ring(graph: Graph, ring_id: str, *, takedown_id: str) -> int:
    """Forget the next identifiers of a ring whose takedown is undone, and say how many went.

    None go while another takedown of the ring is in force.
    """
    (row,) = await graph.write(
        "remembered/forget_ring", ring_id=ring_id, takedown_id=takedown_id, limit=FORGET_BATCH
    )
    forgotten: int = row["forgotten"]
    return forgotten


async def load_remembered(graph: Graph, *, at: datetime | None = None) -> RememberedColumns:
    """All that is remembered at a moment (None: now), of all rings and secrets."""
    at = at or datetime.now(UTC)
    gathering = _Gathering()
    async for row in graph.stream("remembered/read", at=at, span=CHUNK_SPAN):
        gathering.add(row)
    return gathering.columns()


class _Gathering:
    """Columns put together from rows that hold a chunk of each."""

    def __init__(self) -> None:
        self._hashes = bytearray()
        self._chunks: list[tuple[Ints, ...]] = []
        self._ring_index: dict[str, int] = {}
        self._key_index: dict[str, int] = {}

    def add(self, row: Row) -> None:
        """Append a chunk; numbers are packed at once."""
        self._hashes += bytes.fromhex("".join(row["hashes"]))
        length = len(row["hashes"])
        ring = self._ring_index.setdefault(row["ring_id"], len(self._ring_index))
        key = self._key_index.setdefault(row["key_id"], len(self._key_index))
        self._chunks.append(
            (
                np.full(length, ring, dtype=np.int64),
                _ints([_CODE_BY_STRENGTH[strength] for strength in row["strengths"]]),
                _ints(row["generations"]),
                _ints(row["remembered_ms"]),
                _ints(row["expires_ms"]),
                np.full(length, key, dtype=np.int64),
            )
        )

    def columns(self) -> RememberedColumns:
        """All chunks, one after the other."""
        empty: tuple[Ints, ...] = (_ints([]),) * 6
        ring, strength, generation, remembered_ms, expires_ms, key = (
            np.concatenate(chunks) for chunks in zip(empty, *self._chunks, strict=True)
        )
        halves = np.frombuffer(bytes(self._hashes), dtype=">u8").reshape(-1, _HALVES)
        return RememberedColumns(
            hashes=halves.astype(np.uint64),
            ring=ring,
            strength=strength,
            generation=generation,
            remembered_ms=remembered_ms,
            expires_ms=expires_ms,
            key=key,
            ring_ids=tuple(self._ring_index),
            key_ids=tuple(self._key_index),
        )


_HALVES: Final = HASH_BYTES // 8
_CODE_BY_STRENGTH: Final = {Strength(one).value: code for code, one in enumerate(STRENGTHS)}


def _ints(values: list[Any]) -> Ints:
    return np.array(values, dtype=np.int64)
