"""One member of a consumer group, that moves its place only where it is told to.

1. Messages are taken in windows; nothing is committed on the way.
2. While a window is worked on, polls keep the member alive and read the next one ahead.
3. Offsets are committed once the window is done, of the partitions that are still its own.
4. Whatever was not committed comes again, to this member or to the next.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Self

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from msgspec import Struct

from ringfence.errors import InvalidInput, KafkaUnavailable
from ringfence.kafka.properties import Properties
from ringfence.logs import get_logger

CONNECT_TIMEOUT_S: Final = 15.0

WINDOW_MESSAGES: Final = 200_000
WINDOW_BYTES: Final = 64 * 2**20
"""Either of them is enough; the client fetches as many bytes ahead of that again."""

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


class Delivery(Struct, frozen=True, gc=False):
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
        self._ahead: list[Delivery] = []
        self._ahead_bytes = 0
        self._paused: frozenset[int] = frozenset()
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
        self._consumer.subscribe([topic], on_revoke=self._leave_to_others)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Leave the group at once, so that others take over without waiting for a timeout."""
        self._consumer.close()

    def partitions(self) -> frozenset[int]:
        """The part of the topic that the group gave this member."""
        return frozenset(one.partition for one in self._consumer.assignment())

    def take(self, *, timeout_s: float) -> list[Delivery]:
        """The next window, in order within each partition; nothing where nothing came in time.

        Returns as soon as there is anything, with all that the client has fetched already. A broker
        that is away is waited for, within the time.

        Raises:
            InvalidInput: the topic is gone, or may not be read.
        """
        if not self._ahead:
            self._read(1, timeout_s)
        if self._ahead:
            self._read_ahead()
        taken, self._ahead, self._ahead_bytes = self._ahead, [], 0
        return taken

    def keep_alive(self) -> None:
        """Stay in the group and read the next window; to be called each few seconds of work."""
        self._read_ahead()
        if self._is_full():
            self._pause()
            # It takes part in rebalances; what they bring is paused the next time.
            self._read(1, 0.0)

    def go_on(self) -> None:
        """Take again after `keep_alive`."""
        self._consumer.resume(self._places(self._paused))
        self._paused = frozenset()

    def commit(self, deliveries: Iterable[Delivery]) -> bool:
        """Move the group's place behind these messages; what comes before them is done as well.

        Returns:
            Whether the broker keeps the place. Where not, since it is away or has given the
            partitions to another member, the messages come again.
        """
        ends: dict[int, int] = {}
        for one in deliveries:
            ends[one.partition] = max(ends.get(one.partition, 0), one.offset + 1)
        own = self.partitions()
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
        left = len(self._ahead)
        for place in self._consumer.position(self._consumer.assignment()):
            _, end = self._consumer.get_watermark_offsets(place, cached=True)
            left += max(0, end - max(place.offset, 0))
        return left

    def _pause(self) -> None:
        """Let polls bring no more; the client throws away what it has fetched of a partition."""
        own = self.partitions()
        self._consumer.pause(self._places(own - self._paused))
        self._paused = own

    def _places(self, partitions: Iterable[int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, one) for one in partitions]

    def _read_ahead(self) -> None:
        """Add what the client has fetched already, as far as the window has room."""
        if not self._is_full():
            self._read(WINDOW_MESSAGES - len(self._ahead), 0.0)

    def _is_full(self) -> bool:
        return len(self._ahead) >= WINDOW_MESSAGES or self._ahead_bytes >= WINDOW_BYTES

    def _read(self, most: int, timeout_s: float) -> None:
        for message in self._consumer.consume(most, timeout_s):
            if fault := message.error():
                _warn_or_raise(fault, "kafka_failed")
                continue
            partition, offset = message.partition(), message.offset()
            if partition is not None and offset is not None:
                delivery = Delivery(partition, offset, message.value() or b"")
                self._ahead.append(delivery)
                self._ahead_bytes += len(delivery.value)

    def _leave_to_others(self, _: Consumer, revoked: Sequence[TopicPartition]) -> None:
        """Drop what was read ahead of partitions that others have now; it comes to them."""
        gone = {one.partition for one in revoked}
        self._paused -= gone
        self._ahead = [one for one in self._ahead if one.partition not in gone]
        self._ahead_bytes = sum(len(one.value) for one in self._ahead)


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
