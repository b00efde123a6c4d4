import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from ringfence.settings import DEMO_API_KEY

SMALL = ("--accounts", "600", "--seed", "27", "--port", "0")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "unused-home"


def start_demo(home: Path, *arguments: str) -> subprocess.Popen[str]:
    without_neo4j = {k: v for k, v in os.environ.items() if not k.startswith("RINGFENCE_NEO4J")}
    return subprocess.Popen(
        [sys.executable, "-m", "ringfence", "demo", *SMALL, *arguments],
        env=without_neo4j | {"RINGFENCE_HOME": str(home), "COLUMNS": "100"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def running_demo(home: Path) -> Iterator[subprocess.Popen[str]]:
    process = start_demo(home)
    yield process
    with suppress(ProcessLookupError):
        process.kill()
    process.communicate()


def told_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    assert process.stderr is not None
    told = ""
    for line in process.stderr:
        told += line
        if match := re.search(pattern, line):
            return match
    raise AssertionError(f"the demo ended before it told {pattern}:\n{told}")


def ask(address: str, question: str) -> dict[str, object]:
    response = httpx.post(
        f"{address}/graphql",
        json={"query": question},
        headers={"Authorization": f"Bearer {DEMO_API_KEY}"},
        timeout=60,
    )
    answer: dict[str, object] = response.json()
    return answer


def test_demo_shows_the_rings_asks_one_question_and_ends(home: Path) -> None:
    with start_demo(home, "--exit") as process:
        shown, told = process.communicate(timeout=280)

    assert process.returncode == 0, told
    assert re.search(r"ring_\w{16} +(auto|review) +\w+ +[01]\.\d{3} +\d+", shown)
    assert '"exchanges"' in shown
    assert "curl -s http://127.0.0.1:" in told
    assert "nothing is left running" in told
    assert not home.exists()


@pytest.mark.slow
def test_demo_answers_until_interrupted_and_leaves_nothing_running(
    running_demo: subprocess.Popen[str],
) -> None:
    bolt = told_until(running_demo, r"bolt://127\.0\.0\.1:(\d+)")[1]
    address = told_until(running_demo, r"answers at (http://127\.0\.0\.1:\d+)")[1]

    answer = ask(address, "{ rings(first: 1) { nodes { size tier } } }")
    running_demo.send_signal(signal.SIGINT)
    running_demo.communicate(timeout=60)

    assert "errors" not in answer
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(bolt)), timeout=5)
