from collections.abc import Iterator

import pytest

from ringfence.client import RingfenceClient
from tests.api.conftest import api, graph_as_left, small_graph, writer
from tests.api.live import API_KEY, LiveApi
from tests.api.small_graph import Writer, write_small_graph

__all__ = ["api", "graph_as_left", "small_graph", "writer"]


@pytest.fixture
def client(api: LiveApi) -> Iterator[RingfenceClient]:
    with RingfenceClient(api.url, API_KEY) as client:
        yield client


@pytest.fixture
def graph_to_change(writer: Writer) -> Writer:
    """The small graph, which no later test takes for unchanged."""
    write_small_graph(writer)
    writer.run("MATCH (n:SmallGraph) DELETE n")
    return writer
