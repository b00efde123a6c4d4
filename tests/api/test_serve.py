import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import httpx
import pytest
from fastapi import FastAPI

from ringfence.api.server import serving
from ringfence.cli.serve import serve
from ringfence.errors import Conflict, InvalidInput
from tests.api.live import API_KEY
from tests.conftest import Neo4jServer

DELAYED_ACK_S = 0.04
"""What each answer takes at the least where the kernel waits for more to send."""

SERVE = [sys.executable, "-m", "ringfence", "serve", "--port", "0"]


SCREENING = Path(tempfile.gettempdir(), f"ringfence-tests-{os.getpid()}")
"""Where the served API keeps what it knows of sign-ups."""


def environment(**variables: str) -> dict[str, str]:
    """Settings; rounds of detection are off, so that the graph stays as it was written."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RINGFENCE")}
    told = {"ROUND_EVERY_S": "0", "SCREENING_FOLDER": str(SCREENING)} | variables
    return clean | {f"RINGFENCE_{name}": value for name, value in told.items()}


def over(server: Neo4jServer) -> dict[str, str]:
    return environment(
        API_KEY=API_KEY,
        NEO4J_URI=server.uri,
        NEO4J_USER=server.user,
        NEO4J_PASSWORD=server.password,
    )


@contextmanager
def served(variables: dict[str, str]) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that answers, and its address."""
    process = subprocess.Popen(SERVE, env=variables, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr
        for line in process.stderr:
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                yield process, found[0]
                break
        else:
            pytest.fail("it ended without an address")
    finally:
        process.kill()
        process.communicate(timeout=20)


@pytest.mark.usefixtures("small_graph")
@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_serve_answers_and_stops_cleanly_on_a_signal(
    neo4j_server: Neo4jServer, stop: signal.Signals, code: int
) -> None:
    with served(over(neo4j_server)) as (process, address):
        answer = httpx.post(
            f"{address}/graphql",
            json={"query": "{ rings(first: 1) { nodes { ringId } } }"},
            headers={"X-API-Key": API_KEY},
            timeout=30,
        )
        process.send_signal(stop)
        _, told = process.communicate(timeout=20)

    assert answer.json()["data"] == {"rings": {"nodes": [{"ringId": "ring_a"}]}}
    assert process.returncode == code
    assert "Traceback" not in told
    assert API_KEY not in told
    assert neo4j_server.password not in told


def test_serve_starts_while_neo4j_is_away() -> None:
    away = over(Neo4jServer("bolt://127.0.0.1:9", "neo4j", API_KEY))

    with served(away) as (process, address):
        healthy = httpx.get(f"{address}/healthz", timeout=30)
        ready = httpx.get(f"{address}/readyz", timeout=30)
        process.terminate()
        process.communicate(timeout=20)

    assert (healthy.status_code, ready.status_code) == (200, 503)
    assert process.returncode == 0


@pytest.mark.parametrize("key", ["", "short", "ringfence-demo"])
def test_serve_refuses_to_start_with_a_key_that_anybody_guesses(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGFENCE_API_KEY", key)
    monkeypatch.setattr(signal, "signal", lambda *_: pytest.fail("it went on"))

    with pytest.raises(InvalidInput, match="RINGFENCE_API_KEY is missing, shorter than 16"):
        serve(host=None, port=0)


async def test_server_says_when_its_port_is_taken() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(Conflict, match=f"Nothing can listen on 127.0.0.1, port {port}: "):
            async with serving(FastAPI(), host="127.0.0.1", port=port):
                pytest.fail("it listens")


async def test_small_answers_are_sent_at_once() -> None:
    took_s = []
    async with (
        serving(FastAPI(), host="127.0.0.1", port=0) as server,
        httpx.AsyncClient(base_url=server.address) as client,
    ):
        for _ in range(20):
            started = perf_counter()
            await client.post("/nowhere")
            took_s.append(perf_counter() - started)

    assert min(took_s) < DELAYED_ACK_S
