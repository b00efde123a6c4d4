import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from hypothesis import HealthCheck, given, settings

from ringfence.domain.changes import ChangeTopic
from ringfence.domain.policies import PolicyDraft, PolicyMode
from ringfence.domain.policy_lists import ListName
from ringfence.domain.policy_reading import read_draft
from ringfence.domain.screenings import Decision
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.screening.default_policy import default_policy
from ringfence.screening.ruling import rule
from ringfence.store.graph import Graph
from ringfence.store.outbox import page_told
from ringfence.store.policies import StoredPolicy, find_revision
from ringfence.store.policy_lists import find_entries
from ringfence.usecases.audit import read_log, verify
from ringfence.usecases.policies import (
    enforce_policy,
    find_policies,
    find_policy,
    list_policies,
    retire_policy,
    save_policy,
    shadow_policy,
    warn_budget_spent,
)
from ringfence.usecases.policy_lists import add_list_entry, remove_list_entry
from tests.screening.policies_by_hand import assessment, attempt, drafts, entry, policy

ENFORCED, SHADOW, RETIRED = PolicyMode.ENFORCED, PolicyMode.SHADOW, PolicyMode.RETIRED
BLOCK = ListName.BLOCK
# A day ahead, so that entries still hold when a test run goes past midnight.
LAST_DAY = datetime.now(UTC).date() + timedelta(days=1)
WEEK = timedelta(days=7)


def draft(policy_id: str = "ours", burst: Decision = Decision.REVIEW) -> PolicyDraft:
    return read_draft(policy(id=policy_id, burst=burst).document(), where="test")


async def saved(graph: Graph, *, burst: Decision, policy_id: str = "ours") -> StoredPolicy:
    return await save_policy(graph, draft(policy_id, burst), by="ana")


async def modes(graph: Graph) -> dict[tuple[str, int], PolicyMode]:
    found = [one.policy for one in await list_policies(graph)]
    return {(one.id, one.version): one.mode for one in found}


async def changes(graph: Graph) -> list[tuple[str, str, str]]:
    told = [one.change for one in await page_told(graph, after=0, limit=100)]
    assert {one.topic for one in told} <= {ChangeTopic.POLICY}
    return [(one.kind, one.subject_id, one.run_id) for one in told]


async def audited(graph: Graph) -> list[tuple[str, str, str]]:
    assert (await verify(graph)).fault is None
    return [(one.actor, one.action, one.subject) async for one in read_log(graph)]


async def test_graph_without_policies_uses_the_built_in_one(graph: Graph) -> None:
    found = await find_policies(graph)

    assert found.enforced == default_policy()
    assert (found.shadows, len(found.lists), found.revision) == ((), 0, 0)
    assert await modes(graph) == {("default", 0): ENFORCED}
    assert (await find_policy(graph, "default")).policy == default_policy()


async def test_saved_policy_is_a_shadow_in_a_new_version(graph: Graph) -> None:
    first = await saved(graph, burst=Decision.REVIEW)
    second = await saved(graph, burst=Decision.BLOCK)

    found = await find_policies(graph)

    assert found.enforced == default_policy()
    assert found.shadows == (first.policy, second.policy)
    assert [(one.version, one.burst) for one in found.shadows] == [
        (1, Decision.REVIEW),
        (2, Decision.BLOCK),
    ]
    assert await audited(graph) == [("ana", "policy_saved", "ours")] * 2
    assert await changes(graph) == [("saved", "ours", "1"), ("saved", "ours", "2")]


async def test_saving_the_same_again_changes_nothing(graph: Graph) -> None:
    first = await saved(graph, burst=Decision.REVIEW)

    again = await saved(graph, burst=Decision.REVIEW)

    assert again == first
    assert await find_revision(graph) == 1
    assert len(await audited(graph)) == 1


async def test_enforced_policy_retires_the_one_before(graph: Graph) -> None:
    await saved(graph, burst=Decision.REVIEW)
    await saved(graph, burst=Decision.BLOCK)
    await enforce_policy(graph, "ours", 1, reason="tried for a week", by="bo")

    stored = await enforce_policy(graph, "ours", 2, reason="attack", by="bo")

    assert (stored.changed_by, stored.reason) == ("bo", "attack")
    assert (await find_policies(graph)).enforced == stored.policy
    assert await modes(graph) == {("ours", 1): RETIRED, ("ours", 2): ENFORCED}
    assert (await find_policy(graph, "ours", 1)).reason == (
        "ours 2 is enforced in its place: attack"
    )
    assert (await audited(graph))[2:] == [
        ("bo", "policy_enforced", "ours"),
        ("bo", "policy_retired", "ours"),
        ("bo", "policy_enforced", "ours"),
    ]
    assert (await changes(graph))[2:] == [
        ("enforced", "ours", "1"),
        ("retired", "ours", "1"),
        ("enforced", "ours", "2"),
    ]


async def test_retired_policy_comes_back_as_it_was(graph: Graph) -> None:
    first = await saved(graph, burst=Decision.REVIEW)
    await retire_policy(graph, "ours", 1, reason="no use", by="bo")
    assert (await find_policies(graph)).shadows == ()

    await shadow_policy(graph, "ours", 1, reason="once more", by="bo")
    assert (await find_policies(graph)).shadows == (first.policy,)
    await retire_policy(graph, "ours", 1, reason="no use", by="bo")
    back = await enforce_policy(graph, "ours", 1, reason="the other one failed", by="bo")

    assert back.policy.document() == first.policy.document()
    assert [action for _, action, _ in await audited(graph)] == [
        "policy_saved",
        "policy_retired",
        "policy_shadowed",
        "policy_retired",
        "policy_enforced",
    ]


async def test_what_the_mode_does_not_allow_is_refused_and_changes_nothing(graph: Graph) -> None:
    await saved(graph, burst=Decision.REVIEW)
    await enforce_policy(graph, "ours", 1, reason="go", by="bo")
    before = (await modes(graph), await audited(graph), await find_revision(graph))

    with pytest.raises(Conflict, match="ours is enforced already"):
        await enforce_policy(graph, "ours", 1, reason="go", by="bo")
    for act in (retire_policy, shadow_policy):
        with pytest.raises(Conflict, match="Enforce another one in its place"):
            await act(graph, "ours", 1, reason="go", by="bo")
    for act in (enforce_policy, retire_policy, shadow_policy):
        with pytest.raises(NotFound, match="There is no ours 2"):
            await act(graph, "ours", 2, reason="go", by="bo")
        with pytest.raises(InvalidInput, match="reason has 0 characters"):
            await act(graph, "ours", 1, reason=" ", by="bo")
    with pytest.raises(NotFound):
        await find_policy(graph, "theirs")

    assert (await modes(graph), await audited(graph), await find_revision(graph)) == before


async def test_no_more_than_five_policies_are_tried_out(graph: Graph) -> None:
    for name in "abcde":
        await saved(graph, burst=Decision.REVIEW, policy_id=name)

    with pytest.raises(Conflict, match="5 policies are shadows already"):
        await saved(graph, burst=Decision.REVIEW, policy_id="f")

    assert [one.id for one in (await find_policies(graph)).shadows] == list("abcde")
    assert await find_revision(graph) == 5
    await enforce_policy(graph, "a", 1, reason="go", by="bo")
    await saved(graph, burst=Decision.REVIEW, policy_id="f")


async def test_one_is_enforced_however_many_enforce_at_once(graph: Graph) -> None:
    for name in "abcd":
        await saved(graph, burst=Decision.REVIEW, policy_id=name)

    await asyncio.gather(*(enforce_policy(graph, name, 1, reason="go", by=name) for name in "abcd"))

    assert sorted((await modes(graph)).values()) == [ENFORCED, RETIRED, RETIRED, RETIRED]


async def test_entry_is_listed_in_versions_and_taken_off(graph: Graph) -> None:
    first = await add_list_entry(graph, entry(BLOCK, "device", "dev_1", until=LAST_DAY), by="ana")
    same = await add_list_entry(graph, entry(BLOCK, "device", "dev_1", until=LAST_DAY), by="ana")
    longer = await add_list_entry(
        graph, entry(BLOCK, "device", "dev_1", begins=LAST_DAY, until=LAST_DAY + WEEK), by="ana"
    )
    other = await add_list_entry(
        graph, entry(ListName.ALLOW, "ip", "203.0.113.0/24", until=LAST_DAY), by="ana"
    )
    assert same == first
    assert await find_revision(graph) == 3
    assert [first.version, longer.version, other.version] == [1, 2, 1]
    assert await find_entries(graph) == [other, longer]

    removed = await remove_list_entry(graph, BLOCK, "device_id", " dev_1 ", reason="wrong", by="bo")

    assert removed == longer
    assert (await find_policies(graph)).lists.entries == (other,)
    with pytest.raises(NotFound, match="device is not on the block list"):
        await remove_list_entry(graph, BLOCK, "device", "dev_1", reason="wrong", by="bo")
    assert await changes(graph) == [
        ("list_entry_added", "block", "1"),
        ("list_entry_added", "block", "2"),
        ("list_entry_added", "allow", "1"),
        ("list_entry_removed", "block", "2"),
    ]
    again = await add_list_entry(graph, entry(BLOCK, "device", "dev_1", until=LAST_DAY), by="ana")
    assert again.version == 3


async def test_entries_hold_for_workers_that_read_them(graph: Graph) -> None:
    await add_list_entry(
        graph, entry(BLOCK, "email_domain", "Mailhub.example", until=LAST_DAY), by="a"
    )
    found = await find_policies(graph)
    now_ms = int(datetime.now(UTC).timestamp() * 1000)

    ruling = rule(found.enforced, found.lists, attempt(at_ms=now_ms), assessment(0.0), None)

    assert ruling.decision is Decision.BLOCK


async def test_entry_of_the_past_is_refused(graph: Graph) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)

    with pytest.raises(InvalidInput, match="is over, today is"):
        await add_list_entry(graph, entry(BLOCK, "device", "d", until=yesterday), by="ana")

    assert await find_entries(graph) == []
    assert await audited(graph) == []


async def test_audit_and_outbox_hold_no_personal_data(graph: Graph) -> None:
    with structlog.testing.capture_logs() as logged:
        await add_list_entry(
            graph, entry(BLOCK, "email", "mia@a.example", until=LAST_DAY), by="ana"
        )
        await remove_list_entry(graph, BLOCK, "email", "mia@a.example", reason="wrong", by="ana")

    told = [(one.subject, one.detail) async for one in read_log(graph)]
    assert [subject for subject, _ in told] == [told[0][0]] * 2
    assert told[0][0].startswith("block:email:")
    assert json.loads(told[1][1])["reason"] == "wrong"
    assert [one["event"] for one in logged] == ["list_entry_added", "list_entry_removed"]
    assert "mia" not in repr((told, await changes(graph), logged))


def test_spent_budget_is_a_warning() -> None:
    with structlog.testing.capture_logs() as logged:
        warn_budget_spent("country=FR plan=free", 20_574)

    (line,) = logged
    assert (line["event"], line["log_level"]) == ("friction_budget_spent", "warning")
    assert (line["cohort"], line["day"]) == ("country=FR plan=free", "2026-05-01")


@given(drafts())
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_policy_is_read_back_exactly(graph: Graph, drawn: PolicyDraft) -> None:
    stored = await save_policy(graph, drawn, by="ana")

    found = await find_policy(graph, drawn.id)

    assert found == stored
    assert found.policy.document() == drawn.document()
    await retire_policy(graph, drawn.id, found.policy.version, reason="seen", by="ana")
