"""The list of what is known to be shared, read from a CSV file."""

import csv
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import TypeVar

from ringfence.domain.identifiers import IP, IdentifierKey, normalise_kind, normalise_value
from ringfence.domain.known_shared import KnownShared
from ringfence.domain.networks import SUBSCRIBER, normalise_network
from ringfence.errors import InvalidInput

COLUMNS = ("kind", "value", "reason", "owner", "from", "until")

Parsed = TypeVar("Parsed")


def read_known_shared(path: Path) -> tuple[KnownShared, ...]:
    """The entries of a file with the columns kind, value, reason, owner, from and until.

    The last two are the first and the last day, as YYYY-MM-DD; an empty one is no bound. An `ip`
    may be a network, such as 198.51.100.0/24.

    Raises:
        InvalidInput: it cannot be read, a column is missing, or a value breaks its form; the
            message names line and column.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
                raise InvalidInput(
                    f"{path}: expected the columns {', '.join(COLUMNS)}, "
                    f"missing {', '.join(missing)}. Add them to the first line."
                )
            return tuple(_entry(f"{path} line {reader.line_num}", row) for row in reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InvalidInput(f"{path}: {error}. Expected a readable CSV file in UTF-8.") from error


def _entry(where: str, row: Mapping[str, str | None]) -> KnownShared:
    kind = _parse(where, row, "kind", normalise_kind)
    begins, ends = (_parse(where, row, name, _day) for name in ("from", "until"))
    if begins and ends and ends < begins:
        raise InvalidInput(f"{where}, column until: {ends} lies before from, {begins}. Correct it.")
    return KnownShared(
        key=IdentifierKey(kind, _parse(where, row, "value", partial(_value, kind))),
        reason=_parse(where, row, "reason", _word),
        owner=_parse(where, row, "owner", _word),
        begins=begins,
        ends=ends,
    )


def _parse(
    where: str, row: Mapping[str, str | None], column: str, parser: Callable[[str], Parsed]
) -> Parsed:
    try:
        return parser((row[column] or "").strip())
    except ValueError as error:
        raise InvalidInput(f"{where}, column {column}: {error}. Correct it.") from None


def _value(kind: str, text: str) -> str:
    if kind != IP or "/" not in text:
        return normalise_value(kind, text)
    spelled = normalise_network(text)
    if ":" in spelled and "/" in spelled and ip_network(spelled).prefixlen > SUBSCRIBER:
        raise ValueError(f"one subscriber has a /{SUBSCRIBER}; expected that, or a wider network")
    return spelled


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"expected a day as YYYY-MM-DD or nothing, got {text[:40]!r}") from None


def _word(text: str) -> str:
    if not text:
        raise ValueError("expected some words, got nothing")
    return text
