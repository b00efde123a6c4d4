"""Writing behind: what a journal holds comes into the graph once, whatever fails on the way."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from ringfence.domain.screening_log import LoggedScreening
from ringfence.domain.screenings import Decision, FailMode, Screening
from ringfence.errors import GraphUnavailable
from ringfence.store.graph import Graph, Result, Transaction
from ringfence.store.screenings import find_screening
from ringfence.usecases.screen import Screener
from ringfence.usecases.write_behind import write_behind
from tests.api.line import Line, line_to
from tests.conftest import Neo4jServer
from tests.screening.graphs_by_hand import TODAY, attempt, moment_ms
from tests.store.ring_dump import query
from tests.usecases.test_screen import worker


@pytest.fixture
def screener(tmp_path: Path) -> Iterator[Screener]:
    screener = worker(tmp_path)
    yield screener
    screener.journal.close()


async def write(graph: Graph, screener: Screener) -> int:
    return await write_behind(graph, screener.journal, screener.known)


async def logged(graph: Graph, answer: Screening) -> LoggedScreening:
    found = await find_screening(graph, answer.id)
    assert found
    return found


async def links(server: Neo4jServer) -> set[tuple[str, str, str]]:
    rows = await query(
        server,
        "MATCH (a:Account)-[u]->(i) WHERE u.first_seen_at IS NOT NULL "
        "RETURN a.id AS account, type(u) AS type, coalesce(i.id, i.address, i.value) AS value",
    )
    return {(row["account"], row["type"], row["value"]) for row in rows}


async def test_account_appears_with_what_it_carries(
    graph: Graph, neo4j_server: Neo4jServer, screener: Screener
) -> None:
    asked = attempt(
        account="acct_1",
        device="dev_1",
        ip="2001:db8::7",
        card="card_1",
        email="mia@example.com",
        also=[("phone", "+33612345678")],
        country="FR",
        plan="free",
        user_agent="curl/8",
    )
    answer = screener.screen(asked, key="k", client="a")

    written = await write(graph, screener)

    assert written == 1
    assert await logged(graph, answer) == LoggedScreening(answer, answer.id)
    (account,) = await query(neo4j_server, "MATCH (a:Account) RETURN properties(a) AS a")
    facts: dict[str, Any] = account["a"]
    assert facts["signed_up_at"].to_native().timestamp() * 1000 == moment_ms(TODAY)
    assert {name: facts[name] for name in ("id", "email", "country", "plan", "user_agent")} == {
        "id": "acct_1",
        "email": "mia@example.com",
        "country": "FR",
        "plan": "free",
        "user_agent": "curl/8",
    }
    assert {value for _, _, value in await links(neo4j_server)} == {
        "dev_1",
        "2001:db8::7",
        "card_1",
        "+33612345678",
    }
    assert screener.waiting == 0


async def test_attempt_without_an_account_leaves_none_behind(
    graph: Graph, neo4j_server: Neo4jServer, screener: Screener
) -> None:
    answer = screener.screen(attempt(device="dev_1", email="mia@example.com"))

    await write(graph, screener)

    assert (await logged(graph, answer)).screening == answer
    assert await query(neo4j_server, "MATCH (n:Account|Device) RETURN n.id AS id") == []


async def test_more_than_a_batch_is_written_at_once(
    graph: Graph, neo4j_server: Neo4jServer, screener: Screener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.usecases.write_behind.BATCH", 3)
    for at in range(10):
        screener.screen(attempt(id_=f"try_{at}", account=f"acct_{at}", device="dev_1"))

    assert [await write(graph, screener) for _ in range(2)] == [10, 0]

    (row,) = await query(neo4j_server, "MATCH (s:Screening) RETURN count(s) AS screenings")
    assert row["screenings"] == 10


async def test_degraded_answer_is_checked_again_on_the_way(graph: Graph, tmp_path: Path) -> None:
    screener = worker(tmp_path, FailMode.CLOSED)
    index = screener.known.index
    screener.learn(index=None)
    fake = screener.screen(attempt(id_="fake", device="one-device1"))
    honest = screener.screen(attempt(id_="honest", device="new-device"))
    screener.learn(index=index)

    with structlog.testing.capture_logs() as logs:
        await write(graph, screener)

    both = [(await logged(graph, answer)).screening for answer in (fake, honest)]
    assert [one.ruling.decision for one in both] == [Decision.BLOCK, Decision.BLOCK]
    assert [one.degraded for one in both] == ["index_cold", "index_cold"]
    assert [one.checked_again and one.checked_again.decision for one in both] == [
        Decision.CHALLENGE,
        Decision.ALLOW,
    ]
    told = [line for line in logs if line["event"] == "screening_checked_again"]
    assert [(line["answered"], line["would_be"]) for line in told] == [
        ("block", "challenge"),
        ("block", "allow"),
    ]
    screener.journal.close()


async def test_degraded_answer_stays_unchecked_while_nothing_is_known(
    graph: Graph, tmp_path: Path
) -> None:
    screener = worker(tmp_path)
    screener.learn(index=None)
    answer = screener.screen(attempt(device="one-device1"))

    await write(graph, screener)

    assert (await logged(graph, answer)).screening == answer
    assert answer.checked_again is None
    screener.journal.close()


async def test_whole_answer_is_not_checked_again(graph: Graph, screener: Screener) -> None:
    answer = screener.screen(attempt(device="one-device1"))

    await write(graph, screener)

    assert (await logged(graph, answer)).screening.checked_again is None


async def test_record_that_cannot_be_read_is_told_and_let_go(
    graph: Graph, screener: Screener
) -> None:
    screener.journal.append(b"mia@example.com")
    answer = screener.screen(attempt(device="dev_1"))

    with structlog.testing.capture_logs() as logs:
        written = await write(graph, screener)

    assert (written, screener.waiting) == (2, 0)
    assert (await logged(graph, answer)).screening == answer
    (told,) = [line for line in logs if line["event"] == "journal_record_unreadable"]
    assert "mia" not in str(told)


class CutGraph(Graph):
    """A graph whose line is cut after so many writes."""

    line: Line
    left: int

    async def in_write(
        self, work: Callable[[Transaction], Awaitable[Result]], *, timeout_s: float | None = None
    ) -> Result:
        found = await super().in_write(work, timeout_s=timeout_s)
        self.left -= 1
        if not self.left:
            self.line.cut()
        return found


@pytest.mark.parametrize(("writes", "waiting"), [(1, 9), (2, 6), (3, 6), (4, 3)])
async def test_neo4j_that_goes_away_leaves_the_rest_waiting_and_nothing_is_written_twice(
    graph: Graph,
    neo4j_server: Neo4jServer,
    screener: Screener,
    monkeypatch: pytest.MonkeyPatch,
    writes: int,
    waiting: int,
) -> None:
    monkeypatch.setattr("ringfence.usecases.write_behind.BATCH", 3)
    for at in range(9):
        screener.screen(attempt(id_=f"try_{at}", account=f"acct_{at}", device=f"dev_{at % 2}"))
    user, password = neo4j_server.user, neo4j_server.password

    with line_to(neo4j_server.uri) as line:
        async with CutGraph.connect(line.uri, user, password, retry_time_s=0.1) as cut:
            cut.line, cut.left = line, writes
            with pytest.raises(GraphUnavailable):
                await write(cut, screener)
    still = screener.waiting
    second, third = await write(graph, screener), await write(graph, screener)

    assert (still, second, third) == (waiting, waiting, 0)
    (row,) = await query(
        neo4j_server,
        "MATCH (s:Screening) WITH count(s) AS screenings "
        "MATCH (:Account)-[u:USED_DEVICE]->() RETURN screenings, sum(u.events) AS uses",
    )
    assert row == {"screenings": 9, "uses": 9}


async def test_neo4j_that_is_not_there_leaves_all_waiting(graph: Graph, screener: Screener) -> None:
    answer = screener.screen(attempt(device="dev_1"))

    async with Graph.connect("bolt://127.0.0.1:1", "neo4j", "none", retry_time_s=0.1) as away:
        with pytest.raises(GraphUnavailable):
            await write(away, screener)

    assert screener.waiting == 1
    assert await write(graph, screener) == 1
    assert (await logged(graph, answer)).screening == answer


async def test_two_sign_ups_of_an_account_are_one_account(
    graph: Graph, neo4j_server: Neo4jServer, screener: Screener
) -> None:
    for at in range(2):
        screener.screen(attempt(id_=f"try_{at}", account="acct_1", device="dev_1"))

    await write(graph, screener)

    assert await links(neo4j_server) == {("acct_1", "USED_DEVICE", "dev_1")}
