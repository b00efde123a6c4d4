"""Keep policies, try them out, enforce one, and read all that sign-ups are ruled by."""

from dataclasses import dataclass
from typing import Final

from ringfence.domain.policies import Policy, PolicyDraft, PolicyMode
from ringfence.domain.policy_lists import Lists
from ringfence.errors import NotFound
from ringfence.logs import get_logger
from ringfence.screening.default_policy import BUILT_IN_VERSION, default_policy
from ringfence.store.graph import Graph
from ringfence.store.policies import (
    StoredPolicy,
    find_version,
    find_versions,
    has_enforced,
    read_in_force,
    save_mode,
    save_version,
)
from ringfence.store.times import day as day_of
from ringfence.usecases.ring_desk import checked

MAX_REASON: Final = 1_000
MAX_NAME: Final = 256
log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PolicySet:
    """All that sign-ups are ruled by.

    Attributes:
        enforced: the policy that answers.
        shadows: those that are tried out beside it, by id, then version.
        lists: shared by all of them.
        revision: changes so far; `store.policies.find_revision` tells whether there are more.
    """

    enforced: Policy
    shadows: tuple[Policy, ...]
    lists: Lists
    revision: int = 0


async def find_policies(graph: Graph) -> PolicySet:
    """What is in force; the built-in policy where nobody has enforced one."""
    in_force = await read_in_force(graph)
    enforced = [one for one in in_force.policies if one.mode is PolicyMode.ENFORCED]
    return PolicySet(
        enforced=enforced[0] if enforced else default_policy(),
        shadows=tuple(one for one in in_force.policies if one.mode is PolicyMode.SHADOW),
        lists=Lists(in_force.entries),
        revision=in_force.revision,
    )


async def find_policy(graph: Graph, policy_id: str, version: int | None = None) -> StoredPolicy:
    """One version of a policy, the latest where none is named; the built-in one too.

    Raises:
        NotFound: there is none.
    """
    if stored := await find_version(graph, policy_id, version):
        return stored
    if policy_id == default_policy().id and version in (None, BUILT_IN_VERSION):
        return await built_in_now(graph)
    raise _unknown(policy_id, version)


async def list_policies(graph: Graph) -> list[StoredPolicy]:
    """All versions, by id, then version; the built-in one first while it answers."""
    found = await find_versions(graph)
    if any(one.policy.mode is PolicyMode.ENFORCED for one in found):
        return found
    return [built_in(PolicyMode.ENFORCED), *found]


async def save_policy(graph: Graph, draft: PolicyDraft, *, by: str) -> StoredPolicy:
    """Keep a draft as a new version, tried out as a shadow.

    Returns:
        The new version; the latest one if it says the same and is not retired.

    Raises:
        InvalidInput: the name of who saves is empty or too long.
        Conflict: too many policies are tried out.
    """
    by = checked(by, "name of who saves", MAX_NAME)
    latest = await find_version(graph, draft.id, None)
    if (
        latest
        and latest.policy.mode is not PolicyMode.RETIRED
        and latest.policy.document() == draft.document()
    ):
        return latest
    stored = await save_version(graph, draft, by=by)
    log.info("policy_saved", policy_id=draft.id, version=stored.policy.version)
    return stored


async def enforce_policy(
    graph: Graph, policy_id: str, version: int, *, reason: str, by: str
) -> StoredPolicy:
    """Let a version answer from now on; the one that did retires.

    Args:
        graph: connected and migrated.
        policy_id: of the policy.
        version: a shadow, or a retired one that is to come back.
        reason: why, in words.
        by: who says so.

    Raises:
        InvalidInput: the reason or the name is empty or too long.
        NotFound: there is no such version.
        Conflict: it is enforced already.
    """
    return await _pass(graph, policy_id, version, PolicyMode.ENFORCED, reason=reason, by=by)


async def shadow_policy(
    graph: Graph, policy_id: str, version: int, *, reason: str, by: str
) -> StoredPolicy:
    """Try a retired version out again; arguments as for `enforce_policy`.

    Raises:
        InvalidInput: the reason or the name is empty or too long.
        NotFound: there is no such version.
        Conflict: it is not retired, or too many policies are tried out.
    """
    return await _pass(graph, policy_id, version, PolicyMode.SHADOW, reason=reason, by=by)


async def retire_policy(
    graph: Graph, policy_id: str, version: int, *, reason: str, by: str
) -> StoredPolicy:
    """Try a shadow out no longer; arguments as for `enforce_policy`.

    Raises:
        InvalidInput: the reason or the name is empty or too long.
        NotFound: there is no such version.
        Conflict: it is retired already, or it is the enforced one.
    """
    return await _pass(graph, policy_id, version, PolicyMode.RETIRED, reason=reason, by=by)


def built_in(mode: PolicyMode) -> StoredPolicy:
    """The built-in policy as if it were stored; nobody saved it."""
    policy = Policy.of(default_policy(), BUILT_IN_VERSION, mode)
    return StoredPolicy(policy, saved_by="ringfence", saved_at=None)


async def built_in_now(graph: Graph) -> StoredPolicy:
    """The built-in policy in the mode that it is in: it answers until another one is enforced."""
    return built_in(PolicyMode.RETIRED if await has_enforced(graph) else PolicyMode.ENFORCED)


def warn_budget_spent(cohort: str, day: int) -> None:
    """Tell a person that a cohort's friction budget is spent; to be given to `FrictionBudget`."""
    log.warning("friction_budget_spent", cohort=cohort, day=day_of(day).isoformat())


async def _pass(
    graph: Graph, policy_id: str, version: int, mode: PolicyMode, *, reason: str, by: str
) -> StoredPolicy:
    reason, by = checked(reason, "reason", MAX_REASON), checked(by, "name of who acts", MAX_NAME)
    stored = await save_mode(graph, policy_id, version, mode, reason=reason, by=by)
    if stored is None:
        raise _unknown(policy_id, version)
    log.info("policy_mode_changed", policy_id=policy_id, version=version, mode=mode.value)
    return stored


def _unknown(policy_id: str, version: int | None) -> NotFound:
    named = f"policy {policy_id[:100]}" if version is None else f"{policy_id[:100]} {version}"
    return NotFound(f"There is no {named}. The list of policies shows all.")
