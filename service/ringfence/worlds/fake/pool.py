"""A pool of things that accounts are made from, and how often each is used again."""

from collections.abc import Callable
from typing import Generic, TypeVar

from ringfence.worlds.dice import Dice

Item = TypeVar("Item")


class Pool(Generic[Item]):
    """Deals things out, each to so many accounts on average; the early ones to more."""

    def __init__(self, dice: Dice, accounts_each: float, make: Callable[[], Item]) -> None:
        self._dice = dice
        self._fresh = min(1.0, 1 / accounts_each)
        self._make = make
        self.items: list[Item] = []

    def deal(self) -> Item:
        """A new thing now and then, otherwise one that is in use."""
        if not self.items or self._dice.chance(self._fresh):
            self.items.append(self._make())
            return self.items[-1]
        return self._dice.pick(self.items)

    def again(self) -> Item:
        """One that is in use, if there is any."""
        return self._dice.pick(self.items) if self.items else self.deal()
