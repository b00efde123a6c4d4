"""The work of a bulk load that processes share: dividing events by account, folding, tables.

Everything lies in one folder. Files that several processes add to bear the process in their name,
so that nobody waits for anybody.
"""

import gc
import os
import signal
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from threading import Thread
from time import sleep
from typing import BinaryIO, Final, NamedTuple, Self, TypeVar
from zlib import crc32

import msgspec

from ringfence.domain.event_spill import pack_events, read_blocks, read_events
from ringfence.domain.events import Event, RejectedEvent
from ringfence.domain.folding import Fold, InstrumentFold, fold_events, once_each
from ringfence.domain.identifiers import PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.store.bulk_tables import (
    IDENTIFIER_TABLES,
    account_table,
    identifier_line,
    link_lines,
    table_of,
)
from ringfence.usecases.reading_lines import Block, lines_of, parse_line

PARENT_CHECK_S: Final = 1.0

Read = TypeVar("Read")
Sighting = tuple[IdentifierKey, InstrumentFold | None]
"""An identifier that an account used, and what a part of the events tells of it."""

_sightings = msgspec.msgpack.Decoder(list[Sighting])


class Fault(NamedTuple):
    """A line that breaks the contract."""

    line: int
    field: str
    reason: str


class Divided(NamedTuple):
    """What came of some lines: how many they were, blank ones apart, and those that are faulty."""

    lines: int
    faults: list[Fault]


@dataclass(frozen=True, slots=True)
class Written:
    """What one part came to.

    Attributes:
        events: each once.
        accounts: of them.
        files: names of tables that were begun or added to.
        multiline: whether a text has a line's end in it.
        longest_line: of a table, in bytes at the most.
    """

    events: int = 0
    accounts: int = 0
    files: frozenset[str] = frozenset()
    multiline: bool = False
    longest_line: int = 0

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.events + other.events,
            self.accounts + other.accounts,
            self.files | other.files,
            self.multiline or other.multiline,
            max(self.longest_line, other.longest_line),
        )


def begin_work(parent: int) -> None:
    """Let this process end when its parent has, however that ended; Ctrl-C is the parent's.

    The cycle collector stays off: what is made here has no cycles, and it would look at all of it
    again and again.

    Args:
        parent: its id, as it told itself: one that is gone by now has left us to another.
    """
    gc.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_watch, args=(parent,), daemon=True).start()


def divide_lines(folder: Path, blocks: Sequence[Block], *, parts: int, now_ms: int) -> Divided:
    """Add the events of some lines to the parts that their accounts belong to.

    Faulty lines come in their order.
    """
    count = 0
    faults: list[Fault] = []
    events_by_part: defaultdict[int, list[Event]] = defaultdict(list)
    for line in chain.from_iterable(map(lines_of, blocks)):
        count += 1
        event = parse_line(line.text, now_ms)
        if isinstance(event, RejectedEvent):
            faults.append(Fault(line.number, event.field, event.reason))
        else:
            events_by_part[_place_of(event.account_id, parts)].append(event)
    for part, events in events_by_part.items():
        _add(_own_file(folder, f"events-{part:04}"), pack_events(events))
    return Divided(count, faults)


def fold_part(folder: Path, part: int, *, buckets: int) -> Written:
    """Fold one part's events, in which each account is whole, and write its tables.

    What a part says of identifiers, which parts share, goes into buckets of identifiers.
    """
    fold = fold_events(once_each(_events_of(folder, part)))
    if not fold.accounts:
        return Written()
    accounts = account_table(fold.accounts.values())
    name = f"accounts-{part:04}.csv"
    events = sum(len(account.event_keys) for account in fold.accounts.values())
    written = Written(events, len(fold.accounts), frozenset({name}))
    written += _write(folder / name, accounts, lines=len(fold.accounts) + 1)
    for table, lines in link_lines(fold).items():
        if lines:
            path = _own_file(folder, f"{table.name}-links", ".csv")
            written += _write(path, "".join(lines), lines=len(lines))
            written += Written(files=frozenset({path.name}))
    _spread_sightings(folder, fold, buckets)
    return written


def write_bucket(folder: Path, bucket: int) -> Written:
    """Write each identifier of a bucket once; the earliest attachment describes an instrument."""
    known: dict[IdentifierKey, InstrumentFold | None] = {}
    for key, told in _sightings_of(folder, bucket):
        before = known.get(key)
        known[key] = _earlier(before, told)
    lines_by_table: dict[str, list[str]] = {table.name: [] for table in IDENTIFIER_TABLES}
    for key, told in known.items():
        lines_by_table[table_of(key.kind).name].append(identifier_line(key, told))
    written = Written()
    for name, lines in lines_by_table.items():
        if lines:
            path = _own_file(folder, f"{name}-nodes", ".csv")
            written += _write(path, "".join(lines), lines=len(lines))
            written += Written(files=frozenset({path.name}))
    return written


def _events_of(folder: Path, part: int) -> Iterator[Event]:
    return _read_all(folder, f"events-{part:04}", read_events)


def _sightings_of(folder: Path, bucket: int) -> Iterator[Sighting]:
    return _read_all(
        folder,
        f"seen-{bucket:04}",
        lambda file: (one for block in read_blocks(file) for one in _sightings.decode(block)),
    )


def _read_all(
    folder: Path, name: str, read: Callable[[BinaryIO], Iterable[Read]]
) -> Iterator[Read]:
    """What all processes wrote under a name; each file goes once it is read."""
    for path in sorted(folder.glob(f"{name}.*")):
        with path.open("rb") as file:
            yield from read(file)
        path.unlink()


def _spread_sightings(folder: Path, fold: Fold, buckets: int) -> None:
    by_bucket: defaultdict[int, list[Sighting]] = defaultdict(list)
    for key in {key for key, _ in fold.links}:
        told = fold.instruments.get(key.value) if key.kind == PAYMENT_INSTRUMENT else None
        by_bucket[_place_of(key.value, buckets)].append((key, told))
    for bucket, sightings in by_bucket.items():
        block = msgspec.msgpack.encode(sightings)
        _add(_own_file(folder, f"seen-{bucket:04}"), len(block).to_bytes(4, "big") + block)


def _earlier(one: InstrumentFold | None, other: InstrumentFold | None) -> InstrumentFold | None:
    if one is None or (other is not None and other.described < one.described):
        return other
    return one


def _write(path: Path, text: str, *, lines: int) -> Written:
    """Add lines to a table and tell what its reader must know of them."""
    packed = text.encode()
    _add(path, packed)
    return Written(
        multiline="\r" in text or text.count("\n") != lines,
        longest_line=max(map(len, packed.split(b"\n"))),
    )


def _own_file(folder: Path, name: str, suffix: str = "") -> Path:
    return folder / f"{name}.{os.getpid()}{suffix}"


def _add(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def _place_of(text: str, places: int) -> int:
    """The same in every process, which `hash` is not."""
    return crc32(text.encode()) % places


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        sleep(PARENT_CHECK_S)
    os._exit(1)
