"""Keep accounts that were erased from coming back with a late event."""

from collections.abc import Collection, Sequence

from ringfence.domain.erasure import account_hash
from ringfence.domain.events import Event
from ringfence.store.erasure import count_erased, erased_among
from ringfence.store.graph import Graph
from ringfence.store.loading import EventMark, mark_of, save_events


async def save_unless_erased(
    graph: Graph, events: Sequence[Event], secret: bytes | None
) -> set[EventMark]:
    """Add events to the graph in one transaction, but for those of accounts that were erased.

    Returns:
        The marks of those that the graph had already; events of erased accounts count as such.
    """
    erased = await erased_ids(graph, {event.account_id for event in events}, secret)
    known = await save_events(graph, [one for one in events if one.account_id not in erased])
    return known | {mark_of(one) for one in events if one.account_id in erased}


async def erased_ids(
    graph: Graph, account_ids: Collection[str], secret: bytes | None
) -> frozenset[str]:
    """Which of some accounts were erased; one short look where nobody ever was.

    Args:
        graph: connected and migrated.
        account_ids: any number.
        secret: that ids of erased accounts are hashed with; None: it is not known, nor are they.
    """
    if secret is None or not account_ids or not await count_erased(graph):
        return frozenset()
    id_by_hash = {account_hash(secret, one): one for one in account_ids}
    return frozenset(id_by_hash[one] for one in await erased_among(graph, list(id_by_hash)))
