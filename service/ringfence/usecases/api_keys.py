"""Give API keys out, replace them, end them; each act is in the audit log."""

import re
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Final

from ringfence.domain.access import KEY_PREFIX, Scope
from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.api_keys import ApiKey, find_key, replace_key, revoke_key, save_key
from ringfence.store.graph import Graph

PREFIX: Final = "rf_"
MAX_NAME: Final = 100
OVERLAP: Final = timedelta(hours=24)
"""How long a replaced key goes on, unless told otherwise."""
_FORM = re.compile(r"rf_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


async def create_key(
    graph: Graph,
    name: str,
    scopes: frozenset[Scope],
    *,
    now: datetime,
    by: str,
    lives: timedelta | None = None,
    owner: str = "",
) -> tuple[ApiKey, str]:
    """Give a new key out; returns it, and the text that its holder presents, which is kept nowhere.

    Args:
        graph: connected and migrated.
        name: for people; 1 to 100 characters.
        scopes: what the holder may do, one at the least.
        now: UTC.
        by: who gives it out.
        lives: how long it opens; None: until it is revoked.
        owner: the person who holds it, such as `oidc:ana`; keys of one owner are one person.

    Raises:
        InvalidInput: the name is empty, it or the owner is too long, or no scope is given.
    """
    if not 1 <= len(name.strip()) <= MAX_NAME or not scopes:
        raise InvalidInput(
            f"A key needs a name of 1 to {MAX_NAME} characters and one scope at the least; got "
            f"{len(name.strip())} characters and {len(scopes)} scopes."
        )
    if len(owner.strip()) > MAX_NAME:
        raise InvalidInput(f"The owner of a key has {MAX_NAME} characters at the most. Shorten it.")
    key, text = _minted(
        name.strip(), scopes, now, now + lives if lives else None, owner=owner.strip()
    )
    await save_key(graph, key, _record(AuditAction.KEY_CREATED, key, by))
    return key, text


async def rotate_key(
    graph: Graph, key_id: str, *, now: datetime, by: str, overlap: timedelta = OVERLAP
) -> tuple[ApiKey, str]:
    """Give a key out in place of another, which goes on for the overlap; as `create_key` returns.

    The new key has the name, the scopes, the lifetime and the owner of the old one: who holds both
    is one person.

    Raises:
        NotFound: no key has that id.
        Conflict: the old one has ended already.
    """
    old = await _known(graph, key_id)
    lives = old.expires_at - old.created_at if old.expires_at else None
    key, text = _minted(old.name, old.scopes, now, now + lives if lives else None, owner=old.person)
    record = _record(AuditAction.KEY_ROTATED, key, by, replaces=old.id)
    until = now + overlap
    if not await replace_key(graph, old.id, key, now=now, until=until, record=record):
        raise Conflict(f"Key {old.id} has ended already. Create a new one.")
    return key, text


async def end_key(graph: Graph, key_id: str, *, now: datetime, by: str) -> ApiKey:
    """Revoke a key, and return it as it is now.

    Raises:
        NotFound: no key has that id.
        Conflict: it was revoked before.
    """
    key = await _known(graph, key_id)
    record = _record(AuditAction.KEY_REVOKED, key, by)
    if not await revoke_key(graph, key_id, now=now, record=record):
        raise Conflict(f"Key {key_id} was revoked already.")
    return replace(key, revoked_at=now)


async def is_one_person(graph: Graph, one: str, other: str) -> bool:
    """Whether two callers, by their ids, are one person: the same, or holders of one's keys."""
    return one == other or await _person_of(graph, one) == await _person_of(graph, other)


def split_key(text: str) -> tuple[str, str] | None:
    """Id and secret of what a caller presents, or None where it is no key of ours."""
    parts = _FORM.fullmatch(text)
    return (parts[1], parts[2]) if parts else None


def opens(key: ApiKey, secret: str, now: datetime) -> bool:
    """Whether the secret is the key's, told in constant time, and the key lives."""
    fits = compare_digest(_hashed(secret), key.hash)
    return fits and key.lives(now)


def _minted(
    name: str,
    scopes: frozenset[Scope],
    now: datetime,
    expires_at: datetime | None,
    *,
    owner: str,
) -> tuple[ApiKey, str]:
    key_id, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    key = ApiKey(key_id, name, _hashed(secret), scopes, now, expires_at, owner)
    return key, f"{PREFIX}{key_id}_{secret}"


def _hashed(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _record(action: AuditAction, key: ApiKey, by: str, **more: object) -> AuditRecord:
    ends = key.expires_at.isoformat() if key.expires_at else None
    facts = {
        "name": key.name,
        "scopes": sorted(key.scopes),
        "expires_at": ends,
        "owner": key.owner or None,
    }
    return AuditRecord(by, action, key.id, facts | more)


async def _person_of(graph: Graph, caller_id: str) -> str:
    key = None
    if caller_id.startswith(KEY_PREFIX):
        key = await find_key(graph, caller_id.removeprefix(KEY_PREFIX))
    return key.person if key else caller_id


async def _known(graph: Graph, key_id: str) -> ApiKey:
    key = await find_key(graph, key_id)
    if key is None:
        raise NotFound(f"No key has the id {key_id[:100]}. `ringfence keys list` shows them.")
    return key
