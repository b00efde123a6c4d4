"""Takedowns at the terminal: planned, approved by another, carried out and undone."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from ringfence.domain.access import Scope
from ringfence.domain.takedown_plans import TakedownOptions
from ringfence.domain.takedowns import TakedownState
from ringfence.errors import Conflict, InvalidInput, NotFound, NotPermitted
from ringfence.store.graph import Graph
from ringfence.store.takedowns import find_takedowns
from ringfence.usecases.api_keys import create_key
from ringfence.usecases.audit import read_log
from tests.cli.conftest import Ask
from tests.usecases.rings_taken_down import Clock, draw_ring, standings, started

PLAN = ("plan", "ring_a", "--action", "suspend", "--reason", "a farm")
ACTIVE = ["active"] * 6
TAKEN_DOWN = ["suspended"] * 4 + ["active"] * 2


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret that identifiers of rings are remembered with."""
    monkeypatch.setenv("RINGFENCE_IDENTIFIER_SECRET", "a secret of the tests, long enough")


async def answered(ask: Ask, *words: str) -> Any:
    result = await ask("takedown", *words, "--json")
    assert result.exit_code == 0, (result.output, result.exception)
    return orjson.loads(result.stdout)


async def refused(ask: Ask, *words: str) -> BaseException:
    result = await ask("takedown", *words)
    assert result.exception is not None, result.output
    return result.exception


async def key_file(graph: Graph, folder: Path, name: str, *scopes: Scope) -> str:
    now = Clock()()
    _, text = await create_key(graph, name, frozenset(scopes), now=now, by="ana")
    file = folder / f"{name}.key"
    await asyncio.to_thread(file.write_text, f"{text}\n", encoding="utf-8")
    return str(file)


async def known(graph: Graph) -> int:
    rows = await graph.read("takedowns/count", states=None)
    return int(rows[0]["takedowns"])


@pytest.mark.usefixtures("secret")
async def test_small_ring_is_taken_down_and_given_back(ask: Ask, graph: Graph) -> None:
    await draw_ring(graph)

    plan = await answered(ask, *PLAN, "--delay", "0", "0")
    begun = await answered(ask, "start", plan["id"])
    done = await answered(ask, "run", plan["id"], "--until-done")
    after = await standings(graph)
    undone = await answered(ask, "undo", plan["id"], "--reason", "a mistake")

    assert (plan["state"], plan["size"], plan["needs_approval"]) == ("planned", 4, False)
    assert plan["options"]["delay_minutes"] == [0.0, 0.0]
    assert (begun["state"], done["state"]) == ("running", "done")
    assert after == TAKEN_DOWN
    assert (undone["state"], undone["because"]) == ("undone", "a mistake")
    assert await standings(graph) == ACTIVE
    actors = {entry.actor async for entry in read_log(graph)}
    assert {actor.partition(":")[0] for actor in actors} == {"operator", "ringfence"}


async def test_blast_radius_tells_first_what_to_be_careful_of(ask: Ask, graph: Graph) -> None:
    await draw_ring(graph)
    await graph.run_schema(
        "MATCH (a:Account {id: 'ring_a_00000'}) "
        "SET a.charges_succeeded = 2, a.paid_minor_EUR = 1999"
    )

    result = await ask("takedown", *PLAN)

    text = result.stdout
    assert text.index("! paying, and disputed nothing") < text.index("acted on  ")
    assert "! have paid, EUR in minor units   " in text
    assert "1,999" in text
    assert "40% of the ring's" in text
    assert "ring_a device" in text
    assert "Somebody other than operator:" in text
    assert "--hash " in text


async def test_dry_run_keeps_nothing(ask: Ask, graph: Graph) -> None:
    await draw_ring(graph)

    told = await answered(ask, *PLAN, "--dry-run")
    shown = await ask("takedown", *PLAN, "--dry-run")

    assert (told["ring_id"], told["size"], told["needs_approval"]) == ("ring_a", 4, False)
    assert told["blast_radius"]["left_out"] == 2
    assert "A dry run: nothing is kept." in shown.stdout
    assert await known(graph) == 0
    assert [entry async for entry in read_log(graph)] == []


async def test_operator_cannot_approve_their_own_plan_but_a_key_of_another_can(
    ask: Ask, graph: Graph, tmp_path: Path
) -> None:
    await draw_ring(graph, members=60, core=60)
    approver = await key_file(graph, tmp_path, "bo", Scope.TAKEDOWN_APPROVE)
    plan = await answered(ask, *PLAN)

    own = await refused(ask, "approve", plan["id"], "--hash", plan["plan_hash"])
    early = await refused(ask, "start", plan["id"])
    wrong = await refused(ask, "approve", plan["id"], "--hash", "other", "--key-file", approver)
    approved = await answered(
        ask, "approve", plan["id"], "--hash", plan["plan_hash"], "--key-file", approver
    )

    assert plan["needs_approval"] is True
    assert isinstance(own, NotPermitted)
    assert isinstance(early, Conflict)
    assert isinstance(wrong, Conflict)
    assert approved["state"] == "approved"
    assert approved["approved_by"].startswith("key_")


async def test_key_that_lacks_the_scope_or_opens_nothing_plans_nothing(
    ask: Ask, graph: Graph, tmp_path: Path
) -> None:
    await draw_ring(graph)
    reader = await key_file(graph, tmp_path, "reader", Scope.READ, Scope.TAKEDOWN_APPROVE)
    other = tmp_path / "other.key"
    other.write_text("a-key-of-the-settings", encoding="utf-8")

    lacking = await refused(ask, *PLAN, "--key-file", reader)
    unknown = await refused(ask, *PLAN, "--key-file", str(other))
    missing = await refused(ask, *PLAN, "--key-file", str(tmp_path / "nowhere"))

    assert isinstance(lacking, NotPermitted)
    assert "`takedown_plan`" in str(lacking)
    assert isinstance(unknown, NotPermitted)
    assert "a-key-of-the-settings" not in str(unknown)
    assert isinstance(missing, InvalidInput)
    assert await known(graph) == 0


@pytest.mark.usefixtures("secret")
async def test_run_ends_with_3_while_a_wave_is_to_come(ask: Ask, graph: Graph) -> None:
    await draw_ring(graph)
    options = TakedownOptions(canary=1, delay_minutes=(30.0, 30.0))
    takedown = await started(graph, options=options)

    result = await ask("takedown", "run", takedown.id)

    assert result.exit_code == 3
    assert "is running" in result.stdout
    assert "begins at" in result.stderr
    assert (await standings(graph)).count("suspended") == 1


@pytest.mark.usefixtures("secret")
async def test_halted_takedown_acts_on_nobody_until_it_is_released(ask: Ask, graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await started(graph)

    halted = await answered(ask, "halt", "--reason", "the feed is wrong")
    waits = await ask("takedown", "run", takedown.id)
    before = await standings(graph)
    released = await answered(ask, "release", "--reason", "it is right again")
    done = await answered(ask, "run", takedown.id, "--until-done")

    assert (halted["halted"], released["halted"]) == (True, False)
    assert waits.exit_code == 3
    assert "the feed is wrong" in waits.stderr
    assert before == ACTIVE
    assert done["state"] == "done"


@pytest.mark.usefixtures("secret")
async def test_accounts_of_a_file_are_undone_and_the_others_stay(
    ask: Ask, graph: Graph, tmp_path: Path
) -> None:
    await draw_ring(graph)
    takedown = await started(graph)
    await answered(ask, "run", takedown.id, "--until-done")
    file = tmp_path / "ids.txt"
    file.write_text("ring_a_00001\n\nring_a_00005\n", encoding="utf-8")
    empty = tmp_path / "none.txt"
    empty.write_text("\n", encoding="utf-8")
    words = ("undo", takedown.id, "--reason", "honest")

    nobody = await refused(ask, *words, "--accounts-file", str(empty))
    done = await answered(ask, *words, "--accounts-file", str(file), "--account", "ring_a_00000")

    assert isinstance(nobody, InvalidInput)
    assert done == {"undone": 2, "cancelled": 0, "untouched": 1}
    assert await standings(graph) == ["active"] * 2 + ["suspended"] * 2 + ["active"] * 2


@pytest.mark.usefixtures("secret")
async def test_takedown_is_shown_and_listed_with_its_accounts(ask: Ask, graph: Graph) -> None:
    await draw_ring(graph)
    plan = await answered(ask, *PLAN, "--delay", "0", "0")

    planned = await answered(ask, "members", plan["id"])
    early = [
        await refused(ask, "members", plan["id"], *option)
        for option in (("--state", "acted"), ("--for-review",))
    ]
    await answered(ask, "start", plan["id"])
    await answered(ask, "run", plan["id"], "--until-done")
    acted = await answered(ask, "members", plan["id"], "--state", "acted", "--limit", "3")
    told = await answered(ask, "show", plan["id"], "--targets")
    shown = await ask("takedown", "show", plan["id"], "--targets")
    listed = await ask("takedown", "list")
    nobody = await answered(ask, "members", plan["id"], "--for-review")
    await graph.run_schema(
        "MATCH ()-[t:TARGETS]->(:Account {id: 'ring_a_00002'}) SET t.review_because = 'a flat'"
    )
    somebody = await answered(ask, "members", plan["id"], "--for-review")

    assert nobody == []
    assert [(one["account_id"], one["review_because"]) for one in somebody] == [
        ("ring_a_00002", "a flat")
    ]
    assert [one["account_id"] for one in planned] == [f"ring_a_0000{n}" for n in range(4)]
    assert planned[1]["sole"] == ["device", "ring_a device"]
    assert all(isinstance(one, InvalidInput) for one in early)
    assert [one["account_id"] for one in acted] == [f"ring_a_0000{n}" for n in range(3)]
    assert told["counts"]["acted"] == 4
    assert [one["state"] for one in told["targets"]] == ["acted"] * 4
    assert "ring_a_00003" in shown.stdout
    assert plan["id"] in listed.stdout
    assert await answered(ask, "list", "--ring", "ring_a", "--state", "planned") == []
    (of_ring,) = await answered(ask, "list", "--ring", "ring_a")
    assert of_ring["id"] == plan["id"]
    assert isinstance(await refused(ask, "list", "--ring", "ring_x"), NotFound)
    assert isinstance(await refused(ask, "show", "takedown_x"), NotFound)


async def test_takedown_is_paused_resumed_stopped_and_renewed(ask: Ask, graph: Graph) -> None:
    await draw_ring(graph)
    takedown = await started(graph)
    because = (takedown.id, "--reason", "to look again")

    paused = await answered(ask, "pause", *because)
    resumed = await answered(ask, "resume", *because)
    renewed = await answered(ask, "renew", *because, "--days", "0")
    stopped = await answered(ask, "stop", *because)
    again = await refused(ask, "pause", *because)
    too_long = await refused(ask, "renew", *because, "--days", "1e9")

    states = [one["state"] for one in (paused, resumed, renewed, stopped)]
    assert states == ["paused", "running", "running", "stopped"]
    assert renewed["expires_at"] is None
    assert isinstance(again, Conflict)
    assert isinstance(too_long, InvalidInput)


async def test_plan_is_given_up(ask: Ask, graph: Graph) -> None:
    await draw_ring(graph)
    plan = await answered(ask, *PLAN)

    given_up = await answered(ask, "void", plan["id"], "--reason", "not now")
    refusal = await refused(ask, "start", plan["id"])

    assert (given_up["state"], given_up["because"]) == ("void", "not now")
    assert isinstance(refusal, Conflict)
    assert (await find_takedowns(graph, [plan["id"]]))[plan["id"]].state is TakedownState.VOID
