"""The log of sign-up checks: each is kept once and whole, and found by what people look for."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from neo4j import GraphDatabase
from ringfence.domain.changes import ChangeTopic
from ringfence.domain.screening_log import LoggedScreening, Outcome
from ringfence.domain.screenings import Decision, Screening
from ringfence.errors import LimitExceeded
from ringfence.store.graph import Graph
from ringfence.store.outbox import page_told
from ringfence.store.queries import statement
from ringfence.store.screening_columns import retold, told
from ringfence.store.screenings import (
    ScreeningFilter,
    ScreeningPlace,
    count_account_screenings,
    count_ring_screenings,
    count_screenings,
    find_batch,
    find_screening,
    find_screenings,
    last_screenings,
    page_account_screenings,
    page_ring_screenings,
    page_screenings,
    place_of,
    save_outcome,
    save_screenings,
)
from ringfence.store.times import milliseconds
from tests.conftest import Neo4jServer
from tests.store.drawn_screenings import NOON, NOON_MS, screening, screenings

ANY = ScreeningFilter()


def logged(*answers: Screening) -> list[LoggedScreening]:
    return [LoggedScreening(answer) for answer in answers]


def query(server: Neo4jServer, text: str, **parameters: object) -> list[dict[str, Any]]:
    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        return [dict(record) for record in driver.execute_query(text, parameters).records]


async def ids(graph: Graph, wanted: ScreeningFilter) -> list[str]:
    found = await page_screenings(graph, wanted, after=None, limit=50)
    assert await count_screenings(graph, wanted, limit=50) == len(found)
    return [one.screening.id for one in found]


async def batches(graph: Graph) -> list[str]:
    changes = [one.change for one in await page_told(graph, after=0, limit=50)]
    assert {change.topic for change in changes} <= {ChangeTopic.SCREENING}
    return [change.subject_id for change in changes]


@given(screenings)
def test_answer_is_told_and_retold_without_a_difference(answer: Screening) -> None:
    again = retold(told(answer))

    assert again == answer
    assert told(again) == told(answer)


def test_moments_before_1970_and_between_milliseconds_are_cut_downwards() -> None:
    assert milliseconds(NOON) == NOON_MS
    assert milliseconds(NOON + timedelta(microseconds=1_999)) == NOON_MS + 1
    assert milliseconds(NOON - timedelta(microseconds=1)) == NOON_MS - 1


async def test_batch_is_kept_whole_and_told_once(graph: Graph) -> None:
    batch = [
        LoggedScreening(screening("s1", minutes=0.00001, ring_id="ring_1"), key_hash="beef"),
        LoggedScreening(screening("s2", minutes=1, account_id="a", degraded="no_index")),
    ]

    saved = await save_screenings(graph, batch)
    again = await save_screenings(graph, batch)

    assert (saved, again) == (2, 0)
    (batch_id,) = await batches(graph)
    assert await find_batch(graph, batch_id) == batch
    assert await find_screening(graph, "s1") == batch[0]
    assert await find_screenings(graph, ["s2", "nowhere"]) == {"s2": batch[1]}
    assert await find_batch(graph, "nowhere") == []


async def test_batch_sent_again_with_more_tells_only_what_is_new(graph: Graph) -> None:
    first, second = logged(screening("s1"), screening("s2"))
    await save_screenings(graph, [first])

    saved = await save_screenings(graph, [second, first, second])

    assert saved == 1
    told_first, told_second = await batches(graph)
    assert await find_batch(graph, told_first) == [first]
    assert await find_batch(graph, told_second) == [second]


async def test_empty_batch_is_nothing(graph: Graph) -> None:
    assert await save_screenings(graph, []) == 0
    assert await batches(graph) == []


async def test_properties_are_those_that_people_look_for(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    query(neo4j_server, "CREATE (:Ring {id: 'ring_1'})")

    await save_screenings(graph, logged(screening("s1", ring_id="ring_1", account_id="a")))

    (row,) = query(
        neo4j_server,
        "MATCH (s:Screening {id: 's1'})-[:TOUCHED]->(ring:Ring) RETURN ring.id AS touched, "
        "properties(s) AS kept",
    )
    kept = row["kept"]
    assert row["touched"] == "ring_1"
    assert kept["at"].to_native() == NOON
    assert {name: value for name, value in kept.items() if name not in ("at", "told")} == {
        "id": "s1",
        "batch_id": kept["batch_id"],
        "attempt_id": "attempt of s1",
        "account_id": "a",
        "decision": "allow",
        "intended": "block",
        "score": 0.75,
        "ring_id": "ring_1",
        "policy_id": "careful",
        "policy_version": 3,
        "model_version": "model_7",
        "fail_mode": "open",
        "took_ms": 1.25,
        "re_entry_ring_id": "ring_gone",
        "re_entry_likelihood": "likely",
        "country": "FR",
        "plan": "free",
    }


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ScreeningFilter(), ["s4", "s3", "s2", "s1"]),
        (ScreeningFilter(decisions=(Decision.BLOCK, Decision.REVIEW)), ["s3", "s2"]),
        (ScreeningFilter(decisions=()), []),
        (ScreeningFilter(ring_id="ring_1"), ["s4", "s2"]),
        (ScreeningFilter(ring_id="ring_1", account_id="a"), ["s2"]),
        (ScreeningFilter(ring_id="ring_1", attempt_id="again"), ["s4"]),
        (ScreeningFilter(ring_id="ring_old"), ["s4"]),
        (ScreeningFilter(ring_id="nowhere"), []),
        (ScreeningFilter(account_id="a"), ["s2", "s1"]),
        (ScreeningFilter(account_id="a", decisions=(Decision.BLOCK,)), ["s2"]),
        (ScreeningFilter(attempt_id="again"), ["s4", "s3"]),
        (ScreeningFilter(attempt_id="again", account_id="b"), ["s3"]),
        (ScreeningFilter(degraded=True), ["s3"]),
        (ScreeningFilter(degraded=False, account_id="a"), ["s2", "s1"]),
        (ScreeningFilter(outcomes=(Outcome.FRAUD,)), ["s2"]),
        (ScreeningFilter(policy_id="careful", policy_version=4), ["s1"]),
        (ScreeningFilter(policy_id="mild"), []),
        (ScreeningFilter(since=NOON, until=NOON + timedelta(minutes=2)), ["s2", "s1"]),
        (ScreeningFilter(since=NOON + timedelta(minutes=1), account_id="a"), ["s2"]),
    ],
    ids=str,
)
async def test_filter_leaves_only_what_was_asked_for(
    graph: Graph, neo4j_server: Neo4jServer, wanted: ScreeningFilter, expected: list[str]
) -> None:
    query(neo4j_server, "CREATE (:Ring {id: 'ring_old'})-[:MERGED_INTO]->(:Ring {id: 'ring_1'})")
    await save_screenings(
        graph,
        logged(
            screening("s1", account_id="a", policy_version=4),
            screening("s2", minutes=1, account_id="a", ring_id="ring_1", decision=Decision.BLOCK),
            screening(
                "s3",
                minutes=2,
                account_id="b",
                attempt_id="again",
                decision=Decision.REVIEW,
                degraded="no_index",
            ),
            screening("s4", minutes=3, attempt_id="again", ring_id="ring_old"),
        ),
    )
    await save_outcome(graph, "s2", Outcome.FRAUD, by="ana", note=None)

    assert await ids(graph, wanted) == expected


@pytest.mark.parametrize("limit", [1, 3, 100])
@pytest.mark.parametrize("wanted", [ANY, ScreeningFilter(account_id="a")], ids=["log", "account"])
async def test_pages_hold_all_in_order_once(
    graph: Graph, limit: int, wanted: ScreeningFilter
) -> None:
    # Four share a moment, two a millisecond, so that ids must tell them apart.
    answers = [
        screening(f"s{number}", minutes=number // 4 + number % 2 * 1e-6, account_id="a")
        for number in range(10)
    ]
    await save_screenings(graph, logged(*answers))
    walked: list[ScreeningPlace] = []
    after = None

    while page := await page_screenings(graph, wanted, after=after, limit=limit):
        assert len(page) <= limit
        walked += map(place_of, page)
        after = walked[-1]

    assert walked == sorted(map(place_of, logged(*answers)), reverse=True)


async def test_pages_of_accounts_and_rings_are_read_at_once(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    query(neo4j_server, "UNWIND ['r', 's'] AS id CREATE (:Ring {id: id})")
    batch = logged(
        screening("s1", account_id="a", ring_id="r"),
        screening("s2", minutes=1, account_id="a", ring_id="r"),
        screening("s3", minutes=2, account_id="b", ring_id="s"),
    )
    await save_screenings(graph, batch)

    by_account = await page_account_screenings(graph, ["a", "b", "c"], after=None, limit=1)
    by_ring = await page_ring_screenings(graph, ["r", "s"], after=place_of(batch[1]), limit=5)

    assert by_account == {"a": [batch[1]], "b": [batch[2]], "c": []}
    assert by_ring == {"r": [batch[0]], "s": []}
    assert await count_account_screenings(graph, ["a", "c"], limit=9) == {"a": 2, "c": 0}
    assert await count_ring_screenings(graph, ["r", "s"], limit=1) == {"r": 1, "s": 1}


async def test_last_answers_are_read_on_after_a_place(graph: Graph) -> None:
    answers = [screening(f"s{number}", minutes=number) for number in range(5)]
    await save_screenings(graph, logged(*answers))

    first = await last_screenings(graph, 3)
    rest = await last_screenings(graph, 3, after=place_of(LoggedScreening(first[-1])))

    assert first + rest == answers[::-1]
    with pytest.raises(LimitExceeded, match="10,001 screenings were asked for"):
        await last_screenings(graph, 10_001)


async def test_counts_end_at_their_limit(graph: Graph) -> None:
    await save_screenings(graph, logged(*(screening(f"s{number}") for number in range(5))))

    assert await count_screenings(graph, ANY, limit=3) == 3


async def test_page_reads_no_more_than_it_gives(graph: Graph, neo4j_server: Neo4jServer) -> None:
    answers = (screening(f"s{at:04}", minutes=at, account_id="a") for at in range(1_000))
    await save_screenings(graph, logged(*answers))
    query(neo4j_server, "CALL db.awaitIndexes(60)")

    for name in ("screenings/page", "screenings/page_of_accounts"):
        plan = await graph.explain(name, **_asked(5))
        assert not {"Sort", "Top", "NodeByLabelScan"} & set(plan), (name, plan)
        assert _hits(neo4j_server, name, limit=5) * 20 < _hits(neo4j_server, name, limit=1_000)


def _asked(limit: int) -> dict[str, object]:
    names = ("before_ms", "before_id", "decisions", "outcomes", "degraded", "policy_id")
    asked: dict[str, object] = dict.fromkeys((*names, "policy_version"))
    return asked | {
        "account_ids": ["a"],
        "since": NOON,
        "until": NOON + timedelta(days=9),
        "limit": limit,
    }


def _hits(server: Neo4jServer, name: str, *, limit: int) -> int:
    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        summary = driver.execute_query("PROFILE " + statement(name), _asked(limit)).summary
    return _hits_of(summary.profile or {})


def _hits_of(plan: dict[str, Any]) -> int:
    return int(plan.get("dbHits", 0)) + sum(map(_hits_of, plan.get("children", ())))
