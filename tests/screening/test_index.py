"""The index as a thing: what it weighs, and that its folder gives it back."""

import json
from pathlib import Path

import numpy as np
import pytest

from ringfence.domain.identifiers import IdentifierKey
from ringfence.screening.assessing import assess
from ringfence.screening.index import ARRAYS, ScreeningIndex, empty_index
from tests.screening.graphs_by_hand import attempt, farm_index


def saved(folder: Path) -> Path:
    own = folder / "index-1"
    farm_index().save(own)
    return own


def test_folder_gives_the_index_back(tmp_path: Path) -> None:
    index = farm_index()

    opened = ScreeningIndex.open(saved(tmp_path))

    assert (opened.version, opened.built_ms, opened.rings) == (
        index.version,
        index.built_ms,
        index.rings,
    )
    for name in ARRAYS:
        array, again = getattr(index, name), getattr(opened, name)
        assert (array.dtype, array.shape) == (again.dtype, again.shape), name
        assert np.array_equal(array, again), name
    assert [one.name for one in tmp_path.iterdir()] == ["index-1"]


def test_opened_index_answers_as_the_one_that_was_saved(tmp_path: Path) -> None:
    opened = ScreeningIndex.open(saved(tmp_path))
    newcomer = attempt(device="one-device1", ip="198.51.100.1", email="oneuser7@gmail.com")

    assert assess(opened, newcomer) == assess(farm_index(), newcomer)


def test_opened_index_can_be_saved_again(tmp_path: Path) -> None:
    opened = ScreeningIndex.open(saved(tmp_path))

    opened.save(tmp_path / "copy")

    assert ScreeningIndex.open(tmp_path / "copy").rings == opened.rings


def test_folder_of_an_interrupted_save_is_no_index_and_does_not_hinder(tmp_path: Path) -> None:
    partial = tmp_path / "index-1.partial"
    partial.mkdir()
    (partial / "keys.npy").write_bytes(b"half")
    with pytest.raises(FileNotFoundError):
        ScreeningIndex.open(tmp_path / "index-1")

    assert ScreeningIndex.open(saved(tmp_path)).version == farm_index().version


@pytest.mark.parametrize("told", [{}, {"rings": [{"colour": 1}]}, {"more": 1, "version": None}])
def test_folder_of_another_format_is_refused(tmp_path: Path, told: dict[str, object]) -> None:
    facts = saved(tmp_path) / "index.json"
    facts.write_text(json.dumps(json.loads(facts.read_bytes()) | {"format": "0"} | told))

    with pytest.raises(FileNotFoundError, match="has format 0, this version"):
        ScreeningIndex.open(tmp_path / "index-1")


def test_empty_index_leads_nowhere(tmp_path: Path) -> None:
    empty = empty_index()
    newcomer = attempt(device="one-device1", email="oneuser7@gmail.com", account="one0001")

    assessed = assess(empty, newcomer)

    assert (assessed.score, assessed.ring, assessed.links, assessed.reasons) == (0.0, None, (), ())
    assert list(empty.public_among([IdentifierKey("device", "one-device1")])) == []
    assert empty.bytes_held == 0
    empty.save(tmp_path / "empty")
    assert ScreeningIndex.open(tmp_path / "empty").rings == ()


def test_bytes_held_are_those_of_the_files_without_their_headers(tmp_path: Path) -> None:
    folder = saved(tmp_path)

    arrays = [np.load(file) for file in folder.glob("*.npy")]

    assert farm_index().bytes_held == sum(array.nbytes for array in arrays) > 0


def test_worker_that_comes_second_with_the_same_index_leaves_the_first_ones(
    tmp_path: Path,
) -> None:
    index = farm_index()

    for _ in range(2):
        index.save(tmp_path / "index")

    assert ScreeningIndex.open(tmp_path / "index").version == index.version
    assert [one.name for one in tmp_path.iterdir()] == ["index"]
