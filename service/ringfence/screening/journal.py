"""A local log of records that wait to be written elsewhere; it outlives the worker that kept it."""

import errno
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Final, Self

from ringfence.errors import InvalidInput, JournalUnavailable, LimitExceeded
from ringfence.logs import get_logger
from ringfence.screening.journal_frames import HEADER_BYTES, RECORD
from ringfence.screening.journal_segments import SUFFIX, Segment

MAX_RECORD_BYTES: Final = 2**20
SEGMENT_BYTES: Final = 8 * 2**20
MAX_BYTES: Final = 256 * 2**20
_SEGMENTS_AT_LEAST: Final = 4
"""A segment is deleted as a whole; with fewer of them, one undone record could fill the journal."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record stands: its file and its place in it."""

    segment: str
    offset: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A record that waits."""

    position: Position
    record: bytes


class Journal:
    """Records of one worker in a folder that all workers of a machine share.

    What `append` returned for outlives a killed process, since the operating system has it by
    then; a power cut may lose what was appended after the last `sync`. Delivery is at least once:
    a crash brings back at most the records that were acknowledged last. The files of a worker that
    died are taken over by the first that opens the folder or asks for what is pending. Threads may
    share a journal; a process that is forked must open its own.

    Args:
        folder: made if it is not there.
        segment_bytes: after how many a file is closed and a new one begun.
        max_bytes: held by this journal in all, what it took over included.

    Raises:
        JournalUnavailable: the folder cannot be made or written to.
    """

    def __init__(
        self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES, max_bytes: int = MAX_BYTES
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._segment_bytes = min(segment_bytes, max_bytes // _SEGMENTS_AT_LEAST)
        self._segments: dict[str, Segment] = {}
        self._active: Segment | None = None
        self._left_alone: set[str] = set()
        self._guard = threading.RLock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unavailable(error) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise self._unavailable(PermissionError(errno.EACCES, os.strerror(errno.EACCES)))
        self._take_over()

    def append(self, record: bytes) -> Position:
        """Keep a record; it is with the operating system when this returns.

        Raises:
            InvalidInput: the record is longer than `MAX_RECORD_BYTES`.
            LimitExceeded: as much is held as the journal may hold.
            JournalUnavailable: the disk is full or does not take it; nothing of it is left there.
        """
        if len(record) > MAX_RECORD_BYTES:
            raise InvalidInput(
                f"A record of {len(record)} bytes cannot be kept; "
                f"give one of {MAX_RECORD_BYTES} at most."
            )
        with self._guard:
            if self.bytes_held() + HEADER_BYTES + len(record) > self._max_bytes:
                raise LimitExceeded(
                    f"The journal in {self._folder} holds {self.held()} records in "
                    f"{self.bytes_held()} bytes, of {self._max_bytes} allowed; let what is "
                    "pending be written, or allow more."
                )
            try:
                segment = self._writable()
                return Position(segment.path.name, segment.append(RECORD, record))
            except OSError as error:
                raise self._unavailable(error) from error

    def sync(self) -> None:
        """Bring all that was appended to the disk itself; costs milliseconds, so not every time.

        Appends go on meanwhile where this runs in another thread.

        Raises:
            JournalUnavailable: the disk does not take it.
        """
        with self._guard:
            unsynced = [segment for segment in self._segments.values() if segment.unsynced]
            # Of their own, since a segment may be done and closed while the disk works.
            fds = [os.dup(segment.fd) for segment in unsynced]
            for segment in unsynced:
                segment.unsynced = False
        try:
            for fd in fds:
                os.fsync(fd)
            if fds:
                self._sync_folder()
        except OSError as error:
            for segment in unsynced:
                segment.unsynced = True
            raise self._unavailable(error) from error
        finally:
            for fd in fds:
                os.close(fd)

    def pending(self) -> Iterator[Entry]:
        """Records that are not acknowledged, in order of each file, oldest files first.

        What workers left behind that died is taken over first and is this journal's from then on.
        Records come again in the next call until they are acknowledged.
        """
        self._take_over()
        with self._guard:
            segments = [self._segments[name] for name in sorted(self._segments)]
            offsets = [list(segment.waiting) for segment in segments]
        for segment, waiting in zip(segments, offsets, strict=True):
            for offset in waiting:
                with self._guard:
                    record = segment.read(offset)
                if record is not None:
                    yield Entry(Position(segment.path.name, offset), record)

    def acknowledge(self, positions: Iterable[Position]) -> None:
        """Note that records are done, and delete files of which all are.

        Positions that are done already, or that this journal does not hold, change nothing. Where
        the disk does not take the note, that is logged, and a restart brings the records back.
        """
        offsets_by_segment: defaultdict[str, list[int]] = defaultdict(list)
        with self._guard:
            for position in positions:
                segment = self._segments.get(position.segment)
                if segment and position.offset in segment.waiting:
                    offsets_by_segment[position.segment].append(position.offset)
            for name, offsets in offsets_by_segment.items():
                self._finish(self._segments[name], offsets)
            if self._active and offsets_by_segment and not self._active.waiting:
                # What is written stays in clear on the disk no longer than it must.
                self._active = None
            self._drop_done()

    def held(self) -> int:
        """How many records wait, those that were taken over included."""
        with self._guard:
            return sum(len(segment.waiting) for segment in self._segments.values())

    def bytes_held(self) -> int:
        """Bytes of the files held, done records in files that are not all done included."""
        with self._guard:
            return sum(segment.size for segment in self._segments.values())

    def close(self) -> None:
        """Let go of all files; what waits is there for the next that opens the folder."""
        with self._guard:
            self._active = None
            self._drop_done()
            for segment in self._segments.values():
                segment.close()
            self._segments.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _writable(self) -> Segment:
        """The file that is appended to, a new one where the last is full."""
        if self._active and self._active.size < self._segment_bytes:
            return self._active
        segment = None
        while segment is None:
            # By time, so that names sort in the order in which files were begun.
            name = f"{time.time_ns():020d}-{os.getpid()}-{token_hex(4)}{SUFFIX}"
            segment = Segment.create(self._folder / name)
        self._active = self._segments[segment.path.name] = segment
        self._drop_done()
        return segment

    def _take_over(self) -> None:
        """Hold the files of those that died; appends go on meanwhile."""
        for path in sorted(self._folder.glob(f"*{SUFFIX}")):
            if path.name in self._segments or path.name in self._left_alone:
                continue
            try:
                segment = Segment.adopt(path)
            except OSError as error:
                self._left_alone.add(path.name)
                log.warning("journal_segment_unreadable", file=str(path), reason=error.strerror)
                continue
            if segment:
                log.info("journal_segment_taken_over", file=str(path), held=len(segment.waiting))
                with self._guard:
                    self._segments[path.name] = segment
        with self._guard:
            self._drop_done()

    def _finish(self, segment: Segment, offsets: list[int]) -> None:
        try:
            segment.finish(offsets)
        except OSError as error:
            log.warning("journal_not_noted", file=str(segment.path), reason=error.strerror)

    def _drop_done(self) -> None:
        """Delete files of which nothing waits, but for the one that is appended to."""
        for name, segment in list(self._segments.items()):
            if segment.waiting or segment is self._active:
                continue
            del self._segments[name]
            try:
                segment.remove()
            except OSError as error:
                self._left_alone.add(name)
                log.warning("journal_not_deleted", file=str(segment.path), reason=error.strerror)

    def _sync_folder(self) -> None:
        fd = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    def _unavailable(self, error: OSError) -> JournalUnavailable:
        return JournalUnavailable(
            f"The journal in {self._folder} cannot be written ({error.strerror}); make room on its "
            "disk, or name a folder that the service may write to."
        )
