"""The work of a bulk load that processes share: dividing lines by account, folding, tables.

Everything lies in one folder. Files that several processes add to bear the process in their name,
so that nobody waits for anybody.
"""

import gc
import os
import signal
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from heapq import merge
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Final, NamedTuple, Self
from zlib import crc32

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import Struct, field

from ringfence.domain.event_spill import read_blocks
from ringfence.domain.events import Event, RejectedEvent
from ringfence.domain.folding import Fold, InstrumentFold, fold_events, once_each
from ringfence.domain.identifiers import PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.store.bulk_tables import (
    IdentifierTable,
    LinkColumns,
    account_table,
    has_empty_text,
    identifier_table,
    link_table,
    table_of,
)
from ringfence.usecases.reading_lines import MAX_LINE_BYTES, Block, lines_of, parse_line

PARENT_CHECK_S: Final = 1.0
FAULTS_A_BLOCK: Final = 1_000
_LENGTH_BYTES: Final = 4


class Fault(NamedTuple):
    """A line that breaks the contract, in the order of lines; files count from 0."""

    file: int
    line: int
    field: str
    reason: str


class _Subject(Struct):
    """Of an event only whose it is."""

    subject: str


class _Lines(Struct, array_like=True, gc=False):
    """Lines of one file, by number."""

    file: int
    numbers: list[int] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)


class _Seen(Struct, array_like=True, gc=False):
    """What a part tells of some identifiers, each once; links name them by their place here."""

    keys: list[IdentifierKey] = field(default_factory=list)
    told: list[InstrumentFold | None] = field(default_factory=list)
    links: LinkColumns = field(default_factory=LinkColumns)


_subject_decoder = msgspec.json.Decoder(_Subject)
_encoder = msgspec.msgpack.Encoder()
_lines_decoder = msgspec.msgpack.Decoder(_Lines)
_seen_decoder = msgspec.msgpack.Decoder(_Seen)
_faults_decoder = msgspec.msgpack.Decoder(list[Fault])


@dataclass(frozen=True, slots=True)
class Written:
    """What some parts came to.

    Attributes:
        events: each once.
        accounts: of them.
        faults: lines that are no events.
        files: names of tables.
        empty_texts: whether there is one in them.
    """

    events: int = 0
    accounts: int = 0
    faults: int = 0
    files: tuple[str, ...] = ()
    empty_texts: bool = False

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.events + other.events,
            self.accounts + other.accounts,
            self.faults + other.faults,
            self.files + other.files,
            self.empty_texts or other.empty_texts,
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


def divide_lines(folder: Path, file: int, blocks: Sequence[Block], *, parts: int) -> int:
    """Add some lines of a file to the parts that their accounts belong to; return how many.

    All else is read once, by who folds the part; a fault in it is found then.
    """
    count = 0
    lines_by_part: defaultdict[int, _Lines] = defaultdict(lambda: _Lines(file))
    for block in blocks:
        for number, text in lines_of(block):
            count += 1
            subject = _subject_of(text)
            lines = lines_by_part[number % parts if subject is None else _place_of(subject, parts)]
            lines.numbers.append(number)
            lines.texts.append(text)
    for part, lines in lines_by_part.items():
        _add(_own_file(folder, f"lines-{part:04}"), lines)
    return count


def fold_part(folder: Path, part: int, *, buckets: int, now_ms: int) -> Written:
    """Fold one part's events, in which each account is whole, and write its accounts.

    What a part says of identifiers, which parts share, goes into buckets of identifiers.
    """
    faults: list[Fault] = []
    fold = fold_events(once_each(_events_of(folder, part, now_ms, faults)))
    faults.sort()
    for at in range(0, len(faults), FAULTS_A_BLOCK):
        _add(folder / f"faults-{part:04}", faults[at : at + FAULTS_A_BLOCK])
    accounts = list(fold.accounts.values())
    if not accounts:
        return Written(faults=len(faults))
    first = _claim_ids(folder, len(accounts))
    _spread_links(folder, fold, first, buckets)
    events = sum(len(account.event_keys) for account in accounts)
    counted = Written(events, len(accounts), len(faults))
    return counted + _write(folder, f"accounts-{part:04}", account_table(accounts, first))


def write_bucket(folder: Path, table: IdentifierTable, bucket: int) -> Written:
    """Write identifiers of a bucket, each once, and their links.

    The earliest attachment describes an instrument.
    """
    seen = [
        _seen_decoder.decode(block)
        for block in _take_blocks(folder, f"seen-{table.name}-{bucket:04}")
    ]
    if not seen:
        return Written()
    known: dict[IdentifierKey, InstrumentFold | None] = {}
    for one in seen:
        for key, told in zip(one.keys, one.told, strict=True):
            known[key] = _earlier(known.get(key), told)
    first = _claim_ids(folder, len(known))
    number_by_key = {key: number for number, key in enumerate(known, first)}
    nodes = identifier_table(table, known, first)
    links = pa.concat_tables(link_table(_numbered(one, number_by_key)) for one in seen)
    return _write(folder, f"{table.name}-nodes-{bucket:04}", nodes) + _write(
        folder, f"{table.name}-links-{bucket:04}", links
    )


def read_faults(folder: Path) -> Iterator[Fault]:
    """The faults of all parts in the order of lines."""
    return merge(*map(_faults_in, sorted(folder.glob("faults-*"))))


def _subject_of(text: bytes) -> str | None:
    """The account that a line tells of, None where it cannot be told."""
    if len(text) > MAX_LINE_BYTES:
        return None
    try:
        return _subject_decoder.decode(text).subject
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def _events_of(folder: Path, part: int, now_ms: int, faults: list[Fault]) -> Iterator[Event]:
    for block in _take_blocks(folder, f"lines-{part:04}"):
        lines = _lines_decoder.decode(block)
        for number, text in zip(lines.numbers, lines.texts, strict=True):
            event = parse_line(text, now_ms)
            if isinstance(event, RejectedEvent):
                faults.append(Fault(lines.file, number, event.field, event.reason))
            else:
                yield event


def _spread_links(folder: Path, fold: Fold, first: int, buckets: int) -> None:
    """Give each bucket its identifiers and links; accounts are numbered from `first`."""
    number_by_account = {account: number for number, account in enumerate(fold.accounts, first)}
    seen_by_file: defaultdict[str, _Seen] = defaultdict(_Seen)
    place_by_key: dict[IdentifierKey, tuple[LinkColumns, int]] = {}
    for (key, account), link in fold.links.items():
        place = place_by_key.get(key)
        if place is None:
            bucket = _place_of(key.value, buckets)
            seen = seen_by_file[f"seen-{table_of(key.kind).name}-{bucket:04}"]
            place = place_by_key[key] = (seen.links, len(seen.keys))
            seen.keys.append(key)
            seen.told.append(
                fold.instruments.get(key.value) if key.kind == PAYMENT_INSTRUMENT else None
            )
        columns, at = place
        columns.accounts.append(number_by_account[account])
        columns.identifiers.append(at)
        columns.first_seen_ms.append(link.first_seen_ms)
        columns.last_seen_ms.append(link.last_seen_ms)
        columns.events.append(link.events)
    for name, seen in seen_by_file.items():
        _add(_own_file(folder, name), seen)


def _numbered(seen: _Seen, number_by_key: dict[IdentifierKey, int]) -> LinkColumns:
    """Its links, with identifiers by the number that the store gives them."""
    numbers = [number_by_key[key] for key in seen.keys]
    return msgspec.structs.replace(
        seen.links, identifiers=[numbers[at] for at in seen.links.identifiers]
    )


def _earlier(one: InstrumentFold | None, other: InstrumentFold | None) -> InstrumentFold | None:
    if one is None or (other is not None and other.described < one.described):
        return other
    return one


def _claim_ids(folder: Path, count: int) -> int:
    """The first of so many node ids that are nobody else's.

    They leave no gap, since the store has a record for each.
    """
    with (folder / "ids").open("a+b") as file:
        flock(file, LOCK_EX)
        file.seek(0)
        first = int(file.read() or 0)
        file.truncate(0)
        file.write(b"%d" % (first + count))
    return first


def _write(folder: Path, name: str, table: pa.Table) -> Written:
    """Write a table that is read once, and soon."""
    file = f"{name}.parquet"
    pq.write_table(
        table, folder / file, compression="NONE", use_dictionary=False, write_statistics=False
    )
    return Written(files=(file,), empty_texts=has_empty_text(table))


def _faults_in(path: Path) -> Iterator[Fault]:
    with path.open("rb") as file:
        for block in read_blocks(file):
            yield from _faults_decoder.decode(block)


def _take_blocks(folder: Path, name: str) -> Iterator[bytes]:
    """Blocks that all processes wrote under a name; each file goes once it is read."""
    for path in sorted(folder.glob(f"{name}.*")):
        with path.open("rb") as file:
            yield from read_blocks(file)
        path.unlink()


def _add(path: Path, content: _Lines | _Seen | list[Fault]) -> None:
    block = _encoder.encode(content)
    with path.open("ab") as file:
        file.write(len(block).to_bytes(_LENGTH_BYTES, "big") + block)


def _own_file(folder: Path, name: str) -> Path:
    return folder / f"{name}.{os.getpid()}"


def _place_of(text: str, places: int) -> int:
    """The same in every process, which `hash` is not."""
    return crc32(text.encode()) % places


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        sleep(PARENT_CHECK_S)
    os._exit(1)
