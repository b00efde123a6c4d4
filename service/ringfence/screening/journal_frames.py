"""How the records of a journal lie in a file, and how they are found again where it is damaged.

A frame is a mark, a kind, a length and a CRC-32 over them and what it holds. The sum starts from
the frame's own place in the file, so that bytes of a record that look like a frame are none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct
from typing import Final
from zlib import crc32

RECORD: Final = b"R"
DONE: Final = b"D"
_MARK: Final = b"\xffRJ1"
"""Starts each frame and is in no UTF-8 text; changes with what the bytes mean."""
_HEADER: Final = Struct("<4scII")
_SUMMED: Final = Struct("<cIQ")
HEADER_BYTES: Final = _HEADER.size


@dataclass(frozen=True, slots=True)
class Frame:
    """What was written at once.

    Attributes:
        end: where the next one starts.
    """

    kind: bytes
    offset: int
    end: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that are no frame.

    Attributes:
        torn: whether they are the start of a last frame whose writer did not come to its end.
    """

    offset: int
    end: int
    torn: bool


def frame(kind: bytes, content: bytes, offset: int) -> bytes:
    """The bytes of a frame that stands at a place in its file."""
    return _HEADER.pack(_MARK, kind, len(content), _sum(kind, content, offset)) + content


def read_frames(data: bytes) -> Iterator[Frame | Gap]:
    """All frames of a file in order, and what lies between them where it is damaged."""
    at = 0
    while at < len(data):
        found = _frame_at(data, at)
        if found is None:
            end = _next_frame(data, at + 1)
            yield Gap(at, end, torn=end == len(data) and _is_torn(data, at))
            at = end
        else:
            yield found
            at = found.end


def _sum(kind: bytes, content: bytes, offset: int) -> int:
    return crc32(content, crc32(_SUMMED.pack(kind, len(content), offset)))


def _frame_at(data: bytes, at: int) -> Frame | None:
    start = at + _HEADER.size
    if start > len(data):
        return None
    mark, kind, length, checksum = _HEADER.unpack_from(data, at)
    content = data[start : start + length]
    if mark != _MARK or len(content) < length or _sum(kind, content, at) != checksum:
        return None
    return Frame(kind, at, start + length, content)


def _next_frame(data: bytes, start: int) -> int:
    """Where the next whole frame begins, or the end."""
    at = data.find(_MARK, start)
    while at >= 0:
        if _frame_at(data, at):
            return at
        at = data.find(_MARK, at + 1)
    return len(data)


def _is_torn(data: bytes, at: int) -> bool:
    if len(data) - at < _HEADER.size:
        return _MARK.startswith(data[at : at + len(_MARK)])
    mark, _, length, _ = _HEADER.unpack_from(data, at)
    return bool(mark == _MARK and at + _HEADER.size + length > len(data))
