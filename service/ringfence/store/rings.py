"""Rings as people read them: one, a page of many, and those related to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from ringfence.domain.rings import Grade, Reason, RingState, Tier
from ringfence.store.graph import Graph, Row
from ringfence.store.times import moment

RankAndId = tuple[float, str]
"""Place in a list: what the order compares, then the id."""

EVIDENCE_LOOKED_AT = 1_000
"""Strongest evidence of a ring that is followed to related rings."""


@dataclass(frozen=True, slots=True)
class StoredRing:
    """What the last run concluded of one ring, without its members and evidence.

    Attributes:
        aliases: ids of rings that merged into it; each leads to it.
    """

    id: str
    operation_id: str | None
    score: float
    grade: Grade
    tier: Tier
    state: RingState
    size: int
    core_size: int
    kinds: tuple[str, ...]
    reasons: tuple[Reason, ...]
    requests: int
    tokens: int
    first_signed_up_at: datetime | None
    last_signed_up_at: datetime | None
    found_at: datetime | None
    updated_at: datetime | None
    run_id: str | None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RingFilter:
    """Which rings are asked for; None means any."""

    grades: tuple[Grade, ...] | None = None
    tiers: tuple[Tier, ...] | None = None
    states: tuple[RingState, ...] | None = None
    min_size: int | None = None
    max_size: int | None = None

    def parameters(self) -> dict[str, Any]:
        """The parameters of the statements that filter."""
        return {
            "grades": _words(self.grades),
            "tiers": _words(self.tiers),
            "states": _words(self.states),
            "min_size": self.min_size,
            "max_size": self.max_size,
        }


class RingOrderBy(StrEnum):
    """What a list of rings is sorted by."""

    SCORE = "score"
    SIZE = "size"
    EXCHANGES = "requests"


@dataclass(frozen=True, slots=True)
class RingOrder:
    """What a list of rings is sorted by; ties go by id."""

    by: RingOrderBy = RingOrderBy.SCORE
    falling: bool = True


@dataclass(frozen=True, slots=True)
class RelatedRing:
    """A ring and what ties it to another one.

    Attributes:
        shared: identifiers that are evidence of both.
    """

    ring: StoredRing
    shared: int
    kinds: tuple[str, ...]
    same_operation: bool


async def find_rings(
    graph: Graph, ring_ids: Sequence[str], *, as_of: datetime | None = None
) -> dict[str, StoredRing]:
    """The rings of these ids, by the id asked for; unknown ones are left out.

    The id of a ring that merged into another one leads to that one.

    Args:
        graph: connected and migrated.
        ring_ids: any number, any order.
        as_of: moment to look at: score, grade, tier, state, size, kinds and reasons are those of
            then; exchanges and tokens as told by the last event before. None: now.
    """
    wanted = list(dict.fromkeys(ring_ids))
    if as_of is None:
        rows = await graph.read("rings/find_many", ring_ids=wanted)
    else:
        rows = await graph.read("rings/find_as_of", ring_ids=wanted, as_of=as_of)
    return {row.pop("asked_id"): _ring(row) for row in rows}


async def page_rings(
    graph: Graph,
    wanted: RingFilter,
    order: RingOrder,
    *,
    after: RankAndId | None,
    limit: int,
    as_of: datetime | None = None,
) -> list[tuple[RankAndId, StoredRing]]:
    """The next rings after a place, each with its own place; `as_of` as for `find_rings`."""
    after_rank, after_id = after or (None, None)
    parameters = wanted.parameters() | {
        "order": order.by,
        "sign": -1 if order.falling else 1,
        "after_rank": after_rank,
        "after_id": after_id,
        "limit": limit,
    }
    if as_of is None:
        rows = await graph.read("rings/page", **parameters)
    else:
        rows = await graph.read("rings/page_as_of", as_of=as_of, **parameters)
    return await placed_rings(graph, rows, as_of=as_of)


async def count_rings(
    graph: Graph, wanted: RingFilter, *, limit: int, as_of: datetime | None = None
) -> int:
    """How many rings pass the filter, counted up to `limit`."""
    parameters = wanted.parameters() | {"limit": limit}
    if as_of is None:
        rows = await graph.read("rings/count", **parameters)
    else:
        rows = await graph.read("rings/count_as_of", as_of=as_of, **parameters)
    return int(rows[0]["rings"])


async def find_related(
    graph: Graph, ring_ids: Sequence[str], *, limit: int
) -> dict[str, list[RelatedRing]]:
    """The rings tied to each ring, most shared identifiers first, ties by id."""
    rows = await graph.read(
        "rings/find_related", ring_ids=ring_ids, max_evidence=EVIDENCE_LOOKED_AT, limit=limit
    )
    rings = await find_rings(graph, [at["ring_id"] for row in rows for at in row["related"]])
    return {
        row["ring_id"]: [
            RelatedRing(
                rings[at["ring_id"]], at["shared"], tuple(sorted(at["kinds"])), at["same_operation"]
            )
            for at in row["related"]
        ]
        for row in rows
    }


async def placed_rings(
    graph: Graph, places: Sequence[Mapping[str, Any]], *, as_of: datetime | None = None
) -> list[tuple[RankAndId, StoredRing]]:
    """The rings at these places (`rank` and `id`), in their order; one statement for all."""
    rings = await find_rings(graph, [place["id"] for place in places], as_of=as_of)
    return [
        ((place["rank"], place["id"]), rings[place["id"]])
        for place in places
        if place["id"] in rings
    ]


def _words(values: tuple[str, ...] | None) -> list[str] | None:
    return None if values is None else [str(value) for value in values]


def _ring(row: Row) -> StoredRing:
    codes, weights, texts = (
        row.pop(f"reason_{name}") or () for name in ("codes", "weights", "texts")
    )
    for name in ("first_signed_up", "last_signed_up", "found", "updated"):
        row[f"{name}_at"] = moment(row.pop(f"{name}_ms"))
    return StoredRing(
        **row
        | {
            "grade": Grade(row["grade"]),
            "tier": Tier(row["tier"]),
            "state": RingState(row["state"]),
            "kinds": tuple(row["kinds"] or ()),
            "aliases": tuple(row["aliases"]),
            "reasons": tuple(map(Reason, codes, weights, texts)),
        }
    )
