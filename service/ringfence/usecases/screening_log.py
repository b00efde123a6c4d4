"""What became of sign-ups that were checked: told by the provider, kept with the answer."""

from typing import Final

from ringfence.domain.screening_log import LoggedScreening, Outcome
from ringfence.errors import NotFound
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.store.screenings import save_outcome
from ringfence.usecases.ring_desk import checked

MAX_NOTE: Final = 2_000

log = get_logger(__name__)


async def report_outcome(
    graph: Graph, screening_id: str, outcome: Outcome, *, by: str, note: str | None = None
) -> LoggedScreening:
    """Say what a sign-up turned out to be, and return its screening as it is now.

    It may be said again: the last word holds, the ones before are in the audit log.

    Args:
        graph: connected and migrated.
        screening_id: of the answer.
        outcome: what it turned out to be.
        by: who says so.
        note: how that is known, or None.

    Raises:
        InvalidInput: the note is empty or too long.
        NotFound: no screening has that id.
    """
    if note is not None:
        note = checked(note, "note", MAX_NOTE)
    reported = await save_outcome(graph, screening_id, outcome, by=by, note=note)
    if reported is None:
        raise unknown_screening(screening_id)
    log.info("outcome_reported", screening_id=screening_id, outcome=outcome.value)
    return reported


def unknown_screening(screening_id: str) -> NotFound:
    """The error for an id that leads to no screening."""
    return NotFound(
        f"No screening has the id {screening_id[:300]}. An answer is in the log some seconds after "
        "it was given; the list of screenings shows them."
    )
