"""A policy tried on the sign-ups that were checked last, before anybody switches it on."""

import asyncio
from collections.abc import Iterable
from typing import Final

from ringfence.domain.policies import Policy
from ringfence.domain.policy_lists import ListEntry, Lists
from ringfence.domain.screenings import Screening
from ringfence.errors import InvalidInput
from ringfence.screening.policy_diff import PolicyDiff, diff_rulings
from ringfence.store.graph import Graph
from ringfence.store.policy_lists import find_entries
from ringfence.store.screenings import MAX_REPLAYED, last_screenings
from ringfence.store.times import milliseconds
from ringfence.usecases.policies import find_policy

LAST: Final = 1_000
READ_AT_ONCE: Final = 500
"""Sign-ups that are read between two breaths, since whoever asks may answer sign-ups too."""


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
    entries = await find_entries(graph)
    screenings = await _read_last(graph, last)
    return await asyncio.to_thread(_tried, stored.policy, entries, screenings)


async def _read_last(graph: Graph, last: int) -> list[Screening]:
    read: list[Screening] = []
    while len(read) < last:
        after = (milliseconds(read[-1].at), read[-1].id) if read else None
        limit = min(READ_AT_ONCE, last - len(read))
        page = await last_screenings(graph, limit, after=after)
        read += page
        if len(page) < limit:
            break
    return read


def _tried(
    policy: Policy, entries: Iterable[ListEntry], screenings: Iterable[Screening]
) -> PolicyDiff:
    replayed = ((one.attempt, one.assessment, one.ruling) for one in screenings)
    return diff_rulings(replayed, policy, Lists(entries))
