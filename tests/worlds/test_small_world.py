import gzip
from pathlib import Path

import pytest

from ringfence.worlds import build_world

SMALL = Path(__file__).parents[2] / "seed" / "small"


@pytest.mark.parametrize("name", ["truth.csv", "addresses.csv", "summary.json"])
def test_checked_in_world_is_what_the_command_makes(rebuilt: Path, name: str) -> None:
    assert (SMALL / name).read_bytes() == (rebuilt / name).read_bytes()


def test_checked_in_events_are_what_the_command_makes(rebuilt: Path) -> None:
    kept = gzip.decompress((SMALL / "events.ndjson.gz").read_bytes())

    assert kept == (rebuilt / "events.ndjson").read_bytes()


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    build_world(folder, 600, 27)
    return folder
