"""Parameters of detection: complete by default, changed in part, refused by name."""

import re
from pathlib import Path

import pytest

from ringfence.detection import load_config
from ringfence.errors import InvalidInput


def test_file_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    changes = tmp_path / "mine.toml"
    changes.write_text('version = "mine"\n[rings]\nflag_size = 8\n')

    config = load_config(changes)

    expected = load_config().model_dump()
    expected["version"] = "mine"
    expected["rings"]["flag_size"] = 8
    assert config.model_dump() == expected


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[rings]\nflagsize = 8\n", "rings.flagsize"),
        ("[rings]\nflag_size = 1\n", "rings.flag_size"),
        ("[score]\nestablished = 3.0\n", "score.established"),
        ("[cells]\nconductance = 'much'\n", "cells.conductance"),
        ("rings = 3\n", "rings"),
        ("[rings\n", "mine.toml"),
    ],
)
def test_unknown_or_impossible_parameter_is_refused_by_name(
    tmp_path: Path, text: str, named: str
) -> None:
    changes = tmp_path / "mine.toml"
    changes.write_text(text)

    with pytest.raises(InvalidInput, match=re.escape(named)):
        load_config(changes)


def test_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"absent\.toml"):
        load_config(tmp_path / "absent.toml")
