from confluent_kafka import Consumer, Message

from ringfence.kafka import DeadLetter, DeadLetters, Delivery
from tests.kafka.broker import Broker

LETTERS = 5_000
SMALL_QUEUE = {"queue.buffering.max.messages": "100"}


def test_more_letters_than_the_client_queues_are_all_kept(broker: Broker, topic: str) -> None:
    letters = [DeadLetter(Delivery(0, at, b"no event"), "", "reason") for at in range(LETTERS)]

    DeadLetters(broker.servers, topic=topic, source="events", properties=SMALL_QUEUE).send(letters)

    offsets = {dict(one.headers() or ())["ringfence-offset"] for one in read(broker, topic)}
    assert offsets == {str(at).encode() for at in range(LETTERS)}


def read(broker: Broker, topic: str) -> list[Message]:
    """All messages of a topic."""
    consumer = Consumer(
        {"bootstrap.servers": broker.servers, "group.id": "t", "auto.offset.reset": "earliest"}
    )
    consumer.subscribe([topic])
    messages = consumer.consume(LETTERS, 20)
    consumer.close()
    return messages
