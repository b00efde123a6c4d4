"""Policies in the graph: versions that never change, of which one is enforced at a time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.changes import Change, ChangeTopic
from ringfence.domain.policies import (
    Policy,
    PolicyDraft,
    PolicyKey,
    PolicyMode,
    check_mode,
    check_shadows,
)
from ringfence.domain.policy_lists import ListEntry
from ringfence.domain.policy_reading import read_draft
from ringfence.errors import Conflict
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.outbox import tell
from ringfence.store.policy_lists import living_entries
from ringfence.store.times import moment

IN_FORCE: Final = (PolicyMode.ENFORCED, PolicyMode.SHADOW)
TRIES: Final = 10
_ACTIONS: Final = {
    PolicyMode.ENFORCED: AuditAction.POLICY_ENFORCED,
    PolicyMode.SHADOW: AuditAction.POLICY_SHADOWED,
    PolicyMode.RETIRED: AuditAction.POLICY_RETIRED,
}


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A version of a policy, and who did what to it.

    Attributes:
        saved_at: None: it is built in.
        changed_by, changed_at, reason: of its last change of mode, None in its first one.
    """

    policy: Policy
    saved_by: str
    saved_at: datetime | None
    changed_by: str | None = None
    changed_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """All that sign-ups are ruled by, as it was at one moment.

    Attributes:
        revision: changes that policies and lists have had; another one means, read anew.
        policies: enforced and shadows, by id, then version.
    """

    revision: int
    policies: tuple[Policy, ...]
    entries: tuple[ListEntry, ...]


async def save_version(graph: Graph, draft: PolicyDraft, *, by: str) -> StoredPolicy:
    """Keep a draft as the next version of its id, as a shadow, and record and tell that.

    Raises:
        Conflict: too many policies are tried out; nothing is written.
    """

    async def work(transaction: Transaction) -> StoredPolicy:
        await transaction.run("policies/take_lock")
        check_shadows(await _in_force(transaction))
        latest = await transaction.run("policies/find_latest", id=draft.id)
        version = 1 + (latest[0]["policy"]["version"] if latest else 0)
        (row,) = await transaction.run(
            "policies/save",
            id=draft.id,
            version=version,
            mode=PolicyMode.SHADOW.value,
            document=draft.document(),
            by=by,
        )
        stored = _stored(row)
        await transaction.run("policies/count_change")
        await tell(transaction, [_change(stored.policy, "saved")])
        await append_entry(transaction, _record(AuditAction.POLICY_SAVED, stored.policy, by))
        return stored

    return await graph.in_write(work)


async def save_mode(
    graph: Graph, policy_id: str, version: int, mode: PolicyMode, *, reason: str, by: str
) -> StoredPolicy | None:
    """Let a version pass to a mode; the one enforced before retires if another one is now.

    Both are recorded and told.

    Returns:
        None if there is no such version.

    Raises:
        Conflict: it may not pass to that mode; nothing is written.
    """

    async def work(transaction: Transaction) -> StoredPolicy | None:
        await transaction.run("policies/take_lock")
        rows = await transaction.run("policies/find_many", keys=_asked((policy_id, version)))
        if not rows:
            return None
        policy, in_force = _stored(rows[0]).policy, await _in_force(transaction)
        check_mode(policy, mode, in_force)
        moves = [(policy, mode, reason)]
        if mode is PolicyMode.ENFORCED:
            why = f"{policy.id} {policy.version} is enforced in its place: {reason}"
            moves = [(one, PolicyMode.RETIRED, why) for one in _enforced(in_force)] + moves
        for one, new_mode, why in moves:
            rows = await _move(transaction, one, new_mode, reason=why, by=by)
        await transaction.run("policies/count_change")
        await tell(transaction, [_change(one, new_mode.value) for one, new_mode, _ in moves])
        for one, new_mode, why in moves:
            record = _record(_ACTIONS[new_mode], one, by, reason=why)
            await append_entry(transaction, record)
        return _stored(rows[0])

    return await graph.in_write(work)


async def read_in_force(graph: Graph) -> InForce:
    """The policies and list entries in force, of one moment.

    Raises:
        Conflict: they changed each time they were read.
    """

    async def work(transaction: Transaction) -> InForce:
        # Neo4j reads what is committed, statement by statement; only an unchanged revision says
        # that all of it belongs together.
        for _ in range(TRIES):
            revision = await _revision(transaction)
            policies = tuple(await _in_force(transaction))
            entries = tuple(await living_entries(transaction))
            if await _revision(transaction) == revision:
                return InForce(revision, policies, entries)
        raise Conflict("The policies change faster than they are read. Try again.")

    return await graph.in_read(work)


async def find_revision(graph: Graph) -> int:
    """How many changes policies and lists have had; another one means, read anew."""
    (row,) = await graph.read_first("policies/find_revision")
    return int(row["revision"])


async def find_version(graph: Graph, policy_id: str, version: int | None) -> StoredPolicy | None:
    """One version of a policy, the latest where none is named; None where there is none."""
    if version is None:
        rows = await graph.read("policies/find_latest", id=policy_id)
    else:
        rows = await graph.read("policies/find_many", keys=_asked((policy_id, version)))
    return _stored(rows[0]) if rows else None


async def find_versions(graph: Graph) -> list[StoredPolicy]:
    """All versions of all policies, by id, then version."""
    return [_stored(row) for row in await graph.read("policies/find_all")]


async def find_many_versions(
    graph: Graph, keys: Sequence[PolicyKey]
) -> dict[PolicyKey, StoredPolicy]:
    """These versions; unknown ones are left out."""
    rows = await graph.read("policies/find_many", keys=_asked(*keys))
    found = [_stored(row) for row in rows]
    return {one.policy.key: one for one in found}


async def page_versions(graph: Graph, *, after: PolicyKey | None, limit: int) -> list[StoredPolicy]:
    """The next versions after one, by id, then version."""
    policy_id, version = after or ("", 0)
    rows = await graph.read("policies/page", after_id=policy_id, after_version=version, limit=limit)
    return [_stored(row) for row in rows]


async def count_versions(graph: Graph, *, limit: int) -> int:
    """How many versions of policies there are, `limit` at the most."""
    (row,) = await graph.read("policies/count", limit=limit)
    return int(row["policies"])


async def has_enforced(graph: Graph) -> bool:
    """Whether somebody enforced a policy; else the built-in one answers."""
    return bool(await graph.read("policies/find_by_mode", modes=[PolicyMode.ENFORCED.value]))


def _asked(*keys: PolicyKey) -> list[dict[str, str | int]]:
    return [{"id": policy_id, "version": version} for policy_id, version in keys]


async def _revision(transaction: Transaction) -> int:
    (row,) = await transaction.run("policies/find_revision")
    return int(row["revision"])


async def _in_force(transaction: Transaction) -> list[Policy]:
    modes = [mode.value for mode in IN_FORCE]
    rows = await transaction.run("policies/find_by_mode", modes=modes)
    return [_stored(row).policy for row in rows]


async def _move(
    transaction: Transaction, policy: Policy, mode: PolicyMode, *, reason: str, by: str
) -> list[Row]:
    return await transaction.run(
        "policies/set_mode",
        id=policy.id,
        version=policy.version,
        mode=mode.value,
        reason=reason,
        by=by,
    )


def _enforced(policies: Iterable[Policy]) -> list[Policy]:
    return [one for one in policies if one.mode is PolicyMode.ENFORCED]


def _change(policy: Policy, kind: str) -> Change:
    return Change(ChangeTopic.POLICY, kind, policy.id, str(policy.version))


def _record(action: AuditAction, policy: Policy, by: str, **more: object) -> AuditRecord:
    facts = {"version": policy.version, "content_hash": policy.content_hash()}
    return AuditRecord(by, action, policy.id, facts | more)


def _stored(row: Row) -> StoredPolicy:
    told = row["policy"]
    where = f"policy {told['id']} {told['version']}"
    draft = read_draft(told["document"], where=where)
    return StoredPolicy(
        policy=Policy.of(draft, told["version"], PolicyMode(told["mode"])),
        saved_by=told["saved_by"],
        saved_at=moment(told["saved_ms"]),
        changed_by=told["changed_by"],
        changed_at=moment(told["changed_ms"]),
        reason=told["reason"],
    )
