"""The allow and the block list in the graph: entries in versions, one of each living."""

from dataclasses import replace
from datetime import date

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.changes import Change, ChangeTopic
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.policy_lists import ListEntry, ListName
from ringfence.logs import short_key
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.outbox import tell

REPLACED = "a newer version is in its place"
_FIELDS = ("list", "kind", "value", "version", "reason", "owner", "begins_on", "ends_on")
_READ = ("lists", "kinds", "values", "versions", "reasons", "owners", "begins_on", "ends_on")


async def save_entry(graph: Graph, entry: ListEntry, *, by: str) -> ListEntry:
    """Put an entry on its list, in place of the one of the same key, and record and tell that.

    Returns:
        The entry with its version; the one that is there already if it says the same.
    """

    async def work(transaction: Transaction) -> ListEntry:
        await transaction.run("policies/take_lock")
        latest, living = await _latest(transaction, entry.list_name, entry.key)
        version = latest.version if latest else 0
        if living and latest == replace(entry, version=version):
            return latest
        if living and latest:
            await _remove(transaction, latest, reason=REPLACED, by=by)
        saved = replace(entry, version=version + 1)
        await transaction.run("policy_lists/save", by=by, **_columns(saved))
        await _tell(transaction, saved, AuditAction.LIST_ENTRY_ADDED, saved.reason, by)
        return saved

    return await graph.in_write(work)


async def remove_entry(
    graph: Graph, list_name: ListName, key: IdentifierKey, *, reason: str, by: str
) -> ListEntry | None:
    """Take an entry off its list, and record and tell that.

    Returns:
        The entry; None, and nothing is written, if it is not on the list.
    """

    async def work(transaction: Transaction) -> ListEntry | None:
        await transaction.run("policies/take_lock")
        latest, living = await _latest(transaction, list_name, key)
        if latest is None or not living:
            return None
        await _remove(transaction, latest, reason=reason, by=by)
        await _tell(transaction, latest, AuditAction.LIST_ENTRY_REMOVED, reason, by)
        return latest

    return await graph.in_write(work)


async def living_entries(transaction: Transaction) -> list[ListEntry]:
    """The entries that are on the lists, whatever their days, by list, kind and value."""
    (columns,) = await transaction.run("policy_lists/find_living")
    rows = zip(*(columns[name] for name in _READ), strict=True)
    return [_entry(dict(zip(_FIELDS, row, strict=True))) for row in rows]


async def find_entries(graph: Graph) -> list[ListEntry]:
    """The entries that are on the lists, whatever their days, by list, kind and value."""
    return await graph.in_read(living_entries)


async def page_entries(
    graph: Graph, list_name: ListName, *, after: IdentifierKey | None, limit: int
) -> list[ListEntry]:
    """The next entries of a list after one, whatever their days, by kind and value."""
    kind, value = after or ("", "")
    rows = await graph.read(
        "policy_lists/page",
        list=list_name.value,
        after_kind=kind,
        after_value=value,
        limit=limit,
    )
    return [_entry(row["entry"]) for row in rows]


async def count_entries(graph: Graph, list_name: ListName, *, limit: int) -> int:
    """How many entries are on a list, whatever their days, `limit` at the most."""
    (row,) = await graph.read("policy_lists/count", list=list_name.value, limit=limit)
    return int(row["entries"])


async def _latest(
    transaction: Transaction, list_name: ListName, key: IdentifierKey
) -> tuple[ListEntry | None, bool]:
    rows = await transaction.run(
        "policy_lists/find_latest", list=list_name.value, kind=key.kind, value=key.value
    )
    return (_entry(rows[0]["entry"]), rows[0]["living"]) if rows else (None, False)


async def _remove(transaction: Transaction, entry: ListEntry, *, reason: str, by: str) -> None:
    await transaction.run(
        "policy_lists/remove",
        list=entry.list_name.value,
        kind=entry.key.kind,
        value=entry.key.value,
        version=entry.version,
        reason=reason,
        by=by,
    )


async def _tell(
    transaction: Transaction, entry: ListEntry, action: AuditAction, reason: str, by: str
) -> None:
    """The value is personal data, so the record names it by its short key alone."""
    name, kind = entry.list_name.value, entry.key.kind
    change = Change(ChangeTopic.POLICY, action.value, name, str(entry.version))
    await transaction.run("policies/count_change")
    await tell(transaction, [change])
    facts = {
        "version": entry.version,
        "reason": reason,
        "owner": entry.owner,
        "from": entry.begins.isoformat() if entry.begins else None,
        "until": entry.ends.isoformat(),
    }
    subject = f"{name}:{kind}:{short_key(entry.key.value)}"
    await append_entry(transaction, AuditRecord(by, action, subject, facts))


def _columns(entry: ListEntry) -> dict[str, str | int | None]:
    return {
        "list": entry.list_name.value,
        "kind": entry.key.kind,
        "value": entry.key.value,
        "version": entry.version,
        "reason": entry.reason,
        "owner": entry.owner,
        "begins_on": entry.begins.isoformat() if entry.begins else None,
        "ends_on": entry.ends.isoformat(),
    }


def _entry(told: Row) -> ListEntry:
    return ListEntry(
        list_name=ListName(told["list"]),
        key=IdentifierKey(told["kind"], told["value"]),
        reason=told["reason"],
        owner=told["owner"],
        ends=date.fromisoformat(told["ends_on"]),
        begins=date.fromisoformat(told["begins_on"]) if told["begins_on"] else None,
        version=told["version"],
    )
