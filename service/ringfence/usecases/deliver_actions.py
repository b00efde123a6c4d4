"""Delivers actions to the provider's systems, in order, an endpoint by one deliverer at a time."""

import asyncio
import ssl
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Final

import httpx

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.webhooks import Message, retry_delay_s
from ringfence.errors import InvalidInput, RingfenceError
from ringfence.logs import get_logger
from ringfence.metrics import WEBHOOK_MESSAGES
from ringfence.store.graph import Graph
from ringfence.store.webhook_messages import (
    find_due,
    free_leases,
    give_up,
    settle_delivered,
    settle_failed,
    take_message,
)
from ringfence.store.webhooks import disable_endpoint
from ringfence.tracing import span
from ringfence.usecases.webhook_secrets import SecretBox
from ringfence.usecases.webhook_sender import Answer, Resolve, WebhookSender, resolve

TRIES: Final = 12
PATIENCE_S: Final = 10.0
"""A Neo4j that answers nothing for so long is taken for away."""
ACTOR: Final = "system:webhooks"
GONE: Final = "the receiver answered 410: it wants no more messages"
SEALED: Final = "its secret was sealed under another secret of the service"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How actions are delivered.

    Attributes:
        secret: of the service, which secrets of endpoints are sealed under.
        allow_private: whether this machine and private networks may be sent to.
        tries: of a message until its actions are dead letters; 12 take 20 to 27 minutes.
        first_delay_s, longest_delay_s: between two tries.
        timeout_s: of one try.
        poll_s: between two looks for what is to be sent.
        lease_s: until another deliverer takes over from one that died; more than `timeout_s`.
        resolve: addresses of a host.
        tls: how certificates are checked; None: as usual.
    """

    secret: bytes = field(repr=False)
    allow_private: bool = False
    tries: int = TRIES
    first_delay_s: float = 1.0
    longest_delay_s: float = 600.0
    timeout_s: float = 15.0
    poll_s: float = 0.5
    lease_s: float = 30.0
    resolve: Resolve = resolve
    tls: ssl.SSLContext | None = None


class Deliverer:
    """Sends what is to be sent, for as long as it runs.

    Any number of them may run, here and in other processes: each endpoint is served by one at a
    time, and taken over from one that died once its lease has ended.

    Args:
        graph: connected; it may be away for a while, and need not be migrated yet.
        settings: how actions are delivered.
    """

    def __init__(self, graph: Graph, settings: DeliverySettings) -> None:
        self._graph = graph
        self._settings = settings
        self._box = SecretBox(settings.secret)
        self._tls = settings.tls or httpx.create_ssl_context()
        self._holder = uuid.uuid4().hex
        self._draw = SystemRandom().random
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Deliver for as long as the block lasts."""
        loop = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            loop.cancel()
            await self._leave(loop)

    async def drain(self, only: str | None = None) -> None:
        """Deliver until nothing is left to be sent, what must wait to be tried again included.

        Args:
            only: id of the one endpoint that is served; None: all are.

        Raises:
            GraphUnavailable: Neo4j went away.
        """
        try:
            while await self._begin_due(only):
                await self._pause()
        finally:
            await self._leave()

    async def _follow(self) -> None:
        while True:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._begin_due()
            except (RingfenceError, TimeoutError) as error:
                log.warning("webhooks_wait", reason=str(error))
            except Exception:
                log.exception("webhooks_broke")
            await self._pause()

    async def _pause(self) -> None:
        await asyncio.sleep(self._settings.poll_s)

    async def _begin_due(self, only: str | None = None) -> bool:
        """Serve each endpoint that is due in a task of its own; false if there is nothing to do."""
        found = await find_due(self._graph, self._holder)
        due = [one for one in found if only in (None, one.endpoint_id)]
        for one in due:
            task = self._tasks.get(one.endpoint_id)
            if one.now and (task is None or task.done()):
                self._tasks[one.endpoint_id] = asyncio.create_task(self._serve(one.endpoint_id))
        return bool(due)

    async def _serve(self, endpoint_id: str) -> None:
        """Send to an endpoint, message after message, until nothing is left or one fails."""
        settings = self._settings
        sender = WebhookSender(
            allow_private=settings.allow_private,
            timeout_s=settings.timeout_s,
            tls=self._tls,
            find=settings.resolve,
        )
        try:
            async with sender:
                while await self._deliver_next(sender, endpoint_id):
                    pass
        except RingfenceError as error:
            log.warning("webhook_waits", endpoint_id=endpoint_id, reason=str(error))
        except Exception:
            log.exception("webhook_broke", endpoint_id=endpoint_id)

    async def _deliver_next(self, sender: WebhookSender, endpoint_id: str) -> bool:
        """Send the next message; false if there is none, or it failed."""
        lease_s = self._settings.lease_s
        message = await take_message(self._graph, endpoint_id, self._holder, lease_s=lease_s)
        if message is None:
            return False
        if not message.actions:
            return await settle_delivered(self._graph, message, self._holder)
        try:
            secrets = [self._box.open(sealed) for sealed in message.secrets]
        except InvalidInput:
            await self._disable(endpoint_id, SEALED)
            return False
        with span("webhook", {"endpoint_id": endpoint_id, "actions": len(message.actions)}):
            answer = await sender.send(message.url, message.id, message.body, secrets)
        return await self._settle(message, answer)

    async def _settle(self, message: Message, answer: Answer) -> bool:
        facts = {
            "endpoint_id": message.endpoint_id,
            "message_id": message.id,
            "actions": len(message.actions),
            "tries": message.tries + 1,
        }
        if answer.failure is None:
            WEBHOOK_MESSAGES.labels("delivered").inc()
            log.info("webhook_delivered", **facts)
            return await settle_delivered(self._graph, message, self._holder)
        facts["reason"] = answer.failure
        if answer.gone:
            WEBHOOK_MESSAGES.labels("gone").inc()
            log.warning("webhook_disabled", **facts)
            await self._disable(message.endpoint_id, GONE)
            return False
        if message.tries + 1 >= self._settings.tries:
            WEBHOOK_MESSAGES.labels("gave_up").inc()
            log.warning("webhook_gave_up", **facts)
            return await give_up(self._graph, message, self._holder, failure=answer.failure)
        WEBHOOK_MESSAGES.labels("failed").inc()
        delay_s = self._delay_s(message, answer)
        log.warning("webhook_failed", retry_in_s=round(delay_s, 1), **facts)
        await settle_failed(
            self._graph, message, self._holder, failure=answer.failure, delay_s=delay_s
        )
        return False

    def _delay_s(self, message: Message, answer: Answer) -> float:
        return retry_delay_s(
            message.tries + 1,
            told_s=answer.retry_after_s,
            first_s=self._settings.first_delay_s,
            longest_s=self._settings.longest_delay_s,
            draw=self._draw,
        )

    async def _disable(self, endpoint_id: str, because: str) -> None:
        record = AuditRecord(ACTOR, AuditAction.WEBHOOK_DISABLED, endpoint_id, {"because": because})
        await disable_endpoint(self._graph, because, record)

    async def _leave(self, *more: asyncio.Task[None]) -> None:
        tasks = [*more, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(RingfenceError, TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                await free_leases(self._graph, self._holder)
