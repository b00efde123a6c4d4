"""Standings read from a file, each fault told with its line."""

from pathlib import Path

import pytest

from ringfence.domain.standings import ToldStanding
from ringfence.domain.takedowns import Standing
from ringfence.errors import InvalidInput
from ringfence.usecases.standings import read_standings


def written(folder: Path, text: str) -> Path:
    file = folder / "standings.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_file_is_read_with_empty_cells_and_missing_columns(tmp_path: Path) -> None:
    full = written(
        tmp_path,
        "account_id,standing,verified_organisation,protected_because\n"
        "a,suspended,True,a journalist\nb,,,\n",
    )
    assert read_standings(full) == [
        ToldStanding("a", Standing.SUSPENDED, True, "a journalist"),
        ToldStanding("b"),
    ]
    assert read_standings(written(tmp_path, "account_id\nc\n")) == [ToldStanding("c")]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id\na\n", "lacks the column account_id"),
        ("account_id,standing\na,gone\n", "line 2, standing: got 'gone'"),
        ("account_id\n\n,\n", "account_id: expected 1 to 256 characters"),
        ("account_id,verified_organisation\na,maybe\n", "expected true or false"),
        ("account_id,protected_because\na," + "x" * 201 + "\n", "200 characters or less"),
    ],
)
def test_fault_is_told_with_its_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        read_standings(written(tmp_path, text))
