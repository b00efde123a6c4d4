"""Takedowns through GraphQL: planned by one, approved by another, watched, and undone."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from ringfence.domain.access import Scope
from ringfence.domain.changes import REMEMBERED, Change, ChangeTopic
from ringfence.store.graph import Graph
from ringfence.store.takedown_lists import count_takedowns
from ringfence.usecases.api_keys import create_key
from ringfence.usecases.audit import read_log
from tests.api.live import LiveApi
from tests.api.test_live import receive, say, socket_to
from tests.conftest import Neo4jServer, clear, connect
from tests.usecases.rings_taken_down import draw_ring, standings, started, worker

PLAN = """mutation ($input: PlanTakedownInput!) { planTakedown(input: $input) { __typename
    ... on TakedownPlanned {
      takedown { id takedownId state planHash needsApproval size plannedBy
        blastRadius { acted } plannedTargets(first: 2) { totalCount nodes { accountId } } }
      preview { ringId planHash needsApproval size blastRadius { acted leftOut needsCare
          cuts { kind value members exchanges share outside } }
        plannedTargets(first: 2) { totalCount pageInfo { hasNextPage }
          nodes { accountId role hold care exchanges previousStanding sole { kind value }
            account { accountId } } } } }
    ... on TakedownRefused { code message } } }"""
MOVE = """mutation ($input: %sInput!) { told: %s(input: $input) { __typename
    ... on TakedownMoved { takedown { takedownId state because approvedBy expiresAt } }
    ... on TakedownRefused { code message } } }"""
UNDO = """mutation ($input: UndoTakedownInput!) { told: undoTakedown(input: $input) { __typename
    ... on TakedownUndoTaken { takedown { state } accounts { undone cancelled untouched } }
    ... on TakedownRefused { code message } } }"""
TARGETS = """query ($id: ID!, $first: Int! = 9, $after: String, $states: [TargetState!],
    $forReview: Boolean! = false) {
    takedown(id: $id) { targets(first: $first, after: $after, states: $states,
      forReview: $forReview) { totalCount
      pageInfo { hasNextPage endCursor }
      nodes { accountId role state hold wave previousStanding standing exchanges receipt
        reviewBecause sole { kind value } account { accountId standing }
        takedown { state } } } } }"""
FOLLOW = """subscription ($ids: [ID!], $after: String) {
    takedownProgress(takedownIds: $ids, after: $after) {
      cursor state takedownId takedown { state counts { acted queued } } } }"""
ASKED = {"ringId": "ring_a", "action": "SUSPEND", "reason": "a farm"}
AT_ONCE = {"least": 0, "most": 0}


@dataclass(frozen=True)
class Caller:
    """A client that holds a key, and gives no reason to see personal data."""

    api: LiveApi
    key: str
    id: str

    async def post(self, query: str, **variables: object) -> dict[str, Any]:
        async with httpx.AsyncClient(base_url=self.api.url, timeout=30) as client:
            answer = await client.post(
                "/graphql",
                json={"query": query, "variables": variables},
                headers={"Authorization": f"Bearer {self.key}"},
            )
        told: dict[str, Any] = answer.json()
        return told

    async def ask(self, query: str, **variables: object) -> dict[str, Any]:
        told = await self.post(query, **variables)
        assert "errors" not in told, told
        data: dict[str, Any] = told["data"]
        return data

    async def plan(self, **asked: object) -> dict[str, Any]:
        told = await self.ask(PLAN, input={**ASKED, "delayMinutes": AT_ONCE, **asked})
        planned: dict[str, Any] = told["planTakedown"]
        return planned

    async def move(self, name: str, kind: str = "MoveTakedown", **asked: object) -> dict[str, Any]:
        told: dict[str, Any] = (await self.ask(MOVE % (kind, name), input=asked))["told"]
        return told

    async def approve(self, takedown: dict[str, Any], plan_hash: str) -> dict[str, Any]:
        return await self.move(
            "approveTakedown",
            "ApproveTakedown",
            takedownId=takedown["takedownId"],
            planHash=plan_hash,
        )

    async def start(self, takedown_id: str) -> dict[str, Any]:
        return await self.move("startTakedown", "StartTakedown", takedownId=takedown_id)

    async def undo(self, takedown_id: str, **asked: object) -> dict[str, Any]:
        told = await self.ask(
            UNDO, input={"takedownId": takedown_id, "reason": "a mistake", **asked}
        )
        undone: dict[str, Any] = told["told"]
        return undone


@pytest.fixture
async def graph(neo4j_server: Neo4jServer, writer: object) -> AsyncIterator[Graph]:
    """An empty graph of its own connection, in this test's loop."""
    async with connect(neo4j_server) as graph:
        yield graph
        await clear(graph)


async def caller(api: LiveApi, graph: Graph, name: str, *scopes: Scope) -> Caller:
    key, text = await create_key(
        graph, name, frozenset({Scope.READ, *scopes}), now=datetime.now(UTC), by="ana"
    )
    return Caller(api, text, f"key_{key.id}")


@pytest.fixture
async def planner(api: LiveApi, graph: Graph) -> Caller:
    return await caller(api, graph, "planner", Scope.TAKEDOWN_PLAN, Scope.TAKEDOWN_APPROVE)


@pytest.fixture
async def approver(api: LiveApi, graph: Graph) -> Caller:
    return await caller(api, graph, "approver", Scope.TAKEDOWN_APPROVE)


async def test_takedown_goes_from_plan_to_undo(
    graph: Graph, planner: Caller, approver: Caller
) -> None:
    await draw_ring(graph, members=60, core=50)

    plan = (await planner.plan())["takedown"]
    early = await planner.start(plan["takedownId"])
    approved = await approver.approve({"takedownId": plan["id"]}, plan["planHash"])
    begun = await planner.start(plan["takedownId"])
    await worker(graph).work_off()
    acted = await standings(graph)
    done = await planner.ask(
        "query ($id: ID!) { node(id: $id) { ... on Takedown { state waves approvedBy "
        "ring { state } plannedTargets(first: 1) { totalCount } "
        "counts { acted queued heldOut } } } }",
        id=plan["id"],
    )
    undoing = await planner.undo(plan["takedownId"])
    await worker(graph).work_off()

    assert (plan["state"], plan["needsApproval"], plan["size"]) == ("PLANNED", True, 50)
    assert plan["plannedBy"] == planner.id
    assert plan["plannedTargets"] == {
        "totalCount": 50,
        "nodes": [{"accountId": "ring_a_00000"}, {"accountId": "ring_a_00001"}],
    }
    assert early["code"] == "CONFLICT"
    assert "second person" in early["message"]
    assert (approved["takedown"]["state"], approved["takedown"]["approvedBy"]) == (
        "APPROVED",
        approver.id,
    )
    assert begun["takedown"]["state"] == "RUNNING"
    assert acted == ["suspended"] * 50 + ["active"] * 10
    assert done["node"] == {
        "state": "DONE",
        "waves": 4,
        "approvedBy": approver.id,
        "ring": {"state": "TAKEN_DOWN"},
        "plannedTargets": {"totalCount": 0},
        "counts": {"acted": 50, "queued": 0, "heldOut": 0},
    }
    assert undoing == {
        "__typename": "TakedownUndoTaken",
        "takedown": {"state": "UNDOING"},
        "accounts": None,
    }
    assert await standings(graph) == ["active"] * 60
    actors = {entry.actor async for entry in read_log(graph)}
    assert {planner.id, approver.id, "ringfence"} <= actors


async def test_planner_cannot_approve_and_a_wrong_hash_approves_nothing(
    graph: Graph, planner: Caller, approver: Caller
) -> None:
    await draw_ring(graph, members=60, core=60)
    plan = (await planner.plan())["takedown"]

    own = await planner.approve(plan, plan["planHash"])
    wrong = await approver.approve(plan, "f00d")
    unknown = await approver.approve({"takedownId": "takedown_x"}, plan["planHash"])

    assert (own["__typename"], own["code"]) == ("TakedownRefused", "NOT_PERMITTED")
    assert f"was planned by {planner.id}, who cannot approve it" in own["message"]
    assert wrong["code"] == "CONFLICT"
    assert plan["planHash"] in wrong["message"]
    assert unknown["code"] == "NOT_FOUND"
    told = await planner.ask(
        "query ($id: ID!) { takedown(id: $id) { state approvedBy } }", id=plan["takedownId"]
    )
    assert told["takedown"] == {"state": "PLANNED", "approvedBy": None}


async def test_ring_that_changed_voids_its_plan_and_says_how(
    graph: Graph, planner: Caller, approver: Caller
) -> None:
    await draw_ring(graph, members=60, core=60)
    plan = (await planner.plan())["takedown"]
    await graph.run_schema("MATCH (:Account {id: 'ring_a_00007'})-[m:MEMBER_OF]->() DELETE m")

    refusal = await approver.approve(plan, plan["planHash"])

    assert refusal["code"] == "CONFLICT"
    assert "1 left (ring_a_00007)" in refusal["message"]
    told = await planner.ask("{ takedowns(first: 1) { nodes { state because } } }")
    (takedown,) = told["takedowns"]["nodes"]
    assert takedown["state"] == "VOID"
    assert "1 left (ring_a_00007)" in takedown["because"]


async def test_dry_run_tells_whom_it_would_hit_and_keeps_nothing(
    graph: Graph, planner: Caller
) -> None:
    await draw_ring(graph)
    await graph.run_schema(
        "MATCH (a:Account {id: 'ring_a_00000'}) SET a.protected_because = 'press' "
        "WITH a MATCH (b:Account {id: 'ring_a_00001'}) SET b.charges_succeeded = 1"
    )

    told = await planner.plan(dryRun=True)

    preview = told["preview"]
    assert told["takedown"] is None
    assert (preview["ringId"], preview["size"], preview["needsApproval"]) == ("ring_a", 3, True)
    radius = preview["blastRadius"]
    assert (radius["acted"], radius["leftOut"], radius["needsCare"]) == (3, 2, True)
    device, card = radius["cuts"]
    assert device == {
        "kind": "device",
        "value": "ring_a device",
        "members": 6,
        "exchanges": 150,
        "share": 1.0,
        "outside": 0,
    }
    assert (card["value"], card["exchanges"], card["share"]) == ("ring_a …", 60, 0.4)
    targets = preview["plannedTargets"]
    assert (targets["totalCount"], targets["pageInfo"]["hasNextPage"]) == (4, True)
    held, paying = targets["nodes"]
    assert held == {
        "accountId": "ring_a_00000",
        "role": "CORE",
        "hold": "PROTECTED",
        "care": ["HOUSEHOLD", "ONE_LINK"],
        "exchanges": 0,
        "previousStanding": "ACTIVE",
        "sole": {"kind": "device", "value": "ring_a device"},
        "account": {"accountId": "ring_a_00000"},
    }
    assert paying["care"] == ["PAYING", "HOUSEHOLD", "ONE_LINK"]
    assert paying["sole"] == {"kind": "device", "value": "ring_a device"}
    assert await count_takedowns(graph, states=None) == 0
    assert "takedown_planned" not in [entry.action async for entry in read_log(graph)]


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        ({"ringId": "ring_x"}, "NOT_FOUND", "No ring has the id ring_x"),
        ({"reason": " "}, "INVALID_INPUT", "1 to 2,000"),
        ({"canary": 0}, "INVALID_INPUT", "canary: got 0"),
        ({"delayMinutes": {"least": 9, "most": 1}}, "INVALID_INPUT", "the least first"),
        ({"expireDays": 1e9}, "INVALID_INPUT", "expire_days"),
    ],
)
async def test_plan_that_cannot_be_is_refused_in_words(
    graph: Graph, planner: Caller, asked: dict[str, object], code: str, said: str
) -> None:
    await draw_ring(graph)

    refusal = await planner.plan(**asked)
    dry = await planner.plan(**asked, dryRun=True)

    assert (refusal["__typename"], refusal["code"]) == ("TakedownRefused", code)
    assert said in refusal["message"]
    assert dry == refusal
    assert await count_takedowns(graph, states=None) == 0


async def test_accounts_are_paged_and_told_apart_by_what_became_of_them(
    graph: Graph, planner: Caller
) -> None:
    await draw_ring(graph)
    takedown = await started(graph)
    await worker(graph).work_off()

    undone = await planner.undo(takedown.id, accountIds=["ring_a_00001", "ring_a_00005"])
    first = await planner.ask(TARGETS, id=takedown.id, first=3)
    page = first["takedown"]["targets"]
    rest = await planner.ask(TARGETS, id=takedown.id, first=3, after=page["pageInfo"]["endCursor"])
    acted = await planner.ask(TARGETS, id=takedown.id, states=["ACTED"])
    await graph.run_schema(
        "MATCH ()-[t:TARGETS]->(a:Account) WHERE a.id IN ['ring_a_00000', 'ring_a_00001'] "
        "SET t.review_because = 'a neighbour was overturned'"
    )
    review = await planner.ask(TARGETS, id=takedown.id, forReview=True, first=1)
    both = await planner.ask(TARGETS, id=takedown.id, forReview=True, states=["ACTED"])

    assert undone["accounts"] == {"undone": 1, "cancelled": 0, "untouched": 1}
    assert undone["takedown"] == {"state": "DONE"}
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (4, True)
    one = page["nodes"][1]
    assert one == {
        "accountId": "ring_a_00001",
        "role": "CORE",
        "state": "UNDONE",
        "hold": None,
        "wave": 0,
        "previousStanding": "ACTIVE",
        "standing": "ACTIVE",
        "exchanges": 10,
        "receipt": None,
        "reviewBecause": None,
        "sole": {"kind": "device", "value": "ring_a device"},
        "account": {"accountId": "ring_a_00001", "standing": "ACTIVE"},
        "takedown": {"state": "DONE"},
    }
    assert page["nodes"][0]["standing"] == "SUSPENDED"
    assert [node["accountId"] for node in rest["takedown"]["targets"]["nodes"]] == ["ring_a_00003"]
    assert acted["takedown"]["targets"]["totalCount"] == 3
    assert {node["state"] for node in acted["takedown"]["targets"]["nodes"]} == {"ACTED"}
    (flagged,) = review["takedown"]["targets"]["nodes"]
    assert review["takedown"]["targets"]["totalCount"] == 2
    assert (flagged["accountId"], flagged["reviewBecause"]) == (
        "ring_a_00000",
        "a neighbour was overturned",
    )
    assert both["takedown"]["targets"]["totalCount"] == 1


async def test_takedowns_are_listed_by_state_by_ring_and_by_account(
    graph: Graph, planner: Caller
) -> None:
    await draw_ring(graph)
    await draw_ring(graph, "ring_b")
    first = await started(graph)
    await worker(graph).work_off()
    again = (await planner.plan(action="RESTRICT"))["takedown"]["takedownId"]
    other = (await planner.plan(ringId="ring_b"))["takedown"]["takedownId"]

    told = await planner.ask(
        """query ($id: ID!) {
          all: takedowns(first: 2) { totalCount nodes { takedownId } pageInfo { endCursor } }
          done: takedowns(first: 9, states: [DONE]) { totalCount nodes { takedownId } }
          ofRing: takedowns(first: 9, ringId: "ring_a") { totalCount nodes { takedownId } }
          none: takedowns(first: 9, ringId: "ring_x") { totalCount nodes { takedownId } }
          ring(id: "ring_a") { takedowns(first: 9) { totalCount nodes { takedownId } } }
          account(id: $id) { standing toldStanding verifiedOrganisation protectedBecause
            takedowns(first: 9) {
              totalCount nodes { takedownId state takedown { action } } } } }""",
        id="ring_a_00000",
    )
    rest = await planner.ask(
        "query ($after: String) { takedowns(first: 2, after: $after) { nodes { takedownId } } }",
        after=told["all"]["pageInfo"]["endCursor"],
    )

    def ids(page: dict[str, Any]) -> list[str]:
        return [node["takedownId"] for node in page["nodes"]]

    assert ids(told["all"]) + ids(rest["takedowns"]) == [other, again, first.id]
    assert [told[name]["totalCount"] for name in ("all", "done", "ofRing", "none")] == [3, 1, 2, 0]
    assert ids(told["done"]) == [first.id]
    assert ids(told["ofRing"]) == ids(told["ring"]["takedowns"]) == [again, first.id]
    assert told["ring"]["takedowns"]["totalCount"] == 2
    assert told["account"] == {
        "standing": "SUSPENDED",
        "toldStanding": "ACTIVE",
        "verifiedOrganisation": False,
        "protectedBecause": None,
        "takedowns": {
            "totalCount": 1,
            "nodes": [
                {"takedownId": first.id, "state": "ACTED", "takedown": {"action": "SUSPEND"}}
            ],
        },
    }


async def test_statements_do_not_grow_with_the_number_of_takedowns(
    api: LiveApi, graph: Graph, planner: Caller
) -> None:
    query = """query ($first: Int!) { takedowns(first: $first) { totalCount nodes {
        counts { acted } ring { size } plannedTargets(first: 3) { totalCount nodes { accountId
            account { country } } }
        targets(first: 3) { totalCount nodes { standing account { takedowns(first: 1) {
            nodes { takedown { state } } } } } } } } }"""
    await draw_ring(graph)
    for _ in range(3):
        await started(graph)
    for _ in range(3):
        await planner.plan()
    ran: list[list[str]] = []

    for first in (4, 6):
        api.graph.statements.clear()
        await planner.ask(query, first=first)
        ran.append(sorted(api.graph.statements))

    assert ran[0] == ran[1]


async def test_takedown_is_paused_resumed_renewed_stopped_and_given_up(
    graph: Graph, planner: Caller
) -> None:
    await draw_ring(graph)
    takedown = await started(graph)
    because = {"takedownId": takedown.id, "reason": "to look again"}
    plan = (await planner.plan())["takedown"]

    steps = [
        await planner.move("pauseTakedown", **because),
        await planner.move("pauseTakedown", **because),
        await planner.move("resumeTakedown", **because),
        await planner.move("renewTakedown", "RenewTakedown", **because, days=0),
        await planner.move("renewTakedown", "RenewTakedown", **because, days=-1),
        await planner.move("stopTakedown", **because),
        await planner.move("voidTakedown", takedownId=plan["takedownId"], reason="not now"),
    ]

    told = [one.get("code") or one["takedown"]["state"] for one in steps]
    expected = ["PAUSED", "CONFLICT", "RUNNING", "RUNNING", "INVALID_INPUT", "STOPPED", "VOID"]
    assert told == expected
    assert steps[0]["takedown"]["because"] == "to look again"
    assert steps[3]["takedown"]["expiresAt"] is None


async def test_switch_halts_all_and_says_who_and_why(graph: Graph, planner: Caller) -> None:
    switch = """mutation ($input: SwitchTakedownsInput!) { told: %s(input: $input) { __typename
        ... on TakedownsSwitched { switch { halted by because } }
        ... on TakedownRefused { code } } }"""
    await draw_ring(graph)
    await started(graph)

    unasked = await planner.ask("{ takedownSwitch { halted by because at } }")
    silent = await planner.ask(switch % "haltTakedowns", input={"reason": ""})
    halted = await planner.ask(switch % "haltTakedowns", input={"reason": "a wrong feed"})
    await worker(graph).work_off()
    before = await standings(graph)
    released = await planner.ask(switch % "releaseTakedowns", input={"reason": "mended"})
    await worker(graph).work_off()

    nothing = {"halted": False, "by": None, "because": None, "at": None}
    assert unasked["takedownSwitch"] == nothing
    assert silent["told"] == {"__typename": "TakedownRefused", "code": "INVALID_INPUT"}
    assert halted["told"]["switch"] == {
        "halted": True,
        "by": planner.id,
        "because": "a wrong feed",
    }
    assert before == ["active"] * 6
    assert released["told"]["switch"]["halted"] is False
    assert (await standings(graph)).count("suspended") == 4


async def test_approver_plans_nothing_and_reads_no_more_than_the_scope_allows(
    api: LiveApi, graph: Graph, approver: Caller
) -> None:
    await draw_ring(graph)
    key, text = await create_key(
        graph, "blind", frozenset({Scope.TAKEDOWN_PLAN}), now=datetime.now(UTC), by="ana"
    )
    blind = Caller(api, text, f"key_{key.id}")

    unscoped = await approver.post(PLAN, input=ASKED)
    unread = await blind.post(PLAN, input=ASKED)
    planned = await blind.ask(
        "mutation ($input: PlanTakedownInput!) { planTakedown(input: $input) { __typename } }",
        input=ASKED,
    )

    assert [error["extensions"]["code"] for error in unscoped["errors"]] == ["not_permitted"]
    assert "`takedown_plan`" in unscoped["errors"][0]["message"]
    assert "`read`" in unread["errors"][0]["message"]
    assert planned["planTakedown"] == {"__typename": "TakedownPlanned"}
    assert await count_takedowns(graph, states=None) == 1


async def test_progress_is_followed_from_start_to_end(api: LiveApi, graph: Graph) -> None:
    await draw_ring(graph)
    await draw_ring(graph, "ring_b")
    async with socket_to(api) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        assert (await receive(socket))["type"] == "connection_ack"
        payload = {"query": FOLLOW, "variables": {}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        await asyncio.sleep(1.0)

        takedown = await started(graph)
        await say(graph, Change(ChangeTopic.TAKEDOWN, REMEMBERED, takedown.id, takedown.id))
        await worker(graph).work_off()

        told: list[dict[str, Any]] = []
        while not told or told[-1]["state"] != "DONE":
            message = await receive(socket)
            told.append(message["payload"]["data"]["takedownProgress"])

    assert {one["takedownId"] for one in told} == {takedown.id}
    assert [one["state"] for one in told][:2] == ["PLANNED", "RUNNING"]
    assert told[-1]["takedown"] == {"state": "DONE", "counts": {"acted": 4, "queued": 0}}


async def test_only_takedowns_that_are_followed_are_heard(api: LiveApi, graph: Graph) -> None:
    await draw_ring(graph)
    await draw_ring(graph, "ring_b")
    other = await started(graph, "ring_b")
    async with socket_to(api) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        await receive(socket)
        variables = {"ids": [other.id]}
        payload = {"query": FOLLOW, "variables": variables}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        await asyncio.sleep(1.0)

        mine = await started(graph)
        await worker(graph).work_off(mine.id)
        await worker(graph).work_off(other.id)
        message = await receive(socket)

    assert message["payload"]["data"]["takedownProgress"]["takedownId"] == other.id
