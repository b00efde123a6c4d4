"""Takedowns from plan to undo, on a real graph."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from ringfence.domain.access import Scope
from ringfence.domain.rings import RingState
from ringfence.domain.standings import ToldStanding
from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedown_rules import TakedownRules
from ringfence.domain.takedowns import (
    ActionKind,
    HoldReason,
    Standing,
    TakedownAction,
    TakedownState,
    TargetState,
)
from ringfence.domain.verdicts import VerdictKind
from ringfence.errors import Conflict, InvalidInput, NotFound, NotPermitted
from ringfence.store.actions import last_action, page_actions
from ringfence.store.graph import Graph
from ringfence.store.remembered import load_remembered
from ringfence.store.rings import find_rings
from ringfence.store.takedown_targets import page_targets
from ringfence.store.takedowns import count_targets, page_takedowns
from ringfence.usecases.api_keys import create_key
from ringfence.usecases.approve_takedown import (
    approve_takedown,
    find_takedown,
    void_takedown,
)
from ringfence.usecases.audit import verify
from ringfence.usecases.carry_out_takedown import (
    pause_takedown,
    renew_takedown,
    resume_takedown,
    start_takedown,
    stop_takedown,
    switch_takedowns,
)
from ringfence.usecases.judge_ring import judge_ring
from ringfence.usecases.plan_takedown import plan_takedown
from ringfence.usecases.standings import tell_standings
from ringfence.usecases.undo_takedown import begin_undo, undo_of_accounts
from tests.conftest import Neo4jServer, connect
from tests.usecases.rings_taken_down import (
    APPROVER,
    AT_ONCE,
    PLANNER,
    RULES,
    Clock,
    draw_ring,
    planned,
    standings,
    started,
    worker,
)

NOW = datetime.now(UTC)


def rules(**parts: dict[str, object]) -> TakedownRules:
    """The built-in rules with some changed."""
    told = RULES.model_dump()
    return TakedownRules.model_validate(told | {name: told[name] | parts[name] for name in parts})


async def ring_state(graph: Graph) -> RingState:
    return (await find_rings(graph, ["ring_a"]))["ring_a"].state


async def test_plan_names_whom_it_would_hit_and_acts_on_nobody(graph: Graph) -> None:
    await draw_ring(graph)

    takedown = await planned(graph)

    radius = takedown.blast_radius
    assert takedown.state is TakedownState.PLANNED
    assert (radius.members, radius.core, radius.peripheral, radius.acted) == (6, 4, 2, 4)
    assert (radius.requests, radius.ring_requests) == (60, 150)
    assert radius.harm_share == pytest.approx(0.4)
    assert radius.left_out == 2
    assert radius.one_link == 4
    assert [(cut.value, cut.members, cut.requests) for cut in radius.cuts] == [
        ("ring_a device", 6, 150),
        ("ring_a card", 3, 60),
    ]
    assert await standings(graph) == ["active"] * 6
    assert await ring_state(graph) is RingState.OPEN


async def test_plan_holds_out_those_who_are_protected_and_names_them(graph: Graph) -> None:
    await draw_ring(graph)
    told = [
        ToldStanding("ring_a_00000", protected_because="a journalist"),
        ToldStanding("ring_a_00001", verified_organisation=True),
        ToldStanding("nobody"),
    ]
    taken = await tell_standings(graph, told, by=PLANNER)

    takedown = await started(graph)
    await worker(graph).work_off()

    assert (taken.taken, taken.unknown) == (2, ("nobody",))
    assert takedown.needs_approval
    assert takedown.blast_radius.held == {"protected": 1, "verified_organisation": 1}
    held = await page_targets(graph, takedown.id, after_id="", limit=10, states=[TargetState.HELD])
    assert [(one.account_id, one.hold) for one in held] == [
        ("ring_a_00000", HoldReason.PROTECTED),
        ("ring_a_00001", HoldReason.VERIFIED_ORGANISATION),
    ]
    assert await standings(graph) == ["active"] * 2 + ["suspended"] * 2 + ["active"] * 2


async def test_takedown_acts_on_core_members_and_undo_restores_them(graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await started(graph)

    await worker(graph).work_off()

    assert (await find_takedown(graph, takedown.id)).state is TakedownState.DONE
    assert await standings(graph) == ["suspended"] * 4 + ["active"] * 2
    assert await ring_state(graph) is RingState.TAKEN_DOWN
    assert len(await load_remembered(graph)) == 2
    actions = await page_actions(graph, after=0, limit=100)
    assert [one.seq for one in actions] == [1, 2, 3, 4]
    assert {(one.kind, one.standing) for one in actions} == {(ActionKind.APPLY, Standing.SUSPENDED)}

    await begin_undo(graph, takedown.id, reason="It was a class.", by=PLANNER)
    await worker(graph).work_off()

    assert (await find_takedown(graph, takedown.id)).state is TakedownState.UNDONE
    assert await standings(graph) == ["active"] * 6
    assert await ring_state(graph) is RingState.OPEN
    assert len(await load_remembered(graph)) == 0
    reverts = await page_actions(graph, after=4, limit=100)
    assert [one.standing for one in reverts] == [Standing.ACTIVE] * 4
    assert (await verify(graph)).fault is None


async def test_undo_gives_back_what_each_had_and_not_merely_active(graph: Graph) -> None:
    await draw_ring(graph)
    told = [
        ToldStanding("ring_a_00000", Standing.THROTTLED),
        ToldStanding("ring_a_00001", Standing.SUSPENDED),
    ]
    await tell_standings(graph, told, by=PLANNER)
    takedown = await started(graph, action=TakedownAction.RESTRICT)

    await worker(graph).work_off()
    acted = await standings(graph)
    await begin_undo(graph, takedown.id, reason="undo", by=PLANNER)
    await worker(graph).work_off()

    assert acted == ["restricted", "suspended", "restricted", "restricted", "active", "active"]
    assert await standings(graph) == ["throttled", "suspended"] + ["active"] * 4


async def test_milder_takedown_holds_on_after_a_stricter_one_is_undone(graph: Graph) -> None:
    await draw_ring(graph)
    mild = await started(graph, action=TakedownAction.THROTTLE)
    await worker(graph).work_off()
    strict = await started(graph)
    await worker(graph).work_off()

    await begin_undo(graph, strict.id, reason="undo", by=PLANNER)
    await worker(graph).work_off()

    assert await standings(graph) == ["throttled"] * 4 + ["active"] * 2
    assert await ring_state(graph) is RingState.TAKEN_DOWN

    await begin_undo(graph, mild.id, reason="undo", by=PLANNER)
    await worker(graph).work_off()

    assert await standings(graph) == ["active"] * 6
    assert await ring_state(graph) is RingState.OPEN


async def test_some_accounts_are_undone_and_the_others_stay(graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await started(graph)
    await worker(graph).work_off()

    asked = ["ring_a_00001", "ring_a_00001", "ring_a_00005", "unknown"]
    undone = await undo_of_accounts(
        graph, takedown.id, asked, reason="right on appeal", by=PLANNER, at=NOW
    )
    again = await undo_of_accounts(
        graph, takedown.id, asked, reason="right on appeal", by=PLANNER, at=NOW
    )

    assert (undone.undone, undone.cancelled, undone.untouched) == (1, 0, 2)
    assert (again.undone, again.untouched) == (0, 3)
    assert [at for at, one in enumerate(await standings(graph)) if one == "suspended"] == [0, 2, 3]
    (target,) = await page_targets(
        graph, takedown.id, after_id="", limit=10, states=[TargetState.UNDONE]
    )
    assert (target.account_id, target.undone_because) == ("ring_a_00001", "right on appeal")


async def test_large_or_delicate_plan_needs_another_person(graph: Graph) -> None:
    await draw_ring(graph)
    strict = rules(approval={"second_person_from": 4})
    takedown = await planned(graph, rules=strict)

    assert takedown.needs_approval
    with pytest.raises(Conflict, match="needs the approval of a second person"):
        await start_takedown(graph, takedown.id, strict, by=PLANNER, at=NOW)
    with pytest.raises(NotPermitted, match="cannot approve it"):
        await approve_takedown(graph, takedown.id, strict, plan_hash=takedown.plan_hash, by=PLANNER)
    with pytest.raises(Conflict, match="approve it"):
        await approve_takedown(graph, takedown.id, strict, plan_hash="another", by=APPROVER)
    approved = await approve_takedown(
        graph, takedown.id, strict, plan_hash=takedown.plan_hash, by=APPROVER
    )
    assert (approved.state, approved.approved_by) == (TakedownState.APPROVED, APPROVER)
    assert await last_action(graph) == 0


async def test_planner_does_not_become_another_person_by_another_key(graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await planned(graph)
    scopes = frozenset({Scope.TAKEDOWN_APPROVE})
    key, _ = await create_key(graph, "second", scopes, now=NOW, by="root", owner=PLANNER)

    with pytest.raises(NotPermitted, match=f"key_{key.id} is the same person"):
        await approve_takedown(
            graph, takedown.id, RULES, plan_hash=takedown.plan_hash, by=f"key_{key.id}"
        )


async def test_small_plan_of_one_person_may_start(graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await planned(graph)

    running = await start_takedown(graph, takedown.id, RULES, by=PLANNER, at=NOW)

    assert not takedown.needs_approval
    assert running.state is TakedownState.RUNNING


async def test_approval_ends_with_its_time(graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await planned(graph)
    late = takedown.start_by + timedelta(minutes=1)

    with pytest.raises(Conflict, match="had to be started by"):
        await start_takedown(graph, takedown.id, RULES, by=PLANNER, at=late)

    assert await standings(graph) == ["active"] * 6


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("MATCH (:Account {id: 'ring_a_00003'})-[m:MEMBER_OF]->() DELETE m", "1 left"),
        (
            "MATCH ()-[m:MEMBER_OF {account_id: 'ring_a_00004'}]->() SET m.role = 'core'",
            "1 came (ring_a_00004)",
        ),
        ("MATCH (a:Account {id: 'ring_a_00002'}) SET a.standing = 'throttled'", "1 changed"),
        ("MATCH (e:Evidence {value: 'ring_a card'}) DETACH DELETE e", "0 came, 1 went"),
    ],
)
async def test_ring_that_changed_voids_the_plan_and_the_difference_is_told(
    graph: Graph, change: str, told: str
) -> None:
    await draw_ring(graph)
    takedown = await planned(graph)
    await graph.run_schema(change)

    with pytest.raises(Conflict) as refused:
        await start_takedown(graph, takedown.id, RULES, by=PLANNER, at=NOW)

    assert told in str(refused.value)
    void = await find_takedown(graph, takedown.id)
    assert void.state is TakedownState.VOID
    assert told in (void.because or "")
    assert await last_action(graph) == 0


async def test_exchanges_that_grow_meanwhile_do_not_void_a_plan(graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await planned(graph)
    await graph.run_schema("MATCH (a:Account) SET a.requests = a.requests + 5")

    running = await start_takedown(graph, takedown.id, RULES, by=PLANNER, at=NOW)

    assert running.state is TakedownState.RUNNING


async def test_canary_goes_first_and_waves_wait_for_their_time(graph: Graph) -> None:
    await draw_ring(graph, members=40, core=40)
    clock = Clock()
    options = TakedownOptions(canary=5, delay_minutes=(10.0, 20.0))
    takedown = await started(graph, options=options, at=clock.now)
    one = worker(graph, clock)

    await one.work_off()
    after_canary = Counter(await standings(graph))
    clock.forward(minutes=9)
    await one.work_off()
    too_early = Counter(await standings(graph))
    clock.forward(minutes=11)
    await one.work_off()
    second = Counter(await standings(graph))
    for _ in range(5):
        clock.forward(minutes=21)
        await one.work_off()

    assert takedown.waves == 4
    assert after_canary == too_early == {"suspended": 5, "active": 35}
    assert second["suspended"] == 5 + round(35 * 0.1)
    assert Counter(await standings(graph)) == {"suspended": 40}
    assert (await find_takedown(graph, takedown.id)).state is TakedownState.DONE


async def test_alarm_pauses_a_takedown_and_a_person_lets_it_go_on(graph: Graph) -> None:
    await draw_ring(graph, members=40, core=40)
    careful = rules(stop={"least": 5})
    clock = Clock()
    takedown = await started(
        graph, options=TakedownOptions(canary=10, delay_minutes=(1, 1)), rules=careful, at=clock.now
    )
    one = worker(graph, clock, careful)
    await one.work_off()
    await graph.run_schema(
        "MATCH ()-[t:TARGETS {state: 'acted'}]->() WITH t LIMIT 1 SET t.receipt = 'failed'"
    )
    clock.forward(minutes=2)

    await one.work_off()

    paused = await find_takedown(graph, takedown.id)
    assert paused.state is TakedownState.PAUSED
    assert paused.because == (
        "1 of 10 accounts failed at the provider: 10.0%, above the 5.0% that the rules allow"
    )
    assert Counter(await standings(graph))["suspended"] == 10

    await graph.run_schema("MATCH ()-[t:TARGETS {receipt: 'failed'}]->() SET t.receipt = 'done'")
    await resume_takedown(graph, takedown.id, reason="looked at", by=APPROVER, at=clock.now)
    await one.work_off()
    assert Counter(await standings(graph))["suspended"] > 10


async def test_halt_stops_all_takedowns_until_they_are_released(graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await started(graph)
    await switch_takedowns(graph, halted=True, reason="fire", by=APPROVER, at=NOW)

    await worker(graph).work_off()
    halted = await standings(graph)
    await switch_takedowns(graph, halted=False, reason="out", by=APPROVER, at=NOW)
    await worker(graph).work_off()

    assert halted == ["active"] * 6
    assert (await find_takedown(graph, takedown.id)).state is TakedownState.DONE


async def test_paused_or_stopped_takedown_acts_on_nobody(graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await started(graph)
    await pause_takedown(graph, takedown.id, reason="wait", by=PLANNER)
    await worker(graph).work_off()
    paused = await standings(graph)
    await stop_takedown(graph, takedown.id, reason="wrong ring", by=PLANNER)
    await worker(graph).work_off()

    assert paused == await standings(graph) == ["active"] * 6
    with pytest.raises(Conflict, match="is stopped; expected one that is paused"):
        await resume_takedown(graph, takedown.id, reason="go on", by=PLANNER, at=NOW)
    counts = (await count_targets(graph, [takedown.id]))[takedown.id]
    assert (counts.queued, counts.acted) == (4, 0)


async def test_two_workers_at_once_meet_each_account_once(
    graph: Graph, neo4j_server: Neo4jServer
) -> None:
    await draw_ring(graph, members=300, core=300)
    takedown = await started(graph)

    async with connect(neo4j_server) as other:
        await asyncio.gather(
            *(worker(one, batch=7).work_off() for one in (graph, other, graph, other))
        )
        while await worker(graph).work_off():
            pass

    done = await find_takedown(graph, takedown.id)
    actions = await page_actions(graph, after=0, limit=1_000)
    assert len(actions) == len({one.account_id for one in actions}) == 300
    assert [one.seq for one in actions] == list(range(1, 301))
    assert done.state is TakedownState.DONE

    await begin_undo(graph, takedown.id, reason="undo", by=PLANNER)
    async with connect(neo4j_server) as other:
        await asyncio.gather(
            *(worker(one, batch=7).work_off() for one in (graph, other, graph, other))
        )
    assert (await find_takedown(graph, takedown.id)).state is TakedownState.UNDONE
    assert len(await page_actions(graph, after=300, limit=1_000)) == 300


async def test_takedown_ends_by_itself_unless_it_is_renewed(graph: Graph) -> None:
    await draw_ring(graph)
    clock = Clock()
    options = TakedownOptions(delay_minutes=(0, 0), expire_days=30)
    takedown = await started(graph, options=options, at=clock.now)
    await worker(graph, clock).work_off()

    clock.forward(days=29)
    await renew_takedown(
        graph, takedown.id, days=30, reason="still there", by=PLANNER, at=clock.now
    )
    clock.forward(days=29)
    await worker(graph, clock).work_off()
    renewed = await standings(graph)
    clock.forward(days=2)
    await worker(graph, clock).work_off()

    assert renewed == ["suspended"] * 4 + ["active"] * 2
    assert await standings(graph) == ["active"] * 6
    assert await ring_state(graph) is RingState.WATCHED
    assert len(await load_remembered(graph)) == 2
    ended = await find_takedown(graph, takedown.id)
    assert (ended.state, ended.because) == (
        TakedownState.UNDONE,
        "The takedown expired and nobody renewed it.",
    )


async def test_dismissed_ring_and_unknown_one_cannot_be_planned(graph: Graph) -> None:
    await draw_ring(graph)
    await judge_ring(graph, "ring_a", VerdictKind.DISMISSED, reason="a class", by="ana")

    with pytest.raises(Conflict, match="is dismissed"):
        await planned(graph)
    with pytest.raises(NotFound, match="No ring has the id ring_b"):
        await planned(graph, "ring_b")
    assert await page_takedowns(graph, after=None, limit=10) == []


@pytest.mark.parametrize(
    ("reason", "options", "told"),
    [
        ("  ", AT_ONCE, "Say why the ring is taken down"),
        ("why", TakedownOptions(canary=0), "canary: got 0"),
        ("why", TakedownOptions(delay_minutes=(5, 1)), "the least first"),
        ("why", TakedownOptions(expire_days=-1), "expire_days: got -1"),
    ],
)
async def test_plan_that_is_not_as_it_must_be_is_refused(
    graph: Graph, reason: str, options: TakedownOptions, told: str
) -> None:
    await draw_ring(graph)

    with pytest.raises(InvalidInput, match=told):
        await plan_takedown(
            graph,
            "ring_a",
            TakedownAction.SUSPEND,
            RULES,
            reason=reason,
            by=PLANNER,
            options=options,
        )

    assert await page_takedowns(graph, after=None, limit=10) == []


async def test_plan_that_is_given_up_cannot_start(graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await planned(graph)

    void = await void_takedown(graph, takedown.id, reason="not now", by=APPROVER)

    assert (void.state, void.because) == (TakedownState.VOID, "not now")
    with pytest.raises(Conflict, match="is void"):
        await start_takedown(graph, takedown.id, RULES, by=PLANNER, at=NOW)
    with pytest.raises(Conflict, match="cannot be given up"):
        await void_takedown(graph, takedown.id, reason="again", by=APPROVER)
