"""Events that came over HTTP: each gets its own outcome, and the good ones are loaded."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ringfence.domain.events import Event, RejectedEvent, parse_event
from ringfence.store.graph import Graph
from ringfence.store.ledger import find_ledger_begin
from ringfence.store.loading import BATCH_EVENTS, mark_of
from ringfence.usecases.erased_accounts import save_unless_erased


class ItemOutcome(StrEnum):
    """What became of one event."""

    LOADED = "loaded"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class LoadedItem:
    """One event of a request, by its place in it; a rejected one names field and reason."""

    index: int
    outcome: ItemOutcome
    field: str | None = None
    reason: str | None = None


async def load_items(
    graph: Graph, items: Sequence[bytes], *, now_ms: int, secret: bytes | None = None
) -> list[LoadedItem]:
    """Load events, each given as its JSON text; a rejected one does not stop the rest.

    Args:
        graph: migrated.
        items: events in any order, repeated or not.
        now_ms: the present, to refuse times in the far future.
        secret: by which accounts that were erased are known; their events count as duplicates.

    Returns:
        One outcome an item, in their order. A repeated event counts as loaded once.

    Raises:
        GraphUnavailable: Neo4j does not answer. What was loaded stays; sending all of it again
            loads the rest.
    """
    begins_ms = await find_ledger_begin(graph) if items else None
    events: dict[int, Event] = {}
    outcomes: dict[int, LoadedItem] = {}
    for index, item in enumerate(items):
        try:
            events[index] = parse_event(item, now_ms=now_ms, begins_ms=begins_ms)
        except RejectedEvent as fault:
            outcomes[index] = LoadedItem(
                index, ItemOutcome.REJECTED, fault.field or None, fault.reason
            )
    indices = list(events)
    for start in range(0, len(indices), BATCH_EVENTS):
        batch = {index: events[index] for index in indices[start : start + BATCH_EVENTS]}
        outcomes |= await _load(graph, batch, secret)
    return [outcomes[index] for index in range(len(items))]


async def _load(
    graph: Graph, events: dict[int, Event], secret: bytes | None
) -> dict[int, LoadedItem]:
    seen = await save_unless_erased(graph, list(events.values()), secret)
    outcomes = {}
    for index, event in events.items():
        mark = mark_of(event)
        outcome = ItemOutcome.DUPLICATE if mark in seen else ItemOutcome.LOADED
        seen.add(mark)
        outcomes[index] = LoadedItem(index, outcome)
    return outcomes
