import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import structlog
from typer.testing import CliRunner

from ringfence import neo4j
from ringfence.cli.neo4j import app
from tests.neo4j.test_fetch import NO_NETWORK


class Told(NamedTuple):
    """What a command left."""

    exit_code: int
    stdout: str


Ask = Callable[..., Told]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Run `ringfence neo4j` in this process, on a home that is not there yet."""
    monkeypatch.setenv("RINGFENCE_HOME", str(tmp_path / "home"))

    def run(*arguments: str) -> Told:
        result = CliRunner().invoke(app, arguments)
        return Told(result.exit_code, result.stdout)

    yield run
    structlog.reset_defaults()


def start_by_hand(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ringfence", "neo4j", "start"],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_server_started_by_hand_stays_until_it_is_stopped(
    ask: Ask, tmp_path: Path, jar_cache: Path
) -> None:
    home = tmp_path / "home"

    try:
        started = start_by_hand(RINGFENCE_HOME=str(home), RINGFENCE_CACHE=str(jar_cache))
        again, told, paths = ask("start"), ask("status", "--json"), ask("path", "--json")
        with neo4j.attach_or_start(home, jar_cache) as attached:
            pid = attached.pid
        left_alone = neo4j.status(home)
    finally:
        stopped = ask("stop")
    after = ask("status")

    uri = json.loads(told.stdout)["uri"]
    assert started.stdout == f"Neo4j runs: {uri}, process {pid}\n"
    assert again.stdout == f"Neo4j runs already: {uri}, process {pid}\n"
    assert (told.exit_code, json.loads(told.stdout)["phase"]) == (0, "running")
    assert json.loads(paths.stdout)["uri"] == uri
    assert stat.S_IMODE(Path(json.loads(paths.stdout)["password_file"]).stat().st_mode) == 0o600
    assert (left_alone.phase, left_alone.pid, left_alone.bound) == ("running", pid, False)
    assert stopped.stdout == "Neo4j stopped\n"
    assert after == Told(3, "Neo4j is not running\n")


@pytest.mark.parametrize("command", ["start", "stop", "status", "path"])
def test_server_of_the_users_own_leaves_the_one_that_comes_along_alone(
    ask: Ask, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGFENCE_NEO4J_URI", "bolt://db.example:7687")
    monkeypatch.setenv("RINGFENCE_CACHE", str(tmp_path / "cache"))

    told = ask(command)

    assert told.exit_code == 0
    assert told.stdout.startswith("RINGFENCE_NEO4J_URI is set: bolt://db.example:7687 is used")
    assert list(tmp_path.iterdir()) == []


def test_start_without_network_fails_with_one_line(tmp_path: Path) -> None:
    told = start_by_hand(
        RINGFENCE_HOME=str(tmp_path / "home"), RINGFENCE_CACHE=str(tmp_path / "cache"), **NO_NETWORK
    )

    assert told.returncode == 1
    assert told.stderr.count("\n") == 1
    assert "Connect to the network once and start again" in told.stderr


def test_stop_of_a_server_that_does_not_run_is_no_error(ask: Ask) -> None:
    told = ask("stop")

    assert told == Told(0, "Neo4j was not running\n")
