"""One file of a journal: its records, and beside them which ones are done."""

import fcntl
import os
from collections.abc import Collection
from pathlib import Path
from struct import iter_unpack, pack
from typing import Final, Self

from ringfence.logs import get_logger
from ringfence.screening.journal_frames import DONE, HEADER_BYTES, RECORD, Gap, frame, read_frames

SUFFIX: Final = ".journal"
DAMAGED: Final = ".damaged"

log = get_logger(__name__)


class Segment:
    """A file of records that one process holds: its lock says that the holder lives.

    Attributes:
        waiting: end of each record's frame by its offset, of those that are not done, in order.
        size: bytes up to which frames are written.
        unsynced: whether something was written since the last sync.
    """

    def __init__(self, path: Path, fd: int) -> None:
        self.path = path
        self.fd = fd
        self.size = 0
        self.waiting: dict[int, int] = {}
        self.unsynced = False
        self._damaged = False

    @classmethod
    def create(cls, path: Path) -> Self | None:
        """A new, empty file, or None if somebody took it for an abandoned one in that moment.

        Raises:
            OSError: it cannot be made.
        """
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        return cls(path, fd) if _take(path, fd) else None

    @classmethod
    def adopt(cls, path: Path) -> Self | None:
        """A file whose holder is gone, with what waits in it; None if it has a holder or is gone.

        Raises:
            OSError: it cannot be read or written.
        """
        try:
            fd = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            return None
        if not _take(path, fd):
            return None
        segment = cls(path, fd)
        try:
            segment._load()
        except OSError:
            segment.close()
            raise
        return segment

    def append(self, kind: bytes, content: bytes) -> int:
        """Write a frame and return its offset; a frame that was not written whole is cut off.

        Raises:
            OSError: the disk is full, or does not take it for another reason.
        """
        offset = self.size
        data = frame(kind, content, offset)
        try:
            written = os.pwrite(self.fd, data, offset)
            while written < len(data):
                written += os.pwrite(self.fd, data[written:], offset + written)
        except OSError:
            os.ftruncate(self.fd, offset)
            raise
        self.size = offset + len(data)
        self.unsynced = True
        if kind == RECORD:
            self.waiting[offset] = self.size
        return offset

    def read(self, offset: int) -> bytes | None:
        """The record at a place, or None if it is done, or can no longer be read."""
        end = self.waiting.get(offset)
        if end is None:
            return None
        data = os.pread(self.fd, end - offset, offset)
        content = data[HEADER_BYTES:]
        if data == frame(RECORD, content, offset):
            return content
        del self.waiting[offset]
        self._tell_damage(offset, end)
        return None

    def finish(self, offsets: Collection[int]) -> None:
        """Note on disk that records are done.

        Raises:
            OSError: it could not be written; the records are done all the same until a restart.
        """
        for offset in offsets:
            self.waiting.pop(offset, None)
        self.append(DONE, pack(f"<{len(offsets)}Q", *offsets))

    def remove(self) -> None:
        """Delete the file and let go of it; a damaged one is kept beside under another name.

        Raises:
            OSError: the folder does not take it; the file is let go of nevertheless.
        """
        try:
            if self._damaged:
                kept = self.path.with_name(self.path.name + DAMAGED)
                self.path.rename(kept)
                log.warning("journal_segment_set_aside", file=str(kept))
            else:
                self.path.unlink()
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the file, so that others may take over what waits in it."""
        self.waiting.clear()
        os.close(self.fd)

    def _load(self) -> None:
        data = self.path.read_bytes()
        self.size = len(data)
        for found in read_frames(data):
            if isinstance(found, Gap):
                self._pass_over(found)
            elif found.kind == RECORD:
                self.waiting[found.offset] = found.end
            else:
                for (offset,) in iter_unpack("<Q", found.content):
                    self.waiting.pop(offset, None)

    def _pass_over(self, gap: Gap) -> None:
        if not gap.torn:
            self._tell_damage(gap.offset, gap.end)
            return
        log.warning("journal_frame_torn", file=str(self.path), offset=gap.offset)
        # Its append never returned; cut off, it cannot be taken for damage later.
        os.ftruncate(self.fd, gap.offset)
        self.size = gap.offset

    def _tell_damage(self, offset: int, end: int) -> None:
        self._damaged = True
        log.warning("journal_frame_damaged", file=str(self.path), offset=offset, end=end)


def _take(path: Path, fd: int) -> bool:
    """Lock a file that was just opened; False if another holds it, or it was deleted since."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        taken = path.stat().st_ino == os.fstat(fd).st_ino
    except (BlockingIOError, FileNotFoundError):
        taken = False
    except OSError:
        os.close(fd)
        raise
    if not taken:
        os.close(fd)
    return taken
