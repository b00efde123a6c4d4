"""Files that an evaluation reads: events, the truth, what a feed says of addresses."""

import csv
import gzip
import time
from collections.abc import Iterator, Mapping
from io import BufferedIOBase
from pathlib import Path

from ringfence.detection.quality import TrueAccount
from ringfence.domain.assembling import IdentifierNote
from ringfence.domain.events import Event, RejectedEvent, parse_event
from ringfence.domain.identifiers import IP, IdentifierKey, normalise_ip
from ringfence.errors import InvalidInput

_TRUE_WORDS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


class EventReader:
    """Iterates over the valid events of a file once, counting the rejects."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.rejects = 0

    def __iter__(self) -> Iterator[Event]:
        now_ms = time.time_ns() // 1_000_000
        with _opened(self._path) as stream:
            try:
                for line in stream:
                    if not line.strip():
                        continue
                    try:
                        yield parse_event(line, now_ms=now_ms)
                    except RejectedEvent:
                        self.rejects += 1
            except (EOFError, gzip.BadGzipFile) as error:
                raise InvalidInput(f"{self._path}: {error}. Expected a whole gzip file.") from error


def read_truth(path: Path) -> dict[str, TrueAccount]:
    """Truth by account id.

    Raises:
        InvalidInput: a column is missing, an account comes twice or `is_fake` is no yes or no.
    """
    truth: dict[str, TrueAccount] = {}
    for line, row in _rows(path, ("account_id", "is_fake")):
        account_id = row["account_id"]
        is_fake = _TRUE_WORDS.get((row["is_fake"] or "").strip().lower())
        if not account_id or account_id in truth or is_fake is None:
            raise InvalidInput(
                f"{path} line {line}: expected a new account_id and is_fake 0 or 1, "
                f"got {account_id!r} and {row['is_fake']!r}. Correct the truth."
            )
        truth[account_id] = TrueAccount(
            is_fake, row.get("ring") or None, row.get("category") or None
        )
    return truth


def read_addresses(path: Path) -> dict[IdentifierKey, IdentifierNote]:
    """Class of each address that a feed knows.

    Raises:
        InvalidInput: a column is missing or an address does not parse.
    """
    notes = {}
    for line, row in _rows(path, ("address", "class")):
        try:
            key = IdentifierKey(IP, normalise_ip(row["address"] or ""))
        except ValueError as error:
            raise InvalidInput(f"{path} line {line}: {row['address']!r}: {error}.") from None
        notes[key] = IdentifierNote(address_class=row["class"] or None)
    return notes


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
                raise InvalidInput(
                    f"{path}: expected the columns {', '.join(columns)}, "
                    f"missing {', '.join(missing)}. Add them to the first line."
                )
            for row in reader:
                yield reader.line_num, row
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path}: {error}. Expected a readable CSV file in UTF-8.") from error


def _opened(path: Path) -> BufferedIOBase:
    try:
        return gzip.open(path) if path.suffix == ".gz" else path.open("rb")
    except OSError as error:
        raise InvalidInput(f"{path}: {error}. Expected a readable file of events.") from error
