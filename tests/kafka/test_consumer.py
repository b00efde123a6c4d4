from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest

from ringfence.kafka import Delivery, EventConsumer
from tests.kafka.broker import Broker
from tests.kafka.conftest import PARTITIONS

WINDOW = 40
MESSAGES = 400
QUICK = {"session.timeout.ms": "1500", "heartbeat.interval.ms": "300"}
# The client fetches few bytes ahead.
LITTLE = {"fetch.message.max.bytes": "20000", "queued.max.messages.kbytes": "40"}

pytestmark = pytest.mark.timeout(120)
Join = Callable[[], EventConsumer]


@pytest.fixture
def join(broker: Broker, topic: str) -> Iterator[Join]:
    """Members of one group, gone with the test."""
    members: list[EventConsumer] = []

    def new() -> EventConsumer:
        member = EventConsumer(
            broker.servers, topic=topic, group="ringfence", properties=QUICK | LITTLE
        )
        members.append(member)
        return member

    yield new
    for member in members:
        member.close()


@pytest.fixture
def small_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringfence.kafka.consumer.WINDOW_MESSAGES", WINDOW)


def fill(broker: Broker, topic: str) -> list[Delivery]:
    """Messages in all partitions, as they shall be delivered."""
    values = [str(at).encode() for at in range(MESSAGES)]
    broker.publish(topic, values)
    return [Delivery(at % PARTITIONS, at // PARTITIONS, value) for at, value in enumerate(values)]


def take(member: EventConsumer) -> list[Delivery]:
    """The next window; there must be one."""
    deadline = monotonic() + 30
    while not (taken := member.take(timeout_s=0.5)):
        assert monotonic() < deadline
    return taken


def keep_alive_until(done: Callable[[], bool], *members: EventConsumer) -> None:
    deadline = monotonic() + 30
    while not done():
        assert monotonic() < deadline
        for member in members:
            member.keep_alive()
        sleep(0.05)


def keep_alive_for(seconds: float, member: EventConsumer) -> None:
    end = monotonic() + seconds
    keep_alive_until(lambda: monotonic() >= end, member)


def place(delivery: Delivery) -> tuple[int, int]:
    return delivery.partition, delivery.offset


def test_window_that_is_read_ahead_ends_where_it_is_full_and_nothing_comes_twice(
    broker: Broker, topic: str, join: Join, small_window: None
) -> None:
    expected = fill(broker, topic)
    member = join()
    taken: list[Delivery] = []

    while len(taken) < MESSAGES:
        window = take(member)
        keep_alive_for(0.3, member)
        member.go_on()
        taken += window

        # Each poll of those that found it full may have brought one that was on its way.
        assert len(window) <= WINDOW + PARTITIONS

    assert sorted(taken, key=place) == sorted(expected, key=place)
    for partition in range(PARTITIONS):
        offsets = [one.offset for one in taken if one.partition == partition]
        assert offsets == sorted(offsets)


def test_large_messages_fill_a_window_by_their_bytes(
    broker: Broker, topic: str, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.kafka.consumer.WINDOW_BYTES", 100_000)
    broker.publish(topic, [bytes(20_000)] * 50)
    member = join()

    keep_alive_until(lambda: member.lag() >= 1, member)
    keep_alive_for(2, member)
    window = take(member)

    # Five of them fill it; those that the client held at that moment came along.
    assert 5 <= len(window) < 20


def test_part_of_a_member_that_leaves_does_not_flood_one_whose_window_is_full(
    broker: Broker, topic: str, join: Join, small_window: None
) -> None:
    full, leaver = join(), join()
    keep_alive_until(
        lambda: len(full.partitions()) == len(leaver.partitions()) == PARTITIONS // 2, full, leaver
    )
    expected = fill(broker, topic)
    keep_alive_for(1, full)

    leaver.close()
    keep_alive_until(lambda: len(full.partitions()) == PARTITIONS, full)
    keep_alive_for(2, full)
    window = take(full)
    full.go_on()

    assert len(window) <= WINDOW + 2 * PARTITIONS
    taken = window
    while len(taken) < MESSAGES:
        taken = [*taken, *take(full)]
    assert sorted(taken, key=place) == sorted(expected, key=place)


def test_what_was_read_ahead_is_left_to_the_member_that_gets_its_partition(
    broker: Broker, topic: str, join: Join
) -> None:
    first = join()
    expected = fill(broker, topic)
    keep_alive_until(lambda: first.lag() == MESSAGES, first)
    keep_alive_for(1, first)

    second = join()
    keep_alive_until(
        lambda: len(first.partitions()) == len(second.partitions()) == PARTITIONS // 2,
        first,
        second,
    )
    taken = [*take(first), *take(second)]

    while len(taken) < MESSAGES:
        taken += second.take(timeout_s=0.5)
    assert sorted(taken, key=place) == sorted(expected, key=place)
