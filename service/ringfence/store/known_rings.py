"""Rings of earlier runs: as much of them as keeps ids stable, and their members to hand out."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from itertools import compress

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import LONG_AGO, Dismissal, Grade, KnownRing, RingState, Tier
from ringfence.store.account_graph import READ_TIMEOUT_S
from ringfence.store.graph import Graph, Row
from ringfence.store.times import moment


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
    """All rings that were ever found, by id, but for those that merged into another one.

    Closed rings are among them, with the members they had when last found.
    """
    rows = await graph.read("known_rings/find_all", timeout_s=READ_TIMEOUT_S)
    return [_known_ring(row) for row in rows]


async def stream_members(
    graph: Graph, ring_ids: Collection[str] | None = None
) -> AsyncIterator[MemberColumns]:
    """Rings with their members, by ring id, without those closed or dismissed.

    Args:
        graph: connected and migrated.
        ring_ids: only these rings; None: all.
    """
    wanted = None if ring_ids is None else sorted(ring_ids)
    async for row in graph.stream("known_rings/read_members", ring_ids=wanted):
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


def _known_ring(row: Row) -> KnownRing:
    members = row["account_ids"]
    return KnownRing(
        id=row["id"],
        operation_id=row["operation_id"],
        strength_by_account_id=dict(zip(members, row["strengths"], strict=True)),
        core=frozenset(compress(members, row["core"])),
        found_at=moment(row["found_ms"]) or LONG_AGO,
        aliases=tuple(sorted(row["aliases"])),
        state=RingState(row["state"]),
        dormant=row["dormant"],
        score=row["score"],
        told_score=row["told_score"],
        grade=Grade(row["grade"]),
        tier=Tier(row["tier"]),
        dismissal=_dismissal(row["dismissal"]) if row["dismissal"] else None,
    )


def _dismissal(told: Row) -> Dismissal:
    keys = map(IdentifierKey, told["strong_kinds"], told["strong_values"])
    return Dismissal(
        verdict_id=told["id"],
        ring_id=told["ring_id"],
        at=moment(told["at_ms"]) or LONG_AGO,
        by=told["by"],
        reason=told["reason"],
        size=told["size"],
        strong=frozenset(keys),
    )
