import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from neo4j.exceptions import AuthError

from neo4j import GraphDatabase
from ringfence import neo4j
from ringfence.errors import Conflict, EmbeddedNeo4jFailed
from tests.conftest import Neo4jServer

PARENT = """
import sys, time
from pathlib import Path
from ringfence import neo4j
from ringfence.logs import configure_logs

configure_logs(json=True)
running = neo4j.start(Path(sys.argv[1]), Path(sys.argv[2]), bound=True)
print(running.pid, flush=True)
time.sleep(600)
"""


def add_node(server: neo4j.RunningNeo4j) -> int:
    """Add a node and tell how many there are."""
    with GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        driver.execute_query("CREATE (:Kept)")
        (record,) = driver.execute_query("MATCH (kept:Kept) RETURN count(kept) AS kept").records
    return int(record["kept"])


def await_true(condition: Callable[[], bool], *, timeout_s: float) -> bool:
    deadline = monotonic() + timeout_s
    while not condition() and monotonic() < deadline:
        sleep(0.05)
    return condition()


def is_gone(pid: int) -> bool:
    """Whether a process has ended, though nobody may have asked for its exit code yet."""
    told = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return told.stdout.strip().startswith("Z") or not told.stdout.strip()


def test_first_password_of_neo4j_is_never_the_default_one(neo4j_server: Neo4jServer) -> None:
    with (
        GraphDatabase.driver(neo4j_server.uri, auth=("neo4j", "neo4j")) as driver,
        pytest.raises(AuthError),
    ):
        driver.verify_connectivity()


def test_kill_of_the_parent_leaves_no_orphan_and_loses_nothing(
    tmp_path: Path, jar_cache: Path
) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path), str(jar_cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        try:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            running = neo4j.attach(tmp_path)
            assert running is not None
            add_node(running)
        finally:
            parent.kill()

    assert await_true(lambda: is_gone(pid), timeout_s=60)
    assert neo4j.status(tmp_path) == neo4j.ServerStatus("stopped")
    with neo4j.start(tmp_path, jar_cache, bound=True) as restarted:
        assert restarted.password == running.password
        assert add_node(restarted) == 2


def test_killed_server_is_noticed_and_a_restart_keeps_data_and_replaces_a_removed_password(
    tmp_path: Path, jar_cache: Path
) -> None:
    with neo4j.start(tmp_path, jar_cache, bound=True) as killed:
        add_node(killed)
        os.kill(killed.pid, signal.SIGKILL)
        assert await_true(lambda: not killed.alive(), timeout_s=10)
    found, status, stopped = neo4j.attach(tmp_path), neo4j.status(tmp_path), neo4j.stop(tmp_path)
    neo4j.Home(tmp_path).password_file.unlink()

    with neo4j.start(tmp_path, jar_cache, bound=True) as restarted:
        kept = add_node(restarted)

    assert (found, status.phase, stopped) == (None, "stopped", False)
    assert kept == 2
    assert restarted.password != killed.password


def test_starts_at_once_share_a_home_and_do_not_collide_on_two(
    tmp_path: Path, jar_cache: Path
) -> None:
    homes = [tmp_path / "shared", tmp_path / "shared", tmp_path / "own"]

    with ThreadPoolExecutor() as pool:
        first, second, other = pool.map(lambda home: neo4j.attach_or_start(home, jar_cache), homes)

    try:
        assert first.pid == second.pid != other.pid
        assert first.uri == second.uri != other.uri
        assert [add_node(first), add_node(second), add_node(other)] == [1, 2, 1]
        with pytest.raises(Conflict, match=f"process {first.pid}"):
            neo4j.start(homes[0], jar_cache, bound=True)
        assert first.alive()
    finally:
        for server in (first, second, other):
            server.stop()
    assert is_gone(first.pid)
    assert is_gone(other.pid)


def test_port_that_is_taken_is_told(
    neo4j_server: Neo4jServer, tmp_path: Path, jar_cache: Path
) -> None:
    taken = int(neo4j_server.uri.rpartition(":")[2])

    with pytest.raises(EmbeddedNeo4jFailed, match=r"(?s)ended with code 1 .*in use"):
        neo4j.start(tmp_path, jar_cache, bound=True, port=taken)

    assert neo4j.status(tmp_path).phase == "stopped"


def test_server_that_cannot_start_shows_the_end_of_its_log(tmp_path: Path, jar_cache: Path) -> None:
    memory = neo4j.Memory(heap="a lot")

    with pytest.raises(EmbeddedNeo4jFailed, match=r"(?s)ended with code 1 .*-Xmxa lot"):
        neo4j.start(tmp_path, jar_cache, bound=True, memory=memory)

    assert neo4j.status(tmp_path).phase == "stopped"
