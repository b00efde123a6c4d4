"""Load events out of Kafka: each batch is in the graph before the group's place moves behind it.

1. A batch is taken and loaded on the same way as one that came over HTTP.
2. While Neo4j is away, the batch is kept and tried again; the member stays in its group.
3. Rejected events are handed on; where that fails, nothing moves.
4. The group's place moves. Whoever dies before that leaves the batch to the next member, and the
   graph counts none of its events twice.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from time import perf_counter, time
from typing import Any, Final, TypeVar

from ringfence.errors import GraphUnavailable, KafkaUnavailable, LimitExceeded
from ringfence.kafka.consumer import Delivery, EventConsumer
from ringfence.kafka.dead_letters import DeadLetter
from ringfence.logs import get_logger
from ringfence.metrics import EVENTS, KAFKA_LAG, KAFKA_WAITS
from ringfence.store.graph import Graph
from ringfence.usecases.ingest import LoadTally
from ringfence.usecases.load_items import ItemOutcome, LoadedItem, load_items

MESSAGES_AT_ONCE: Final = 8_000
POLL_S: Final = 1.0
LEAST_WAIT_S: Final = 0.5
LONGEST_WAIT_S: Final = 30.0

Answer = TypeVar("Answer")
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
        stop: set, it ends the load after the batch at hand.
        on_rejects: given the events of a batch that break the contract.
        on_progress: told how far the load has come, after each batch.
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
        taken = await asyncio.to_thread(consumer.take, MESSAGES_AT_ONCE, timeout_s=POLL_S)
        if taken:
            await load.do(taken)
            last = perf_counter()
            load.tally.took_s = last - started
            on_progress(load.tally)
        elif not consumer.has_partitions():
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
        """Load one batch and move the place behind it, or neither where told to stop meanwhile."""
        items = await self._while_member(self._until_done(lambda: self._load(taken)))
        if items is None:
            return
        self._count(taken, items)
        letters = [
            DeadLetter(taken[item.index], item.field or "", item.reason or "")
            for item in items
            if item.outcome is ItemOutcome.REJECTED
        ]
        if letters and not await self._while_member(
            self._until_done(lambda: self._hand_on(letters))
        ):
            return
        await asyncio.to_thread(self.consumer.commit, taken)
        KAFKA_LAG.set(await asyncio.to_thread(self.consumer.lag))

    async def _load(self, taken: Sequence[Delivery]) -> list[LoadedItem]:
        values = [one.value for one in taken]
        return await load_items(self.graph, values, now_ms=round(time() * 1000), secret=self.secret)

    async def _hand_on(self, letters: Sequence[DeadLetter]) -> bool:
        await asyncio.to_thread(self.on_rejects, letters)
        return True

    async def _until_done(self, work: Callable[[], Awaitable[Answer]]) -> Answer | None:
        """Do the work again until what it needs is there; None where told to stop before that."""
        wait_s = LEAST_WAIT_S
        while True:
            try:
                return await work()
            except (GraphUnavailable, KafkaUnavailable, LimitExceeded) as error:
                log.warning("kafka_batch_waits", reason=error.code, wait_s=wait_s)
                KAFKA_WAITS.labels(error.code).inc()
            if await _set_within(self.stop, wait_s):
                return None
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _while_member(self, work: Coroutine[Any, Any, Answer]) -> Answer:
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

    def _count(self, taken: Sequence[Delivery], items: Sequence[LoadedItem]) -> None:
        outcomes = [item.outcome for item in items]
        self.tally.read += len(taken)
        self.tally.bytes_read += sum(len(one.value) for one in taken)
        self.tally.loaded += outcomes.count(ItemOutcome.LOADED)
        self.tally.duplicates += outcomes.count(ItemOutcome.DUPLICATE)
        self.tally.rejected += outcomes.count(ItemOutcome.REJECTED)
        for outcome in ItemOutcome:
            EVENTS.labels(outcome.value).inc(outcomes.count(outcome))


async def _set_within(stop: asyncio.Event, wait_s: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), wait_s)
    except TimeoutError:
        return False
    return True
