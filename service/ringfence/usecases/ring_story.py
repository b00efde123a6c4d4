"""The story of one ring: what it is or was, who is in it, what proves it, what happened to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from ringfence.domain.rings import Evidence
from ringfence.errors import NotFound
from ringfence.store.evidence import page_evidence
from ringfence.store.graph import Graph
from ringfence.store.members import MemberOrder, Membership, page_members
from ringfence.store.ring_events import EventPlace, StoredRingEvent, page_ring_events
from ringfence.store.rings import StoredRing, find_rings
from ringfence.store.verdicts import StoredVerdict, find_verdicts

PAGE_SIZE: Final = 500

Told = TypeVar("Told", StoredRingEvent, StoredVerdict)


@dataclass(frozen=True, slots=True)
class RingStory:
    """One ring, now or at a moment.

    Attributes:
        members: the most firmly tied, as many as were asked for.
        evidence: the strongest, as much as was asked for; none is kept of past moments.
        events: what happened until then, the earliest first.
        verdicts: what people said until then, the latest first.
    """

    ring: StoredRing
    members: tuple[Membership, ...]
    evidence: tuple[Evidence, ...]
    events: tuple[StoredRingEvent, ...]
    verdicts: tuple[StoredVerdict, ...]


async def read_ring_story(
    graph: Graph, ring_id: str, *, as_of: datetime | None = None, limit: int
) -> RingStory:
    """The story of a ring.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        as_of: a moment with a zone; None: now.
        limit: members and pieces of evidence that are read.

    Raises:
        NotFound: there is no such ring, or there was none at that moment.
    """
    ring = await find_ring(graph, ring_id, as_of=as_of)
    members = await page_members(
        graph, [ring.id], order=MemberOrder(), after=None, limit=limit, as_of=as_of
    )
    evidence = (
        await page_evidence(graph, [ring.id], after=None, limit=limit) if as_of is None else {}
    )
    verdicts = await find_verdicts(graph, [ring.id])
    return RingStory(
        ring=ring,
        members=tuple(membership for membership, _ in members.get(ring.id, ())),
        evidence=tuple(piece.evidence for piece in evidence.get(ring.id, ())),
        events=tuple(_until(as_of, await read_lineage(graph, ring.id))),
        verdicts=tuple(_until(as_of, verdicts.get(ring.id, []))),
    )


async def find_ring(graph: Graph, ring_id: str, *, as_of: datetime | None = None) -> StoredRing:
    """The ring that an id leads to.

    Raises:
        NotFound: there is no such ring, or there was none at that moment.
    """
    found = await find_rings(graph, [ring_id], as_of=as_of)
    if ring_id not in found:
        when = f" at {as_of.isoformat()}" if as_of else ""
        raise NotFound(
            f"No ring has the id {ring_id[:300]}{when}. `ringfence rings list` shows them."
        )
    return found[ring_id]


async def read_lineage(graph: Graph, ring_id: str) -> list[StoredRingEvent]:
    """All that happened to a ring and to those that merged into it, the earliest first."""
    events: list[StoredRingEvent] = []
    after: EventPlace | None = None
    while True:
        found = await page_ring_events(graph, [ring_id], after=after, limit=PAGE_SIZE)
        page = found.get(ring_id, [])
        events += page
        if len(page) < PAGE_SIZE:
            return events
        after = page[-1].place


def _until(as_of: datetime | None, told: Sequence[Told]) -> list[Told]:
    return [one for one in told if as_of is None or one.at <= as_of]
