"""A topic for events that were rejected: each as it came, with where it stood and why."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from ringfence.errors import KafkaUnavailable
from ringfence.kafka.consumer import Delivery
from ringfence.kafka.properties import Properties

FLUSH_TIMEOUT_S: Final = 30.0
ROOM_TIMEOUT_S: Final = 0.1

DeliveryCallback = Callable[[KafkaError | None, Message], None]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A rejected message, the field at fault where one is, and the reason."""

    delivery: Delivery
    field: str
    reason: str


class DeadLetters:
    """Sends rejected messages to a topic.

    Args:
        servers: `host:port`, several by commas.
        topic: that takes them.
        source: topic that they came from.
        properties: further ones of librdkafka.
    """

    def __init__(
        self, servers: str, *, topic: str, source: str, properties: Properties | None = None
    ) -> None:
        self._topic, self._source = topic, source
        self._producer = Producer(
            {
                **(properties or {}),
                "bootstrap.servers": servers,
                "client.id": "ringfence",
                "log_level": 0,
                "enable.idempotence": True,
                # What is not kept by then is sent anew, with the batch it belongs to.
                "message.timeout.ms": int(FLUSH_TIMEOUT_S * 1000),
            }
        )

    def send(self, letters: Sequence[DeadLetter]) -> None:
        """Return once the broker keeps all of them; after an error some may be there twice.

        Raises:
            KafkaUnavailable: it does not.
        """
        faults: list[str] = []

        def note(fault: KafkaError | None, _: Message) -> None:
            if fault is not None:
                faults.append(fault.str())

        try:
            for letter in letters:
                self._produce(letter, note)
                if faults:
                    break
            waiting = self._producer.flush(FLUSH_TIMEOUT_S)
        except KafkaException as error:
            raise _not_kept(self._topic, str(error)) from error
        if faults or waiting:
            raise _not_kept(self._topic, faults[0] if faults else "no answer in time")

    def _produce(self, letter: DeadLetter, note: DeliveryCallback) -> None:
        """Queue a letter; where the queue is full, once others have left it or were given up."""
        while True:
            try:
                self._producer.produce(
                    self._topic,
                    letter.delivery.value,
                    headers=self._headers(letter),
                    on_delivery=note,
                )
            except BufferError:
                self._producer.poll(ROOM_TIMEOUT_S)
            else:
                self._producer.poll(0)
                return

    def _headers(self, letter: DeadLetter) -> list[tuple[str, str | bytes | None]]:
        return [
            ("ringfence-topic", self._source),
            ("ringfence-partition", str(letter.delivery.partition)),
            ("ringfence-offset", str(letter.delivery.offset)),
            ("ringfence-field", letter.field),
            ("ringfence-reason", letter.reason),
        ]


def _not_kept(topic: str, reason: str) -> KafkaUnavailable:
    return KafkaUnavailable(
        f"Topic {topic} did not keep the rejected events: {reason}. Check that it exists and may "
        "be written to."
    )
