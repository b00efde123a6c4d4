"""Members and evidence of rings, written to the graph as far as they changed.

What the graph has is read as digests, compared, and only what differs is written.
"""

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Final, TypeVar

import msgspec

from ringfence.domain.places import keep_places
from ringfence.domain.rings import Evidence, Ring
from ringfence.errors import Conflict
from ringfence.store.graph import Transaction

BATCH_SIZE: Final = 2_000
"""Members or pieces of evidence that one statement writes."""

_EvidencePlace = tuple[str, str, str]
"""Ring, and kind and value of an identifier."""
Item = TypeVar("Item")


async def save_members(transaction: Transaction, run_id: str, rings: Sequence[Ring]) -> None:
    """Write members who are new or of whom something else is told; take away those who left.

    Raises:
        Conflict: an account is gone from the graph.
    """
    before = await _known_members(transaction, [ring.id for ring in rings])
    found = {
        (ring.id, member.account_id): (member, _number_of(member))
        for ring in rings
        for member in ring.members
    }
    other = [place for place, (_, digest) in found.items() if before.get(place) != digest]
    for part in _batches(other):
        members = [found[place][0] for place in part]
        (row,) = await transaction.run(
            "found_rings/save_members",
            run_id=run_id,
            ring_ids=[ring_id for ring_id, _ in part],
            account_ids=[account_id for _, account_id in part],
            roles=[member.role.value for member in members],
            strengths=[member.strength for member in members],
            because_kinds=[[key.kind for key in member.because] for member in members],
            because_values=[[key.value for key in member.because] for member in members],
            joined_because=[member.joined_because for member in members],
            digests=[found[place][1] for place in part],
        )
        if row["members"] != len(part):
            raise Conflict(
                f"{len(part) - row['members']} accounts of rings "
                f"{', '.join(sorted({ring_id for ring_id, _ in part})[:3])} are gone from the "
                "graph. Run detection again."
            )
    for part in _batches(sorted(before.keys() - found.keys())):
        await transaction.run(
            "found_rings/remove_members",
            run_id=run_id,
            ring_ids=[ring_id for ring_id, _ in part],
            account_ids=[account_id for _, account_id in part],
        )


async def _known_members(
    transaction: Transaction, ring_ids: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Digest by ring and account."""
    rows = await transaction.run("found_rings/find_members", ring_ids=ring_ids)
    return {
        (row["ring_id"], account_id): digest
        for row in rows
        for account_id, digest in zip(row["account_ids"], row["digests"], strict=True)
    }


async def save_evidence(transaction: Transaction, run_id: str, rings: Sequence[Ring]) -> None:
    """Write evidence that is new or of which something else is told; take away what is none.

    A piece keeps its place in the list where the order allows, so that those behind a new one
    need not be written.
    """
    before = await _known_evidence(transaction, [ring.id for ring in rings])
    ranks = {place: rank for place, (_, rank) in before.items() if rank is not None}
    found: dict[_EvidencePlace, tuple[Evidence, int, float]] = {}
    for ring in rings:
        places = [(ring.id, *piece.key) for piece in ring.evidence]
        for place, piece, rank in zip(
            places, ring.evidence, keep_places(places, ranks), strict=True
        ):
            found[place] = (piece, _number_of(piece), rank)
    other = [place for place, (_, *told) in found.items() if before.get(place) != tuple(told)]
    for statement, places in (
        ("found_rings/save_evidence", [place for place in other if place not in before]),
        ("found_rings/change_evidence", [place for place in other if place in before]),
    ):
        for part in _batches(places):
            told = [found[place] for place in part]
            await transaction.run(
                statement,
                run_id=run_id,
                **_evidence_columns(part),
                members=[piece.members for piece, *_ in told],
                accounts=[piece.accounts for piece, *_ in told],
                hubs=[piece.hub.value for piece, *_ in told],
                weights=[piece.weight for piece, *_ in told],
                digests=[digest for _, digest, _ in told],
                ranks=[rank for *_, rank in told],
            )
    for part in _batches(sorted(before.keys() - found.keys())):
        await transaction.run("found_rings/remove_evidence", **_evidence_columns(part))


async def _known_evidence(
    transaction: Transaction, ring_ids: Sequence[str]
) -> dict[_EvidencePlace, tuple[int, float | None]]:
    """Digest and rank by ring and identifier."""
    rows = await transaction.run("found_rings/find_evidence", ring_ids=ring_ids)
    return {
        (row["ring_id"], kind, value): (digest, rank)
        for row in rows
        for kind, value, digest, rank in row["evidence"]
    }


def _evidence_columns(places: Sequence[_EvidencePlace]) -> dict[str, list[str]]:
    ring_ids, kinds, values = map(list, zip(*places, strict=True))
    return {"ring_ids": ring_ids, "kinds": kinds, "values": values}


def digest_of(told: object, *, size: int) -> bytes:
    """So many bytes over all that is told of something; equal things have equal ones."""
    return blake2b(msgspec.json.encode(told), digest_size=size).digest()


def _number_of(told: object) -> int:
    """64 bits over all that is told of a member or a piece of evidence."""
    return int.from_bytes(digest_of(told, size=8), "big", signed=True)


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for first in range(0, len(items), BATCH_SIZE):
        yield items[first : first + BATCH_SIZE]
