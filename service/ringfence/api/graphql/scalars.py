"""Scalars of our own."""

from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

Count = NewType("Count", int)

SCALARS: dict[object, ScalarDefinition] = {
    Count: strawberry.scalar(
        name="Count",
        description=(
            "A whole number from 0 to 2^53, as a JSON number. Exchanges and tokens of a ring pass "
            "the 32 bits of Int."
        ),
        serialize=int,
        parse_value=int,
    )
}
