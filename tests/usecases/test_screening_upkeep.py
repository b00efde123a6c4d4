"""Upkeep of a screener: what it knows follows the graph, through outages too."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

from ringfence.detection import load_config
from ringfence.domain.identifiers import PAYMENT_INSTRUMENT
from ringfence.domain.policies import PolicyMode
from ringfence.domain.policy_lists import ListName
from ringfence.domain.policy_reading import read_draft
from ringfence.domain.screenings import Decision, Likelihood
from ringfence.domain.verdicts import VerdictKind
from ringfence.errors import GraphUnavailable, InvalidInput
from ringfence.screening.fresh import FreshSignUps
from ringfence.screening.index import ScreeningIndex
from ringfence.screening.keys import key_hash
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from ringfence.store.screenings import find_screening
from ringfence.usecases.detect import detect
from ringfence.usecases.judge_ring import judge_ring
from ringfence.usecases.policies import enforce_policy, save_policy
from ringfence.usecases.policy_lists import add_list_entry
from ringfence.usecases.rounds import index_of
from ringfence.usecases.screen import JOURNAL, Screener
from ringfence.usecases.screening_upkeep import Build, Upkeep
from ringfence.usecases.takedown_worker import TakedownWorker
from tests.api.line import Line, line_to
from tests.conftest import Neo4jServer
from tests.screening.graphs_by_hand import attempt, farm_index, farm_world
from tests.screening.policies_by_hand import entry, policy
from tests.usecases.rings_taken_down import RULES, started
from tests.usecases.test_screen import SECRET, worker

CONFIG = load_config()
LAST_DAY = datetime.now(UTC).date() + timedelta(days=7)
NEWCOMER = attempt(device="one-device1", card="new-card")


async def farm_index_again() -> ScreeningIndex:
    return farm_index()


def kept_by(graph: Graph, screener: Screener, build: Build = farm_index_again) -> Upkeep:
    return Upkeep(screener, graph, build, every_s=0, poll_s=0.02)


@pytest.fixture
async def screener(tmp_path: Path) -> AsyncIterator[Screener]:
    screener = worker(tmp_path)
    yield screener
    screener.journal.close()


@pytest.fixture
async def ringed(graph: Graph) -> Graph:
    """A graph in which detection found the farm."""
    await save_events(graph, farm_world(strangers=40).events)
    await detect(graph, CONFIG)
    return graph


async def until(true: Callable[[], bool], within_s: float = 15.0) -> None:
    ends_at = monotonic() + within_s
    while not true():
        assert monotonic() < ends_at, "It did not become true in time."
        await asyncio.sleep(0.01)


def seen(screener: Screener, card: str) -> int:
    return screener.known.fresh.of(key_hash(PAYMENT_INSTRUMENT, card)).count


async def test_first_look_learns_what_is_in_force(graph: Graph, screener: Screener) -> None:
    draft = read_draft(policy().document(), where="test")
    stored = await save_policy(graph, draft, by="ana")
    await add_list_entry(graph, entry(ListName.BLOCK, "device", "dev_1", until=LAST_DAY), by="ana")

    await kept_by(graph, screener).follow()

    rules = screener.known.rules
    assert rules.shadows == (stored.policy,)
    assert len(rules.lists) == 1
    assert screener.known.remembered is not None
    assert screener.known.trouble is None


async def test_policy_that_is_enforced_is_used_after_one_look(
    graph: Graph, screener: Screener
) -> None:
    upkeep = kept_by(graph, screener)
    await upkeep.follow()
    before = screener.screen(NEWCOMER)
    stored = await save_policy(graph, read_draft(policy().document(), where="t"), by="ana")
    await enforce_policy(graph, "ours", stored.policy.version, reason="better", by="ana")

    await upkeep.follow()

    after = screener.screen(NEWCOMER)
    assert (before.ruling.policy_id, before.ruling.policy_version) == ("default", 0)
    assert (after.ruling.policy_id, after.ruling.policy_version) == ("ours", 1)
    assert screener.known.rules.enforced.mode is PolicyMode.ENFORCED


async def test_entry_of_a_list_is_used_after_one_look(graph: Graph, screener: Screener) -> None:
    upkeep = kept_by(graph, screener)
    await upkeep.follow()
    await add_list_entry(
        graph, entry(ListName.ALLOW, "device", "one-device1", until=LAST_DAY), by="ana"
    )

    await upkeep.follow()

    assert screener.screen(NEWCOMER).ruling.decision is Decision.ALLOW


async def test_verdict_on_a_ring_makes_the_index_anew(ringed: Graph, screener: Screener) -> None:
    upkeep = kept_by(ringed, screener, partial(index_of, ringed, CONFIG))
    await upkeep.follow()
    await upkeep.rebuild_if_due()
    found = screener.known.index
    assert found
    (ring,) = found.rings
    await upkeep.rebuild_if_due()
    assert screener.known.index is found
    await judge_ring(ringed, ring.id, VerdictKind.DISMISSED, reason="a class", by="ana")

    await upkeep.follow()
    await upkeep.rebuild_if_due()

    assert screener.known.index is not found
    assert screener.known.index
    assert screener.known.index.rings == ()
    assert screener.screen(NEWCOMER).ruling.decision is Decision.ALLOW


async def test_index_is_not_built_more_often_than_allowed(
    ringed: Graph, screener: Screener
) -> None:
    build = partial(index_of, ringed, CONFIG)
    upkeep = Upkeep(screener, ringed, build, every_s=3600)
    await upkeep.follow()
    await upkeep.rebuild_if_due()
    found = screener.known.index
    screener.screen(attempt(account="acct_new", device="one-device1"))
    await upkeep.write()

    await upkeep.rebuild_if_due()

    assert screener.known.index is found


async def test_ring_that_is_taken_down_is_known_again_after_one_look(
    ringed: Graph, screener: Screener
) -> None:
    upkeep = kept_by(ringed, screener)
    await upkeep.follow()
    (ring,) = (await index_of(ringed, CONFIG)).rings
    await started(ringed, ring.id)
    await TakedownWorker(ringed, RULES, SECRET).work_off()

    await upkeep.follow()

    re_entry = screener.screen(NEWCOMER).assessment.re_entry
    assert re_entry
    assert (re_entry.ring_id, re_entry.likelihood) == (ring.id, Likelihood.LIKELY)


async def test_sign_ups_at_another_worker_count_here_once(graph: Graph, tmp_path: Path) -> None:
    ours, theirs = worker(tmp_path / "a"), worker(tmp_path / "b")
    keepers = [kept_by(graph, one) for one in (ours, theirs)]
    for one in keepers:
        await one.follow()
    theirs.screen(NEWCOMER)
    await keepers[1].write()

    for _ in range(2):
        for one in keepers:
            await one.follow()

    assert (seen(ours, "new-card"), seen(theirs, "new-card")) == (1, 1)
    answer = ours.screen(attempt(id_="other", device="other-device", card="new-card"))
    assert answer.assessment.strongest
    assert answer.assessment.strongest.key == (PAYMENT_INSTRUMENT, "new-card")
    for worker_ in (ours, theirs):
        worker_.journal.close()


async def test_answers_that_are_written_make_the_index_anew(
    ringed: Graph, screener: Screener
) -> None:
    upkeep = kept_by(ringed, screener, partial(index_of, ringed, CONFIG))
    await upkeep.follow()
    await upkeep.rebuild_if_due()
    first = screener.known.index
    screener.screen(attempt(account="acct_new", device="one-device1", card="new-card"))

    await upkeep.write()
    await upkeep.rebuild_if_due()

    second = screener.known.index
    assert first
    assert second
    assert len(second.keys) == len(first.keys) + 1
    assert screener.waiting == 0


async def test_sign_up_that_waits_to_be_written_is_in_the_index_that_is_built_then(
    ringed: Graph, screener: Screener
) -> None:
    upkeep = kept_by(ringed, screener, partial(index_of, ringed, CONFIG))
    await upkeep.follow()
    await upkeep.rebuild()
    screener.screen(attempt(account="acct_new", device="one-device1", card="new-card"))

    await upkeep.rebuild()

    assert screener.known.index
    assert key_hash(PAYMENT_INSTRUMENT, "new-card") in screener.known.index.keys.tolist()


async def test_sign_up_while_the_index_is_built_is_not_lost(
    graph: Graph, screener: Screener
) -> None:
    async def build() -> ScreeningIndex:
        screener.screen(NEWCOMER)
        return farm_index()

    upkeep = kept_by(graph, screener, build)
    await upkeep.follow()
    screener.screen(attempt(card="early-card"))

    await upkeep.rebuild()

    assert (seen(screener, "new-card"), seen(screener, "early-card")) == (1, 0)


async def test_index_is_built_though_the_journal_cannot_be_written(
    graph: Graph, tmp_path: Path
) -> None:
    (tmp_path / JOURNAL).write_text("no folder")
    screener = worker(tmp_path)
    screener.learn(index=None)
    upkeep = kept_by(graph, screener)
    await upkeep.follow()

    await upkeep.rebuild_if_due()

    assert screener.known.index is farm_index()


async def test_build_that_fails_leaves_all_as_it_was_and_is_tried_again(
    graph: Graph, screener: Screener
) -> None:
    calls: list[int] = []

    async def build() -> ScreeningIndex:
        calls.append(1)
        if len(calls) == 1:
            raise GraphUnavailable("away")
        return farm_index()

    upkeep = kept_by(graph, screener, build)
    await upkeep.follow()
    screener.screen(NEWCOMER)
    with pytest.raises(GraphUnavailable):
        await upkeep.rebuild_if_due()
    still = seen(screener, "new-card")

    await upkeep.rebuild_if_due()

    assert (still, len(calls)) == (1, 2)
    assert isinstance(screener.known.fresh, FreshSignUps)
    assert seen(screener, "new-card") == 0


async def test_agreement_counts_answers_that_the_next_index_confirms(
    ringed: Graph, screener: Screener
) -> None:
    upkeep = kept_by(ringed, screener, partial(index_of, ringed, CONFIG))
    await upkeep.follow()
    await upkeep.rebuild()
    assert upkeep.agreement.share is None
    screener.screen(attempt(device="one-device1"))
    screener.screen(attempt(device="new-device"))
    await upkeep.rebuild()
    first = (upkeep.agreement.compared, upkeep.agreement.equal)
    assert screener.known.index
    (ring,) = screener.known.index.rings
    screener.screen(attempt(device="one-device1"))
    await judge_ring(ringed, ring.id, VerdictKind.DISMISSED, reason="a class", by="ana")

    await upkeep.rebuild()

    assert first == (2, 2)
    assert (upkeep.agreement.compared, upkeep.agreement.equal) == (3, 2)
    assert upkeep.agreement.share == pytest.approx(2 / 3)


async def test_degraded_answers_are_not_compared(graph: Graph, screener: Screener) -> None:
    upkeep = kept_by(graph, screener)
    await upkeep.follow()
    screener.learn(index=None)
    screener.screen(NEWCOMER)

    await upkeep.rebuild()

    assert upkeep.agreement.compared == 0


async def test_neo4j_that_goes_away_is_told_until_it_is_back(
    graph: Graph, neo4j_server: Neo4jServer, screener: Screener
) -> None:
    assert graph
    user, password = neo4j_server.user, neo4j_server.password
    with line_to(neo4j_server.uri) as line:
        async with (
            Graph.connect(line.uri, user, password, retry_time_s=0.1) as far,
            kept_by(far, screener).running(),
        ):
            await until(lambda: screener.known.remembered is not None)
            before = screener.screen(NEWCOMER)
            line.cut()
            await until(lambda: screener.known.trouble == "graph_unavailable")
            away = screener.screen(attempt(id_="try_2", device="one-device2"))
            line.mend()
            await until(lambda: screener.known.trouble is None)
            await until(lambda: screener.waiting == 0)
            back = screener.screen(attempt(id_="try_3", device="one-device3"))

    assert [one.degraded for one in (before, away, back)] == [None, "graph_unavailable", None]
    assert away.ruling.decision is Decision.CHALLENGE
    logged = await find_screening(graph, away.id)
    assert logged
    assert logged.screening.degraded == "graph_unavailable"
    assert logged.screening.checked_again


async def test_worker_that_begins_without_neo4j_answers_and_learns_once_it_is_there(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    assert graph
    screener = worker(tmp_path)
    line = Line(neo4j_server.uri)
    line.cut()
    user, password = neo4j_server.user, neo4j_server.password
    async with (
        Graph.connect(line.uri, user, password, retry_time_s=0.1) as far,
        kept_by(far, screener).running(),
    ):
        await until(lambda: screener.known.trouble == "graph_unavailable")
        answer = screener.screen(NEWCOMER)
        line.mend()
        await until(lambda: screener.known.trouble is None and screener.waiting == 0)
    line.cut()

    assert answer.degraded == "graph_unavailable"
    assert screener.known.remembered is not None
    assert await find_screening(graph, answer.id)
    screener.journal.close()


async def test_what_waits_is_written_when_the_worker_ends(graph: Graph, tmp_path: Path) -> None:
    screener = worker(tmp_path)
    upkeep = Upkeep(screener, graph, farm_index_again, every_s=0, poll_s=600)
    async with upkeep.running():
        await until(lambda: screener.known.remembered is not None)
        await asyncio.sleep(0.05)
        answer = screener.screen(NEWCOMER)

    assert screener.waiting == 0
    assert await find_screening(graph, answer.id)
    screener.journal.close()


async def test_journal_that_cannot_be_written_is_told(graph: Graph, tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_text("no folder")
    screener = worker(tmp_path)

    async with kept_by(graph, screener).running():
        await until(lambda: screener.known.trouble == "writes_wait")

    assert screener.screen(NEWCOMER).degraded == "writes_wait"


@pytest.mark.parametrize("error", [InvalidInput("of ours"), ValueError("of nobody's")], ids=repr)
async def test_step_that_breaks_does_not_end_the_upkeep(
    graph: Graph, screener: Screener, error: Exception
) -> None:
    calls: list[int] = []

    async def build() -> ScreeningIndex:
        calls.append(1)
        if len(calls) < 3:
            raise error
        return farm_index()

    screener.learn(index=None)
    async with kept_by(graph, screener, build).running():
        await until(lambda: screener.known.index is not None)

    assert screener.known.index is farm_index()
    assert len(calls) == 3
