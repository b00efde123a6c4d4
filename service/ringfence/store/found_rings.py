"""Rings that a run found, written to the graph one by one, and those it found no more, closed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from ringfence.domain.lineage import RingEvent, RingEventKind
from ringfence.domain.rings import Evidence, Member, Ring, RingState, Role
from ringfence.errors import Conflict
from ringfence.store.detection_runs import hold_lease
from ringfence.store.graph import Graph, Transaction
from ringfence.store.ring_events import save_events
from ringfence.store.times import moment

BATCH_SIZE: Final = 2_000
"""Members or pieces of evidence that one statement writes."""
RING_TIMEOUT_S: Final = 300.0
"""Longest time the writing of one ring may take; a ring may have many thousand members."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class RingActivity:
    """What the members of a ring did together; the times are None where nobody has signed up."""

    requests: int
    tokens: int
    first_signed_up_ms: int | None
    last_signed_up_ms: int | None


@dataclass(frozen=True, slots=True)
class RingChange:
    """A ring to be written, and what happened to it.

    Attributes:
        digest: tells its content, so that equal content is not written.
        events: of this ring, and those of the rings that it absorbs.
    """

    ring: Ring
    activity: RingActivity
    digest: str
    events: tuple[RingEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class RingMark:
    """A ring as the graph has it; `digest` tells what was written, None for a closed ring."""

    id: str
    state: RingState
    digest: str | None


async def find_ring_marks(graph: Graph) -> list[RingMark]:
    """All rings of the graph, whatever their state."""
    rows = await graph.read("found_rings/find_all")
    return [RingMark(row["id"], RingState(row["state"]), row["digest"]) for row in rows]


async def save_ring(graph: Graph, run_id: str, change: RingChange, *, lease_s: int) -> None:
    """Write a ring with members, evidence, operation and what happened to it: all or nothing.

    What is new is written before what is old is taken away. A ring that people have judged keeps
    its state; a closed one is open again. Rings that it absorbs are closed, and their ids stand
    for it from now on.

    Raises:
        Conflict: another run has taken the lease, or an account of the ring is gone.
    """
    ring = change.ring

    async def work(transaction: Transaction) -> None:
        await hold_lease(transaction, run_id, lease_s)
        await transaction.run("found_rings/save", **_ring_parameters(run_id, change))
        for members in _batches(ring.members):
            await _save_members(transaction, run_id, ring.id, members)
        for first_rank, evidence in enumerate(_batches(ring.evidence)):
            await _save_evidence(transaction, run_id, ring.id, evidence, first_rank * BATCH_SIZE)
        await transaction.run("found_rings/settle", run_id=run_id, ring_id=ring.id)
        await save_events(
            transaction, run_id, [event for event in change.events if event.ring_id == ring.id]
        )
        for event in change.events:
            if event.kind is RingEventKind.ABSORBED:
                await _absorb(transaction, run_id, event, ring.id)

    await graph.in_write(work, timeout_s=RING_TIMEOUT_S)


async def close_ring(graph: Graph, run_id: str, event: RingEvent, *, lease_s: int) -> bool:
    """Put a ring to rest that the run does not find any more, and say whether it was closed.

    The ring stays with its figures, so that its id still leads somewhere. Its evidence goes and
    its members are members no more; who they were is remembered, so that the ring gets its id
    back when it comes back. A ring that people have judged stays as they judged it: what happened
    to it is told, no more.

    Raises:
        Conflict: another run has taken the lease.
    """

    async def work(transaction: Transaction) -> bool:
        await hold_lease(transaction, run_id, lease_s)
        (row,) = await transaction.run("found_rings/close", run_id=run_id, ring_id=event.ring_id)
        await save_events(transaction, run_id, [event])
        return bool(row["closed"])

    return await graph.in_write(work, timeout_s=RING_TIMEOUT_S)


async def _absorb(transaction: Transaction, run_id: str, event: RingEvent, into_id: str) -> None:
    await transaction.run("found_rings/close", run_id=run_id, ring_id=event.ring_id)
    await transaction.run(
        "found_rings/absorb", run_id=run_id, ring_id=event.ring_id, into_id=into_id
    )
    await save_events(transaction, run_id, [event])


def _ring_parameters(run_id: str, change: RingChange) -> dict[str, object]:
    ring, activity = change.ring, change.activity
    return {
        "run_id": run_id,
        "id": ring.id,
        "operation_id": ring.operation_id,
        "score": ring.score,
        "grade": ring.grade.value,
        "tier": ring.tier.value,
        "size": len(ring.members),
        "core_size": sum(member.role is Role.CORE for member in ring.members),
        "kinds": list(ring.kinds),
        "reason_codes": [reason.code for reason in ring.reasons],
        "reason_weights": [reason.weight for reason in ring.reasons],
        "reason_texts": [reason.text for reason in ring.reasons],
        "requests": activity.requests,
        "tokens": activity.tokens,
        "first_signed_up_at": moment(activity.first_signed_up_ms),
        "last_signed_up_at": moment(activity.last_signed_up_ms),
        "state": ring.state.value,
        "verdict_id": ring.verdict_id,
        "digest": change.digest,
    }


async def _save_members(
    transaction: Transaction, run_id: str, ring_id: str, members: Sequence[Member]
) -> None:
    (row,) = await transaction.run(
        "found_rings/save_members",
        run_id=run_id,
        ring_id=ring_id,
        account_ids=[member.account_id for member in members],
        roles=[member.role.value for member in members],
        strengths=[member.strength for member in members],
        because_kinds=[[key.kind for key in member.because] for member in members],
        because_values=[[key.value for key in member.because] for member in members],
        joined_because=[member.joined_because for member in members],
    )
    if row["members"] != len(members):
        raise Conflict(
            f"{len(members) - row['members']} accounts of ring {ring_id} are gone from the graph. "
            "Run detection again."
        )


async def _save_evidence(
    transaction: Transaction,
    run_id: str,
    ring_id: str,
    evidence: Sequence[Evidence],
    first_rank: int,
) -> None:
    await transaction.run(
        "found_rings/save_evidence",
        run_id=run_id,
        ring_id=ring_id,
        kinds=[piece.key.kind for piece in evidence],
        values=[piece.key.value for piece in evidence],
        members=[piece.members for piece in evidence],
        accounts=[piece.accounts for piece in evidence],
        hubs=[piece.hub.value for piece in evidence],
        weights=[piece.weight for piece in evidence],
        ranks=list(range(first_rank, first_rank + len(evidence))),
    )


def _batches(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for first in range(0, len(items), BATCH_SIZE):
        yield items[first : first + BATCH_SIZE]
