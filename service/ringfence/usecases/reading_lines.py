"""Numbered lines of event files: plain, gzip or standard input, in blocks that fit in memory."""

import gzip
import os
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Final, NamedTuple

from ringfence.domain.events import Event, RejectedEvent, parse_event
from ringfence.errors import InvalidInput

STANDARD_INPUT: Final = "-"
MAX_LINE_BYTES: Final = 1 << 20
BLOCK_BYTES: Final = 1 << 17
_GZIP_MAGIC: Final = b"\x1f\x8b"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Line(NamedTuple):
    """One line without its end; the first line of a file is number 1."""

    number: int
    text: bytes


class Block(NamedTuple):
    """Whole lines of a file, and the number of the first of them."""

    first: int
    text: bytes


class LineSource:
    """Lines of one open file, read block by block.

    Args:
        name: how messages call it.
        stream: its bytes, unpacked.
        position: bytes of the file behind it that were read so far.
    """

    def __init__(
        self, name: str, stream: BufferedReader | gzip.GzipFile, position: Callable[[], int]
    ) -> None:
        self.name = name
        self.position = position
        self._stream = stream
        self._lines = 0
        self._rest = b""

    def next_lines(self) -> list[Line]:
        """The lines of the next block that has any, none at the end; blank lines are left out.

        Raises:
            InvalidInput: the file cannot be read on.
        """
        while block := self.next_block():
            if lines := lines_of(block):
                return lines
        return []

    def next_block(self) -> Block | None:
        """The next whole lines, None at the end.

        Of a line longer than `MAX_LINE_BYTES` there is too much for a line, and less than all.

        Raises:
            InvalidInput: the file cannot be read on.
        """
        while read := self._read():
            ended, newline, rest = (self._rest + read).rpartition(b"\n")
            self._rest = rest[: MAX_LINE_BYTES + 1]
            if newline:
                return self._numbered(ended)
        last, self._rest = self._rest, b""
        return self._numbered(last) if last else None

    def _read(self) -> bytes:
        try:
            return self._stream.read1(BLOCK_BYTES)
        except (OSError, EOFError, zlib.error) as error:
            raise InvalidInput(
                f"{self.name} cannot be read after line {self._lines}: {error}. Mend the file "
                "and repeat the command; no event is loaded twice."
            ) from error

    def _numbered(self, text: bytes) -> Block:
        if self._lines == 0:
            text = text.removeprefix(_BYTE_ORDER_MARK)
        first = self._lines + 1
        self._lines += text.count(b"\n") + 1
        return Block(first, text)


def lines_of(block: Block) -> list[Line]:
    """Its lines but for blank ones; one longer than `MAX_LINE_BYTES` is cut to a byte more."""
    return [
        Line(number, text[: MAX_LINE_BYTES + 1])
        for number, text in enumerate(block.text.split(b"\n"), block.first)
        if text and not text.isspace()
    ]


def parse_line(text: bytes, now_ms: int, begins_ms: int | None = None) -> Event | RejectedEvent:
    """The event of one line, or why it is none; a line that is too long is not looked into."""
    if len(text) > MAX_LINE_BYTES:
        return RejectedEvent("", f"is longer than {MAX_LINE_BYTES} bytes")
    try:
        return parse_event(text, now_ms=now_ms, begins_ms=begins_ms)
    except RejectedEvent as rejected:
        return rejected


@contextmanager
def open_lines(path: str) -> Iterator[LineSource]:
    """Open a file of lines, or standard input for `-`; gzip is known by its first bytes.

    Raises:
        InvalidInput: as for `size_of`.
    """
    if path == STANDARD_INPUT:
        with os.fdopen(0, "rb", closefd=False) as stream:
            yield _source("standard input", stream, lambda: 0)
        return
    size_of([path])
    with Path(path).open("rb") as stream:
        yield _source(path, stream, stream.tell if stream.seekable() else lambda: 0)


def size_of(paths: Sequence[str]) -> int | None:
    """Bytes of all files together, None where standard input or a pipe is among them.

    Raises:
        InvalidInput: one is missing, a folder, not readable, or named .gz and no gzip.
    """
    sizes = [_checked_size(path) for path in paths if path != STANDARD_INPUT]
    return sum(sizes) if all(Path(path).is_file() for path in paths) else None


def _checked_size(path: str) -> int:
    file = Path(path)
    if not file.exists():
        raise InvalidInput(f"There is no file {path}. Name event files, or - for standard input.")
    if file.is_dir():
        raise InvalidInput(f"{path} is a folder. Name the event files in it, such as {path}/*.gz.")
    if not os.access(file, os.R_OK):
        raise InvalidInput(f"{path} may not be read by this user. Change its permissions.")
    size = file.stat().st_size
    if size and file.suffix == ".gz" and not _is_gzip(file):
        raise InvalidInput(f"{path} is named .gz but is no gzip file. Rename or pack it.")
    return size


def _is_gzip(file: Path) -> bool:
    with file.open("rb") as stream:
        return stream.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC


def _source(name: str, stream: BufferedReader, position: Callable[[], int]) -> LineSource:
    if stream.peek(len(_GZIP_MAGIC)).startswith(_GZIP_MAGIC):
        return LineSource(name, gzip.GzipFile(fileobj=stream), position)
    return LineSource(name, stream, position)
