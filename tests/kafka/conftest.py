"""One broker for the tests of this folder."""

from collections.abc import Iterator

import pytest

from ringfence.settings import Settings
from tests.kafka.broker import Broker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker that answers; a test that ends it starts it again."""
    broker = Broker(tmp_path_factory.mktemp("kafka"), Settings().cache)
    yield broker
    broker.stop()
