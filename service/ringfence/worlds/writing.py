"""Events put in order of time without holding them all: sorted day by day through spill files."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType

import orjson

from ringfence.worlds.calendar import DAY_MS, to_text
from ringfence.worlds.diary import EventRow

_HELD = 200_000
_KEY_WIDTH = 13


class EventSorter:
    """Takes events in any order and writes them by time, equal times by their text."""

    def __init__(self, folder: Path) -> None:
        self._spills = TemporaryDirectory(prefix=".spill-", dir=folder)
        self._lines_by_day: defaultdict[int, list[bytes]] = defaultdict(list)
        self._held = 0
        self.span: list[str] = []
        """Times of the first and the last event, once they are written."""

    def __enter__(self) -> "EventSorter":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._spills.cleanup()

    def add(self, events: Sequence[EventRow]) -> None:
        """Keep events until `write`."""
        by_day = self._lines_by_day
        for time_ms, event in events:
            by_day[time_ms // DAY_MS].append(b"%013d" % time_ms + orjson.dumps(event))
        self._held += len(events)
        if self._held >= _HELD:
            self._spill()

    def write(self, path: Path) -> str:
        """Write all events and return the SHA-256 of the file."""
        self._spill()
        digest, lines = hashlib.sha256(), [b""]
        with path.open("wb") as out:
            for spill in sorted(Path(self._spills.name).iterdir()):
                lines = sorted(spill.read_bytes().splitlines())
                self.span = self.span or [_time_of(lines[0])]
                text = b"".join(line[_KEY_WIDTH:] + b"\n" for line in lines)
                digest.update(text)
                out.write(text)
        self.span.append(_time_of(lines[-1]))
        return digest.hexdigest()

    def _spill(self) -> None:
        for day, lines in self._lines_by_day.items():
            with Path(self._spills.name, f"{day:06d}").open("ab") as spill:
                spill.write(b"\n".join(lines) + b"\n")
        self._lines_by_day.clear()
        self._held = 0


def _time_of(line: bytes) -> str:
    return to_text(int(line[:_KEY_WIDTH]))
