"""The sign-up check of one worker: what it keeps, what it repeats, and that no answer is lost."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from shutil import copytree

import pytest

from ringfence.domain.identifiers import DEVICE, IdentifierKey
from ringfence.domain.screenings import Decision, FailMode, Screening
from ringfence.errors import InvalidInput
from ringfence.screening.journal import Journal
from ringfence.store.graph import Graph
from ringfence.store.screenings import find_screenings
from ringfence.usecases.screen import (
    JOURNAL,
    Screener,
    ScreenerSettings,
    decode,
    new_id,
    same_attempt,
)
from ringfence.usecases.write_behind import write_behind
from tests.conftest import Neo4jServer
from tests.screening.graphs_by_hand import TODAY, attempt, farm_index, moment_ms
from tests.store.ring_dump import query

SECRET = b"a secret of the tests"
NEWCOMER = attempt(device="one-device1")
STRANGER = attempt(device="new-device")


def worker(folder: Path, mode: FailMode = FailMode.OPEN) -> Screener:
    """A worker that knows the farm, on the day after it grew."""
    screener = Screener(ScreenerSettings(folder, SECRET, mode, lambda: moment_ms(TODAY)))
    screener.learn(index=farm_index())
    return screener


@pytest.fixture
def screener(tmp_path: Path) -> Iterator[Screener]:
    screener = worker(tmp_path)
    yield screener
    screener.journal.close()


def kept(screener: Screener) -> list[Screening]:
    return [decode(entry.record).screening for entry in screener.journal.pending()]


def test_answer_is_kept_before_it_is_given(screener: Screener) -> None:
    answer = screener.screen(NEWCOMER)

    assert answer.ruling.decision is Decision.CHALLENGE
    assert answer.degraded is None
    assert kept(screener) == [answer]
    assert (screener.waiting, screener.answered) == (1, 1)
    assert screener.answered_here(answer.id)


def test_same_key_and_attempt_have_the_same_answer_and_are_kept_once(screener: Screener) -> None:
    told: list[str] = []
    screener.listeners.append(lambda answer: told.append(answer.id))

    first = screener.screen(NEWCOMER, key="k", client="a")
    again = [screener.screen(NEWCOMER, key="k", client="a") for _ in range(10)]

    assert all(one is first for one in again)
    assert kept(screener) == [first]
    assert (told, screener.answered) == ([first.id], 1)
    assert first.assessment.bursts == ()
    assert screener.screen(NEWCOMER, key="other", client="a").assessment.bursts == ()


def test_attempt_repeated_a_moment_later_is_the_same(screener: Screener) -> None:
    first = screener.screen(NEWCOMER, key="k")

    again = screener.screen(attempt(device="one-device1", day=TODAY + 0.001), key="k")

    assert again is first


def test_same_key_with_another_attempt_is_refused_and_changes_nothing(screener: Screener) -> None:
    first = screener.screen(NEWCOMER, key="k", client="a")

    with pytest.raises(InvalidInput, match="came before with another attempt"):
        screener.screen(STRANGER, key="k", client="a")

    assert kept(screener) == [first]
    assert screener.screen(NEWCOMER, key="k", client="a") is first


def test_key_of_another_client_is_another_key(screener: Screener) -> None:
    ours = screener.screen(NEWCOMER, key="k", client="a")
    theirs = screener.screen(STRANGER, key="k", client="b")

    assert ours.id != theirs.id
    assert [one.attempt for one in kept(screener)] == [NEWCOMER, STRANGER]


def test_without_a_key_each_answer_is_one_of_its_own(screener: Screener) -> None:
    ids = {screener.screen(NEWCOMER).id for _ in range(3)}

    assert len(ids) == 3
    assert {one.id for one in kept(screener)} == ids


def test_id_of_an_answer_tells_neither_client_nor_key() -> None:
    ids = [
        new_id("a", "k", SECRET),
        new_id("a", "k", SECRET),
        new_id("b", "k", SECRET),
        new_id("a", "k", b"another secret"),
        new_id("a\0k", "", SECRET),
    ]

    assert ids[0] == ids[1]
    assert len(set(ids)) == 4
    assert all(one.startswith("scr_") and len(one) == 36 for one in ids)


def test_answer_that_another_worker_gave_is_known_by_its_attempt(screener: Screener) -> None:
    answer = screener.screen(NEWCOMER, key="k")

    assert same_attempt(answer, NEWCOMER) is answer
    with pytest.raises(InvalidInput):
        same_attempt(answer, STRANGER)


def test_only_the_latest_answers_are_remembered(
    screener: Screener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.usecases.screen.ANSWERS_KEPT", 2)
    first = screener.screen(NEWCOMER, key="1")
    for key in ("2", "3"):
        screener.screen(NEWCOMER, key=key)

    assert screener.answer_known(first.id, NEWCOMER) is None
    assert not screener.answered_here(first.id)


def test_answer_is_given_though_the_journal_has_no_folder(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_text("no folder")
    screener = worker(tmp_path)

    answer = screener.screen(NEWCOMER, key="k")

    assert answer.ruling.decision is Decision.CHALLENGE
    assert answer.degraded == "journal_unavailable"
    assert screener.screen(NEWCOMER, key="k") is answer
    assert screener.waiting == 0


def test_answer_is_given_though_the_journal_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringfence.usecases.screen.Journal", partial(Journal, max_bytes=4_000))
    screener = worker(tmp_path)

    answers = [screener.screen(attempt(id_=f"try_{at}", device=f"d{at}")) for at in range(20)]

    degraded = [one.degraded for one in answers]
    full_from = degraded.index("journal_unavailable")
    assert 0 < full_from < 20
    assert degraded == [None] * full_from + ["journal_unavailable"] * (20 - full_from)
    assert [one.ruling.decision for one in answers] == [Decision.ALLOW] * 20
    assert kept(screener) == answers[:full_from]
    screener.journal.close()


def test_answer_is_given_though_the_disk_is_full_and_kept_again_once_there_is_room(
    screener: Screener,
) -> None:
    first = screener.screen(NEWCOMER)

    with files_of_at_most(100):
        unkept = screener.screen(NEWCOMER)
    last = screener.screen(NEWCOMER)

    assert [first.degraded, unkept.degraded, last.degraded] == [None, "journal_unavailable", None]
    assert kept(screener) == [first, last]


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """A disk on which no file may grow beyond that many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_trouble_that_was_there_before_is_told_rather_than_the_journal(tmp_path: Path) -> None:
    (tmp_path / JOURNAL).write_text("no folder")
    screener = worker(tmp_path, FailMode.CLOSED)
    screener.learn(index=None)

    answer = screener.screen(NEWCOMER)

    assert (answer.ruling.decision, answer.degraded) == (Decision.BLOCK, "index_cold")


def test_workers_of_a_machine_count_bursts_together(tmp_path: Path) -> None:
    workers = [worker(tmp_path) for _ in range(2)]

    answers = [workers[at % 2].screen(STRANGER) for at in range(4)]

    assert [len(one.assessment.bursts) for one in answers] == [0, 0, 0, 1]
    assert answers[3].assessment.bursts[0].key == IdentifierKey(DEVICE, "new-device")
    for one in workers:
        one.journal.close()


ANSWER_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from tests.screening.graphs_by_hand import attempt
from tests.usecases.test_screen import worker
screener = worker(Path(sys.argv[1]))
for at in count():
    account = f"acct_{at}" if at % 2 else None
    asked = attempt(id_=f"try_{at}", account=account, device=f"device_{at % 50}", ip="10.9.9.9")
    answer = screener.screen(asked, key=f"key_{at}", client="a")
    print(answer.id, answer.ruling.decision.value, flush=True)
"""


def answered_until_killed(folder: Path, least: int) -> dict[str, str]:
    """Decisions by id that a worker gave before it was killed while giving more."""
    command = [sys.executable, "-c", ANSWER_FOR_EVER, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(least)]
        process.kill()
        lines += process.stdout.readlines()
    assert process.returncode == -9
    return dict(line.split() for line in lines if line.endswith("\n"))


async def counted(server: Neo4jServer) -> dict[str, int]:
    (row,) = await query(
        server,
        "OPTIONAL MATCH (s:Screening) WITH count(s) AS screenings, count(DISTINCT s.id) AS ids "
        "OPTIONAL MATCH (a:Account) WITH screenings, ids, count(a) AS accounts "
        "OPTIONAL MATCH (:Account)-[u:USED_DEVICE]->() "
        "RETURN screenings, ids, accounts, sum(u.events) AS uses",
    )
    return row


async def test_answers_of_a_killed_worker_are_written_exactly_once(
    graph: Graph, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    told = answered_until_killed(tmp_path / "here", least=200)
    copytree(tmp_path / "here", tmp_path / "copy")

    heir = worker(tmp_path / "here")
    written = await write_behind(graph, heir.journal, heir.known)
    after_one = await counted(neo4j_server)
    again = worker(tmp_path / "copy")
    replayed = await write_behind(graph, again.journal, again.known)

    assert len(told) >= 200
    assert written >= len(told)
    found = await find_screenings(graph, list(told))
    assert {one: found[one].screening.ruling.decision.value for one in found} == told
    assert after_one == {
        "screenings": written,
        "ids": written,
        "accounts": written // 2,
        "uses": written // 2,
    }
    assert replayed == written
    assert await counted(neo4j_server) == after_one
    assert await write_behind(graph, heir.journal, heir.known) == 0
    for one in (heir, again):
        one.journal.close()
