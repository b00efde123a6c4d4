from datetime import date
from pathlib import Path

import pytest

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.known_shared import KnownShared
from ringfence.errors import InvalidInput
from ringfence.usecases.known_shared import read_known_shared

HEADER = "kind,value,reason,owner,from,until\n"


def test_list_is_read_with_its_dates(tmp_path: Path) -> None:
    file = tmp_path / "known.csv"
    file.write_text(
        HEADER
        + "ip,2001:DB8::1,campus,ann,2026-01-01,2026-06-30\ndevice,d1,lab,bo,,\n"
        + "ip,198.51.100.0/24,campus,ann,,\nip,198.51.100.7/32,lab,bo,,\n"
    )

    known = read_known_shared(file)

    assert known == (
        KnownShared(
            IdentifierKey("ip", "2001:db8::1"), "campus", "ann", date(2026, 1, 1), date(2026, 6, 30)
        ),
        KnownShared(IdentifierKey("device", "d1"), "lab", "bo"),
        KnownShared(IdentifierKey("ip", "198.51.100.0/24"), "campus", "ann"),
        KnownShared(IdentifierKey("ip", "198.51.100.7"), "lab", "bo"),
    )


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("ip,nowhere,campus,ann,,", "line 2, column value: expected an IPv4 or IPv6 address"),
        ("ip,198.51.100.7/24,campus,ann,,", "column value: the address has bits beyond its prefix"),
        ("ip,0.0.0.0/4,campus,ann,,", "column value: /4 is too wide"),
        ("ip,2001:db8::/72,campus,ann,,", "column value: one subscriber has a /64"),
        ("d!,d1,lab,ann,,", "line 2, column kind: expected a word"),
        ("device,d1,,ann,,", "line 2, column reason: expected some words, got nothing"),
        ("device,d1,lab,ann,1.5.2026,", "line 2, column from: expected a day as YYYY-MM-DD"),
        ("device,d1,lab,ann,2026-02-01,2026-01-01", "line 2, column until: 2026-01-01 lies before"),
    ],
)
def test_fault_is_told_with_its_line_and_column(tmp_path: Path, row: str, told: str) -> None:
    file = tmp_path / "known.csv"
    file.write_text(HEADER + row + "\n")

    with pytest.raises(InvalidInput, match=told):
        read_known_shared(file)


def test_missing_column_is_named(tmp_path: Path) -> None:
    file = tmp_path / "known.csv"
    file.write_text("kind,value,reason,owner,from\n")

    with pytest.raises(InvalidInput, match="missing until"):
        read_known_shared(file)
