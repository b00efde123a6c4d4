"""Retention: for how long each kind of what the graph holds is kept."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Final

from ringfence.errors import InvalidInput

MOST_DAYS: Final = 36_500


class RetainedKind(StrEnum):
    """What has a clock of its own, in the order in which it goes."""

    ACCOUNTS = "accounts"
    LINKS = "links"
    SCREENINGS = "screenings"
    ACTIONS = "actions"
    DEAD_LETTERS = "dead_letters"
    APPEALS = "appeals"
    OUTBOX = "outbox"
    RINGS = "rings"
    DETECTION_RUNS = "detection_runs"
    SHARED_INDICATORS = "shared_indicators"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class RetentionRules:
    """Days that each kind is kept; 0: for good."""

    days_by_kind: Mapping[RetainedKind, int]

    def before(self, kind: RetainedKind, now: datetime) -> datetime | None:
        """The moment before which the kind goes, or None where it is kept for good."""
        days = self.days_by_kind[kind]
        return now - timedelta(days=days) if days else None


def load_retention(file: Path | None = None) -> RetentionRules:
    """The rules that come along, changed in part by a file.

    Raises:
        InvalidInput: the file cannot be read, or names an unknown kind or an impossible number.
    """
    own = files("ringfence.domain").joinpath("retention.toml").read_text(encoding="utf-8")
    days = _read(own, "retention.toml")
    if file is not None:
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"{file}: {error}. Expected a readable file in UTF-8.") from error
        days |= _read(text, str(file))
    return RetentionRules(days)


def _read(text: str, where: str) -> dict[RetainedKind, int]:
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidInput(f"{where}: {error}. Correct it.") from error
    if set(told) - {"days"} or not isinstance(told.get("days", {}), dict):
        raise InvalidInput(f"{where} holds {', '.join(sorted(told))}. Expected one table, [days].")
    return {_kind(name, where): _days(name, days, where) for name, days in told["days"].items()}


def _kind(name: str, where: str) -> RetainedKind:
    try:
        return RetainedKind(name)
    except ValueError:
        raise InvalidInput(
            f"{where} names {name}. Expected one of {', '.join(RetainedKind)}."
        ) from None


def _days(name: str, days: object, where: str) -> int:
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= MOST_DAYS:
        raise InvalidInput(
            f"{where}: {name} is {days!r}. Expected whole days, from 0 (kept for good) to "
            f"{MOST_DAYS:,}."
        )
    return days
