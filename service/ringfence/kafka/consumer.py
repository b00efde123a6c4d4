"""One member of a consumer group, that moves its place only where it is told to.

1. Messages are taken in batches; nothing is committed on the way.
2. While a batch is worked on, the member is kept alive by polls that take nothing.
3. Offsets are committed once the batch is done, of the partitions that are still its own.
4. Whatever was not committed comes again, to this member or to the next.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from ringfence.errors import InvalidInput, KafkaUnavailable
from ringfence.kafka.properties import Properties
from ringfence.logs import get_logger

CONNECT_TIMEOUT_S: Final = 15.0
MAX_KEPT_ALIVE: Final = 1_000

_LOST_ITS_PLACE: Final = frozenset(
    {
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.FENCED_INSTANCE_ID,
        KafkaError._ASSIGNMENT_LOST,  # noqa: SLF001 - the client's own spelling
        KafkaError._NO_OFFSET,  # noqa: SLF001
    }
)
_AWAY: Final = frozenset(
    {
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001
        KafkaError._TRANSPORT,  # noqa: SLF001
        KafkaError._TIMED_OUT,  # noqa: SLF001
        KafkaError._WAIT_COORD,  # noqa: SLF001
        KafkaError._RESOLVE,  # noqa: SLF001
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.NOT_COORDINATOR,
        KafkaError.REQUEST_TIMED_OUT,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_LEADER_FOR_PARTITION,
    }
)
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message and where it came from; an empty one has no bytes."""

    partition: int
    offset: int
    value: bytes


class EventConsumer:
    """A member of a group that reads one topic; not to be used by two threads at once.

    Args:
        servers: `host:port`, several by commas.
        topic: that holds one event a message.
        group: members of one group share the partitions.
        properties: further ones of librdkafka.

    Raises:
        InvalidInput: there is no such topic, or a property is wrong.
        KafkaUnavailable: no broker answers.
    """

    def __init__(
        self, servers: str, *, topic: str, group: str, properties: Properties | None = None
    ) -> None:
        self._topic = topic
        self._early: list[Delivery] = []
        self._paused: list[TopicPartition] = []
        ours = {
            "bootstrap.servers": servers,
            "group.id": group,
            "client.id": "ringfence",
            # The client tells its troubles to `error_cb` instead of standard error.
            "log_level": 0,
            "error_cb": _tell,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            # Events that were there before the group was are loaded too.
            "auto.offset.reset": "earliest",
            # Members keep what they have while others come and go.
            "partition.assignment.strategy": "cooperative-sticky",
        }
        try:
            self._consumer = Consumer({**(properties or {}), **ours})
        except KafkaException as error:
            raise InvalidInput(f"Kafka's client refuses its properties: {_told(error)}.") from error
        try:
            _require_topic(self._consumer, topic, servers)
        except BaseException:
            self._consumer.close()
            raise
        self._consumer.subscribe([topic])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the group at once, so that others take over without waiting for a timeout."""
        self._consumer.close()

    def has_partitions(self) -> bool:
        """Whether the group gave this member a part of the topic."""
        return bool(self._consumer.assignment())

    def take(self, most: int, *, timeout_s: float) -> list[Delivery]:
        """The next messages, in order within each partition; none where none came in time.

        Returns as soon as there are any. A broker that is away is waited for, within the time.

        Raises:
            InvalidInput: the topic is gone, or may not be read.
        """
        early, self._early = self._early, []
        if early:
            return early
        first = self._consumer.consume(1, timeout_s)
        # What the client has fetched already; it waits for no more.
        return self._delivered([*first, *(self._consumer.consume(most - 1, 0.0) if first else ())])

    def keep_alive(self) -> None:
        """Stay in the group without taking more; to be called each few seconds of long work."""
        if not self._paused:
            self._paused = self._consumer.assignment()
            self._consumer.pause(self._paused)
        # A partition that a rebalance brings now is not paused; its messages are not dropped.
        self._early += self._delivered(self._consumer.consume(MAX_KEPT_ALIVE, 0.0))

    def go_on(self) -> None:
        """Take again after `keep_alive`."""
        own = {one.partition for one in self._consumer.assignment()}
        self._consumer.resume([one for one in self._paused if one.partition in own])
        self._paused = []

    def commit(self, deliveries: Iterable[Delivery]) -> bool:
        """Move the group's place behind these messages; what comes before them is done as well.

        Returns:
            Whether the broker keeps the place. Where not, since it is away or has given the
            partitions to another member, the messages come again.
        """
        ends: dict[int, int] = {}
        for one in deliveries:
            ends[one.partition] = max(ends.get(one.partition, 0), one.offset + 1)
        own = {one.partition for one in self._consumer.assignment()}
        places = [TopicPartition(self._topic, at, end) for at, end in ends.items() if at in own]
        if not places:
            return False
        try:
            kept = self._consumer.commit(offsets=places, asynchronous=False)
        except KafkaException as error:
            _warn_or_raise(error.args[0], "kafka_place_not_kept")
            return False
        return all(one.error is None for one in kept or ())

    def lag(self) -> int:
        """Messages of its partitions that come after those taken, as far as the client knows."""
        left = 0
        for place in self._consumer.position(self._consumer.assignment()):
            _, end = self._consumer.get_watermark_offsets(place, cached=True)
            left += max(0, end - max(place.offset, 0))
        return left

    def _delivered(self, messages: Iterable[Message]) -> list[Delivery]:
        deliveries = []
        for message in messages:
            if fault := message.error():
                _warn_or_raise(fault, "kafka_failed")
                continue
            partition, offset = message.partition(), message.offset()
            if partition is not None and offset is not None:
                deliveries.append(Delivery(partition, offset, message.value() or b""))
        return deliveries


def _require_topic(consumer: Consumer, topic: str, servers: str) -> None:
    try:
        found = consumer.list_topics(topic, timeout=CONNECT_TIMEOUT_S).topics[topic]
    except KafkaException as error:
        raise KafkaUnavailable(
            f"No broker of Kafka answers at {servers} ({_told(error)}). Start it, or name another "
            "one."
        ) from error
    if found.error is not None:
        raise InvalidInput(
            f"Topic {topic} cannot be read: {found.error.str()}. Create it, or name another one."
        )


def _tell(fault: KafkaError) -> None:
    """Once an outage; each attempt of the client to connect again is told to who debugs."""
    outage = fault.code() == KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001
    tell = log.warning if outage else log.debug
    tell("kafka_failed", reason=fault.name())


def _warn_or_raise(fault: KafkaError, event: str) -> None:
    """Go on after what passes or comes again; stop at what stays.

    Raises:
        InvalidInput: the broker refuses, and will refuse the next time.
    """
    code = fault.code()
    if fault.retriable() or code in _AWAY or code in _LOST_ITS_PLACE:
        log.warning(event, reason=fault.name())
        return
    raise InvalidInput(
        f"Kafka refuses: {fault.str()} ({fault.name()}). Correct the topic or the rights of the "
        "client and start again; nothing that was read is lost."
    )


def _told(error: KafkaException) -> str:
    fault = error.args[0]
    return fault.str() if isinstance(fault, KafkaError) else str(fault)
