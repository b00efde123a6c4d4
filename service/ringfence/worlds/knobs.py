"""The numbers a world is made from: scenarios.toml read once, ranges drawn by the seed."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ringfence.worlds.dice import Dice, Weighted


class Knobs:
    """One table of a TOML file; a pair of numbers is a range that the seed draws from."""

    __slots__ = ("_values", "name")

    def __init__(self, name: str, values: Mapping[str, Any]) -> None:
        self.name = name
        self._values = values

    def __contains__(self, knob: str) -> bool:
        return knob in self._values

    def draw(self, knob: str, dice: Dice) -> float:
        """The number, drawn evenly if the table gives a range."""
        value = self._values[knob]
        return dice.within(*value) if isinstance(value, list) else float(value)

    def count(self, knob: str, dice: Dice) -> int:
        """The whole number, drawn from a range with both ends included."""
        value = self._values[knob]
        return dice.between(*value) if isinstance(value, list) else int(value)

    def number(self, knob: str) -> float:
        """A number that does not vary by seed."""
        return float(self._values[knob])

    def bounds(self, knob: str) -> tuple[int, int]:
        """Both ends of a range of whole numbers."""
        low, high = self._values[knob]
        return low, high

    def text(self, knob: str) -> str:
        """A word."""
        return str(self._values[knob])

    def values(self, knob: str) -> list[Any]:
        """A list, such as evenly spaced quantiles."""
        return list(self._values[knob])

    def names(self) -> list[str]:
        """What stands in the table, in the order of the file."""
        return list(self._values)

    def choice(self, knob: str) -> Weighted[str]:
        """Words with their weights."""
        return Weighted(self._values[knob])

    def table(self, knob: str) -> "Knobs":
        """The table inside."""
        return Knobs(f"{self.name}.{knob}", self._values[knob])

    def on_top_of(self, defaults: "Knobs") -> "Knobs":
        """This table, with what it does not set taken from the other."""
        return defaults.with_changes(self.name, self._values)

    def with_changes(self, name: str, changes: Mapping[str, Any]) -> "Knobs":
        """This table under that name, with some of its knobs set otherwise."""
        return Knobs(name, {**self._values, **changes})

    def tables(self) -> dict[str, "Knobs"]:
        """All tables inside, in the order of the file."""
        return {knob: self.table(knob) for knob in self._values}


@cache
def read_knobs(name: str) -> Knobs:
    """The table of `NAME.toml` beside this module."""
    text = files("ringfence.worlds").joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return Knobs(name, tomllib.loads(text))
