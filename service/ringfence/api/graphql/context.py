"""What one GraphQL request shares: the graph, and loaders that gather what is asked at once."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Any, TypeVar

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.fastapi import BaseContext

from ringfence.api.feed import Feed
from ringfence.api.graphql.personal import PersonalData
from ringfence.domain.access import Principal
from ringfence.store.graph import Graph

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")
Finder = Callable[..., Awaitable[Mapping[Key, Found]]]
"""Takes the graph, a list of keys and named arguments; returns what it found by key."""


class Context(BaseContext):
    """What the resolvers of one request share.

    Args:
        graph: read and written.
        principal: who asks, or None, who may do nothing.
        reason: why personal data is asked for in full, or None.
        feed: changes to follow, where the request lives on; else None.
        admit: makes a principal of a key or a token that is presented later, or None.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        principal: Principal | None = None,
        reason: str | None = None,
        feed: Feed | None = None,
        admit: Callable[[str], Awaitable[Principal]] | None = None,
    ) -> None:
        super().__init__()
        self.graph = graph
        self.feed = feed
        self.admit = admit
        self.identify(principal, reason)
        self._loaders: dict[Hashable, DataLoader[Any, Any]] = {}

    def identify(self, principal: Principal | None, reason: str | None = None) -> None:
        """Say who asks, and why personal data is asked for in full."""
        self.principal = principal
        self.client = principal.id if principal else ""
        self.personal = PersonalData(principal, reason)

    async def load(
        self, find: "Finder[Key, Found]", key: Key, **arguments: Hashable
    ) -> Found | None:
        """What is found under a key, or None.

        All that is asked of one finder with equal arguments in one turn of the event loop becomes
        one call, and so a fixed number of statements.
        """
        asked = (find, *sorted(arguments.items(), key=lambda argument: argument[0]))
        loader = self._loaders.get(asked)
        if loader is None:
            # What is followed live must be read anew for each answer.
            loader = DataLoader(load_fn=self._gathered(find, arguments), cache=self.feed is None)
            self._loaders[asked] = loader
        found: Found | None = await loader.load(key)
        return found

    async def count(self, find: "Finder[Key, int]", key: Key, **arguments: Hashable) -> int:
        """The number found under a key, or 0."""
        return await self.load(find, key, **arguments) or 0

    def _gathered(
        self, find: "Finder[Key, Found]", arguments: Mapping[str, Hashable]
    ) -> Callable[[list[Key]], Awaitable[Sequence[Found | None]]]:
        async def gathered(keys: list[Key]) -> list[Found | None]:
            found = await find(self.graph, keys, **arguments)
            return [found.get(key) for key in keys]

        return gathered


Info = strawberry.Info[Context, None]
