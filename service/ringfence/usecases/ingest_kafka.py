"""Load events out of Kafka: each window is in the graph before the group's place moves behind it.

1. A window is what has come since the last one: the further behind, the larger. It goes out account
   by account, as a file does, in batches of a transaction each; the next is read meanwhile.
2. While Neo4j is away, a batch is kept and tried again; the member stays in its group.
3. Rejected events are handed on; where that fails, nothing moves.
4. The group's place moves. Whoever dies before that leaves the window to the next member, and the
   graph counts none of its events twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from time import perf_counter, time
from typing import Any, Final

from ringfence.domain.events import Event, RejectedEvent, parse_event
from ringfence.errors import GraphUnavailable, KafkaUnavailable, LimitExceeded
from ringfence.kafka.consumer import Delivery, EventConsumer
from ringfence.kafka.dead_letters import DeadLetter
from ringfence.logs import get_logger
from ringfence.metrics import EVENTS, KAFKA_LAG, KAFKA_WAITS
from ringfence.store.graph import Graph
from ringfence.store.ledger import find_ledger_begin
from ringfence.usecases.ingest import WRITERS, LoadTally, cut_batches, save_batch
from ringfence.usecases.load_items import ItemOutcome

POLL_S: Final = 1.0
LEAST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0

RejectSink = Callable[[Sequence[DeadLetter]], None]
"""Keeps rejected events, for good once it returns; it runs in a thread."""

log = get_logger(__name__)


async def ingest_kafka(
    graph: Graph,
    consumer: EventConsumer,
    *,
    stop: asyncio.Event,
    on_rejects: RejectSink = lambda _: None,
    on_progress: Callable[[LoadTally], None] = lambda _: None,
    idle_s: float | None = None,
    secret: bytes | None = None,
) -> LoadTally:
    """Load events until told to stop; any number of members may do so at once.

    Args:
        graph: migrated.
        consumer: a member of the group.
        stop: set, it ends the load after the window at hand.
        on_rejects: given the events of a window that break the contract.
        on_progress: told how far the load has come, after each window.
        idle_s: end after so long without an event, once the group gave this member a part of
            the topic; None: wait for ever.
        secret: by which accounts that were erased are known; their events count as duplicates.

    Returns:
        What this member loaded; an event that is taken twice, as after a fall, counts twice in
        `read`, and in the graph once.

    Raises:
        InvalidInput: the topic is gone, or may not be read.
    """
    load = _KafkaLoad(graph, consumer, stop, on_rejects, secret, LoadTally())
    started = last = perf_counter()
    while not stop.is_set():
        taken = await asyncio.to_thread(consumer.take, timeout_s=POLL_S)
        if taken:
            await load.do(taken)
            last = perf_counter()
            load.tally.took_s = last - started
            on_progress(load.tally)
        elif not consumer.partitions():
            last = perf_counter()
        elif idle_s is not None and perf_counter() - last >= idle_s:
            break
    tally = load.tally
    log.info("kafka_left", loaded=tally.loaded, duplicates=tally.duplicates, read=tally.read)
    return tally


@dataclass(frozen=True, slots=True)
class _KafkaLoad:
    graph: Graph
    consumer: EventConsumer
    stop: asyncio.Event
    on_rejects: RejectSink
    secret: bytes | None
    tally: LoadTally

    async def do(self, taken: Sequence[Delivery]) -> None:
        """Load a window and move the place behind it, or not where told to stop meanwhile."""
        if not await self._while_member(self._load(taken)):
            return
        await asyncio.to_thread(self.consumer.commit, taken)
        KAFKA_LAG.set(await asyncio.to_thread(self.consumer.lag))

    async def _load(self, taken: Sequence[Delivery]) -> bool:
        """Whether all of a window is in the graph, and what was rejected is handed on."""
        begin: list[int | None] = []
        if not await self._until_done(partial(self._find_begin, begin)):
            return False
        events, letters = await asyncio.to_thread(_read, taken, begin[0])
        self.tally.read += len(taken)
        self.tally.bytes_read += sum(len(one.value) for one in taken)
        self._count(ItemOutcome.REJECTED, len(letters))
        if not await self._write(events):
            return False
        return not letters or await self._until_done(partial(self._hand_on, letters))

    async def _find_begin(self, begin: list[int | None]) -> bool:
        begin[:] = [await find_ledger_begin(self.graph)]
        return True

    async def _write(self, events: Sequence[Event]) -> bool:
        """Whether all events are in the graph; no two writers have the same account."""
        batches = cut_batches(events)
        try:
            async with asyncio.TaskGroup() as group:
                writers = [group.create_task(self._write_some(batches)) for _ in range(WRITERS)]
        except BaseExceptionGroup as group_of_errors:
            raise group_of_errors.exceptions[0] from None
        return all(one.result() for one in writers)

    async def _write_some(self, batches: Iterator[list[Event]]) -> bool:
        """Write what another writer has not begun; False where told to stop before the end."""
        for batch in batches:
            if not await self._until_done(partial(self._save, batch)):
                return False
        return True

    async def _save(self, batch: Sequence[Event]) -> bool:
        new = await save_batch(self.graph, batch, self.secret)
        self._count(ItemOutcome.LOADED, new)
        self._count(ItemOutcome.DUPLICATE, len(batch) - new)
        return True

    async def _hand_on(self, letters: Sequence[DeadLetter]) -> bool:
        await asyncio.to_thread(self.on_rejects, letters)
        return True

    async def _until_done(self, work: Callable[[], Awaitable[bool]]) -> bool:
        """Do the work again until what it needs is there; False where told to stop before that."""
        wait_s = LEAST_WAIT_S
        while True:
            try:
                return await work()
            except (GraphUnavailable, KafkaUnavailable, LimitExceeded) as error:
                log.warning("kafka_batch_waits", reason=error.code, wait_s=wait_s)
                KAFKA_WAITS.labels(error.code).inc()
            if await _set_within(self.stop, wait_s):
                return False
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _while_member(self, work: Coroutine[Any, Any, bool]) -> bool:
        """The answer of work during which the consumer stays in its group, however long it takes.

        A member that does not poll for minutes is taken for dead, and its partitions go to others.
        """
        task = asyncio.create_task(work)
        held = False
        try:
            while not (await asyncio.wait([task], timeout=POLL_S))[0]:
                held = True
                await asyncio.to_thread(self.consumer.keep_alive)
            return task.result()
        finally:
            task.cancel()
            if held:
                await asyncio.to_thread(self.consumer.go_on)

    def _count(self, outcome: ItemOutcome, events: int) -> None:
        EVENTS.labels(outcome.value).inc(events)
        match outcome:
            case ItemOutcome.LOADED:
                self.tally.loaded += events
            case ItemOutcome.DUPLICATE:
                self.tally.duplicates += events
            case ItemOutcome.REJECTED:
                self.tally.rejected += events


def _read(taken: Sequence[Delivery], begins_ms: int | None) -> tuple[list[Event], list[DeadLetter]]:
    """The events of a window, those of an account in a row, and what is rejected of it."""
    events: list[Event] = []
    letters: list[DeadLetter] = []
    now_ms = round(time() * 1000)
    for one in taken:
        try:
            events.append(parse_event(one.value, now_ms=now_ms, begins_ms=begins_ms))
        except RejectedEvent as fault:
            letters.append(DeadLetter(one, fault.field, fault.reason))
    events.sort(key=attrgetter("account_id"))
    return events, letters


async def _set_within(stop: asyncio.Event, wait_s: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), wait_s)
    except TimeoutError:
        return False
    return True
