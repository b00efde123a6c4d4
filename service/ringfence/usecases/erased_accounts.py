"""Keep accounts that were erased from coming back with a late event."""

from collections.abc import Collection

from ringfence.domain.erasure import account_hash
from ringfence.store.erasure import count_erased, erased_among
from ringfence.store.graph import Graph


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
