"""How often a key was seen within a sliding window, counted by all workers of one machine together.

A count-min sketch for each window in one mapped file of fixed size. A cell holds the slices of its
window side by side, so that a sum over them reads one run of memory; the slice after the newest is
always empty, so that nothing old is counted when a worker steps into it.

Source: Cormode and Muthukrishnan 2005, doi:10.1016/j.jalgor.2003.12.001; only the cells that hold
the estimate back are raised, after Estan and Varghese 2002, doi:10.1145/633025.633056.
"""

import fcntl
import mmap
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from struct import Struct
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from ringfence.errors import InvalidInput
from ringfence.screening.counts import SLICES, slice_ms

WINDOWS_S: Final = (60, 3600, 86_400)
WIDTH: Final = 87_040
DEPTH: Final = 3
MAX_WINDOWS: Final = 16
MAX_DEPTH: Final = 16
FORMAT: Final = 1
"""Changes with what the bytes mean; a file of another format is made anew."""
HELD: Final = SLICES + 2
"""Slices of a cell: the present one, those before it, and the empty one that comes next."""
NARROWER: Final = 8
"""A window has this many times fewer columns than the next longer: less happens in it."""
_MIN_WIDTH: Final = 16
_NEWEST_AT: Final = 2048
_CELLS_AT: Final = 4096
_CELL_BYTES: Final = 4
_CELL_MAX: Final = 2**32 - 1
_CELL: Final = Struct(f"={HELD}I")
_MOST: Final = _CELL_MAX * HELD


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class _Part:
    """The sketch of one window.

    Attributes:
        place: where its newest slice stands.
        rows: first cell of each row.
    """

    place: int
    slice_ms: int
    width: int
    rows: tuple[int, ...]


class SharedCounts:
    """Counts keys together with whoever else opened the same file; keys themselves are not kept.

    A count is never too low in one process, and too high by at most e / width times all that was
    counted in its window, with probability 1 - e^-depth. Two workers that add one key within the
    same microsecond may lose one of the two; nothing waits for another worker, but for the moment
    in which a slice begins. Memory is fixed: 16 MiB unless told otherwise, in which a day of
    100,000 sign-ups with six keys each lets a key never seen count 4, and 7 in one of a hundred.

    A moment more than a slice ahead of the clock counts as of now, so that it cannot wipe what is
    held; a file whose newest slice is a whole window ahead of the clock starts afresh. A file that
    is of another shape or format, or damaged, is made anew.

    Args:
        path: of the file; its folder is made.
        windows_s: the only windows that can be asked for.
        width: columns of the longest window; each shorter one has an eighth of the next longer.
        depth: rows of each window.
        clock_ms: the service's own clock, in milliseconds since 1970.

    Raises:
        InvalidInput: the file cannot be made or opened there, or the shape is out of range.
    """

    def __init__(
        self,
        path: Path,
        *,
        windows_s: Sequence[int] = WINDOWS_S,
        width: int = WIDTH,
        depth: int = DEPTH,
        clock_ms: Callable[[], int] = _now_ms,
    ) -> None:
        widths = _widths(windows_s, width, depth)
        self._parts = _parts(widths, depth)
        self._clock_ms = clock_ms
        self._hashes, self._digest_bytes = Struct(f"={depth}I").unpack, 4 * depth
        # A key is mostly asked for in one window after the other, and hashing it costs the most.
        self._last: tuple[str | None, tuple[int, ...]] = (None, ())
        self._turning = threading.Lock()
        self.bytes_held = _CELLS_AT + sum(widths.values()) * depth * HELD * _CELL_BYTES
        self._fd = _open(path, _header(widths, depth), self.bytes_held)
        self._memory = mmap.mmap(self._fd, self.bytes_held)
        self._newest = memoryview(self._memory)[_NEWEST_AT:_CELLS_AT].cast("q")
        self._cells = memoryview(self._memory)[_CELLS_AT:].cast("I")

    def add(self, key: str, window_s: int, at_ms: int, amount: int = 1) -> int:
        """Count the key once more and return its count in the window that ends at that moment.

        Args:
            key: what is counted.
            window_s: one of the windows that the counts were made with.
            at_ms: by the service's own clock.
            amount: at least 0.

        Raises:
            InvalidInput: the window is not counted, or the amount is negative.
        """
        if amount < 0:
            raise InvalidInput(f"Amount {amount} cannot be counted; give one of at least 0.")
        part = self._parts.get(window_s) or self._part(window_s)
        at = at_ms // part.slice_ms
        newest = self._newest[part.place]
        if at != newest:
            at, newest = self._move_to(part, at_ms)
            if at < newest - SLICES:
                return 0
        cells, columns, slice_ = self._cells, self._columns(key, part), at % HELD
        # Read and written without anything between, since other workers write here too.
        held = [cells[column + slice_] for column in columns]
        count = min(min(held) + amount, _CELL_MAX)
        for column, one in zip(columns, held):  # noqa: B905
            if one < count:
                cells[column + slice_] = count
        return self._total(columns, at, newest, count)

    def count(self, key: str, window_s: int, at_ms: int) -> int:
        """Return the key's count in the window that ends at that moment.

        Raises:
            InvalidInput: the window is not counted.
        """
        part = self._part(window_s)
        at, newest = self._move_to(part, at_ms)
        return self._total(self._columns(key, part), at, newest, 0)

    def close(self) -> None:
        """Let go of the file, which stays for the others."""
        self._newest.release()
        self._cells.release()
        self._memory.close()
        os.close(self._fd)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _part(self, window_s: int) -> _Part:
        part = self._parts.get(window_s)
        if part is None:
            known = ", ".join(map(str, sorted(self._parts)))
            raise InvalidInput(f"A window of {window_s} s is not counted; choose one of {known} s.")
        return part

    def _columns(self, key: str, part: _Part) -> list[int]:
        """First cell of the key in each row."""
        last, hashes = self._last
        if key != last:
            digest = blake2b(key.encode(), digest_size=self._digest_bytes).digest()
            hashes = self._hashes(digest)
            self._last = (key, hashes)
        width = part.width
        return [row + one % width * HELD for row, one in zip(part.rows, hashes)]  # noqa: B905

    def _total(self, columns: list[int], at: int, newest: int, least: int) -> int:
        """Count of the key, which is `least` or more in each of its columns."""
        if at == newest:
            total, read, memory = _MOST, _CELL.unpack_from, self._memory
            for column in columns:
                held: int = sum(read(memory, _CELLS_AT + column * _CELL_BYTES))
                if held <= least:
                    return held
                total = min(total, held)
            return total
        cells = self._cells
        live = [slice_ % HELD for slice_ in range(newest - SLICES, at + 1)]
        return min(sum(cells[column + slice_] for slice_ in live) for column in columns)

    def _move_to(self, part: _Part, at_ms: int) -> tuple[int, int]:
        """The slice that the moment is counted in, and the newest one."""
        at, newest = at_ms // part.slice_ms, self._newest[part.place]
        if at == newest:
            return at, newest
        now = self._clock_ms() // part.slice_ms
        at = min(at, now + 1)
        if at > newest or newest > now + SLICES:
            self._turn(part, at, now)
        return at, self._newest[part.place]

    def _turn(self, part: _Part, at: int, now: int) -> None:
        """Make this slice the newest: empty it, what was skipped before it, and the one after."""
        with self._turning, _locked(self._fd):
            newest = self._newest[part.place]
            if newest > now + SLICES or at - newest >= HELD:
                self._grid(part)[:] = 0
            elif at > newest:
                stale = [slice_ % HELD for slice_ in range(newest + 2, at + 2)]
                self._grid(part)[:, stale] = 0
            else:
                return
            self._newest[part.place] = at

    def _grid(self, part: _Part) -> npt.NDArray[Any]:
        """The part's cells: (rows * columns, slices) uint32."""
        count = len(part.rows) * part.width * HELD
        offset = _CELLS_AT + part.rows[0] * _CELL_BYTES
        return np.frombuffer(self._memory, np.uint32, count, offset).reshape(-1, HELD)


def _widths(windows_s: Sequence[int], width: int, depth: int) -> dict[int, int]:
    """Columns of each window, the longest first."""
    windows = sorted(set(windows_s), reverse=True)
    if not 1 <= len(windows) <= MAX_WINDOWS or windows[-1] < 1:
        raise InvalidInput(f"Windows are {windows} s; give 1 to {MAX_WINDOWS} of at least 1 s.")
    if width < _MIN_WIDTH or not 1 <= depth <= MAX_DEPTH:
        raise InvalidInput(
            f"Counts are {width} wide and {depth} deep; give a width of at least {_MIN_WIDTH} "
            f"and a depth of 1 to {MAX_DEPTH}."
        )
    return {
        window_s: max(width // NARROWER**place, _MIN_WIDTH)
        for place, window_s in enumerate(windows)
    }


def _parts(widths: dict[int, int], depth: int) -> dict[int, _Part]:
    parts, start = {}, 0
    for place, (window_s, width) in enumerate(widths.items()):
        rows = tuple(start + row * width * HELD for row in range(depth))
        parts[window_s] = _Part(place, slice_ms(window_s), width, rows)
        start += depth * width * HELD
    return parts


def _header(widths: dict[int, int], depth: int) -> bytes:
    shape = ",".join(f"{window_s}:{width}" for window_s, width in widths.items())
    words = f"ringfence counts {FORMAT} {sys.byteorder} depth={depth} held={HELD} widths={shape}\n"
    return words.encode().ljust(_NEWEST_AT, b"\0")


def _open(path: Path, header: bytes, size: int) -> int:
    """Descriptor of the file, made before if it is not there or not as it should be."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        guard = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            with _locked(guard):
                if not _fits(path, header, size):
                    _make(path, header, size)
                return os.open(path, os.O_RDWR)
        finally:
            os.close(guard)
    except OSError as error:
        raise InvalidInput(
            f"The counts cannot be kept in {path} ({error.strerror}); name a file in a folder "
            f"that the service may write to, with {size} bytes free."
        ) from error


def _fits(path: Path, header: bytes, size: int) -> bool:
    if not path.is_file() or path.stat().st_size != size:
        return False
    with path.open("rb") as file:
        return file.read(len(header)) == header


def _make(path: Path, header: bytes, size: int) -> None:
    """Write an empty file; one that others still hold stays theirs."""
    partial = path.with_name(f"{path.name}.partial")
    # Every byte is written: to map a file with holes is to die when the disk turns out to be full.
    partial.write_bytes(header + bytes(size - len(header)))
    partial.chmod(0o600)
    partial.rename(path)


@contextmanager
def _locked(fd: int) -> Iterator[None]:
    fcntl.flock(fd, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)
