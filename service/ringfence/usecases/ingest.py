"""Load event files: each line is loaded, known already, or rejected and told why."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from math import inf
from operator import attrgetter
from pathlib import Path
from time import perf_counter, time
from typing import Final

from ringfence.domain.event_spill import pack_events, read_events
from ringfence.domain.events import Event, RejectedEvent
from ringfence.errors import GraphUnavailable, InvalidInput
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.ledger import READ_AGAIN, find_ledger_begin
from ringfence.store.loading import MAX_BATCH_EVENTS, mark_of
from ringfence.usecases.erased_accounts import save_unless_erased
from ringfence.usecases.reading_lines import (
    Line,
    LineSource,
    open_lines,
    parse_line,
    size_of,
)

WRITERS: Final = 2
LINES_A_TURN: Final = 100
"""Lines parsed before the writers get their turn, about a millisecond."""

WINDOW_EVENTS: Final = 500_000
"""Events a writer's batches are cut from, some 60 MB packed: the more, the less often one account
is written. Each window is sorted by account, since the order of events does not matter."""

SHELVES: Final = 16
"""Parts of a window, by account, of which one at a time is unpacked."""

BATCH_ACCOUNTS: Final = 2_000
"""Rows of one statement at which Neo4j writes fastest."""

_BATCHES_WAITING: Final = 2
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that breaks the contract; it holds nothing of the line but what the reason quotes."""

    file: str
    line: int
    field: str
    reason: str


@dataclass(slots=True)
class LoadTally:
    """How far a load has come; `loaded` and `duplicates` are surely in the graph.

    Attributes:
        bytes_total: of all files; None where standard input is among them.
    """

    read: int = 0
    loaded: int = 0
    duplicates: int = 0
    rejected: int = 0
    bytes_read: int = 0
    bytes_total: int | None = None
    took_s: float = 0.0

    @property
    def done(self) -> int:
        """Events that are surely in the graph."""
        return self.loaded + self.duplicates

    @property
    def bytes_done(self) -> int:
        """About how much of the files is dealt with; reading runs ahead of writing."""
        return self.bytes_read * (self.done + self.rejected) // self.read if self.read else 0

    @property
    def events_per_s(self) -> float:
        """Events read a second."""
        return self.read / self.took_s if self.took_s else 0.0


async def ingest(  # noqa: PLR0913 - options, each with a default
    graph: Graph,
    paths: Sequence[str | Path],
    *,
    now_ms: int | None = None,
    on_reject: Callable[[Reject], None] = lambda _: None,
    on_progress: Callable[[LoadTally], None] = lambda _: None,
    tally: LoadTally | None = None,
    writers: int = WRITERS,
    secret: bytes | None = None,
) -> LoadTally:
    """Load event files; any number of processes may load the same or others at once.

    Args:
        graph: migrated.
        paths: files of one event a line, plain or gzip; `-` is standard input.
        now_ms: the present, to refuse times in the far future; None: the clock's.
        on_reject: told of each line that breaks the contract.
        on_progress: told how far the load has come, after each block read and each batch written.
        tally: kept up to date and returned; one's own tells the state after an interruption.
        writers: transactions at once. Memory holds a window and some batches for each, however
            large the files.
        secret: by which accounts that were erased are known; their events count as duplicates.

    Raises:
        InvalidInput: a file is missing or cannot be read to its end.
        GraphUnavailable: Neo4j went away; the message tells what is surely loaded.
    """
    tally = tally or LoadTally()
    names = [str(path) for path in paths]
    tally.bytes_total = size_of(names)
    load = _FileLoad(
        graph,
        round(time() * 1000) if now_ms is None else now_ms,
        on_reject,
        on_progress,
        tally,
        queues=[asyncio.Queue(_BATCHES_WAITING) for _ in range(writers)],
        windows=[_Window() for _ in range(writers)],
        secret=secret,
    )
    started = perf_counter()
    try:
        await load.run(names)
    except GraphUnavailable as error:
        raise _with_tally(error, tally) from error
    finally:
        tally.took_s = perf_counter() - started
    log.info(
        "events_ingested",
        read=tally.read,
        loaded=tally.loaded,
        duplicates=tally.duplicates,
        rejected=tally.rejected,
        took_ms=round(tally.took_s * 1000),
    )
    return tally


@dataclass(slots=True)
class _Window:
    """Events packed small until their turn comes."""

    events: int = 0
    shelves: list[BytesIO] = field(default_factory=lambda: [BytesIO() for _ in range(SHELVES)])

    def add(self, event: Event, place: int) -> None:
        """Put an event on the shelf of its account's place."""
        self.shelves[place % SHELVES].write(pack_events((event,)))
        self.events += 1

    def by_account(self) -> Iterator[Event]:
        """All events, those of one account in a row; what is given is gone."""
        for shelf in self.shelves:
            shelf.seek(0)
            yield from sorted(read_events(shelf), key=attrgetter("account_id"))
            shelf.truncate(0)


@dataclass(slots=True)
class _FileLoad:
    """One load on its way: a reader in front, a window and a queue before each writer."""

    graph: Graph
    now_ms: int
    on_reject: Callable[[Reject], None]
    on_progress: Callable[[LoadTally], None]
    tally: LoadTally
    queues: list[asyncio.Queue[list[Event]]]
    windows: list[_Window]
    secret: bytes | None
    begins_ms: int | None = None
    begin_read_at: float = -inf

    async def run(self, paths: Sequence[str]) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for queue in self.queues:
                    group.create_task(self._write(queue))
                fault = await self._read_all(paths)
                for writer, queue in enumerate(self.queues):
                    await self._pass_on(writer)
                    await queue.put([])
        except BaseExceptionGroup as group_of_errors:
            raise group_of_errors.exceptions[0] from None
        if fault:
            raise fault

    async def _read_all(self, paths: Sequence[str]) -> InvalidInput | None:
        """Read and route every line; a fault of a file is returned, so that the rest is written."""
        try:
            for path in paths:
                with open_lines(path) as source:
                    await self._read(source)
        except InvalidInput as fault:
            return fault
        return None

    async def _read(self, source: LineSource) -> None:
        bytes_before = self.tally.bytes_read
        while lines := await asyncio.to_thread(source.next_lines):
            await self._look_where_the_ledger_begins()
            for start in range(0, len(lines), LINES_A_TURN):
                for line in lines[start : start + LINES_A_TURN]:
                    await self._take(source.name, line)
                await asyncio.sleep(0)
            self.tally.bytes_read = bytes_before + source.position()
            self.on_progress(self.tally)

    async def _look_where_the_ledger_begins(self) -> None:
        """Now and then, since a pipe may be open for weeks."""
        if perf_counter() - self.begin_read_at >= READ_AGAIN.total_seconds():
            self.begins_ms = await find_ledger_begin(self.graph)
            self.begin_read_at = perf_counter()

    async def _take(self, file: str, line: Line) -> None:
        self.tally.read += 1
        event = parse_line(line.text, self.now_ms, self.begins_ms)
        if isinstance(event, RejectedEvent):
            self.tally.rejected += 1
            self.on_reject(Reject(file, line.number, event.field, event.reason))
            return
        place = hash(event.account_id)
        writer = place % len(self.queues)
        window = self.windows[writer]
        window.add(event, place // len(self.queues))
        if window.events == WINDOW_EVENTS:
            await self._pass_on(writer)

    async def _pass_on(self, writer: int) -> None:
        """Give a writer its window in batches; an account's events lie in as few as can be."""
        window, self.windows[writer] = self.windows[writer], _Window()
        for batch in cut_batches(window.by_account()):
            await self.queues[writer].put(batch)

    async def _write(self, queue: asyncio.Queue[list[Event]]) -> None:
        """Write batches until an empty one says that there are no more."""
        while batch := await queue.get():
            new = await save_batch(self.graph, batch, self.secret)
            self.tally.loaded += new
            self.tally.duplicates += len(batch) - new
            self.on_progress(self.tally)


async def save_batch(graph: Graph, batch: Sequence[Event], secret: bytes | None) -> int:
    """Write a batch in one transaction, and return how many events of it the graph had not yet."""
    known = await save_unless_erased(graph, batch, secret)
    return len({mark_of(event) for event in batch}) - len(known)


def cut_batches(by_account: Iterable[Event]) -> Iterator[list[Event]]:
    """Cut events, those of one account in a row, into batches of so many accounts.

    Each account is whole where it can be.
    """
    batch: list[Event] = []
    accounts = 0
    for event in by_account:
        begins = not batch or event.account_id != batch[-1].account_id
        if len(batch) == MAX_BATCH_EVENTS or (begins and accounts == BATCH_ACCOUNTS):
            yield batch
            batch, accounts = [], 0
        batch.append(event)
        accounts += begins
    if batch:
        yield batch


def _with_tally(error: GraphUnavailable, tally: LoadTally) -> GraphUnavailable:
    return GraphUnavailable(
        f"{error} {tally.done} of {tally.read} events read are surely in the "
        "graph. The same command again completes the load and counts nothing twice."
    )
