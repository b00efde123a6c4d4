"""Operations as people read them: campaigns, and the sums of their rings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ringfence.store.graph import Graph
from ringfence.store.rings import RankAndId, StoredRing, placed_rings
from ringfence.store.times import moment


@dataclass(frozen=True, slots=True)
class StoredOperation:
    """An operation and what its rings add up to."""

    id: str
    rings: int
    accounts: int
    requests: int
    tokens: int
    first_signed_up_at: datetime | None
    last_signed_up_at: datetime | None


async def find_operations(graph: Graph, operation_ids: Sequence[str]) -> dict[str, StoredOperation]:
    """The operations of these ids, by id; unknown ones are left out."""
    rows = await graph.read("operations/find_many", operation_ids=operation_ids)
    return {
        row["id"]: StoredOperation(
            row["id"],
            row["rings"],
            row["accounts"],
            row["requests"],
            row["tokens"],
            moment(row["first_signed_up_ms"]),
            moment(row["last_signed_up_ms"]),
        )
        for row in rows
    }


async def page_operation_rings(
    graph: Graph, operation_ids: Sequence[str], *, after: RankAndId | None, limit: int
) -> dict[str, list[tuple[RankAndId, StoredRing]]]:
    """The next rings of each operation after a place, highest score first."""
    after_rank, after_id = after or (None, None)
    rows = await graph.read(
        "operations/page_rings",
        operation_ids=operation_ids,
        after_rank=after_rank,
        after_id=after_id,
        limit=limit,
    )
    placed = dict(await placed_rings(graph, [at for row in rows for at in row["rings"]]))
    return {
        row["operation_id"]: [
            (place, placed[place])
            for at in row["rings"]
            if (place := (at["rank"], at["id"])) in placed
        ]
        for row in rows
    }
