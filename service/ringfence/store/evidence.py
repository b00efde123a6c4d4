"""Evidence as people read it: the identifiers that tie the members of a ring."""

from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Evidence, HubClass
from ringfence.store.graph import Graph


@dataclass(frozen=True, slots=True)
class RankedEvidence:
    """A piece of evidence and its place in the list of its ring: rising, with gaps."""

    rank: float
    evidence: Evidence


async def page_evidence(
    graph: Graph, ring_ids: Sequence[str], *, after: tuple[float] | None, limit: int
) -> dict[str, list[RankedEvidence]]:
    """The next evidence of each ring after a rank, strongest first."""
    rows = await graph.read(
        "rings/page_evidence",
        ring_ids=ring_ids,
        after_rank=after and after[0],
        limit=limit,
    )
    return {
        row["ring_id"]: [
            RankedEvidence(
                float(at["rank"]),
                Evidence(
                    IdentifierKey(at["kind"], at["value"]),
                    at["members"],
                    at["accounts"],
                    HubClass(at["hub"]),
                    at["weight"],
                ),
            )
            for at in row["evidence"]
        ]
        for row in rows
    }


async def count_evidence(graph: Graph, ring_ids: Sequence[str]) -> dict[str, int]:
    """How many identifiers are evidence of each ring."""
    rows = await graph.read("rings/count_evidence", ring_ids=ring_ids)
    return {row["ring_id"]: row["evidence"] for row in rows}
