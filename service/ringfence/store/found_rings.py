"""Rings that a run found, written to the graph as far as they changed, and others closed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final, NamedTuple, TypeVar

from ringfence.domain.lineage import RingEvent, RingEventKind
from ringfence.domain.rings import Ring, RingState, Role
from ringfence.store.detection_runs import hold_lease
from ringfence.store.graph import Graph, Transaction
from ringfence.store.ring_events import save_events
from ringfence.store.ring_parts import save_evidence, save_members
from ringfence.store.times import moment

BATCH_RINGS: Final = 200
"""Rings that one transaction writes at the most."""
BATCH_ROWS: Final = 10_000
"""Members and pieces of evidence of these rings together, unless one ring has more."""
BATCH_TIMEOUT_S: Final = 300.0
"""Longest time one transaction may take; a ring may have many thousand members."""

_ABSORBED: Final = RingEventKind.ABSORBED
Batched = TypeVar("Batched")


@dataclass(frozen=True, slots=True)
class RingActivity:
    """What the members of a ring did together; the times are None where nobody has signed up."""

    requests: int
    tokens: int
    first_signed_up_ms: int | None
    last_signed_up_ms: int | None


class RingDigests(NamedTuple):
    """Tell the content of a ring, so that what is equal is not written; None: not known."""

    figures: str | None = None
    members: str | None = None
    evidence: str | None = None


UNKNOWN: Final = RingDigests()


@dataclass(frozen=True, slots=True)
class RingChange:
    """A ring to be written, and what happened to it.

    Attributes:
        digests: of what it is now.
        before: of what the graph has; its figures are written in any case.
        events: of this ring, and those of the rings that it absorbs.
    """

    ring: Ring
    activity: RingActivity
    digests: RingDigests
    before: RingDigests = UNKNOWN
    events: tuple[RingEvent, ...] = ()

    @property
    def has_other_members(self) -> bool:
        """Whether anything is told of its members that the graph does not have."""
        return self.digests.members != self.before.members

    @property
    def has_other_evidence(self) -> bool:
        """Whether anything is told of its evidence that the graph does not have."""
        return self.digests.evidence != self.before.evidence

    @property
    def rows(self) -> int:
        """Members and pieces of evidence to be compared, and written at the most."""
        members = len(self.ring.members) if self.has_other_members else 0
        return members + (len(self.ring.evidence) if self.has_other_evidence else 0)


@dataclass(frozen=True, slots=True)
class RingMark:
    """A ring as the graph has it; of a closed ring no digest is known."""

    id: str
    state: RingState
    digests: RingDigests


async def find_ring_marks(graph: Graph) -> list[RingMark]:
    """All rings of the graph, whatever their state."""
    rows = await graph.read("found_rings/find_all")
    return [
        RingMark(
            row["id"],
            RingState(row["state"]),
            RingDigests(row["digest"], row["members_digest"], row["evidence_digest"]),
        )
        for row in rows
    ]


def in_batches(
    rings: Iterable[Batched], rows_of: Callable[[Batched], int]
) -> Iterator[list[Batched]]:
    """Rings as transactions write or close them, in their order: many small ones, or a large one.

    Args:
        rings: what is to be done with each.
        rows_of: rows that this touches.
    """
    batch: list[Batched] = []
    rows = 0
    for ring in rings:
        if batch and (len(batch) == BATCH_RINGS or rows + rows_of(ring) > BATCH_ROWS):
            yield batch
            batch, rows = [], 0
        batch.append(ring)
        rows += rows_of(ring)
    if batch:
        yield batch


async def save_rings(
    graph: Graph, run_id: str, changes: Sequence[RingChange], *, lease_s: int
) -> None:
    """Write rings with what changed of each and what happened to it: all of them, or none.

    What is new is written before what is old is taken away. A ring that people have judged keeps
    its state; a closed one is open again. Rings that one absorbs are closed, and their ids stand
    for it from now on.

    Raises:
        Conflict: another run has taken the lease, or an account of a ring is gone.
    """

    async def work(transaction: Transaction) -> None:
        await hold_lease(transaction, run_id, lease_s)
        await transaction.run(
            "found_rings/save", run_id=run_id, rings=[_told(change) for change in changes]
        )
        await save_members(
            transaction, run_id, [one.ring for one in changes if one.has_other_members]
        )
        await save_evidence(
            transaction, run_id, [one.ring for one in changes if one.has_other_evidence]
        )
        await transaction.run(
            "found_rings/settle_operations", ring_ids=[change.ring.id for change in changes]
        )
        events = list(chain.from_iterable(change.events for change in changes))
        await save_events(transaction, run_id, [one for one in events if one.kind is not _ABSORBED])
        await _absorb(transaction, run_id, [one for one in events if one.kind is _ABSORBED])

    await graph.in_write(work, timeout_s=BATCH_TIMEOUT_S)


async def close_rings(
    graph: Graph, run_id: str, events: Sequence[RingEvent], *, lease_s: int
) -> int:
    """Put rings to rest that the run does not find any more, and say how many were closed.

    A ring stays with its figures, so that its id still leads somewhere. Its evidence goes and
    its members are members no more; who they were is remembered, so that the ring gets its id
    back when it comes back. A ring that people have judged stays as they judged it: what happened
    to it is told, no more.

    Raises:
        Conflict: another run has taken the lease.
    """

    async def work(transaction: Transaction) -> int:
        await hold_lease(transaction, run_id, lease_s)
        (row,) = await transaction.run(
            "found_rings/close", run_id=run_id, ring_ids=[event.ring_id for event in events]
        )
        await save_events(transaction, run_id, events)
        return int(row["closed"])

    return await graph.in_write(work, timeout_s=BATCH_TIMEOUT_S)


async def _absorb(transaction: Transaction, run_id: str, events: Sequence[RingEvent]) -> None:
    if not events:
        return
    ring_ids = [event.ring_id for event in events]
    into_ids = [into_id for event in events for into_id in event.other_ring_ids]
    await transaction.run("found_rings/close", run_id=run_id, ring_ids=ring_ids)
    await transaction.run("found_rings/absorb", run_id=run_id, ring_ids=ring_ids, into_ids=into_ids)
    await save_events(transaction, run_id, events)


def _told(change: RingChange) -> Mapping[str, object]:
    ring, activity = change.ring, change.activity
    return {
        "id": ring.id,
        "state": ring.state.value,
        "verdict_id": ring.verdict_id,
        "figures": {
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
            "digest": change.digests.figures,
            "members_digest": change.digests.members,
            "evidence_digest": change.digests.evidence,
        },
    }
