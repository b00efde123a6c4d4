import multiprocessing
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.errors import InvalidInput
from ringfence.screening.counts import SLICES, Counts, LocalCounts, slice_ms
from ringfence.screening.shared_counts import WINDOWS_S, SharedCounts

MINUTE = 60
SLICE_MS = slice_ms(MINUTE)
NOW_MS = 1_776_852_000_000
LATER_MS = NOW_MS + 10**12

Adds = list[tuple[str, int, int, int]]
"""Key, window, moment in milliseconds after NOW_MS, amount."""


def no_clock() -> int:
    """A clock that is ahead of every moment told, so that all of them count."""
    return LATER_MS


def adds() -> st.SearchStrategy[Adds]:
    one = st.tuples(
        st.sampled_from("abcdef"),
        st.sampled_from(WINDOWS_S),
        st.integers(0, 200_000),
        st.integers(1, 5),
    )
    return st.lists(one, max_size=60)


def small(path: Path, clock_ms: Callable[[], int] = no_clock) -> SharedCounts:
    return SharedCounts(path, width=16, depth=3, clock_ms=clock_ms)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "counts"


@pytest.fixture(params=[LocalCounts, SharedCounts])
def counts(request: pytest.FixtureRequest, path: Path) -> Iterator[Counts]:
    if request.param is LocalCounts:
        yield LocalCounts()
    else:
        with SharedCounts(path, width=4096, clock_ms=no_clock) as shared:
            yield shared


def test_key_is_counted_in_the_window_that_was_asked_for_alone(counts: Counts) -> None:
    answers = [counts.add("a", MINUTE, NOW_MS + at) for at in (0, 1_000, 30_000)]

    assert answers == [1, 2, 3]
    assert counts.count("a", MINUTE, NOW_MS + 30_000) == 3
    assert counts.count("a", 3600, NOW_MS + 30_000) == 0
    assert counts.count("b", MINUTE, NOW_MS + 30_000) == 0


def test_amounts_add_up(counts: Counts) -> None:
    counts.add("a", MINUTE, NOW_MS, 7)

    assert counts.add("a", MINUTE, NOW_MS, 5) == 12


def test_window_slides_by_one_slice_at_a_time(counts: Counts) -> None:
    for at in range(SLICES + 1):
        counts.add("a", MINUTE, NOW_MS + at * SLICE_MS)

    full = counts.count("a", MINUTE, NOW_MS + SLICES * SLICE_MS)
    slid = counts.count("a", MINUTE, NOW_MS + (SLICES + 3) * SLICE_MS)

    assert (full, slid) == (SLICES + 1, SLICES - 2)


def test_late_moment_is_counted_in_its_own_slice_until_that_is_gone(counts: Counts) -> None:
    counts.add("other", MINUTE, NOW_MS)

    late = counts.add("a", MINUTE, NOW_MS - SLICES * SLICE_MS)
    too_late = counts.add("a", MINUTE, NOW_MS - (SLICES + 1) * SLICE_MS)

    assert (late, too_late) == (1, 0)
    assert counts.count("a", MINUTE, NOW_MS) == 1
    assert counts.count("a", MINUTE, NOW_MS + SLICE_MS) == 0


@given(adds())
def test_shared_counts_never_fall_below_the_exact_ones(drawn: Adds) -> None:
    exact = LocalCounts()

    with TemporaryDirectory() as folder, small(Path(folder) / "counts") as shared:
        pairs = [
            (
                shared.add(key, window_s, NOW_MS + at, amount),
                exact.add(key, window_s, NOW_MS + at, amount),
            )
            for key, window_s, at, amount in drawn
        ]
        in_the_end = [
            (shared.count(key, window_s, NOW_MS + at), exact.count(key, window_s, NOW_MS + at))
            for key, window_s, at, _ in drawn
        ]

    assert all(estimate >= count for estimate, count in pairs + in_the_end)


@given(adds())
def test_exact_counts_hold_the_window_and_at_most_one_slice_more(drawn: Adds) -> None:
    exact, so_far = LocalCounts(), Adds()

    for key, window_s, at, amount in sorted(drawn, key=lambda add: add[2]):
        so_far.append((key, window_s, at, amount))
        count = exact.add(key, window_s, NOW_MS + at, amount)

        same = [add for add in so_far if add[:2] == (key, window_s)]
        window_ms = window_s * 1000
        assert count >= sum(add[3] for add in same if add[2] > at - window_ms)
        assert count <= sum(add[3] for add in same if add[2] > at - window_ms - slice_ms(window_s))


@given(adds())
def test_every_count_is_zero_after_its_window_and_one_slice(drawn: Adds) -> None:
    with TemporaryDirectory() as folder, small(Path(folder) / "counts") as shared:
        for key, window_s, at, amount in drawn:
            shared.add(key, window_s, NOW_MS + at, amount)

        left = [
            shared.count(key, window_s, NOW_MS + 200_000 + window_s * 1000 + slice_ms(window_s))
            for key, window_s, _, _ in drawn
        ]

    assert left == [0] * len(drawn)


def test_estimates_stay_within_their_bound(path: Path) -> None:
    total, width = 20_000, 2048

    with SharedCounts(path, windows_s=[MINUTE], width=width, clock_ms=no_clock) as shared:
        for number in range(total):
            shared.add(f"seen {number}", MINUTE, NOW_MS)
        unseen = [shared.count(f"unseen {number}", MINUTE, NOW_MS) for number in range(1000)]

    assert sum(count > 2.72 / width * total for count in unseen) <= 50


def test_moment_ahead_of_the_clock_counts_as_of_now_and_wipes_nothing(path: Path) -> None:
    with small(path, lambda: NOW_MS) as shared:
        shared.add("a", MINUTE, NOW_MS)

        ahead = shared.add("a", MINUTE, NOW_MS + 10**9)

        assert ahead == 2
        assert shared.count("a", MINUTE, NOW_MS + SLICE_MS) == 2


def test_counts_start_afresh_when_the_clock_was_set_back(path: Path) -> None:
    with small(path, lambda: NOW_MS + 10**9) as ahead:
        ahead.add("a", MINUTE, NOW_MS + 10**9)

    with small(path, lambda: NOW_MS) as shared:
        answers = [shared.add("a", MINUTE, NOW_MS) for _ in range(2)]

    assert answers == [1, 2]


def test_counts_outlive_those_who_made_them(path: Path) -> None:
    with small(path) as first:
        first.add("a", MINUTE, NOW_MS)

    with small(path) as second:
        assert second.add("a", MINUTE, NOW_MS) == 2


@pytest.mark.parametrize("damage", [b"", b"\xff" * 100, b"\xff" * 10_000])
def test_damaged_file_is_made_anew(path: Path, damage: bytes) -> None:
    with small(path) as whole:
        whole.add("a", MINUTE, NOW_MS)
    size = path.stat().st_size

    path.write_bytes(damage)

    with small(path) as shared:
        assert shared.add("a", MINUTE, NOW_MS) == 1
    assert path.stat().st_size == size


def test_newest_slices_that_were_overwritten_do_not_stop_the_counting(path: Path) -> None:
    small(path).close()
    whole = path.read_bytes()

    path.write_bytes(whole[:2048] + b"\x7f" * 2048 + whole[4096:])

    with small(path) as shared:
        assert [shared.add("a", MINUTE, NOW_MS) for _ in range(2)] == [1, 2]


def test_file_of_another_shape_is_made_anew_and_left_to_those_who_hold_it(path: Path) -> None:
    with small(path) as old:
        old.add("a", MINUTE, NOW_MS)

        with SharedCounts(path, width=32, clock_ms=no_clock) as new:
            assert new.add("a", MINUTE, NOW_MS) == 1

        assert old.add("a", MINUTE, NOW_MS) == 2


def test_default_file_holds_sixteen_mebibytes_at_most(path: Path) -> None:
    with SharedCounts(path) as shared:
        assert 15 * 2**20 < shared.bytes_held == path.stat().st_size <= 16 * 2**20


def test_full_cell_stays_full(path: Path) -> None:
    with small(path) as shared:
        shared.add("a", MINUTE, NOW_MS, 2**32 - 2)

        assert [shared.add("a", MINUTE, NOW_MS) for _ in range(2)] == [2**32 - 1] * 2


def test_window_that_is_not_counted_is_refused(path: Path) -> None:
    with small(path) as shared, pytest.raises(InvalidInput) as caught:
        shared.add("a", 7, NOW_MS)

    assert str(caught.value) == "A window of 7 s is not counted; choose one of 60, 3600, 86400 s."


def test_negative_amount_is_refused_and_changes_nothing(path: Path) -> None:
    with small(path) as shared:
        with pytest.raises(InvalidInput, match="give one of at least 0"):
            shared.add("a", MINUTE, NOW_MS, -1)

        assert shared.count("a", MINUTE, NOW_MS) == 0


def test_file_that_cannot_be_made_is_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(InvalidInput, match=r"cannot be kept in .*/file/counts \(.*bytes free"):
        small(tmp_path / "file" / "counts")


@pytest.mark.parametrize(
    ("windows_s", "width", "depth"),
    [
        ([], 16, 3),
        ([0], 16, 3),
        (range(1, 18), 16, 3),
        ([60], 15, 3),
        ([60], 16, 0),
        ([60], 16, 17),
    ],
)
def test_shape_out_of_range_is_refused(
    path: Path, windows_s: list[int], width: int, depth: int
) -> None:
    with pytest.raises(InvalidInput, match="; give "):
        SharedCounts(path, windows_s=windows_s, width=width, depth=depth)

    assert not path.exists()


def test_local_counts_forget_the_key_longest_not_added_to() -> None:
    counts = LocalCounts(max_keys=2)

    for key in ("a", "b", "a", "c"):
        counts.add(key, MINUTE, NOW_MS)

    assert [counts.count(key, MINUTE, NOW_MS) for key in "abc"] == [2, 0, 1]


SIGN_UPS = 5_000
REST_OF_A_CHECK_S = 0.0001


def screen_many(path: Path, worker: int, start: Barrier) -> None:
    """A worker under attack: one address that all sign-ups share, five keys of each one's own."""
    with SharedCounts(path, clock_ms=no_clock) as shared:
        start.wait(30)
        for number in range(SIGN_UPS):
            own = [f"{worker} {number} {kind}" for kind in range(5)]
            for key in ["address", *own]:
                for window_s in WINDOWS_S:
                    shared.add(key, window_s, NOW_MS + number)
            time.sleep(REST_OF_A_CHECK_S)


def test_two_processes_count_together(path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    workers = [spawn.Process(target=screen_many, args=(path, at, start)) for at in range(2)]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)

    assert [worker.exitcode for worker in workers] == [0, 0]
    with SharedCounts(path, clock_ms=no_clock) as shared:
        together = [shared.count("address", window_s, NOW_MS + SIGN_UPS) for window_s in WINDOWS_S]
    assert min(together) >= 0.98 * 2 * SIGN_UPS
    assert max(together) <= 1.02 * 2 * SIGN_UPS
