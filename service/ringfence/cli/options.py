"""Options that several commands take, and how their values are read."""

from datetime import datetime
from typing import Annotated

import typer

from ringfence.errors import InvalidInput

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KNOWN_SHARED_HELP = (
    "CSV of kind, value, reason, owner, from, until: identifiers that prove nothing on those days."
)
AsOfOption = Annotated[
    str | None,
    typer.Option(metavar="TIME", help="Look from a moment in the past: RFC 3339 with a zone."),
]


def read_moment(text: str | None) -> datetime | None:
    """The moment that `--as-of` names.

    Raises:
        InvalidInput: it is no time, or has no zone.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise InvalidInput(
            f"--as-of {text}: expected a time with a zone, such as 2026-06-01T00:00:00Z."
        )
    return moment
