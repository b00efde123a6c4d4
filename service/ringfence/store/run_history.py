"""Detection runs as people read them, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ringfence.store.graph import Graph, Row
from ringfence.store.times import moment


@dataclass(frozen=True, slots=True)
class StoredRun:
    """One run of detection: what it was told, and what it found."""

    id: str
    started_at: datetime | None
    finished_at: datetime | None
    as_of: datetime | None
    config: str | None
    seed: int | None
    graph_fingerprint: str | None
    version: str | None
    rings: int | None
    accounts_flagged: int | None
    state: str | None


async def page_runs(
    graph: Graph, *, after: tuple[int, str] | None, limit: int
) -> list[tuple[tuple[int, str], StoredRun]]:
    """The next runs after a place (start in milliseconds, id), each with its own place."""
    after_ms, after_id = after or (None, None)
    rows = await graph.read(
        "detection_runs/page", after_ms=after_ms, after_id=after_id, limit=limit
    )
    places = [(row["started_ms"], row["id"]) for row in rows]
    return list(zip(places, map(_run, rows), strict=True))


async def find_runs(graph: Graph, run_ids: Sequence[str]) -> dict[str, StoredRun]:
    """The runs of these ids, by id; unknown ones are left out."""
    rows = await graph.read("detection_runs/find_many", run_ids=run_ids)
    return {row["id"]: _run(row) for row in rows}


async def count_runs(graph: Graph) -> int:
    """How many runs the graph holds."""
    rows = await graph.read("detection_runs/count")
    return int(rows[0]["runs"])


def _run(row: Row) -> StoredRun:
    for name in ("started", "finished"):
        row[f"{name}_at"] = moment(row.pop(f"{name}_ms"))
    row["as_of"] = moment(row.pop("as_of_ms"))
    return StoredRun(**row)
