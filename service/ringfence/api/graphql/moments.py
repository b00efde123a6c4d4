"""Moments that a caller names: always with a zone."""

from datetime import UTC, datetime
from typing import Annotated

import strawberry

from ringfence.errors import InvalidInput

AsOf = Annotated[
    datetime | None,
    strawberry.argument(
        description=(
            "Look at a moment in the past, with a zone; else at now. Score, grade, tier, state, "
            "size, kinds, reasons and members are those of then; evidence, use and related rings "
            "stay those of now."
        )
    ),
]


def zoned(as_of: datetime | None, name: str = "asOf") -> datetime | None:
    """The moment in UTC; `name` is what the caller gave it as.

    Raises:
        InvalidInput: it has no zone.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise InvalidInput(
            f"`{name}` is {as_of.isoformat()}; expected a zone, such as a Z at the end."
        )
    return as_of.astimezone(UTC) if as_of else None
