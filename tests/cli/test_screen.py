"""`ringfence screen` and `ringfence round`, from the terminal."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from ringfence.cli.main import PLACES, build_app
from ringfence.detection import load_config
from ringfence.errors import InvalidInput
from ringfence.screening.index import ScreeningIndex
from ringfence.store.graph import Graph
from ringfence.store.loading import save_events
from ringfence.store.screenings import find_screenings
from ringfence.usecases.detect import detect
from ringfence.usecases.rounds import index_of
from tests.cli.conftest import Ask
from tests.conftest import Neo4jServer
from tests.screening.graphs_by_hand import farm_world
from tests.store.ring_dump import query

FAKE = {"attempt_id": "fake", "account_id": "acct_new", "device_id": "one-device1"}
HONEST = {"attempt_id": "honest", "device_id": "new-device", "email": "petra.ek@orange.fr"}


@pytest.fixture
async def farm(graph: Graph) -> Graph:
    await save_events(graph, farm_world(strangers=40).events)
    await detect(graph, load_config())
    return graph


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the sign-up check that commands use."""
    monkeypatch.setenv("RINGFENCE_SCREENING_FOLDER", str(tmp_path / "screening"))
    monkeypatch.setenv("RINGFENCE_API_KEY", "a-key-of-the-tests-0123456789")
    return tmp_path / "screening"


def answers(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


@pytest.mark.usefixtures("folder")
async def test_one_attempt_is_answered_in_words(farm: Graph, ask: Ask) -> None:
    result = await ask("screen", "--attempt", "try_1", "--device", "one-device1")

    assert farm
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].startswith("block, score 0.99")
    assert lines[1].startswith("  ring ring_")
    assert lines[1].endswith(", conclusive, tier auto")
    assert any("shared_device: device one-device1 is carried by 8" in line for line in lines)
    assert lines[-1] == "  would be challenge without the device"


@pytest.mark.usefixtures("folder")
async def test_one_attempt_is_answered_as_json_and_logged(
    farm: Graph, ask: Ask, neo4j_server: Neo4jServer
) -> None:
    result = await ask(
        *("screen", "--account", "acct_new", "--device", "one-device1", "--ip", "2001:db8::7"),
        *("--email", "OneUser500@Gmail.com", "--country", "FR", "--plan", "free"),
        *("--user-agent", "curl/8", "--json"),
    )

    (told,) = answers(result.stdout)
    assert (result.exit_code, told["decision"], told["degraded"]) == (0, "block", False)
    logged = (await find_screenings(farm, [told["id"]]))[told["id"]].screening
    asked = logged.attempt
    assert (asked.id, asked.account_id, asked.email) == (
        "acct_new",
        "acct_new",
        "oneuser500@gmail.com",
    )
    assert (asked.country, asked.plan, asked.user_agent) == ("FR", "free", "curl/8")
    rows = await query(neo4j_server, "MATCH (a:Account {id: 'acct_new'})--(i) RETURN i.id AS id")
    assert "one-device1" in [row["id"] for row in rows]


@pytest.mark.usefixtures("folder")
async def test_file_is_answered_line_by_line(farm: Graph, ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "attempts.ndjson"
    file.write_text(f"{json.dumps(FAKE)}\n\n{json.dumps(HONEST)}\n")

    result = await ask("screen", str(file))

    told = answers(result.stdout)
    assert result.exit_code == 0
    assert [one["decision"] for one in told] == ["block", "allow"]
    assert set(await find_screenings(farm, [one["id"] for one in told])) == {
        one["id"] for one in told
    }


@pytest.mark.usefixtures("folder", "ask")
async def test_standard_input_is_answered_and_refused_lines_make_exit_code_3(
    farm: Graph, neo4j_server: Neo4jServer
) -> None:
    lines = [json.dumps(FAKE), json.dumps(HONEST | {"ip": "here"}), "{", json.dumps(HONEST)]

    result: Result = await asyncio.to_thread(
        lambda: CliRunner().invoke(build_app(PLACES), ["screen", "-"], input="\n".join(lines))
    )

    assert farm
    told = answers(result.stdout)
    assert result.exit_code == 3
    assert [one.get("decision") for one in told] == ["block", None, None, "allow"]
    assert (told[1]["index"], told[1]["field"]) == (1, "ip")
    assert told[1]["reason"] == "expected an IPv4 or IPv6 address"
    assert told[2]["index"] == 2
    (row,) = await query(neo4j_server, "MATCH (s:Screening) RETURN count(s) AS screenings")
    assert row["screenings"] == 2


@pytest.mark.usefixtures("folder", "graph")
async def test_attempt_without_an_id_is_refused(ask: Ask) -> None:
    result = await ask("screen", "--device", "one-device1")

    (told,) = answers(result.stdout)
    assert (result.exit_code, told["field"]) == (3, "attempt_id")
    assert told["reason"] == "expected it, or account_id"


@pytest.mark.usefixtures("folder", "graph")
async def test_file_that_is_not_there_is_told(ask: Ask, tmp_path: Path) -> None:
    result = await ask("screen", str(tmp_path / "none.ndjson"))

    assert isinstance(result.exception, InvalidInput)
    assert "none.ndjson" in str(result.exception)


async def test_index_that_is_built_for_it_uses_the_parameters_of_the_settings(
    farm: Graph, ask: Ask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert farm
    assert folder
    monkeypatch.setenv("RINGFENCE_DETECTION_CONFIG", str(folder / "none.toml"))

    result = await ask("screen", "--attempt", "try_1")

    assert isinstance(result.exception, InvalidInput)
    assert "none.toml" in str(result.exception)


async def test_round_prints_the_folder_of_an_index_that_opens_and_screen_uses_it(
    farm: Graph, ask: Ask, folder: Path
) -> None:
    command = [sys.executable, "-m", "ringfence", "round"]
    result = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=True
    )

    (line,) = result.stdout.splitlines()
    index = ScreeningIndex.open(Path(line))
    assert Path(line).parent == folder
    assert index.version == (await index_of(farm, load_config())).version
    assert len(index.rings) == 1
    told = json.loads((await ask("screen", "--device", "x", "--attempt", "a", "--json")).stdout)
    assert told["model_version"] == index.version
