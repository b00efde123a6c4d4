"""A schema of all that a schema can have, over objects that often hold what they must not."""

from collections.abc import Sequence
from enum import Enum
from random import Random
from typing import Annotated, Any

import strawberry

from ringfence.api.graphql.context import Context, Load
from ringfence.api.graphql.fields import gathered, held, resolved
from ringfence.api.graphql.scalars import Count
from ringfence.api.graphql.views import Rows, View
from ringfence.errors import InvalidInput

Info = strawberry.Info[Context, None]
SomePlant = Annotated["Plant", strawberry.lazy("tests.api.odd_schema")]
TEXTS = ("a", "", "ü", None, 3, ValueError("a text that broke"))
NUMBERS = (0, 7, -1, 2**31, 2.5, float("nan"), None, "9", True)
OFTEN = 4
"""How many times more often a value is what it should be."""


@strawberry.enum
class Colour(Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


@strawberry.interface
class Being:
    """Something that has a name."""

    name: str = held("odd.name", "Its name.")


@strawberry.type
class Stone(Being):
    """A thing of attributes."""

    odd: strawberry.Private["Odd"]
    weight: float = held("odd.weight", "Its weight.")
    colour: Colour | None = held("odd.colour", "Its colour.")


@strawberry.type
class Plant(Being):
    """A thing that grows others."""

    odd: strawberry.Private["Odd"]
    height: int | None = held("odd.height", "Its height.")
    seeds: Count = held("odd.seeds", "Its seeds.")
    leaves: list[str] = held("odd.texts", "Its leaves.")
    rows: list[list[int | None] | None] | None = held("odd.rows", "Rows of numbers.")

    @resolved
    def upper(self) -> str | None:
        """Its name, in capitals."""
        return self.odd.name.upper()

    @resolved
    def stone(self) -> Stone:
        """A stone beside it."""
        return self.odd.beings(Stone, 1)[0]

    @resolved
    def stones(self) -> list[Stone] | None:
        """Stones around it."""
        return self.odd.beings(Stone, 3)

    @resolved
    async def awaited(self, times: int = 2) -> int | None:
        """Its height, so many times."""
        return self.odd.height * times

    @resolved
    async def certain(self) -> float:
        """Its weight, awaited."""
        return self.odd.weight

    @resolved
    async def plants(
        self, info: Info, first: Annotated[int, strawberry.argument(description="How many.")] = 2
    ) -> list["Plant"]:
        """What it grew."""
        return self.odd.beings(Plant, info.context.bounded(first))  # type: ignore[attr-defined]

    @gathered
    def loaded(self, info: Info, first: int = 2) -> Load[list[Stone]]:
        """Stones that are loaded."""
        info.context.bounded(first)  # type: ignore[attr-defined]
        return Load(find_stones, self.odd, lambda found: found[:first], {"limit": 3})

    @gathered
    def one(self, info: Info) -> Load[SomePlant | None]:
        """A plant that is loaded."""
        return Load(find_plant, self.odd, lambda found: found)

    @resolved
    def any_of(self) -> list[Being | None]:
        """Beings of both types."""
        return [*self.odd.beings(Stone, 1), *self.odd.beings(Plant, 1)]


@strawberry.type
class Pair:
    """A plant and a stone, and whose they are."""

    odd: strawberry.Private["Odd"]
    height: int | None = held("odd.height", "Height of the plant.")
    plant: Plant = strawberry.field(description="The plant.")
    stone: Stone | None = strawberry.field(description="The stone.")
    owner: Being = strawberry.field(description="Whose they are.")


PAIR = View(Pair, {"odd": 0, "plant": View(Plant, {"odd": 1}), "stone": View(Stone, {"odd": 2})})


class Odd:
    """Values made of a number, the same each time."""

    def __init__(self, number: int) -> None:
        self.number = number
        random = Random(number)  # noqa: S311 - no secret comes of it
        self.name: Any = _usually(random, "a name", TEXTS)
        self.weight: Any = _usually(random, 1.5, NUMBERS)
        self.height: Any = _usually(random, 3, NUMBERS)
        self.seeds: Any = _usually(random, 5, (*NUMBERS, "many"))
        self.colour: Any = _usually(random, Colour.RED, (Colour.BLUE, None, "red", "green", []))
        self.texts: Any = _usually(random, ["a", "b"], (["a", None], (), None, "text", 7, {"a"}))
        self.rows: Any = _usually(random, [[1, None], None, []], (None, [3], [[2.5]], [["x"]]))

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Odd) and other.number == self.number

    def beings(self, kind: Any, count: int) -> Any:
        """Some objects of a type, or what is none of them; the same each time."""
        random = Random(f"{self.number} {kind.__name__} {count}")  # noqa: S311 - nor of it
        made = [kind(odd=Odd(random.randrange(10**6))) for _ in range(count)]
        return _usually(random, made, ([*made, None], None, [self], [Stone(odd=self)], ["x"]))


def _usually(random: Random, value: Any, odd: Sequence[Any]) -> Any:
    return random.choice((*([value] * OFTEN * len(odd)), *odd))


async def find_stones(_: object, odds: Sequence[Odd], *, limit: int) -> dict[Odd, Any]:
    if any(odd.number % 31 == 0 for odd in odds):
        raise InvalidInput("A number that 31 divides is not looked up.")
    return {odd: Odd(odd.number + 1).beings(Stone, limit) for odd in odds if odd.number % 7}


async def find_plant(_: object, odds: Sequence[Odd]) -> dict[Odd, Any]:
    return {odd: Plant(odd=Odd(odd.number + 2)) for odd in odds if odd.number % 5}


class OddContext(Context):
    """A context without a graph."""

    def __init__(self) -> None:
        super().__init__(None)  # type: ignore[arg-type]

    def bounded(self, first: int) -> int:
        if not 0 <= first <= 3:
            raise InvalidInput(f"`first` is {first}; expected 0 to 3.")
        return first


Either = Annotated[Stone | Plant, strawberry.union("Either")]


@strawberry.type
class Garden:
    """A place of beings."""

    odd: strawberry.Private[Odd]
    name: str | None = held("odd.name", "Its name.")

    @resolved
    def either(self) -> Either:
        """A being of one type or the other."""
        kind = Stone if self.odd.number % 2 else Plant
        return self.odd.beings(kind, 1)[0]

    @resolved
    async def all(self) -> list[Either | None]:
        """Beings of both types."""
        return [*self.odd.beings(Stone, 1), *self.odd.beings(Plant, 2)]

    @resolved
    def pairs(self) -> list[Pair]:
        """Plants with their stones, made when they are reached."""
        rows = [
            [Odd(self.odd.number * 9 + row * 3 + part) for part in range(3)] for row in range(3)
        ]
        return Rows(rows, PAIR.of(owner=Stone(odd=self.odd)))  # type: ignore[return-value]

    @resolved
    def plants(self) -> list[Plant]:
        """Its plants."""
        return self.odd.beings(Plant, 3)


@strawberry.type
class Query:
    """Questions about a number."""

    @resolved
    def plant(self, number: int) -> Plant | None:
        """One plant."""
        return Plant(odd=Odd(number))

    @resolved
    def garden(self, number: int) -> Garden | None:
        """One garden."""
        return Garden(odd=Odd(number))

    @resolved
    async def gardens(self, number: int) -> list[Garden]:
        """Gardens."""
        return [Garden(odd=Odd(number + n)) for n in range(3)]

    @resolved
    async def plants(self, number: int) -> list[Plant]:
        """Plants."""
        return [Plant(odd=Odd(number + n)) for n in range(4)]

    @resolved
    async def perhaps(self, number: int) -> list[Plant | None] | None:
        """Plants, and none."""
        return [Plant(odd=Odd(number)), None, Plant(odd=Odd(number + 9))]
