import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

ROOT = Path(__file__).parents[2]
ASK = """
import asyncio, os
from ringfence.store.graph import Graph

async def ask() -> None:
    uri, user, password = (os.environ[name] for name in ("URI", "LOGIN", "PASSWORD"))
    async with Graph.connect(uri, user, password) as graph:
        print(await graph.read("graph/count"))

asyncio.run(ask())
"""


class Server(Protocol):
    uri: str
    user: str
    password: str


def run(*command: str | Path, **environment: str) -> str:
    result = subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of programs of an empty environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("wheel")
    run("uv", "build", "--quiet", "--wheel", "--out-dir", folder)
    run("uv", "venv", "--quiet", "--python", sys.executable, folder / "empty")
    (wheel,) = folder.glob("*.whl")
    run("uv", "pip", "install", "--quiet", "--python", folder / "empty", wheel)
    return folder / "empty" / "bin"


def test_wheel_in_an_empty_environment_tells_its_commands(installed: Path) -> None:
    told = run(installed / "ringfence", "--help")

    for command in ("demo", "ingest", "detect", "evaluate", "export", "seed", "serve", "neo4j"):
        assert command in told


def test_wheel_carries_its_queries(installed: Path, neo4j_server: Server) -> None:
    answer = run(
        installed / "python",
        "-c",
        ASK,
        URI=neo4j_server.uri,
        LOGIN=neo4j_server.user,
        PASSWORD=neo4j_server.password,
    )

    assert "accounts" in answer
