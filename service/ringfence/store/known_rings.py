"""Rings of earlier runs: as much of them as keeps ids stable, and their members to hand out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from ringfence.domain.rings import KnownRing
from ringfence.store.account_graph import READ_TIMEOUT_S
from ringfence.store.graph import Graph


@dataclass(frozen=True, slots=True)
class MemberColumns:
    """One ring and its members, by account id; the last three columns have one entry a member."""

    ring_id: str
    operation_id: str
    score: float
    grade: str
    tier: str
    account_ids: tuple[str, ...]
    roles: tuple[str, ...]
    joined_because: tuple[str, ...]


async def known_rings(graph: Graph) -> list[KnownRing]:
    """All rings that have or had members, by id.

    Closed rings are among them, with the members they had when last found.
    """
    rows = await graph.read("known_rings/find_all", timeout_s=READ_TIMEOUT_S)
    return [
        KnownRing(
            row["id"],
            row["operation_id"],
            dict(zip(row["account_ids"], row["strengths"], strict=True)),
        )
        for row in rows
    ]


async def stream_members(graph: Graph) -> AsyncIterator[MemberColumns]:
    """Rings with their members, by ring id, without those closed or dismissed."""
    async for row in graph.stream("known_rings/read_members"):
        columns = zip(row["account_ids"], row["roles"], row["joined_because"], strict=True)
        account_ids, roles, joined_because = zip(*sorted(columns), strict=True)
        yield MemberColumns(
            ring_id=row["id"],
            operation_id=row["operation_id"],
            score=row["score"],
            grade=row["grade"],
            tier=row["tier"],
            account_ids=account_ids,
            roles=roles,
            joined_because=joined_because,
        )
