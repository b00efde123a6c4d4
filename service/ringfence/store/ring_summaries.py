"""A ring drawn small: its strongest identifiers, and how many members carry two of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ringfence.store.evidence import RankedEvidence, page_evidence
from ringfence.store.graph import Graph

MAX_TIES: Final = 500
"""Ties drawn at the most; those of fewest members are left out."""


@dataclass(frozen=True, slots=True)
class SummaryTie:
    """Two identifiers, by their ranks, and the members that carry both."""

    left: float
    right: float
    members: int


@dataclass(frozen=True, slots=True)
class RingSummary:
    """Identifiers by rank, the strongest first, and ties, those of most members first."""

    identifiers: tuple[RankedEvidence, ...]
    ties: tuple[SummaryTie, ...]


async def summarise_rings(
    graph: Graph, ring_ids: Sequence[str], *, identifiers: int
) -> dict[str, RingSummary]:
    """Each ring by its strongest identifiers, so many at the most, whatever its size."""
    evidence = await page_evidence(graph, ring_ids, after=None, limit=identifiers)
    rows = await graph.read(
        "rings/summary_ties", ring_ids=ring_ids, identifiers=identifiers, limit=MAX_TIES
    )
    return {
        row["ring_id"]: RingSummary(
            tuple(evidence.get(row["ring_id"], ())),
            tuple(SummaryTie(**tie) for tie in row["ties"]),
        )
        for row in rows
    }
