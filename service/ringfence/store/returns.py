"""Returns of rings in the graph: who is to be compared, what was recognised, and all of it read."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.lineage import RingEvent, RingEventKind
from ringfence.domain.returns import RETURNS_TOLD, GoneRing, RecognisedReturn, Return, Watch
from ringfence.domain.screenings import Likelihood
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.ring_events import save_events
from ringfence.store.times import moment

MEMBER_PAGE: Final = 2_000
"""Members that one statement reads."""


@dataclass(frozen=True, slots=True)
class UnmatchedRing:
    """A ring that was not compared with those taken down since a run wrote it."""

    id: str
    run_id: str


@dataclass(frozen=True, slots=True)
class CoreMember:
    """A core member of a ring, and all that it carries."""

    email: str | None
    signed_up_ms: int | None
    carried: tuple[IdentifierKey, ...]


async def find_gone(graph: Graph, ids: Sequence[str]) -> dict[str, GoneRing]:
    """Those rings that are taken down, by id."""
    rows = await graph.read("returns/find_gone", ids=list(ids))
    return {
        row["id"]: GoneRing(row["id"], row["taken_down_ms"], frozenset(row["came_from"]))
        for row in rows
    }


async def page_unmatched(
    graph: Graph, *, after_id: str, since_ms: int, limit: int
) -> list[UnmatchedRing]:
    """The next rings to compare, by id, of whom somebody signed up after a moment."""
    rows = await graph.read(
        "returns/page_unmatched", after_id=after_id, since_ms=since_ms, limit=limit
    )
    return [UnmatchedRing(**row) for row in rows]


async def stream_core(graph: Graph, ring_id: str) -> AsyncIterator[CoreMember]:
    """The core members of a ring, by account id; read page by page."""
    after = ""
    while True:
        rows = await graph.read(
            "returns/page_core", ring_id=ring_id, after_id=after, limit=MEMBER_PAGE
        )
        for row in rows:
            carried = tuple(IdentifierKey(*told) for told in row["carried"])
            yield CoreMember(row["email"], row["signed_up_ms"], carried)
        if len(rows) < MEMBER_PAGE:
            return
        after = rows[-1]["account_id"]


async def save_return(
    graph: Graph, ring: UnmatchedRing, found: RecognisedReturn, *, run_id: str
) -> bool:
    """Note that a ring is a return, and say whether that is new; only what is new is told.

    Args:
        graph: connected and migrated.
        ring: as it was read; if a run wrote it since, nothing is noted.
        found: what it is the return of.
        run_id: of the run that recognises it.
    """

    async def work(transaction: Transaction) -> bool:
        rows = await transaction.run(
            "returns/save",
            ring_id=ring.id,
            run_id=ring.run_id,
            old_ring_id=found.old_ring_id,
            likelihood=found.likelihood.value,
            generation=found.generation,
            replacement_rate=found.replacement_rate,
            hours_to_return=found.hours_to_return,
        )
        newly = bool(rows and rows[0]["newly"])
        if newly:
            size = rows[0]["size"]
            old = (found.old_ring_id,)
            event = RingEvent(RingEventKind.RETURNED, ring.id, size, size, 0, 0, old)
            await save_events(transaction, run_id, [event])
        return newly

    return await graph.in_write(work)


async def mark_matched(graph: Graph, rings: Sequence[UnmatchedRing]) -> None:
    """Note that rings were compared, as they were read."""
    in_order = sorted(rings, key=lambda ring: ring.id)
    await graph.write(
        "returns/mark_matched",
        ring_ids=[ring.id for ring in in_order],
        run_ids=[ring.run_id for ring in in_order],
    )


async def find_watches(graph: Graph, ring_ids: Sequence[str]) -> dict[str, Watch]:
    """What is known of the return of each ring, by id; unknown ones are left out."""
    rows = await graph.read("returns/read_watches", ring_ids=list(ring_ids), limit=RETURNS_TOLD)
    return {row["ring_id"]: _watch(row) for row in rows}


def _watch(row: Row) -> Watch:
    facts: dict[str, Any] = dict(row)
    return Watch(
        likelihood=_likelihood(facts.pop("likelihood")),
        taken_down_at=moment(facts.pop("taken_down_ms")),
        first_named_at=moment(facts.pop("named_ms")),
        new_members_since_takedown=facts.pop("new_members"),
        returns=tuple(
            Return(likelihood=Likelihood(one.pop("likelihood")), **one)
            for one in facts.pop("returns")
        ),
        **facts,
    )


def _likelihood(told: str | None) -> Likelihood | None:
    return None if told is None else Likelihood(told)
