"""What a run changes in the graph: which rings are to be written, and which to be closed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import msgspec

from ringfence.domain.graph import NO_TIME, AccountColumns
from ringfence.domain.rings import Ring, RingState
from ringfence.store.found_rings import RingActivity, RingMark

MAX_SUM: Final = 2**63 - 1
"""Largest integer that Neo4j holds; sums stop there."""


@dataclass(frozen=True, slots=True)
class RingChange:
    """A ring to be written; `digest` tells its content, so that equal content is not written."""

    ring: Ring
    activity: RingActivity
    digest: str


@dataclass(frozen=True, slots=True)
class RingChanges:
    """What turns the rings in the graph into those found: write first, close then."""

    writes: tuple[RingChange, ...]
    closes: tuple[str, ...]


def plan_changes(
    rings: Sequence[Ring], activities: Sequence[RingActivity], marks: Sequence[RingMark]
) -> RingChanges:
    """Compare the rings found with those in the graph.

    Args:
        rings: found, each id once.
        activities: of each ring, in their order.
        marks: of the rings in the graph.
    """
    digest_by_ring_id = {mark.id: mark.digest for mark in marks}
    changes = (
        RingChange(ring, activity, digest_of(ring, activity))
        for ring, activity in zip(rings, activities, strict=True)
    )
    found = {ring.id for ring in rings}
    return RingChanges(
        writes=tuple(
            change for change in changes if digest_by_ring_id.get(change.ring.id) != change.digest
        ),
        closes=tuple(
            mark.id for mark in marks if mark.state is RingState.OPEN and mark.id not in found
        ),
    )


def digest_of(ring: Ring, activity: RingActivity) -> str:
    """128 bits, in hex, over all that the graph holds of a ring."""
    return blake2b(msgspec.json.encode((ring, activity)), digest_size=16).hexdigest()


def ring_activities(rings: Sequence[Ring], accounts: AccountColumns) -> Iterator[RingActivity]:
    """What the members of each ring did together, in the order of the rings."""
    at_by_account_id = {account_id: at for at, account_id in enumerate(accounts.ids)}
    for ring in rings:
        members = [at_by_account_id[member.account_id] for member in ring.members]
        signed_up_ms = accounts.signed_up_ms[members]
        signed_up_ms = signed_up_ms[signed_up_ms != NO_TIME]
        yield RingActivity(
            requests=min(sum(accounts.requests[members].tolist()), MAX_SUM),
            tokens=min(sum(accounts.tokens[members].tolist()), MAX_SUM),
            first_signed_up_ms=int(signed_up_ms.min()) if len(signed_up_ms) else None,
            last_signed_up_ms=int(signed_up_ms.max()) if len(signed_up_ms) else None,
        )
