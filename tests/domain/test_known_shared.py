from datetime import date, timedelta

import pytest

from ringfence.domain.identifiers import DEVICE, IdentifierKey
from ringfence.domain.known_shared import KnownShared, keys_on

DAY = date(2026, 5, 4)
KEY = IdentifierKey(DEVICE, "dev_1")


@pytest.mark.parametrize(
    ("begins", "ends", "on_it"),
    [
        (None, None, True),
        (DAY, DAY, True),
        (DAY + timedelta(days=1), None, False),
        (None, DAY - timedelta(days=1), False),
    ],
)
def test_entry_holds_on_its_first_and_its_last_day(
    begins: date | None, ends: date | None, *, on_it: bool
) -> None:
    entries = [KnownShared(KEY, "a library", "ana", begins, ends)]

    assert (KEY in keys_on(entries, DAY)) is on_it
