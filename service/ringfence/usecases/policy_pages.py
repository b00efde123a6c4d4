"""Policies page by page and many at once, the built-in one among them as if it were stored."""

from collections.abc import Sequence

from ringfence.domain.policies import PolicyKey, PolicyMode
from ringfence.screening.default_policy import default_policy
from ringfence.store.graph import Graph
from ringfence.store.policies import (
    StoredPolicy,
    count_versions,
    find_many_versions,
    has_enforced,
    page_versions,
)
from ringfence.usecases.policies import built_in, built_in_now


async def find_many_policies(
    graph: Graph, keys: Sequence[PolicyKey]
) -> dict[PolicyKey, StoredPolicy]:
    """These versions of policies, the built-in one too; unknown ones are left out."""
    found = await find_many_versions(graph, keys)
    own = default_policy().key
    if own in keys:
        found[own] = await built_in_now(graph)
    return found


async def page_policies(graph: Graph, *, after: PolicyKey | None, limit: int) -> list[StoredPolicy]:
    """The next versions after one, by id, then version; the built-in one while it answers."""
    found = await page_versions(graph, after=after, limit=limit)
    passed = after is not None and after >= default_policy().key
    if passed or await has_enforced(graph):
        return found
    found.append(built_in(PolicyMode.ENFORCED))
    return sorted(found, key=lambda one: one.policy.key)[:limit]


async def count_policies(graph: Graph, *, limit: int) -> int:
    """How many versions `page_policies` leads through, `limit` at the most."""
    stored = await count_versions(graph, limit=limit)
    return min(limit, stored + (not await has_enforced(graph)))
