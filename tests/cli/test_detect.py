import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ringfence.errors import InvalidInput, RingfenceError
from tests.cli.conftest import Ask
from tests.conftest import Neo4jServer
from tests.store.ring_dump import detection_runs, memberships


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


@pytest.mark.usefixtures("farms")
async def test_detect_prints_what_it_found_and_a_second_time_writes_nothing(ask: Ask) -> None:
    first = json.loads((await ask("detect", "--json")).stdout)
    second = json.loads((await ask("detect", "--json")).stdout)

    assert (first["accounts"], first["accounts_flagged"]) == (250, 50)
    assert first["rings_written"] == first["rings"] == sum(first["rings_by_tier"].values())
    assert second["rings_written"] == 0
    assert second["top_rings"] == first["top_rings"]
    assert second["run_id"] != first["run_id"]


@pytest.mark.usefixtures("farms")
async def test_detect_shows_the_top_rings_to_people(ask: Ask, neo4j_server: Neo4jServer) -> None:
    told = await ask("detect")

    assert told.exit_code == 0
    assert "50 accounts flagged" in " ".join(told.stdout.split())
    assert all(ring_id in told.stdout for ring_id in await memberships(neo4j_server))


@pytest.mark.usefixtures("farms")
async def test_parameters_of_a_file_are_used_and_recorded(
    ask: Ask, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    config = tmp_path / "own.toml"
    config.write_text("seed = 11\n[rings]\nwatch_score = 1.0\n")

    told = json.loads((await ask("detect", "--config", str(config), "--json")).stdout)

    (run,) = await detection_runs(neo4j_server)
    assert told["rings"] == 0
    assert run["seed"] == 11
    assert json.loads(run["config"])["rings"]["watch_score"] == 1.0


@pytest.mark.usefixtures("farms")
async def test_other_parameters_are_compared_without_a_run(
    ask: Ask, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text("[rings]\nwatch_score = 1.0\n")

    told = json.loads((await ask("detect", "--compare", str(other), "--json")).stdout)
    for_people = (await ask("detect", "--compare", str(other))).stdout

    assert (len(told["accounts_in"]), len(told["accounts_out"])) == (0, 50)
    assert len(told["rings"]["only_a"]) == 2
    assert "0 accounts more and 50 fewer" in " ".join(for_people.split())
    assert f"- {told['accounts_out'][0]}" in for_people
    assert await detection_runs(neo4j_server) == []


@pytest.mark.usefixtures("farms")
async def test_past_moment_is_looked_from(ask: Ask) -> None:
    told = json.loads((await ask("detect", "--as-of", "2026-03-21T00:00:00Z", "--json")).stdout)

    assert told["accounts_flagged"] == 30


@pytest.mark.parametrize("moment", ["2026-03-21", "2026-03-21T00:00:00", "yesterday"])
async def test_moment_without_a_zone_is_refused(ask: Ask, moment: str) -> None:
    told = await ask("detect", "--as-of", moment)

    assert isinstance(told.exception, InvalidInput)
    assert f"--as-of {moment}: expected a time with a zone" in str(told.exception)


@pytest.mark.usefixtures("farms")
async def test_export_writes_the_members_to_a_file_and_to_standard_output(
    ask: Ask, neo4j_server: Neo4jServer, tmp_path: Path
) -> None:
    await ask("detect", "--json")
    file = tmp_path / "rings.csv"

    to_file = await ask("export", "rings", "--format", "csv", "-o", str(file))
    to_output = await ask("export", "rings", "--format", "csv", "-o", "-")

    with file.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert to_file.stdout == ""
    assert to_output.stdout_bytes == file.read_bytes()
    assert {(row["ring_id"], row["account_id"]) for row in rows} == {
        (ring_id, account_id)
        for ring_id, accounts in (await memberships(neo4j_server)).items()
        for account_id in accounts
    }
    assert names_in(tmp_path) == ["rings.csv"]


async def test_export_that_fails_leaves_the_old_file_and_nothing_beside_it(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> int:
        raise ConnectionError

    file = tmp_path / "rings.csv"
    file.write_text("old")
    monkeypatch.setattr("ringfence.cli.detect.export_rings_of", fail)

    told = await ask("export", "rings", "-o", str(file))

    assert isinstance(told.exception, ConnectionError)
    assert file.read_text() == "old"
    assert names_in(tmp_path) == ["rings.csv"]


async def test_export_to_a_folder_that_is_not_there_is_refused(ask: Ask, tmp_path: Path) -> None:
    told = await ask("export", "rings", "-o", str(tmp_path / "none" / "rings.csv"))

    assert isinstance(told.exception, RingfenceError)
    assert "Name a file that can be written" in str(told.exception)


@pytest.mark.usefixtures("farms")
async def test_graph_is_exported_as_sorted_lines(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "graph.ndjson"

    await ask("export", "graph", "-o", str(file))

    kinds = [next(iter(json.loads(line))) for line in file.read_bytes().splitlines()]
    assert kinds.count("account") == 250
    assert kinds == sorted(kinds)


def test_parquet_is_not_written_to_a_terminal() -> None:
    terminal, other_end = os.openpty()

    told = subprocess.run(
        [sys.executable, "-m", "ringfence", "export", "rings", "--format", "parquet"],
        stdout=other_end,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )

    os.close(other_end)
    os.close(terminal)
    assert told.returncode == 2
    assert "Parquet is binary" in told.stderr
