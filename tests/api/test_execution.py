"""What reads plain fields in one pass answers as graphql-core does, whatever is asked of what."""

import asyncio
import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import strawberry
from graphql import GraphQLError, get_named_type, is_abstract_type, is_leaf_type, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.schema.config import StrawberryConfig

from ringfence.api.graphql.execution import PlainFieldsExecutor
from ringfence.api.graphql.operation import core_schema
from ringfence.api.graphql.scalars import SCALARS
from ringfence.api.graphql.views import Shown
from tests.api import odd_schema
from tests.api.odd_schema import OddContext, Query

pytestmark = pytest.mark.filterwarnings(
    # graphql-core drops what it need not await, once an error has spread.
    "ignore:coroutine .* was never awaited:RuntimeWarning",
    "ignore:Exception ignored in. <coroutine:pytest.PytestUnraisableExceptionWarning",
)
CONFIG = StrawberryConfig(scalar_map=SCALARS)
THEIRS = strawberry.Schema(Query, config=CONFIG)
OURS = strawberry.Schema(Query, config=CONFIG, execution_context_class=PlainFieldsExecutor)


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """Lets what was dropped be told of here, where it is expected."""
    yield
    gc.collect()


async def answers(query: str, **variables: Any) -> tuple[Any, Any]:
    """What both answer."""
    ours = await OURS.execute(query, variable_values=variables, context_value=OddContext())
    theirs = await THEIRS.execute(query, variable_values=variables, context_value=OddContext())
    return told(ours.data, ours.errors), told(theirs.data, theirs.errors)


def told(data: Any, errors: list[GraphQLError] | None) -> tuple[Any, Counter[Any], set[Any]]:
    """Data, errors of nulls in it, and nulls that an error further down has led to.

    Of several errors below one null, which is told is a matter of who comes first.
    """
    direct: Counter[Any] = Counter()
    spread: set[Any] = set()
    for error in errors or ():
        path = tuple(error.path or ())
        null = first_null(data, path)
        if null == path:
            direct[error.message, path, str(error.locations)] += 1
        else:
            spread.add(null)
    return data, direct, spread


def first_null(data: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The start of the path that leads to a null, or all of it."""
    for length, step in enumerate(path):
        if data is None:
            return path[:length]
        data = data[step]
    return path


VARIABLES = {"number": "Int!", "few": "Int!", "yes": "Boolean!", "no": "Boolean!"}
BOOL = st.booleans()


@dataclass
class Asking:
    """Writes a document by drawing what to ask."""

    draw: st.DrawFn
    fragments: list[str] = field(default_factory=list)

    def document(self) -> str:
        asked = self.selections(core_schema(THEIRS).query_type, 3)
        text = "\n".join([asked, *self.fragments])
        used = [f"${name}: {type_}" for name, type_ in VARIABLES.items() if f"${name}" in text]
        return f"query {'(' + ', '.join(used) + ')' if used else ''} {text}"

    def selections(self, type_: Any, depth: int) -> str:
        parts = [self.selection(type_, depth) for _ in range(self.draw(st.integers(1, 4)))]
        return "{ __typename " + " ".join(parts) + " }"

    def selection(self, type_: Any, depth: int) -> str:
        kind = self.draw(st.sampled_from(["field", "field", "field", "inline", "fragment"]))
        if kind == "field" or depth == 0:
            return self.field(type_, depth)
        inner = self.draw(st.sampled_from(self.possible(type_)))
        within = self.selections(inner, depth - 1)
        if kind == "inline":
            return f"... on {inner.name} {self.directive()} {within}"
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {inner.name} {within}")
        return f"...{name} {self.directive()}"

    def field(self, type_: Any, depth: int) -> str:
        fields = [
            (name, known)
            for name, known in getattr(type_, "fields", {}).items()
            if depth or is_leaf_type(get_named_type(known.type))
        ]
        if not fields:
            return "__typename"
        name, known = self.draw(st.sampled_from(fields))
        given = " ".join(f"{one}: {self.argument(one)}" for one in known.args)
        named = get_named_type(known.type)
        called = "_".join([name, *(char for char in given if char.isalnum())])
        alias = f"{called}: " if known.args or self.draw(BOOL) else ""
        within = "" if is_leaf_type(named) else self.selections(named, depth - 1)
        return f"{alias}{name}{f'({given})' if given else ''} {self.directive()} {within}"

    def argument(self, name: str) -> str:
        if name == "number":
            return self.draw(st.sampled_from(["$number", "31", "49", "35", "7"]))
        return self.draw(st.sampled_from(["$few", "1", "3", "4"]))

    def directive(self) -> str:
        return self.draw(
            st.sampled_from(["", "", "", "@include(if: $yes)", "@skip(if: $no)", "@skip(if: $yes)"])
        )

    @staticmethod
    def possible(type_: Any) -> list[Any]:
        if is_abstract_type(type_):
            return [*core_schema(THEIRS).get_possible_types(type_)]
        return [type_]


@st.composite
def documents(draw: st.DrawFn) -> str:
    return Asking(draw).document()


@given(documents(), st.integers(0, 10**6), st.integers(0, 4))
@settings(max_examples=120, deadline=None)
def test_answers_are_those_of_graphql_core(document: str, number: int, few: int) -> None:
    assert not validate(core_schema(THEIRS), parse(document)), document

    ours, theirs = asyncio.run(answers(document, number=number, few=few, yes=True, no=False))

    assert ours == theirs


SMALL = (
    "garden(number: $number) { all { ... on Stone { weight colour name } } }",
    "garden(number: $number) { either { ... on Plant { height rows } ... on Being { name } } }",
    "plants(number: $number) { height }",
    "perhaps(number: $number) { stones { weight colour } rows }",
    "plant(number: $number) { stone { weight } loaded { weight } awaited }",
    "plant(number: $number) { seeds leaves upper anyOf { name } }",
    "plant(number: $number) { one { height one { height awaited(times: 3) } } certain }",
    "perhaps(number: $number) { loaded { colour } again: loaded(first: 9) { colour } height }",
    "garden(number: $number) { pairs { height plant { __typename name height seeds leaves } } }",
    "garden(number: $number) { pairs { plant { height stone { weight } } stone { weight } } }",
    "garden(number: $number) { pairs { owner { name } plant { loaded { colour } } } }",
    "gardens(number: $number) { plants { height plants(first: 9) { height } } name }",
)


@pytest.mark.parametrize("asked", SMALL)
async def test_objects_that_hold_what_they_must_not_are_told_with_the_same_errors(
    asked: str,
) -> None:
    document = f"query ($number: Int!) {{ {asked} }}"

    for number in range(150):
        ours, theirs = await answers(document, number=number)

        assert ours == theirs, number


async def test_lists_are_loaded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    async def find(_: object, odds: list[odd_schema.Odd], *, limit: int) -> dict[Any, Any]:
        asked.append(len(odds))
        return {odd: [odd_schema.Stone(odd=odd)] * limit for odd in odds}

    monkeypatch.setattr(odd_schema, "find_stones", find)

    result = await OURS.execute(
        "{ plants(number: 1) { loaded { __typename } } }", context_value=OddContext()
    )

    assert asked == [4]
    assert result.data == {"plants": [{"loaded": [{"__typename": "Stone"}] * 2}] * 4}


async def test_rows_are_read_without_their_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(Shown, "__call__", lambda _, row: made.append(row))

    result = await OURS.execute(
        "{ garden(number: 4) { pairs { __typename height plant { seeds } } } }",
        context_value=OddContext(),
    )

    assert not made
    assert result.data is not None
    assert [pair["__typename"] for pair in result.data["garden"]["pairs"]] == ["Pair"] * 3
