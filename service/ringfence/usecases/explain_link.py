"""Why two accounts are linked: the best path through what they share, in steps and in words.

The search walks from both accounts at once, round by round, over identifiers that are no hubs.
After each round the cheapest path through all that was seen is found; it stands as soon as no
path that leaves the seen part could be cheaper.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ringfence.domain.identifiers import IdentifierKey
from ringfence.store.accounts import find_accounts
from ringfence.store.graph import Graph
from ringfence.store.links import SharedIdentifier, expand_accounts, find_shared
from ringfence.usecases.link_paths import MAX_STEPS, LinkStep, cheapest_path, is_settled, named

HUB_ACCOUNTS: Final = 200
"""An identifier that more accounts carry is not followed."""

MAX_FRONTIER: Final = 2_000
"""Accounts that one round starts from."""

MAX_IDENTIFIERS: Final = 1_000
"""Identifiers that one round follows, the rarest ones."""


class LinkOutcome(StrEnum):
    """What a search for a path came to."""

    LINKED = "linked"
    NOT_LINKED = "not_linked"
    SAME_ACCOUNT = "same_account"
    UNKNOWN_ACCOUNT = "unknown_account"


@dataclass(frozen=True, slots=True)
class LinkExplanation:
    """Why two accounts are linked, or that they are not.

    Attributes:
        notices: what was left out, in words.
    """

    outcome: LinkOutcome
    text: str
    steps: tuple[LinkStep, ...] = ()
    notices: tuple[str, ...] = ()


async def explain_link(graph: Graph, a: str, b: str) -> LinkExplanation:
    """The best path between two accounts, of `MAX_STEPS` at the most.

    Best is the smallest sum of 1 / weight: few steps, over strong and rare identifiers.

    Raises:
        GraphUnavailable: Neo4j does not answer.
    """
    known = await find_accounts(graph, [a, b])
    missing = [account_id for account_id in dict.fromkeys((a, b)) if account_id not in known]
    if missing:
        unknown = " and ".join(missing)
        return LinkExplanation(
            LinkOutcome.UNKNOWN_ACCOUNT, f"The graph knows no account {unknown}."
        )
    if a == b:
        return LinkExplanation(LinkOutcome.SAME_ACCOUNT, f"{a} is one and the same account.")
    search = _Search(a, b)
    steps = await search.run(graph)
    notices = search.notices(await find_shared(graph, a, b, limit=MAX_IDENTIFIERS))
    if not steps:
        text = (
            f"No identifiers that can be followed link {a} and {b} in {MAX_STEPS} steps or fewer."
        )
        return LinkExplanation(LinkOutcome.NOT_LINKED, text, notices=notices)
    return LinkExplanation(LinkOutcome.LINKED, _told(a, b, steps), steps, notices)


@dataclass(slots=True)
class _Search:
    """What two waves from two accounts have seen."""

    a: str
    b: str
    followed: dict[IdentifierKey, SharedIdentifier] = field(default_factory=dict)
    hubs: set[IdentifierKey] = field(default_factory=set)
    cut: bool = False

    async def run(self, graph: Graph) -> tuple[LinkStep, ...]:
        """Let the smaller wave grow until no cheaper path can be out there, and return the best."""
        seen = {end: {end} for end in (self.a, self.b)}
        frontier = {end: [end] for end in (self.a, self.b)}
        best: tuple[LinkStep, ...] = ()
        for steps in range(1, MAX_STEPS + 1):
            end = min(frontier, key=lambda end: len(frontier[end]))
            reached = await self._expand(graph, frontier[end])
            frontier[end] = sorted(reached - seen[end])
            seen[end] |= reached
            if not seen[self.a].isdisjoint(seen[self.b]):
                best = cheapest_path(self.followed.values(), self.a, self.b)
            if not frontier[end] or is_settled(best, steps):
                break
        return best

    async def _expand(self, graph: Graph, account_ids: Sequence[str]) -> set[str]:
        found = await expand_accounts(
            graph,
            account_ids[:MAX_FRONTIER],
            max_accounts=HUB_ACCOUNTS,
            limit=MAX_IDENTIFIERS,
        )
        self.cut |= len(account_ids) > MAX_FRONTIER or len(found) == MAX_IDENTIFIERS
        self.hubs |= {one.key for one in found if one.accounts > HUB_ACCOUNTS}
        followed = [one for one in found if one.accounts <= HUB_ACCOUNTS]
        self.followed |= {one.key: one for one in followed}
        return {account_id for one in followed for account_id in one.account_ids}

    def notices(self, shared: Sequence[SharedIdentifier]) -> tuple[str, ...]:
        """What was left out, first of what the two share directly."""
        told = [
            f"Both used {named(one.key)}, shared by {one.accounts:,} accounts: too many to follow."
            for one in shared
            if one.accounts > HUB_ACCOUNTS
        ]
        if self.hubs:
            told.append(
                f"{len(self.hubs):,} identifiers on the way, each shared by more than "
                f"{HUB_ACCOUNTS} accounts, were not followed."
            )
        if self.cut:
            told.append("The neighbourhood is large: only its rarest identifiers were followed.")
        return tuple(told)


def _told(a: str, b: str, steps: Sequence[LinkStep]) -> str:
    count = f"{len(steps)} step{'s' if len(steps) > 1 else ''}"
    return f"{a} and {b} are linked in {count}: {'; '.join(step.text for step in steps)}."
