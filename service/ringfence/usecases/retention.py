"""Retention: what has been kept for long enough goes, unless a legal hold keeps it."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from ringfence.domain.erasure import ErasureOutcome, account_hash
from ringfence.domain.retention import RetainedKind, RetentionRules
from ringfence.domain.rings import LONG_AGO
from ringfence.errors import RingfenceError
from ringfence.logs import get_logger
from ringfence.store.erasure import erased_among, stream_account_ids
from ringfence.store.graph import Graph
from ringfence.store.ledger import begin_ledger, turn_ledgers
from ringfence.store.outbox import trim_outbox
from ringfence.store.remembered import forget_expired
from ringfence.store.retention import forget_before, forget_links, record_run
from ringfence.usecases.erase_account import erase_accounts

TOMBSTONES: Final = "tombstones"
RETURNED: Final = "erased_accounts"
"""Accounts that were erased, and for which something came since."""
HELD: Final = "held_accounts"
"""Accounts that a legal hold kept."""
LINK_ACCOUNTS: Final = 500
"""Accounts whose links one transaction looks at."""

Progress = Callable[[str], None]
"""Told what is looked at next."""

log = get_logger(__name__)


@dataclass(slots=True)
class RetentionReport:
    """What a run took away.

    Attributes:
        gone: how many, by kind.
    """

    id: str
    at: datetime
    gone: dict[str, int] = field(default_factory=dict)


async def run_retention(
    graph: Graph,
    rules: RetentionRules,
    *,
    secret: bytes,
    by: str,
    at: datetime | None = None,
    progress: Progress = lambda _: None,
) -> RetentionReport:
    """Take away what is older than the rules let it be, and record that; again changes nothing.

    Accounts that were erased and came back, with an event that was late, are erased again. What is
    remembered of rings that were taken down goes at the end that each has.

    Args:
        graph: connected and migrated.
        rules: days by kind.
        secret: that ids of erased accounts are hashed with.
        by: id of the principal.
        at: the present; None: the clock's.
        progress: told of each kind.

    Raises:
        GraphUnavailable: Neo4j went away; the same call again does the rest.
    """
    at = at or datetime.now(UTC)
    report = RetentionReport(f"retention_{at:%Y%m%dT%H%M%S}_{secrets.token_hex(4)}", at)
    try:
        await _run(_Run(graph, secret, by, report), rules, progress)
    except BaseException:
        # Of a run that breaks off, the log tells what it took away before.
        with suppress(RingfenceError):
            await _record(graph, rules, report, by)
        raise
    await _record(graph, rules, report, by)
    log.info("retention_run", run_id=report.id, **report.gone)
    return report


async def _run(work: "_Run", rules: RetentionRules, progress: Progress) -> None:
    progress(RETURNED)
    await work.erase_returned()
    for kind in RetainedKind:
        if before := rules.before(kind, work.report.at):
            progress(kind.value)
            await work.forget(kind, before)
    progress(TOMBSTONES)
    work.count(TOMBSTONES, await forget_expired(work.graph, at=work.report.at))


async def _record(graph: Graph, rules: RetentionRules, report: RetentionReport, by: str) -> None:
    days = {kind.value: days for kind, days in rules.days_by_kind.items()}
    await record_run(graph, report.id, by=by, facts={"days": days, "gone": report.gone})


@dataclass(frozen=True, slots=True)
class _Run:
    graph: Graph
    secret: bytes
    by: str
    report: RetentionReport

    def count(self, kind: str, gone: int) -> None:
        self.report.gone[kind] = self.report.gone.get(kind, 0) + gone

    async def erase_returned(self) -> None:
        self.count(RETURNED, 0)
        async for ids in stream_account_ids(self.graph):
            id_by_hash = {account_hash(self.secret, one): one for one in ids}
            found = await erased_among(self.graph, [*id_by_hash])
            await self._erase(RETURNED, [id_by_hash[one] for one in found], "came after erasure")

    async def forget(self, kind: RetainedKind, before: datetime) -> None:
        self.count(kind.value, 0)
        if kind is RetainedKind.ACCOUNTS:
            reason = f"nothing was heard of it since {before:%Y-%m-%d}"
            async for ids in stream_account_ids(self.graph, seen_before=before):
                await self._erase(kind.value, ids, reason)
        elif kind is RetainedKind.LINKS:
            async for ids in stream_account_ids(self.graph):
                for first in range(0, len(ids), LINK_ACCOUNTS):
                    batch = ids[first : first + LINK_ACCOUNTS]
                    self.count(kind.value, await forget_links(self.graph, batch, before))
        elif kind is RetainedKind.OUTBOX:
            kept = datetime.now(UTC) - before
            self.count(kind.value, await trim_outbox(self.graph, kept=max(kept, timedelta())))
        elif kind is RetainedKind.LEDGER:
            await self._forget_events(before)
        else:
            self.count(kind.value, await forget_before(self.graph, kind, before))

    async def _forget_events(self, before: datetime) -> None:
        at = self.report.at
        settled = await begin_ledger(self.graph, before, at=at) or LONG_AGO
        async for ids in stream_account_ids(self.graph):
            gone = await turn_ledgers(self.graph, ids, settled=settled, at=at)
            self.count(RetainedKind.LEDGER.value, gone)

    async def _erase(self, kind: str, ids: list[str], reason: str) -> None:
        if not ids:
            return
        told = await erase_accounts(self.graph, ids, secret=self.secret, by=self.by, reason=reason)
        self.count(kind, sum(one.outcome is ErasureOutcome.ERASED for one in told))
        if held := sum(one.outcome is ErasureOutcome.HELD for one in told):
            self.count(HELD, held)
