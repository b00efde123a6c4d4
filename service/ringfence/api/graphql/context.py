"""What one GraphQL request shares: the graph, and loaders that gather what is asked at once."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Generic, TypeVar

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.fastapi import BaseContext

from ringfence.api.feed import Feed
from ringfence.api.graphql.personal import PersonalData
from ringfence.domain.access import Principal
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.takedown_rules import TakedownRules, load_takedown_rules
from ringfence.store.graph import Graph
from ringfence.usecases.screen import Screener

Key = TypeVar("Key", bound=Hashable)
Found = TypeVar("Found")
Told = TypeVar("Told")
Finder = Callable[..., Awaitable[Mapping[Key, Found]]]
"""Takes the graph, a list of keys and named arguments; returns what it found by key."""
_Asked = tuple[Hashable, tuple[tuple[str, Hashable], ...]]
"""A finder and its arguments."""
_Loader = DataLoader[Any, list[Any]]
"""Loads groups of keys, so that a list of objects waits for one answer, not for one each."""


@dataclass(slots=True)  # not frozen, which would double what making one for each object costs
class Load(Generic[Told]):
    """What a field has to read, and what it makes of that.

    Attributes:
        find: reads for many objects at once.
        key: of the field's own object.
        then: makes the field's value of what was found, or of None.
        arguments: of `find`, beside the keys.
    """

    find: "Finder[Any, Any]"
    key: Hashable
    then: Callable[[Any], Told]
    arguments: Mapping[str, Hashable] = field(default_factory=dict)


class Context(BaseContext):
    """What the resolvers of one request share.

    Args:
        graph: read and written.
        principal: who asks, or None, who may do nothing.
        reason: why personal data is asked for in full, or None.
        screener: checks sign-ups, or None where this service does not.
        feed: changes to follow, where the request lives on; else None.
        admit: makes a principal of a key or a token that is presented later, or None.
        takedown_rules: of takedowns; None: those that come along.
        known_shared: identifiers that prove nothing for some days.
    """

    def __init__(  # noqa: PLR0913 - options, each with a default
        self,
        graph: Graph,
        *,
        principal: Principal | None = None,
        reason: str | None = None,
        screener: Screener | None = None,
        feed: Feed | None = None,
        admit: Callable[[str], Awaitable[Principal]] | None = None,
        takedown_rules: TakedownRules | None = None,
        known_shared: KnownSharedList = (),
    ) -> None:
        super().__init__()
        self.graph = graph
        self.screener = screener
        self.feed = feed
        self.admit = admit
        self.takedown_rules = takedown_rules or load_takedown_rules()
        self.known_shared = known_shared
        self.identify(principal, reason)
        self._loaders: dict[_Asked, _Loader] = {}

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
        found: list[Found | None] = await self._loader(find, arguments).load((key,))
        return found[0]

    async def answer(self, load: "Load[Told]") -> Told:
        """What one load leads to."""
        return (await self.answer_all([load]))[0]

    async def answer_all(self, loads: "Sequence[Load[Told]]") -> "list[Told]":
        """What each load leads to, in their order; read as `load` reads."""
        told: dict[int, Told] = {}
        for indexes in _alike(loads):
            first = loads[indexes[0]]
            keys = tuple(loads[index].key for index in indexes)
            found = await self._loader(first.find, first.arguments).load(keys)
            told |= {n: loads[n].then(one) for n, one in zip(indexes, found, strict=True)}
        return [told[index] for index in range(len(loads))]

    async def count(self, find: "Finder[Key, int]", key: Key, **arguments: Hashable) -> int:
        """The number found under a key, or 0."""
        return await self.load(find, key, **arguments) or 0

    def _loader(self, find: "Finder[Key, Found]", arguments: Mapping[str, Hashable]) -> _Loader:
        asked = _asked(find, arguments)
        loader = self._loaders.get(asked)
        if loader is None:
            # What is followed live must be read anew for each answer.
            loader = DataLoader(load_fn=self._gathered(find, arguments), cache=self.feed is None)
            self._loaders[asked] = loader
        return loader

    def _gathered(
        self, find: "Finder[Key, Found]", arguments: Mapping[str, Hashable]
    ) -> Callable[[list[tuple[Key, ...]]], Awaitable[list[list[Found | None]]]]:
        async def gathered(groups: list[tuple[Key, ...]]) -> list[list[Found | None]]:
            keys = list(dict.fromkeys(chain.from_iterable(groups)))
            found = await find(self.graph, keys, **arguments)
            return [[found.get(key) for key in group] for group in groups]

        return gathered


def _alike(loads: Sequence[Load[Any]]) -> list[list[int]]:
    """Indexes of loads that ask the same finder with equal arguments, together.

    Those of one list nearly always do, one after the other, so neighbours are compared first.
    """
    alike: dict[_Asked, list[int]] = {}
    last, group = None, []
    for index, load in enumerate(loads):
        if last is None or load.find is not last.find or load.arguments != last.arguments:
            last, group = load, alike.setdefault(_asked(load.find, load.arguments), [])
        group.append(index)
    return list(alike.values())


def _asked(find: Finder[Any, Any], arguments: Mapping[str, Hashable]) -> _Asked:
    return find, tuple(sorted(arguments.items()))


Info = strawberry.Info[Context, None]
