"""The child process from outside: spawn it, wait until it is ready, end it."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from ringfence.errors import Conflict, EmbeddedNeo4jFailed
from ringfence.neo4j.bolt import answers_bolt
from ringfence.neo4j.home import HOME_IS_TAKEN, Home, ServerState

POLL_S: Final = 0.05
LOG_LINES_SHOWN: Final = 20


@dataclass(frozen=True)
class Memory:
    """What one server may take; sizes as the JVM writes them, such as `512m` or `2g`."""

    heap: str = "2g"
    page_cache: str = "512m"


@dataclass(frozen=True)
class ServerProcess:
    """A child that this process started, and where its part of the log begins, in bytes."""

    home: Home
    popen: subprocess.Popen[bytes]
    log_begins: int

    def await_ready(self, *, timeout_s: float) -> ServerState:
        """Wait until the child has told its port and Bolt answers there.

        Raises:
            Conflict: another server has the home.
            EmbeddedNeo4jFailed: the child ended or was too slow; the end of its log is shown.
        """
        deadline = monotonic() + timeout_s
        while (code := self.popen.poll()) is None:
            state = self.home.state()
            if state and state.pid == self.popen.pid and state.port and answers_bolt(state.port):
                return state
            if monotonic() >= deadline:
                raise self._failed(f"did not answer within {timeout_s:g} s")
            sleep(POLL_S)
        if code == HOME_IS_TAKEN:
            raise home_is_served(self.home)
        raise self._failed(f"ended with code {code} while starting")

    def terminate(self, *, timeout_s: float) -> None:
        """End the child in order, and reap it; one that is gone already is fine.

        Raises:
            EmbeddedNeo4jFailed: it did not end in time; it was killed.
        """
        self.popen.terminate()
        try:
            self.popen.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            self.popen.kill()
            self.popen.wait()
            raise stop_failed(self.popen.pid, timeout_s) from error

    def _failed(self, what: str) -> EmbeddedNeo4jFailed:
        written = self.home.log_file.read_bytes()[self.log_begins :]
        lines = written.decode(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return EmbeddedNeo4jFailed(
            f"Neo4j {what}. Mend what its log {self.home.log_file} tells and start again; it ends "
            "with:\n" + "\n".join(lines)
        )


def spawn(home: Home, cache: Path, *, bound: bool, port: int, memory: Memory) -> ServerProcess:
    """Start the child in a session of its own, so that Ctrl-C reaches its parent alone."""
    command = [sys.executable, "-m", "ringfence.neo4j.child"]
    command += [f"--home={home.folder}", f"--cache={cache}", f"--port={port}"]
    command += [f"--heap={memory.heap}", f"--page-cache={memory.page_cache}"]
    command += [f"--parent={os.getpid()}"] if bound else []
    home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with home.log_file.open("ab") as log:
        popen = subprocess.Popen(  # noqa: S603 - every part is ours
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return ServerProcess(home, popen, log.tell())


def home_is_served(home: Home) -> Conflict:
    """The error of a start on a home that has a server."""
    state = home.state()
    who = f"process {state.pid}" if state else "another process"
    return Conflict(
        f"A Neo4j already serves {home.folder}: {who}. Use it, stop it with `ringfence neo4j "
        "stop`, or name another folder in RINGFENCE_HOME."
    )


def stop_failed(pid: int, timeout_s: float) -> EmbeddedNeo4jFailed:
    """The error of a server that had to be killed."""
    return EmbeddedNeo4jFailed(
        f"Neo4j (process {pid}) did not stop within {timeout_s:g} s and was killed. Its data are "
        "kept: the next start recovers them."
    )
