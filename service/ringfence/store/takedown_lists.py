"""Lists of takedowns, of their accounts and of their plans, each for many objects at once."""

from collections.abc import Sequence
from typing import Any, Final

from ringfence.domain.rings import LONG_AGO
from ringfence.domain.takedown_plans import PlannedTarget, unpack
from ringfence.domain.takedowns import TakedownState, TargetState
from ringfence.store.graph import Graph
from ringfence.store.takedown_targets import StoredTarget, page_targets_of, stored_target
from ringfence.store.takedowns import StoredTakedown, count_targets, find_takedowns, page_takedowns
from ringfence.store.times import milliseconds, moment

TakedownPlace = tuple[int, str]
"""Place in a list of takedowns: when one was planned, milliseconds since 1970, and its id."""
TargetOfAccount = tuple[TakedownPlace, StoredTarget]
"""Place of a takedown, whose id is in it, and what it did to an account."""
States = Sequence[TakedownState] | None
_LAST_MS: Final = 253_402_300_799_999
"""The last millisecond of the year 9999, beyond which there is no moment."""


def place_of(takedown: StoredTakedown) -> TakedownPlace:
    """Where a takedown lies in a list."""
    return milliseconds(takedown.planned_at), takedown.id


async def page_listed(
    graph: Graph, *, states: States, after: TakedownPlace | None, limit: int
) -> list[StoredTakedown]:
    """The next takedowns after a place, the latest first."""
    place = after and (moment(min(max(after[0], 0), _LAST_MS)) or LONG_AGO, after[1])
    return await page_takedowns(graph, after=place, limit=limit, states=states)


async def count_takedowns(graph: Graph, *, states: States) -> int:
    """How many takedowns there are."""
    (row,) = await graph.read("takedowns/count", states=_words(states))
    takedowns: int = row["takedowns"]
    return takedowns


async def page_ring_takedowns(
    graph: Graph,
    ring_ids: Sequence[str],
    *,
    after: TakedownPlace | None,
    limit: int,
    states: States = None,
) -> dict[str, list[StoredTakedown]]:
    """The next takedowns of each ring or of one that merged into it, the latest first."""
    rows = await graph.read(
        "takedowns/page_of_rings",
        ring_ids=list(ring_ids),
        states=_words(states),
        **_after(after),
        limit=limit,
    )
    ids_by_ring: dict[str, list[str]] = {row["ring_id"]: row["takedown_ids"] for row in rows}
    known = await find_takedowns(graph, [one for ids in ids_by_ring.values() for one in ids])
    return {
        ring_id: [known[one] for one in ids if one in known] for ring_id, ids in ids_by_ring.items()
    }


async def count_ring_takedowns(
    graph: Graph, ring_ids: Sequence[str], *, states: States = None
) -> dict[str, int]:
    """How many takedowns each ring has, with those of rings that merged into it."""
    rows = await graph.read(
        "takedowns/count_of_rings", ring_ids=list(ring_ids), states=_words(states)
    )
    return {row["ring_id"]: row["takedowns"] for row in rows}


async def page_account_takedowns(
    graph: Graph, account_ids: Sequence[str], *, after: TakedownPlace | None, limit: int
) -> dict[str, list[TargetOfAccount]]:
    """What takedowns did to each account, the one planned last first."""
    rows = await graph.read(
        "takedowns/page_of_accounts", account_ids=list(account_ids), **_after(after), limit=limit
    )
    return {
        row["account_id"]: [
            ((told["planned_ms"], told["takedown_id"]), stored_target(told))
            for told in row["targets"]
        ]
        for row in rows
    }


async def count_account_takedowns(graph: Graph, account_ids: Sequence[str]) -> dict[str, int]:
    """How many takedowns each account is or was in, held out or not."""
    rows = await graph.read("takedowns/count_of_accounts", account_ids=list(account_ids))
    return {row["account_id"]: row["takedowns"] for row in rows}


async def page_listed_targets(
    graph: Graph,
    takedown_ids: Sequence[str],
    *,
    states: Sequence[TargetState] | None,
    for_review: bool,
    after: tuple[str] | None,
    limit: int,
) -> dict[str, list[StoredTarget]]:
    """The next accounts of each takedown, by account id; as `page_targets_of`."""
    return await page_targets_of(
        graph,
        takedown_ids,
        after_id=after[0] if after else "",
        limit=limit,
        states=states,
        for_review=for_review,
    )


async def count_listed_targets(
    graph: Graph,
    takedown_ids: Sequence[str],
    *,
    states: Sequence[TargetState] | None,
    for_review: bool,
) -> dict[str, int]:
    """How many accounts each takedown has."""
    if for_review:
        rows = await graph.read(
            "takedowns/count_for_review",
            ids=list(takedown_ids),
            states=None if states is None else [state.value for state in states],
        )
        return {row["id"]: row["accounts"] for row in rows}
    counts = await count_targets(graph, takedown_ids)
    wanted = TargetState if states is None else set(states)
    return {
        takedown_id: sum(getattr(one, state.value) for state in wanted)
        for takedown_id, one in counts.items()
    }


async def find_planned_targets(
    graph: Graph, takedown_ids: Sequence[str]
) -> dict[str, tuple[PlannedTarget, ...]]:
    """Members in the plans of takedowns, by account id; without those that wait no more."""
    rows = await graph.read("takedowns/find_plans", ids=list(takedown_ids))
    return {row["id"]: unpack(row["plan"])[0] for row in rows}


def _words(states: States) -> list[str] | None:
    return None if states is None else [state.value for state in states]


def _after(place: TakedownPlace | None) -> dict[str, Any]:
    return {"after_ms": place and place[0], "after_id": place and place[1]}
