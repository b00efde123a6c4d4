"""Laws of takedowns that hold whatever happens in which order."""

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings

from ringfence.store.graph import Graph
from tests.usecases.takedown_histories import Command, History, commands


@pytest.fixture(scope="module")
def seen() -> Iterator[Counter[str]]:
    """What all histories did: the law would hold if they did nothing, which is looked at last."""
    counted: Counter[str] = Counter()
    yield counted
    assert counted["actions"] > 20
    rare = ("crashed", "drift refused", "undo_accounts", "undo", "take_down", "tell")
    assert min(counted[what] for what in rare) > 0, counted


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(history=commands())
async def test_any_history_ends_with_what_each_account_had_before(
    graph: Graph, seen: Counter[str], history: list[Command]
) -> None:
    one = History(graph)

    await one.run(history)

    seen.update(one.seen)
