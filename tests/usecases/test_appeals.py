"""Appeals: opened, decided, undone though a crash comes between, and felt by the next run."""

import asyncio
from datetime import UTC, datetime

import orjson
import pytest
import structlog

from ringfence.detection import load_config
from ringfence.domain.appeals import MAX_STATEMENT, Appeal, AppealDecision, AppealState
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.takedowns import (
    ActionKind,
    HoldReason,
    TakedownAction,
    TakedownState,
    TargetState,
)
from ringfence.errors import Conflict, InvalidInput, NotFound, NotPermitted
from ringfence.store.actions import page_actions
from ringfence.store.appeals import find_discounts, find_unsettled, save_decision
from ringfence.store.graph import Graph
from ringfence.store.takedown_targets import StoredTarget, page_targets
from ringfence.store.takedowns import StoredTakedown, count_targets
from ringfence.usecases.appeals import decide_appeal, find_appeal, open_appeal, settle_appeals
from ringfence.usecases.approve_takedown import find_takedown
from ringfence.usecases.audit import read_log, verify
from ringfence.usecases.detect import detect
from ringfence.usecases.undo_takedown import begin_undo
from tests.conftest import Neo4jServer
from tests.detection.drawing import Drawing, farm
from tests.store.ring_dump import detection_runs, query
from tests.usecases.rings_taken_down import (
    APPROVER,
    PLANNER,
    draw_ring,
    standings,
    started,
    worker,
)
from tests.usecases.test_detect import load

SUPPORT = "key_support"
WORDS = "I am Maria Lang, maria.lang@gmail.com, and share a flat."
DEVICE = IdentifierKey("device", "ring_a device")
ODD = "ring_a_00001"
EVEN = "ring_a_00002"


async def acted(graph: Graph) -> StoredTakedown:
    """A ring of six whose four core members are suspended; all hang by one device."""
    await draw_ring(graph)
    takedown = await started(graph)
    await worker(graph).work_off()
    return takedown


async def opened(graph: Graph, account_id: str = ODD) -> Appeal:
    return await open_appeal(graph, account_id, statement=WORDS, by=SUPPORT)


async def overturned(graph: Graph, appeal: Appeal) -> Appeal:
    return await decide_appeal(
        graph, appeal.id, AppealDecision.OVERTURNED, reason="A flat.", by=APPROVER
    )


async def for_review(graph: Graph, takedown_id: str, *, after_id: str = "") -> list[StoredTarget]:
    return await page_targets(graph, takedown_id, after_id=after_id, limit=10, for_review=True)


async def targets(graph: Graph, takedown_id: str) -> dict[str, tuple[str, str | None]]:
    found = await page_targets(graph, takedown_id, after_id="", limit=100)
    return {one.account_id: (one.state, one.hold) for one in found}


async def test_appeal_is_linked_to_what_was_done(graph: Graph) -> None:
    takedown = await acted(graph)

    appeal = await opened(graph)

    (action,) = [
        one for one in await page_actions(graph, after=0, limit=10) if one.account_id == ODD
    ]
    assert (appeal.account_id, appeal.takedown_id) == (ODD, takedown.id)
    assert (appeal.action_id, appeal.state) == (action.id, AppealState.OPEN)
    assert (appeal.opened_by, appeal.statement) == (SUPPORT, WORDS)
    assert (await count_targets(graph, [takedown.id]))[takedown.id].appealed == 1


async def test_same_words_again_meet_the_open_appeal_and_others_are_refused(graph: Graph) -> None:
    await acted(graph)
    appeal = await opened(graph)

    again = await opened(graph)

    assert again == appeal
    with pytest.raises(Conflict, match=f"{appeal.id} open against"):
        await open_appeal(graph, ODD, statement="Something else.", by=SUPPORT)


async def test_ten_at_once_open_one_appeal(graph: Graph) -> None:
    takedown = await acted(graph)

    appeals = await asyncio.gather(*(opened(graph) for _ in range(10)))

    assert len({one.id for one in appeals}) == 1
    assert (await count_targets(graph, [takedown.id]))[takedown.id].appealed == 1


async def test_appeal_of_an_account_that_nothing_holds_is_refused(graph: Graph) -> None:
    takedown = await acted(graph)

    with pytest.raises(Conflict, match="is not of any takedown"):
        await opened(graph, "ring_a_00005")
    with pytest.raises(Conflict, match="is not of takedown takedown_x"):
        await open_appeal(graph, ODD, statement=WORDS, by=SUPPORT, takedown_id="takedown_x")
    with pytest.raises(NotFound, match="No account has the id nobody"):
        await opened(graph, "nobody")
    await begin_undo(graph, takedown.id, reason="It was a class.", by=PLANNER)
    await worker(graph).work_off()
    with pytest.raises(Conflict, match=f"{ODD} is undone in takedown {takedown.id}"):
        await opened(graph)
    assert (await count_targets(graph, [takedown.id]))[takedown.id].appealed == 0


@pytest.mark.parametrize("statement", ["", "  ", "x" * (MAX_STATEMENT + 1)])
async def test_statement_has_its_bounds(graph: Graph, statement: str) -> None:
    await acted(graph)

    with pytest.raises(InvalidInput, match="The statement has"):
        await open_appeal(graph, ODD, statement=statement, by=SUPPORT)


async def test_the_planner_decides_no_appeal_against_the_takedown(graph: Graph) -> None:
    await acted(graph)
    appeal = await opened(graph)

    with pytest.raises(NotPermitted, match=f"planned by {PLANNER}, who cannot decide"):
        await decide_appeal(graph, appeal.id, AppealDecision.UPHELD, reason="No.", by=PLANNER)

    assert await find_appeal(graph, appeal.id) == appeal


async def test_upheld_appeal_leaves_everything_as_it_was(graph: Graph) -> None:
    takedown = await acted(graph)
    appeal = await opened(graph)

    decided = await decide_appeal(
        graph, appeal.id, AppealDecision.UPHELD, reason="It is one of them.", by=APPROVER
    )

    assert (decided.state, decided.decided_by) == (AppealState.UPHELD, APPROVER)
    assert decided.reason == "It is one of them."
    assert await standings(graph) == ["suspended"] * 4 + ["active"] * 2
    assert await find_discounts(graph) == {}
    assert await for_review(graph, takedown.id) == []
    with pytest.raises(Conflict, match="is upheld already"):
        await overturned(graph, appeal)


async def test_overturned_appeal_undoes_the_account_and_flags_who_hangs_by_the_same(
    graph: Graph,
) -> None:
    takedown = await acted(graph)
    appeal = await opened(graph)

    decided = await overturned(graph, appeal)

    assert decided.state is AppealState.OVERTURNED
    assert (
        await standings(graph) == ["suspended", "active", "suspended", "suspended"] + ["active"] * 2
    )
    last = (await page_actions(graph, after=0, limit=10))[-1]
    assert (last.kind, last.account_id) == (ActionKind.REVERT, ODD)
    assert last.reason == f"Overturned on appeal {appeal.id}."
    assert await find_discounts(graph) == {DEVICE: 1}
    flagged = await for_review(graph, takedown.id)
    assert [(one.account_id, one.sole) for one in flagged] == [
        ("ring_a_00000", DEVICE),
        (EVEN, DEVICE),
        ("ring_a_00003", DEVICE),
    ]
    assert {one.state for one in flagged} == {TargetState.ACTED}
    assert await for_review(graph, takedown.id, after_id=EVEN) == flagged[2:]
    assert await find_unsettled(graph, limit=10) == []
    assert (await count_targets(graph, [takedown.id]))[takedown.id].overturned == 1


async def test_deciding_again_the_same_changes_nothing(graph: Graph) -> None:
    takedown = await acted(graph)
    decided = await overturned(graph, await opened(graph))

    again = await overturned(graph, decided)

    assert again == decided
    assert await find_discounts(graph) == {DEVICE: 1}
    assert len(await page_actions(graph, after=0, limit=10)) == 5
    with pytest.raises(Conflict, match=f"as {APPROVER} decided"):
        await decide_appeal(
            graph, decided.id, AppealDecision.OVERTURNED, reason="Too.", by="key_third"
        )
    assert (await find_takedown(graph, takedown.id)).state is TakedownState.DONE


async def test_account_is_undone_though_a_crash_came_after_the_decision(graph: Graph) -> None:
    takedown = await acted(graph)
    appeal = await opened(graph)
    now = datetime.now(UTC)
    facts = {"reason": "A flat.", "by": APPROVER, "at": now}
    assert await save_decision(graph, appeal, AppealDecision.OVERTURNED, **facts)  # type: ignore[arg-type]
    assert (await standings(graph))[1] == "suspended"

    assert await settle_appeals(graph, at=now) == 1
    assert await settle_appeals(graph, at=now) == 0

    assert (await standings(graph))[1] == "active"
    assert (await targets(graph, takedown.id))[ODD] == (TargetState.UNDONE, None)
    assert await find_discounts(graph) == {DEVICE: 1}
    assert not await save_decision(graph, appeal, AppealDecision.OVERTURNED, **facts)  # type: ignore[arg-type]


async def test_overturned_appeal_of_a_takedown_undone_meanwhile_is_settled(graph: Graph) -> None:
    takedown = await acted(graph)
    appeal = await opened(graph)
    await begin_undo(graph, takedown.id, reason="It was a class.", by=PLANNER)
    await worker(graph).work_off()

    await overturned(graph, appeal)

    assert await find_unsettled(graph, limit=10) == []
    assert await standings(graph) == ["active"] * 6


async def test_queued_account_with_an_open_appeal_is_not_acted_on(graph: Graph) -> None:
    await draw_ring(graph)
    first = await started(graph, action=TakedownAction.THROTTLE)
    second = await started(graph)
    await worker(graph).work_off(first.id)
    await opened(graph)

    await worker(graph).work_off(second.id)

    assert (await find_takedown(graph, second.id)).state is TakedownState.DONE
    assert (
        await standings(graph)
        == ["suspended", "throttled", "suspended", "suspended"] + ["active"] * 2
    )
    assert (await targets(graph, second.id))[ODD] == (TargetState.HELD, HoldReason.APPEAL_OPEN)
    told = [one for one in await page_actions(graph, after=0, limit=20) if one.account_id == ODD]
    assert [one.takedown_id for one in told] == [first.id]
    await begin_undo(graph, second.id, reason="It was a class.", by=PLANNER)
    await worker(graph).work_off()
    assert await standings(graph) == ["throttled"] * 4 + ["active"] * 2


async def test_many_open_appeals_pause_a_takedown_that_runs(graph: Graph) -> None:
    await draw_ring(graph, members=80, core=80)
    takedown = await started(graph)
    one = worker(graph)
    while (await count_targets(graph, [takedown.id]))[takedown.id].acted < 50:
        await one.step(await find_takedown(graph, takedown.id))
    held = [
        one for one, (state, _) in (await targets(graph, takedown.id)).items() if state == "acted"
    ]
    for account_id in held[:20]:
        await opened(graph, account_id)

    await one.work_off()

    paused = await find_takedown(graph, takedown.id)
    assert paused.state is TakedownState.PAUSED
    assert "appealed" in (paused.because or "")


async def test_every_step_is_audited_and_no_words_of_the_account_are_logged(graph: Graph) -> None:
    takedown = await acted(graph)

    with structlog.testing.capture_logs() as lines:
        appeal = await opened(graph)
        await overturned(graph, appeal)

    entries = [one async for one in read_log(graph) if "appeal" in one.action]
    assert [(one.action, one.subject, one.actor) for one in entries] == [
        ("appeal_opened", takedown.id, SUPPORT),
        ("appeal_overturned", takedown.id, APPROVER),
    ]
    assert (await verify(graph)).fault is None
    for words in ("maria", "Lang", "A flat."):
        assert words not in str(lines) + str([one.detail for one in entries])


async def test_next_run_weighs_what_was_overturned_less_and_records_that(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    world = Drawing()
    world.strangers(200)
    farm(world, "farm", 20, devices=1)
    await load(graph, world)
    await detect(graph, load_config())
    device = IdentifierKey("device", "farm-device0")
    (plain,) = await detection_runs(neo4j_server)
    old = await ring_score(neo4j_server)

    await query(
        neo4j_server,
        "CREATE (:Discount {kind: $kind, value: $value, overturned: 1})",
        **device._asdict(),
    )
    await detect(graph, load_config())

    _, run = await detection_runs(neo4j_server)
    assert plain["config"] == load_config().model_dump_json()
    assert orjson.loads(run["config"])["discounts"] == [
        {"kind": "device", "value": "farm-device0", "overturned": 1}
    ]
    assert await ring_score(neo4j_server) < old


async def ring_score(server: Neo4jServer) -> float:
    (row,) = await query(server, "MATCH (r:Ring) RETURN r.score AS score")
    score: float = row["score"]
    return score
