"""A policy tried on the sign-ups that were checked last, before anybody switches it on."""

from typing import Final

from ringfence.domain.policy_lists import Lists
from ringfence.errors import InvalidInput
from ringfence.screening.policy_diff import PolicyDiff, diff_rulings
from ringfence.store.graph import Graph
from ringfence.store.policy_lists import find_entries
from ringfence.store.screenings import MAX_REPLAYED, last_screenings
from ringfence.usecases.policies import find_policy

LAST: Final = 1_000


async def try_policy(
    graph: Graph, policy_id: str, version: int | None = None, *, last: int = LAST
) -> PolicyDiff:
    """How the answers to the last sign-ups would have been otherwise; nothing is changed.

    Args:
        graph: connected and migrated.
        policy_id: of the policy to be tried.
        version: its version, or the latest.
        last: sign-ups, the latest.

    Raises:
        InvalidInput: more or fewer sign-ups than can be read at once.
        NotFound: there is no such version.
    """
    if not 1 <= last <= MAX_REPLAYED:
        raise InvalidInput(f"`last` is {last:,}; expected 1 to {MAX_REPLAYED:,} sign-ups.")
    stored = await find_policy(graph, policy_id, version)
    lists = Lists(await find_entries(graph))
    screenings = await last_screenings(graph, last)
    return diff_rulings(
        ((one.attempt, one.assessment, one.ruling) for one in screenings), stored.policy, lists
    )
