"""Writing behind: answers and sign-ups go from the local journal into the graph.

Each record is written at least once and counts once, since screenings are known by their id and
events by theirs. What could not be checked when it was asked is checked again on the way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

import msgspec

from ringfence.domain.events import Event, SignUpData, event_key
from ringfence.domain.screening_log import LoggedScreening
from ringfence.domain.screenings import Attempt, Screening
from ringfence.logs import get_logger
from ringfence.screening.deciding import Knowledge, check_again
from ringfence.screening.journal import Entry, Journal
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from ringfence.store.screenings import save_screenings
from ringfence.usecases.erased_accounts import erased_ids
from ringfence.usecases.screen import decode

BATCH: Final = 500
SOURCE: Final = "urn:ringfence:screening"
"""Source of the sign-up events that screenings stand for."""

log = get_logger(__name__)


async def write_behind(
    graph: Graph, journal: Journal, known: Knowledge, *, secret: bytes | None = None
) -> int:
    """Write what waits, batch by batch, and say how many records that were.

    A record that could not be read is told in the log and let go; one of an account that was erased
    meanwhile is let go.

    Args:
        graph: connected and migrated.
        journal: of this worker.
        known: by which degraded answers are checked again.
        secret: by which accounts that were erased are known.

    Raises:
        GraphUnavailable: Neo4j went away; what is not acknowledged comes again.
    """
    written = 0
    pending = journal.pending()
    while batch := list(islice(pending, BATCH)):
        read = await _of_others(graph, list(_read(batch)), secret)
        logged = [_checked(one, known) for one in read]
        await save_events(graph, [event for one in logged for event in _events(one.screening)])
        await save_screenings(graph, logged)
        journal.acknowledge([entry.position for entry in batch])
        written += len(batch)
    return written


async def _of_others(
    graph: Graph, read: list[LoggedScreening], secret: bytes | None
) -> list[LoggedScreening]:
    """Those that are of no erased account."""
    ids = {one.screening.attempt.account_id for one in read} - {None}
    erased = await erased_ids(graph, {one for one in ids if one is not None}, secret)
    return [one for one in read if one.screening.attempt.account_id not in erased]


def _read(batch: Sequence[Entry]) -> Iterator[LoggedScreening]:
    for entry in batch:
        try:
            yield decode(entry.record)
        except msgspec.DecodeError as error:
            log.error(  # noqa: TRY400 - one line says all, and the record may hold personal data
                "journal_record_unreadable", position=str(entry.position), reason=str(error)
            )


def _checked(logged: LoggedScreening, known: Knowledge) -> LoggedScreening:
    """With what the answer would be now, where it was degraded and the parts are back."""
    screening = logged.screening
    if screening.degraded is None or known.index is None:
        return logged
    now = check_again(known, screening).ruling
    if now.decision is not screening.ruling.decision:
        log.warning(
            "screening_checked_again",
            screening_id=screening.id,
            answered=screening.ruling.decision.value,
            would_be=now.decision.value,
            degraded=screening.degraded,
        )
    return replace(logged, screening=replace(screening, checked_again=now))


def _events(screening: Screening) -> Iterator[Event]:
    """The sign-up of an account that exists; an attempt without one leaves no account behind."""
    attempt = screening.attempt
    if attempt.account_id is not None:
        yield Event(
            key=event_key(SOURCE, screening.id),
            account_id=attempt.account_id,
            time_ms=attempt.at_ms,
            shared=attempt.keys,
            body=_sign_up(attempt),
        )


def _sign_up(attempt: Attempt) -> SignUpData:
    return SignUpData(
        email=attempt.email,
        ip=attempt.ip,
        device_id=attempt.device_id,
        user_agent=attempt.user_agent,
        country=attempt.country,
        plan=attempt.plan,
    )
