"""Outcomes of sign-ups: reported, changed, and refused for what is not in the log."""

import pytest
import structlog

from ringfence.domain.screening_log import LoggedScreening, Outcome
from ringfence.errors import InvalidInput, NotFound
from ringfence.store.graph import Graph
from ringfence.store.screenings import find_screening, save_screenings
from ringfence.usecases.audit import read_log, verify
from ringfence.usecases.screening_log import report_outcome
from tests.store.drawn_screenings import screening

LOGGED = LoggedScreening(screening("s1"))


@pytest.fixture
async def with_one(graph: Graph) -> Graph:
    await save_screenings(graph, [LOGGED])
    return graph


async def test_outcome_is_kept_with_the_answer_and_the_last_one_holds(with_one: Graph) -> None:
    first = await report_outcome(with_one, "s1", Outcome.FRAUD, by="ana", note=" seen ")
    last = await report_outcome(with_one, "s1", Outcome.UNKNOWN, by="bo")

    assert first.reported
    assert last.reported
    assert (first.reported.outcome, first.reported.by) == (Outcome.FRAUD, "ana")
    assert first.reported.note == "seen"
    assert (last.reported.outcome, last.reported.by) == (Outcome.UNKNOWN, "bo")
    assert last.reported.note is None
    assert last.reported.at >= first.reported.at
    assert await find_screening(with_one, "s1") == last
    assert last.screening == LOGGED.screening
    assert (await verify(with_one)).fault is None


async def test_batch_sent_again_does_not_take_an_outcome_back(with_one: Graph) -> None:
    said = await report_outcome(with_one, "s1", Outcome.FRAUD, by="ana")

    assert await save_screenings(with_one, [LOGGED]) == 0

    assert await find_screening(with_one, "s1") == said


async def test_outcome_of_what_is_not_in_the_log_is_refused(with_one: Graph) -> None:
    with pytest.raises(NotFound, match="No screening has the id nowhere"):
        await report_outcome(with_one, "nowhere", Outcome.FRAUD, by="ana")

    assert [entry async for entry in read_log(with_one)] == []


@pytest.mark.parametrize("note", ["", "  ", "x" * 2_001])
async def test_note_that_says_nothing_or_too_much_is_refused(with_one: Graph, note: str) -> None:
    with pytest.raises(InvalidInput, match="expected 1 to 2,000"):
        await report_outcome(with_one, "s1", Outcome.FRAUD, by="ana", note=note)

    assert await find_screening(with_one, "s1") == LOGGED


async def test_log_lines_tell_the_outcome_and_no_note(with_one: Graph) -> None:
    with structlog.testing.capture_logs() as lines:
        await report_outcome(with_one, "s1", Outcome.FRAUD, by="ana", note="maria@mailhub.example")

    assert [line["event"] for line in lines] == ["outcome_reported"]
    assert "maria" not in str(lines)
