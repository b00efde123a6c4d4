import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from ringfence.errors import InvalidInput, JournalUnavailable, LimitExceeded
from ringfence.screening.journal import MAX_RECORD_BYTES, Journal, Position

SMALL_SEGMENT = 400


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    with Journal(folder, segment_bytes=SMALL_SEGMENT) as opened:
        yield opened


def records(journal: Journal) -> list[bytes]:
    return [entry.record for entry in journal.pending()]


def reopened(folder: Path) -> list[bytes]:
    with Journal(folder) as journal:
        return records(journal)


def numbered(count: int) -> list[bytes]:
    return [f"record {number:04}".encode() for number in range(count)]


def only_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def python(script: str, *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def test_records_are_given_in_order_until_they_are_acknowledged(journal: Journal) -> None:
    positions = [journal.append(record) for record in numbered(100)]

    once, again = records(journal), records(journal)
    journal.acknowledge(positions[:60])

    assert once == again == numbered(100)
    assert records(journal) == numbered(100)[60:]
    assert journal.held() == 40


def test_any_bytes_come_back_as_they_were(journal: Journal, folder: Path) -> None:
    given = [b"", bytes(range(256)), b"\xffRJ1R" * 9, os.urandom(MAX_RECORD_BYTES)]

    for record in given:
        journal.append(record)
    journal.close()

    assert reopened(folder) == given


def test_files_are_deleted_when_all_their_records_are_acknowledged(
    journal: Journal, folder: Path
) -> None:
    positions = [journal.append(record) for record in numbered(100)]
    files = len(list(folder.iterdir()))

    journal.acknowledge(positions[1:])
    after_most = sorted(file.name for file in folder.iterdir())
    journal.acknowledge(positions[:1])

    assert files > 5
    assert after_most == [positions[0].segment]
    assert list(folder.iterdir()) == []


def test_acknowledgement_survives_reopening(folder: Path) -> None:
    with Journal(folder) as journal:
        positions = [journal.append(record) for record in numbered(5)]
        journal.acknowledge([positions[1], positions[3]])

    with Journal(folder) as journal:
        kept = records(journal)
        journal.acknowledge(positions[:3])

    assert kept == [b"record 0000", b"record 0002", b"record 0004"]
    assert reopened(folder) == [b"record 0004"]


def test_acknowledging_twice_or_what_is_not_held_changes_nothing(journal: Journal) -> None:
    first, second = (journal.append(record) for record in numbered(2))

    journal.acknowledge([first, first])
    journal.acknowledge([first, Position(first.segment, 7), Position("gone.journal", 0)])

    assert records(journal) == [b"record 0001"]
    assert second.segment == first.segment


APPEND_FOR_EVER = """
import os, sys
from pathlib import Path
from ringfence.screening.journal import Journal
journal, number = Journal(Path(sys.argv[1]), segment_bytes=20_000), 0
while True:
    journal.append(b"%d " % number + b"x" * (number % 997))
    os.write(1, b"%d\\n" % number)
    number += 1
"""


def test_worker_killed_amid_appends_loses_nothing_that_was_returned(folder: Path) -> None:
    with python(APPEND_FOR_EVER, str(folder)) as worker:
        assert worker.stdout
        returned = [int(worker.stdout.readline()) for _ in range(2_000)]
        worker.send_signal(signal.SIGKILL)
        returned += [int(line) for line in worker.stdout]

    kept = [int(record.split()[0]) for record in reopened(folder)]

    assert worker.returncode == -signal.SIGKILL
    assert returned == list(range(len(returned)))
    # One more may have been written whose append could not return any more.
    assert kept in (returned, [*returned, len(returned)])
    assert reopened(folder)[-1].endswith(b"x" * (kept[-1] % 997))


APPEND_AND_WAIT = """
import sys
from pathlib import Path
from ringfence.screening.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.append(b"theirs")
print("ready", flush=True)
sys.stdin.read()
"""


def test_live_worker_keeps_its_records_and_a_dead_one_leaves_them(
    journal: Journal, folder: Path
) -> None:
    journal.append(b"ours")

    with python(APPEND_AND_WAIT, str(folder)) as worker:
        assert worker.stdout
        assert worker.stdout.readline() == b"ready\n"
        while_it_lives = records(journal)
        worker.kill()

    assert while_it_lives == [b"ours"]
    assert records(journal) == [b"ours", b"theirs"]
    assert journal.held() == 2


def test_records_left_behind_are_taken_over_by_one_alone(folder: Path) -> None:
    with Journal(folder) as gone:
        gone.append(b"left")

    with Journal(folder) as first, Journal(folder) as second:
        assert (first.held(), second.held()) == (1, 0)
        assert (records(first), records(second)) == ([b"left"], [])


def test_torn_last_frame_is_told_and_passed_over(folder: Path) -> None:
    with Journal(folder) as journal:
        torn_at = [journal.append(record) for record in numbered(3)][-1].offset
    file = only_file(folder)
    whole = file.read_bytes()

    for end in range(torn_at + 1, len(whole)):
        file.write_bytes(whole[:end])
        with capture_logs() as lines:
            kept = reopened(folder)

        assert kept == numbered(2)
        assert (lines[0]["event"], lines[0]["log_level"]) == ("journal_frame_torn", "warning")
        assert (lines[0]["file"], lines[0]["offset"]) == (str(file), torn_at)
        assert file.stat().st_size == torn_at


def test_acknowledgement_after_a_torn_frame_is_kept(folder: Path) -> None:
    with Journal(folder) as journal:
        first, *_ = [journal.append(record) for record in numbered(3)]
    file = only_file(folder)
    file.write_bytes(file.read_bytes()[:-4])

    with Journal(folder) as journal:
        journal.acknowledge([first])

    with capture_logs() as lines:
        assert reopened(folder) == [b"record 0001"]
    assert [line["event"] for line in lines] == ["journal_segment_taken_over"]


@pytest.mark.parametrize("at", range(24))
def test_damaged_frame_is_told_and_its_file_set_aside_after_the_rest(folder: Path, at: int) -> None:
    with Journal(folder) as journal:
        positions = [journal.append(record) for record in numbered(3)]
    file, damaged_at = only_file(folder), positions[1].offset
    bytes_ = bytearray(file.read_bytes())
    bytes_[damaged_at + at] ^= 0x81
    file.write_bytes(bytes_)

    with capture_logs() as lines, Journal(folder) as journal:
        kept = records(journal)
        journal.acknowledge(positions)

    assert kept == [b"record 0000", b"record 0002"]
    told = [line for line in lines if line["log_level"] == "warning"]
    assert [line["event"] for line in told] == [
        "journal_frame_damaged",
        "journal_segment_set_aside",
    ]
    assert (told[0]["offset"], told[0]["end"]) == (damaged_at, positions[2].offset)
    assert only_file(folder).name == f"{file.name}.damaged"
    assert reopened(folder) == []


def test_last_frame_that_is_whole_but_damaged_is_not_taken_for_a_torn_one(folder: Path) -> None:
    with Journal(folder) as journal:
        positions = [journal.append(record) for record in numbered(2)]
    file = only_file(folder)
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    bytes_ = file.read_bytes()

    with capture_logs() as lines, Journal(folder) as journal:
        kept = records(journal)
        untouched = file.read_bytes()
        journal.acknowledge(positions)

    assert (kept, untouched) == ([b"record 0000"], bytes_)
    assert lines[0]["event"] == "journal_frame_damaged"
    assert only_file(folder).name == f"{file.name}.damaged"


def test_file_of_which_nothing_can_be_read_is_set_aside(folder: Path) -> None:
    folder.mkdir()
    (folder / "strange.journal").write_bytes(b"nothing that we wrote")

    kept = reopened(folder)

    assert kept == []
    assert only_file(folder).name == "strange.journal.damaged"
    assert only_file(folder).read_bytes() == b"nothing that we wrote"


def test_record_damaged_while_it_waits_is_not_given(journal: Journal, folder: Path) -> None:
    positions = [journal.append(record) for record in numbered(3)]
    with only_file(folder).open("r+b") as file:
        file.seek(positions[1].offset + 20)
        file.write(b"?")

    with capture_logs() as lines:
        kept = records(journal)

    assert kept == [b"record 0000", b"record 0002"]
    assert [line["event"] for line in lines] == ["journal_frame_damaged"]


def test_full_journal_refuses_until_records_are_acknowledged(folder: Path) -> None:
    with Journal(folder, segment_bytes=100, max_bytes=1_000) as journal:
        positions = [journal.append(b"x" * 87) for _ in range(10)]

        with pytest.raises(LimitExceeded) as caught:
            journal.append(b"")
        held = (journal.held(), journal.bytes_held())
        journal.acknowledge(positions)
        journal.append(b"after")

        assert "holds 10 records in 1000 bytes, of 1000 allowed" in str(caught.value)
        assert held == (10, 1_000)
        assert records(journal) == [b"after"]


def test_one_undone_record_does_not_keep_a_small_journal_full(folder: Path) -> None:
    with Journal(folder, max_bytes=1_000) as journal:
        stays = journal.append(b"stays")

        for _ in range(100):
            journal.acknowledge([journal.append(b"x" * 50)])

        assert [entry.position for entry in journal.pending()] == [stays]


def test_record_that_is_too_long_is_refused(journal: Journal) -> None:
    with pytest.raises(InvalidInput, match=f"{MAX_RECORD_BYTES} at most"):
        journal.append(bytes(MAX_RECORD_BYTES + 1))

    assert (journal.held(), journal.bytes_held()) == (0, 0)


APPEND_TO_FULL_DISK = """
import resource, sys
from pathlib import Path
from ringfence.errors import JournalUnavailable
from ringfence.screening.journal import Journal
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, resource.RLIM_INFINITY))
with Journal(Path(sys.argv[1])) as journal:
    try:
        for number in range(100):
            journal.append(b"%d " % number + b"x" * 200)
    except JournalUnavailable as error:
        print(number, error.code, error)
    journal.append(b"short")
"""


def test_record_that_the_disk_did_not_take_whole_is_cut_off(folder: Path) -> None:
    with python(APPEND_TO_FULL_DISK, str(folder)) as worker:
        told, _ = worker.communicate()

    assert worker.returncode == 0
    assert told.decode().startswith(f"4 journal_unavailable The journal in {folder} cannot be")
    with capture_logs() as lines:
        kept = reopened(folder)
    assert [record.split()[0] for record in kept] == [b"0", b"1", b"2", b"3", b"short"]
    assert [line["event"] for line in lines] == ["journal_segment_taken_over"]


OPEN_AS_NOBODY = """
import os, sys
from pathlib import Path
from ringfence.errors import JournalUnavailable
from ringfence.screening.journal import Journal
if os.getuid() == 0:
    os.setuid(65534)
try:
    Journal(Path(sys.argv[1]))
except JournalUnavailable as error:
    print(error)
"""


def test_folder_that_cannot_be_written_to_is_refused_with_its_name() -> None:
    with TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        with python(OPEN_AS_NOBODY, name) as worker:
            told, _ = worker.communicate()

    assert told.decode() == (
        f"The journal in {name} cannot be written (Permission denied); make room on its disk, "
        "or name a folder that the service may write to.\n"
    )


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(JournalUnavailable, match="Not a directory"):
        Journal(tmp_path / "file" / "journal")


def test_sync_leaves_everything_as_it_was(journal: Journal, folder: Path) -> None:
    for record in numbered(100):
        journal.append(record)

    journal.sync()
    journal.sync()

    assert records(journal) == numbered(100)


def test_threads_append_while_others_deliver(journal: Journal) -> None:
    def append(worker: int) -> None:
        for number in range(500):
            journal.append(f"{worker} {number}".encode())

    delivered = list[bytes]()
    threads = [threading.Thread(target=append, args=(worker,)) for worker in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads) or journal.held():
        for entry in journal.pending():
            delivered.append(entry.record)
            journal.acknowledge([entry.position])
        journal.sync()

    for worker in range(2):
        own = [record for record in delivered if record.startswith(b"%d " % worker)]
        assert own == [f"{worker} {number}".encode() for number in range(500)]


Step = tuple[str, int]


@given(
    st.lists(
        st.tuples(st.sampled_from(["append", "acknowledge", "reopen"]), st.integers(0, 300)),
        max_size=40,
    )
)
def test_whatever_happens_exactly_the_unacknowledged_are_given(steps: list[Step]) -> None:
    waiting = dict[Position, bytes]()

    with TemporaryDirectory() as name:
        journal = Journal(Path(name), segment_bytes=SMALL_SEGMENT)
        for at, (step, number) in enumerate(steps):
            if step == "append":
                record = b"%d " % at + b"x" * number
                waiting[journal.append(record)] = record
            elif step == "acknowledge":
                done = [
                    position for place, position in enumerate(waiting) if place % 7 < number % 8
                ]
                journal.acknowledge(done)
                for position in done:
                    del waiting[position]
            else:
                journal.close()
                journal = Journal(Path(name), segment_bytes=SMALL_SEGMENT)
            assert {one.position: one.record for one in journal.pending()} == waiting
            assert records(journal) == list(waiting.values())
            assert journal.held() == len(waiting)
        journal.close()
        assert reopened(Path(name)) == list(waiting.values())
