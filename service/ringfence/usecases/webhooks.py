"""Say where messages go, give secrets out and replace them, and have dead letters sent again."""

import uuid
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import httpx

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.webhook_addresses import read_target
from ringfence.domain.webhooks import AskedEndpoint, WebhookEndpoint, expect_numbers
from ringfence.errors import Conflict, InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.webhooks import (
    ask_replay,
    enable_endpoint,
    find_endpoint,
    remove_endpoint,
    save_endpoint,
    save_secret,
)
from ringfence.usecases.webhook_secrets import SecretBox, mint_secret
from ringfence.usecases.webhook_sender import Resolve, allowed_addresses, resolve

OVERLAP: Final = timedelta(hours=24)
"""How long a replaced secret goes on signing, unless told otherwise."""


async def add_endpoint(
    graph: Graph,
    box: SecretBox,
    asked: AskedEndpoint,
    *,
    now: datetime,
    by: str,
    allow_private: bool = False,
    find: Resolve = resolve,
) -> tuple[WebhookEndpoint, str]:
    """Send messages to a URL from now on; returns the endpoint, and the secret that signs them.

    Args:
        graph: connected and migrated.
        box: seals the secret.
        asked: where, and from which action on.
        now: UTC.
        by: who says so.
        allow_private: whether this machine and private networks are taken too.
        find: addresses of a host.

    Raises:
        InvalidInput: the URL may not be sent to, or a number is out of its range.
    """
    expect_numbers(asked)
    await _expect_allowed(asked.url, allow_private=allow_private, find=find)
    endpoint_id, secret = f"we_{uuid.uuid4().hex[:12]}", mint_secret()
    host = urlsplit(asked.url).hostname
    record = AuditRecord(by, AuditAction.WEBHOOK_ADDED, endpoint_id, {"host": host})
    await save_endpoint(graph, asked, secret=box.seal(secret), now=now, record=record)
    return await known_endpoint(graph, endpoint_id), secret


async def rotate_secret(
    graph: Graph,
    box: SecretBox,
    endpoint_id: str,
    *,
    now: datetime,
    by: str,
    overlap: timedelta = OVERLAP,
) -> tuple[WebhookEndpoint, str]:
    """Give a secret out in place of another, which signs too for the overlap; as `add_endpoint`.

    No more than two sign: one that was replaced before signs no more from now on.

    Raises:
        NotFound: no endpoint has that id.
    """
    secret, until = mint_secret(), now + overlap
    record = AuditRecord(
        by, AuditAction.WEBHOOK_ROTATED, endpoint_id, {"old_until": until.isoformat()}
    )
    if not await save_secret(graph, box.seal(secret), until=until, record=record):
        raise _unknown(endpoint_id)
    return await known_endpoint(graph, endpoint_id), secret


async def end_endpoint(graph: Graph, endpoint_id: str, *, by: str) -> None:
    """Send no more to an endpoint, and forget it and its dead letters.

    Raises:
        NotFound: no endpoint has that id.
    """
    record = AuditRecord(by, AuditAction.WEBHOOK_REMOVED, endpoint_id, {})
    if not await remove_endpoint(graph, record):
        raise _unknown(endpoint_id)


async def resume_endpoint(graph: Graph, endpoint_id: str, *, by: str) -> WebhookEndpoint:
    """Send to an endpoint again that was disabled, beginning with what it has missed.

    Raises:
        NotFound: no endpoint has that id.
        Conflict: it is not disabled.
    """
    await known_endpoint(graph, endpoint_id)
    record = AuditRecord(by, AuditAction.WEBHOOK_ENABLED, endpoint_id, {})
    if not await enable_endpoint(graph, record):
        raise Conflict(f"Endpoint {endpoint_id} is not disabled; messages are sent to it.")
    return await known_endpoint(graph, endpoint_id)


async def replay_dead(graph: Graph, endpoint_id: str, *, by: str) -> WebhookEndpoint:
    """Have the dead letters of an endpoint sent again, before all else, in order.

    Raises:
        NotFound: no endpoint has that id.
        Conflict: it has no dead letters, or is disabled.
    """
    endpoint = await known_endpoint(graph, endpoint_id)
    if endpoint.disabled_because:
        raise Conflict(
            f"Endpoint {endpoint_id} is disabled: {endpoint.disabled_because}. Enable it first: "
            f"ringfence webhooks enable {endpoint_id}."
        )
    record = AuditRecord(by, AuditAction.WEBHOOK_REPLAYED, endpoint_id, {"dead": endpoint.dead})
    if not await ask_replay(graph, record):
        raise Conflict(f"Endpoint {endpoint_id} has no dead letters; nothing is to be sent again.")
    return await known_endpoint(graph, endpoint_id)


async def known_endpoint(graph: Graph, endpoint_id: str) -> WebhookEndpoint:
    """The endpoint of an id.

    Raises:
        NotFound: no endpoint has it.
    """
    endpoint = await find_endpoint(graph, endpoint_id)
    if endpoint is None:
        raise _unknown(endpoint_id)
    return endpoint


async def _expect_allowed(url: str, *, allow_private: bool, find: Resolve) -> None:
    target = read_target(url, allow_private=allow_private)
    try:
        await allowed_addresses(target, allow_private=allow_private, find=find)
    except httpx.ConnectError:
        raise InvalidInput(f"The host {target.host} is not known. Is it spelled right?") from None


def _unknown(endpoint_id: str) -> NotFound:
    return NotFound(
        f"No endpoint has the id {endpoint_id[:100]}. `ringfence webhooks list` shows them."
    )
