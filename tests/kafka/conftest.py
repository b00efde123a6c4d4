"""One broker for the tests of this folder, and a topic for each."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from ringfence.settings import Settings
from tests.kafka.broker import Broker

PARTITIONS = 4


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that answers; a test that ends it starts it again."""
    broker = Broker(tmp_path_factory.mktemp("kafka"), Settings().cache)
    yield broker
    broker.stop()


@pytest.fixture
def topic(broker: Broker) -> str:
    name = f"events-{uuid4().hex[:8]}"
    broker.create_topic(name, partitions=PARTITIONS)
    return name
