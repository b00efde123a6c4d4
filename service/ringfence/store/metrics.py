"""How much of what there is in the graph, for those who watch the service."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringfence.store.graph import Graph
from ringfence.store.times import moment

MAX_ENDPOINTS: Final = 100


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a webhook endpoint is behind.

    Attributes:
        waiting: actions that it was not told of.
        oldest_at: when the first of these was recorded.
        dead: its dead letters.
    """

    endpoint_id: str
    waiting: int
    oldest_at: datetime | None
    dead: int
    disabled: bool


@dataclass(frozen=True, slots=True)
class GraphFigures:
    """What there is.

    Attributes:
        rings: by state and tier.
        takedowns: by state.
        halted: whether the kill switch is on.
        last_run: when the last finished detection began and ended.
        deliveries: of at most `MAX_ENDPOINTS`.
    """

    rings: dict[tuple[str, str], int]
    takedowns: dict[str, int]
    halted: bool
    last_run: tuple[datetime, datetime] | None
    deliveries: tuple[Delivery, ...]


async def find_figures(graph: Graph) -> GraphFigures:
    """What there is at this moment.

    Raises:
        GraphUnavailable: Neo4j does not answer.
    """
    rings = await graph.read("metrics/count_rings")
    takedowns = await graph.read("metrics/count_takedowns")
    switch = await graph.read("takedowns/find_switch")
    deliveries = await graph.read("metrics/find_deliveries", limit=MAX_ENDPOINTS)
    return GraphFigures(
        rings={(row["state"], row["tier"]): row["rings"] for row in rings},
        takedowns={row["state"]: row["takedowns"] for row in takedowns},
        halted=any(row["halted"] for row in switch),
        last_run=await _last_run(graph),
        deliveries=tuple(
            Delivery(
                row["id"],
                max(row["waiting"], 0),
                moment(row["oldest_ms"]),
                row["dead"],
                row["disabled"],
            )
            for row in deliveries
        ),
    )


async def _last_run(graph: Graph) -> tuple[datetime, datetime] | None:
    for row in await graph.read("metrics/find_last_run"):
        started, finished = moment(row["started_ms"]), moment(row["finished_ms"])
        if started and finished:
            return started, finished
    return None
