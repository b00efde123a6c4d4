"""API keys in the graph: their secrets as hashes alone."""

from dataclasses import dataclass, field
from datetime import datetime

from ringfence.domain.access import KEY_PREFIX, Scope
from ringfence.domain.audit import AuditRecord
from ringfence.domain.rings import LONG_AGO
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Row, Transaction
from ringfence.store.times import moment


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that callers may hold.

    Attributes:
        hash: SHA-256 of the secret, in hex; the secret is random, so that no salt is needed.
        owner: who holds it: a person may hold several keys. Empty: whoever it is, no other key's.
        expires_at: when it ends by itself; None: never.
    """

    id: str
    name: str
    hash: str = field(repr=False)
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime | None = None
    owner: str = ""
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def person(self) -> str:
        """Who holds it, as far as it is told; else the caller that it makes."""
        return self.owner or f"{KEY_PREFIX}{self.id}"

    def lives(self, now: datetime) -> bool:
        """Whether it opens anything at that moment."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


async def save_key(graph: Graph, key: ApiKey, record: AuditRecord) -> None:
    """Keep a new key, and record that."""

    async def work(transaction: Transaction) -> None:
        await _save(transaction, key)
        await append_entry(transaction, record)

    await graph.in_write(work)


async def replace_key(
    graph: Graph, old_id: str, new: ApiKey, *, now: datetime, until: datetime, record: AuditRecord
) -> bool:
    """Keep a new key in place of one that goes on until a moment, and record that.

    Returns:
        False, and nothing is written, if the old one has ended.
    """

    async def work(transaction: Transaction) -> bool:
        if not await transaction.run("api_keys/expire", id=old_id, now=now, at=until):
            return False
        await _save(transaction, new)
        await append_entry(transaction, record)
        return True

    return await graph.in_write(work)


async def revoke_key(graph: Graph, key_id: str, *, now: datetime, record: AuditRecord) -> bool:
    """End a key at once, and record that; False, and nothing is written, if it was before."""

    async def work(transaction: Transaction) -> bool:
        if not await transaction.run("api_keys/revoke", id=key_id, now=now):
            return False
        await append_entry(transaction, record)
        return True

    return await graph.in_write(work)


async def find_key(graph: Graph, key_id: str) -> ApiKey | None:
    """One key, or None."""
    rows = await graph.read_first("api_keys/find_one", id=key_id)
    return _key(rows[0]) if rows else None


async def find_keys(graph: Graph) -> list[ApiKey]:
    """All keys, the oldest first."""
    return [_key(row) for row in await graph.read("api_keys/find_all")]


async def save_key_use(graph: Graph, key_id: str, at: datetime) -> None:
    """Remember that a key was used."""
    await graph.write("api_keys/save_use", id=key_id, at=at)


async def _save(transaction: Transaction, key: ApiKey) -> None:
    await transaction.run(
        "api_keys/save",
        id=key.id,
        name=key.name,
        hash=key.hash,
        scopes=sorted(key.scopes),
        created_at=key.created_at,
        expires_at=key.expires_at,
        owner=key.owner,
    )


def _key(row: Row) -> ApiKey:
    known = {scope.value for scope in Scope}
    return ApiKey(
        id=row["id"],
        name=row["name"],
        hash=row["hash"],
        scopes=frozenset(Scope(name) for name in row["scopes"] if name in known),
        created_at=moment(row["created_ms"]) or LONG_AGO,
        expires_at=moment(row["expires_ms"]),
        owner=row["owner"],
        last_used_at=moment(row["last_used_ms"]),
        revoked_at=moment(row["revoked_ms"]),
    )
