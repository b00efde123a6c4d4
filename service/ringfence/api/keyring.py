"""API keys as requests look them up: remembered for seconds, and through an outage of Neo4j."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from ringfence.domain.access import KEY_PREFIX, Principal, PrincipalKind
from ringfence.errors import GraphUnavailable, RingfenceError
from ringfence.logs import get_logger
from ringfence.store.api_keys import ApiKey, find_key, save_key_use
from ringfence.store.graph import Graph
from ringfence.usecases.api_keys import opens

FRESH_FOR: Final = timedelta(seconds=5)
"""A revoked key opens nothing after this long, as long as Neo4j answers."""
KEPT_FOR: Final = timedelta(minutes=15)
"""How long a known key goes on while Neo4j is away."""
LOOK_UP_WITHIN_S: Final = 5.0
LOOK_UP_AGAIN_WITHIN_S: Final = 0.1
"""How long a request waits for news of a key that is known; a sign-up flow cannot wait longer."""
USE_TOLD_EVERY: Final = timedelta(minutes=1)
MAX_KEPT: Final = 10_000

log = get_logger(__name__)


def present() -> datetime:
    """The moment now, in UTC, to the millisecond."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@dataclass(slots=True)
class _Known:
    key: ApiKey | None
    asked_at: datetime
    told_at: datetime


class Keyring:
    """The API keys of one graph.

    Args:
        graph: asked where nothing fresh is remembered.
        now: the clock, UTC.
    """

    def __init__(self, graph: Graph, now: Callable[[], datetime] = present) -> None:
        self._graph = graph
        self._now = now
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._use_told_at: dict[str, datetime] = {}
        self._telling: set[asyncio.Task[None]] = set()
        self._asking: dict[str, asyncio.Task[ApiKey | None]] = {}

    async def principal(self, key_id: str, secret: str) -> Principal | None:
        """Whoever holds a key with that secret, or None where it opens nothing.

        Raises:
            GraphUnavailable: Neo4j is away, and the key is not remembered.
        """
        key = await self._find(key_id)
        if key is None or not opens(key, secret, self._now()):
            return None
        self._tell_use(key)
        return Principal(f"{KEY_PREFIX}{key.id}", key.name, PrincipalKind.API_KEY, key.scopes)

    async def _find(self, key_id: str) -> ApiKey | None:
        now, known = self._now(), self._known.get(key_id)
        if known and now - known.asked_at < FRESH_FOR:
            return known.key
        asking = self._asking.get(key_id) or self._ask(key_id)
        patience_s = LOOK_UP_AGAIN_WITHIN_S if known else LOOK_UP_WITHIN_S
        await asyncio.wait({asking}, timeout=patience_s)
        error = asking.exception() if asking.done() else None
        if asking.done() and not isinstance(error, (RingfenceError, TimeoutError)):
            return asking.result()
        if known is None or now - known.told_at >= KEPT_FOR:
            raise GraphUnavailable(
                "Neo4j does not answer, so the key cannot be looked up. Repeat this in a while."
            ) from error
        known.asked_at = now
        return known.key

    def _ask(self, key_id: str) -> asyncio.Task[ApiKey | None]:
        """Look the key up; the answer is taken in though nobody may wait for it any more."""
        asking = asyncio.create_task(self._look_up(key_id))
        self._asking[key_id] = asking
        asking.add_done_callback(lambda done: self._asked(key_id, done))
        return asking

    async def _look_up(self, key_id: str) -> ApiKey | None:
        async with asyncio.timeout(LOOK_UP_WITHIN_S):
            return await find_key(self._graph, key_id)

    def _asked(self, key_id: str, done: asyncio.Task[ApiKey | None]) -> None:
        self._asking.pop(key_id, None)
        if not done.cancelled() and not done.exception():
            now = self._now()
            self._remember(key_id, _Known(done.result(), now, now))

    def _remember(self, key_id: str, known: _Known) -> None:
        self._known.pop(key_id, None)
        self._known[key_id] = known
        if len(self._known) > MAX_KEPT:
            oldest, _ = self._known.popitem(last=False)
            self._use_told_at.pop(oldest, None)

    def _tell_use(self, key: ApiKey) -> None:
        """Write behind, once a minute at the most, so that no request waits for it."""
        now = self._now()
        told_at = self._use_told_at.get(key.id)
        if told_at and now - told_at < USE_TOLD_EVERY:
            return
        self._use_told_at[key.id] = now
        telling = asyncio.create_task(self._save_use(key.id, now))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _save_use(self, key_id: str, at: datetime) -> None:
        try:
            await save_key_use(self._graph, key_id, at)
        except RingfenceError as error:
            log.warning("key_use_not_saved", key_id=key_id, code=error.code)
