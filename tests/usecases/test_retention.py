"""Retention: what is too old goes, what a hold keeps stays, and the log tells of both."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import orjson
import pytest

from neo4j import GraphDatabase
from ringfence.domain.audit import AuditAction
from ringfence.domain.legal_holds import HoldSubject
from ringfence.domain.retention import RetainedKind, RetentionRules, load_retention
from ringfence.domain.screening_log import LoggedScreening
from ringfence.errors import InvalidInput
from ringfence.store import retention as store
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from ringfence.store.screenings import save_screenings
from ringfence.usecases.audit import read_log, verify
from ringfence.usecases.erase_account import erase_account
from ringfence.usecases.legal_holds import lift_hold, place_hold
from ringfence.usecases.retention import RetentionReport, run_retention
from tests.api.small_graph import Writer
from tests.conftest import Neo4jServer
from tests.detection.drawing import START, Drawing
from tests.store.drawn_screenings import screening
from tests.store.ring_dump import query
from tests.store.whole_graph import counted, found_in

SECRET: Final = b"a secret of the tests"
NOW: Final = datetime(2026, 6, 1, tzinfo=UTC)
NOTHING: Final = dict.fromkeys(RetainedKind, 0)


@pytest.fixture
async def writer(graph: Graph, neo4j_server: Neo4jServer) -> AsyncIterator[Writer]:
    assert graph
    auth = (neo4j_server.user, neo4j_server.password)
    with GraphDatabase.driver(neo4j_server.uri, auth=auth) as driver:
        yield Writer(driver)


async def keep(graph: Graph, **days: int) -> RetentionReport:
    """Run with only these clocks."""
    rules = RetentionRules(NOTHING | {RetainedKind(kind): kept for kind, kept in days.items()})
    return await run_retention(graph, rules, secret=SECRET, by="operator:tess", at=NOW)


async def test_screenings_go_by_age_unless_a_hold_keeps_them(
    graph: Graph, writer: Writer, neo4j_server: Neo4jServer
) -> None:
    writer.accounts(*({"id": f"acct_{n}"} for n in (1, 2, 3)))
    writer.ring("ring_a")
    writer.members("ring_a", ("acct_2", "core", 1.0))
    ids = {"s_1": "acct_1", "s_2": "acct_2", "s_3": "acct_3", "s_new": "acct_3"}
    minutes = {"s_new": 60 * 24 * 25}
    batch = [
        LoggedScreening(screening(one, account_id=ids[one], minutes=minutes.get(one, 0)), None)
        for one in ids
    ]
    await save_screenings(graph, batch)
    on_account = await place_hold(graph, HoldSubject.ACCOUNT, "acct_1", reason="court", by="lea")
    on_ring = await place_hold(graph, HoldSubject.RING, "ring_a", reason="court", by="lea")

    held = await keep(graph, screenings=10)
    kept = await query(neo4j_server, "MATCH (s:Screening) RETURN s.id AS id ORDER BY id")
    for hold in (on_account, on_ring):
        await lift_hold(graph, hold.id, reason="over", by="lea")
    freed = await keep(graph, screenings=10)

    assert [row["id"] for row in kept] == ["s_1", "s_2", "s_new"]
    assert (held.gone["screenings"], freed.gone["screenings"]) == (1, 2)


async def test_each_kind_goes_by_its_own_clock(
    graph: Graph, writer: Writer, neo4j_server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "BATCH", 2)
    writer.run(
        "UNWIND range(1, 5) AS n WITH n, datetime($now) - duration({days: 10 * n}) AS at "
        "CREATE (:Action {seq: n, id: 'a' + n, account_id: 'x', ring_id: 'r', at: at}) "
        "CREATE (:DeadLetter {endpoint_id: 'e', action_seq: n, account_id: 'x', at: at}) "
        "CREATE (:Appeal {id: 'p' + n, account_id: 'x', state: 'upheld', decided_at: at}) "
        "CREATE (:SharedIndicator {hash: 'h' + n, source: 's', valid_until: at}) "
        "CREATE (:DetectionRun {id: 'run_' + n, started_at: at, state: 'finished'})",
        now=NOW.isoformat(),
    )
    writer.run("CREATE (:Appeal {id: 'open', account_id: 'x', state: 'open'})")
    writer.ring("ring_a", run_id="run_5")
    writer.run("MATCH (run:DetectionRun {id: 'run_5'}), (r:Ring) CREATE (run)-[:FOUND]->(r)")

    report = await keep(
        graph, actions=15, dead_letters=25, appeals=35, detection_runs=35, shared_indicators=5
    )

    left = await counted(neo4j_server)
    assert (left["Action"], left["DeadLetter"], left["Appeal"]) == (1, 2, 4)
    assert (left["DetectionRun"], left.get("SharedIndicator", 0)) == (4, 0)
    assert report.gone == {
        "erased_accounts": 0,
        "actions": 4,
        "dead_letters": 3,
        "appeals": 2,
        "detection_runs": 1,
        "shared_indicators": 5,
        "tombstones": 0,
    }
    (entry,) = [one async for one in read_log(graph) if one.action == AuditAction.RETENTION_RUN]
    assert entry.subject == report.id
    assert orjson.loads(entry.detail)["gone"] == report.gone
    assert (await verify(graph)).fault is None


async def test_closed_rings_go_but_those_that_anything_leads_to(
    graph: Graph, writer: Writer, neo4j_server: Neo4jServer
) -> None:
    writer.accounts({"id": "acct_1"})
    for name in ("old", "merged", "judged", "held", "fresh"):
        writer.ring(f"ring_{name}", state="closed", operation=f"op_{name}")
    writer.ring("ring_open")
    writer.run(
        "MATCH (r:Ring {state: 'closed'}), (a:Account) "
        "SET r.dormant_since = datetime($now) - duration({days: "
        "CASE r.id WHEN 'ring_fresh' THEN 3 ELSE 90 END}) "
        "CREATE (a)-[:WAS_MEMBER_OF {ring_id: r.id, account_id: a.id}]->(r) "
        "CREATE (r)-[:HAS_EVENT]->(:RingEvent {run_id: 'run_1', ring_id: r.id, kind: 'closed'}) ",
        now=NOW.isoformat(),
    )
    writer.run(
        "MATCH (merged:Ring {id: 'ring_merged'}), (open:Ring {id: 'ring_open'}), "
        "(judged:Ring {id: 'ring_judged'}) CREATE (merged)-[:MERGED_INTO]->(open) "
        "CREATE (:Verdict {id: 'v'})-[:ON]->(judged)"
    )
    await place_hold(graph, HoldSubject.RING, "ring_held", reason="court", by="lea")

    report = await keep(graph, rings=30)

    rings = await query(neo4j_server, "MATCH (r:Ring) RETURN r.id AS id ORDER BY id")
    left = await counted(neo4j_server)
    assert report.gone["rings"] == 1
    assert [row["id"].removeprefix("ring_") for row in rings] == [
        "fresh",
        "held",
        "judged",
        "merged",
        "open",
    ]
    assert (left["WAS_MEMBER_OF"], left["RingEvent"], left["Operation"]) == (4, 4, 5)


async def test_accounts_and_links_that_nobody_saw_for_long_go(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    world = Drawing()
    world.sign_up("acct_old", device="dev_old")
    world.sign_up("acct_held", device="dev_held")
    world.sign_up("acct_new", device="dev_first")
    world.sign_in("acct_new", device="dev_new", day=140)
    await save_events(graph, world.events)
    await place_hold(graph, HoldSubject.ACCOUNT, "acct_held", reason="court", by="lea")
    days = (NOW - START).days - 100

    report = await keep(graph, accounts=days, links=days)

    assert report.gone["accounts"] == report.gone["held_accounts"] == report.gone["links"] == 1
    assert await found_in(neo4j_server, "acct_old", "dev_old", "dev_first") == []
    kept = await query(neo4j_server, "MATCH (d:Device) RETURN d.id AS id ORDER BY id")
    assert [row["id"] for row in kept] == ["dev_held", "dev_new"]


async def test_account_that_a_late_event_brings_back_is_erased_again(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    world = Drawing()
    world.sign_up("acct_1", device="dev_1")
    world.sign_up("acct_2", device="dev_1")
    await save_events(graph, world.events)
    await erase_account(graph, "acct_1", secret=SECRET, by="tess", reason="asked for")
    await save_events(graph, world.events[:1])

    report = await keep(graph)

    assert report.gone["erased_accounts"] == 1
    assert await found_in(neo4j_server, "acct_1") == []
    assert (await keep(graph)).gone["erased_accounts"] == 0


async def test_run_that_breaks_off_is_recorded_and_the_next_one_does_the_rest(
    graph: Graph, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer.run(
        "CREATE (:Action {seq: 1, at: datetime($at)}), (:DeadLetter {at: datetime($at)})",
        at=(NOW - timedelta(days=9)).isoformat(),
    )
    whole = store.forget_before

    async def broken(graph: Graph, kind: RetainedKind, before: datetime) -> int:
        if kind is RetainedKind.DEAD_LETTERS:
            raise InterruptedError
        return await whole(graph, kind, before)

    monkeypatch.setattr("ringfence.usecases.retention.forget_before", broken)
    with pytest.raises(InterruptedError):
        await keep(graph, actions=5, dead_letters=5)
    monkeypatch.undo()
    report = await keep(graph, actions=5, dead_letters=5)

    assert (report.gone["actions"], report.gone["dead_letters"]) == (0, 1)
    told = [orjson.loads(one.detail)["gone"] async for one in read_log(graph)]
    assert [one.get("actions") for one in told] == [1, 0]
    assert [one.get("dead_letters") for one in told] == [0, 1]


def test_file_changes_the_clocks_that_it_names(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[days]\nscreenings = 30\nactions = 0\n")

    rules = load_retention(file)

    own = load_retention().days_by_kind
    assert rules.days_by_kind == {**own, RetainedKind.SCREENINGS: 30, RetainedKind.ACTIONS: 0}
    assert set(own) == set(RetainedKind)
    assert rules.before(RetainedKind.SCREENINGS, NOW) == NOW - timedelta(days=30)
    assert rules.before(RetainedKind.ACTIONS, NOW) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[days]\nscrenings = 3", "names screnings. Expected one of accounts, links"),
        ("[days]\nscreenings = -1", "screenings is -1. Expected whole days"),
        ("[days]\nscreenings = true", "screenings is True. Expected whole days"),
        ("[weeks]\nscreenings = 3", "holds weeks. Expected one table"),
        ("[days", "Correct it"),
    ],
)
def test_impossible_clocks_are_refused(tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text)

    with pytest.raises(InvalidInput, match=message):
        load_retention(file)
