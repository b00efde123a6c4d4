"""Starts, finds and stops the embedded Neo4j: the parent's side of `ringfence.neo4j.child`."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Final, Literal, Self

from ringfence.errors import Conflict, EmbeddedNeo4jFailed
from ringfence.neo4j.fetch import fetch_jars
from ringfence.neo4j.home import HOME_IS_TAKEN, USER, Home, ServerState

HOST: Final = "127.0.0.1"
START_TIMEOUT_S: Final = 180.0
STOP_TIMEOUT_S: Final = 60.0
HANDSHAKE_TIMEOUT_S: Final = 5.0
POLL_S: Final = 0.05
LOG_LINES_SHOWN: Final = 20

# Four versions the caller speaks, newest first, each with how many minors below it: 5.8 down to
# 5.0, then 4.4 down to 4.2; the server answers with the one it chose, or with zeros.
BOLT_HANDSHAKE: Final = bytes.fromhex("6060b017" "00080805" "00020404" "00000000" "00000000")


@dataclass(frozen=True)
class Memory:
    """What one server may take; sizes as the JVM writes them, such as `512m` or `2g`."""

    heap: str = "2g"
    page_cache: str = "512m"


@dataclass(frozen=True)
class ServerStatus:
    """What is known of the server of a home; `uri` is set once Bolt answers."""

    phase: Literal["stopped", "starting", "running"]
    pid: int | None = None
    uri: str | None = None
    neo4j: str | None = None
    started_at: float | None = None
    bound: bool | None = None


@dataclass
class RunningNeo4j:
    """A server that answers; as a context manager it stops on the way out what it started."""

    uri: str
    user: str
    password: str = field(repr=False)
    pid: int
    _home: Home = field(repr=False)
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def alive(self) -> bool:
        """Whether this very server still serves its home."""
        state = self._home.state()
        return state is not None and state.pid == self.pid

    def stop(self, *, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Stop it in order and wait; a server that is gone already is fine.

        Raises:
            EmbeddedNeo4jFailed: it did not stop in time; it was killed, its data are kept.
        """
        if self._process is not None:
            _terminate(self._process, self._home, timeout_s=timeout_s)
        elif self.alive():
            stop(self._home.folder, timeout_s=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self.stop()


def start(
    home: Path,
    cache: Path,
    *,
    bound: bool,
    port: int = 0,
    memory: Memory = Memory(),
    timeout_s: float = START_TIMEOUT_S,
) -> RunningNeo4j:
    """Fetch what is missing, start a server on a home and wait until Bolt answers.

    Args:
        home: folder of its data, password and log; made at the first start.
        cache: folder of the jars.
        bound: end it with this process, however that ends; otherwise it stays until stopped.
        port: on the loopback address; 0: a free one.
        memory: what the server may take.
        timeout_s: longest wait for Bolt, the fetch not counted.

    Raises:
        Conflict: the home is served already, by whom and what to do is said.
        EmbeddedNeo4jFailed: it cannot be fetched or started; the end of its log is shown.
    """
    place = Home(home.absolute())
    _refuse_if_served(place)
    fetch_jars(cache.absolute())
    process = _spawn(place, cache.absolute(), bound=bound, port=port, memory=memory)
    try:
        state = _await_state(place, process, timeout_s=timeout_s)
    except BaseException:
        _terminate(process, place, timeout_s=STOP_TIMEOUT_S)
        raise
    return _running(place, state, process if bound else None)


def attach(home: Path) -> RunningNeo4j | None:
    """The server that serves a home now, whoever started it; None where none answers."""
    place = Home(home.absolute())
    state = place.state()
    if state is None or state.port is None or not _bolt_answers(state.port):
        return None
    return _running(place, state, None)


def attach_or_start(
    home: Path, cache: Path, *, memory: Memory = Memory(), timeout_s: float = START_TIMEOUT_S
) -> RunningNeo4j:
    """Use the server of a home if there is one, otherwise start one bound to this process.

    As a context manager the result stops a server it started and leaves alone one it found.

    Raises:
        Conflict: a server is starting on the home and did not answer in time.
        EmbeddedNeo4jFailed: as for `start`.
    """
    deadline = monotonic() + timeout_s
    while True:
        if running := attach(home):
            return running
        try:
            return start(home, cache, bound=True, memory=memory, timeout_s=timeout_s)
        except Conflict:
            if monotonic() >= deadline:
                raise
            sleep(POLL_S * 10)


def status(home: Path) -> ServerStatus:
    """Who serves a home; a server that was killed counts as stopped."""
    state = Home(home.absolute()).state()
    if state is None:
        return ServerStatus("stopped")
    answers = state.port is not None and _bolt_answers(state.port)
    return ServerStatus(
        "running" if answers else "starting",
        pid=state.pid,
        uri=_uri(state.port) if state.port and answers else None,
        neo4j=state.neo4j,
        started_at=state.started_at,
        bound=state.bound,
    )


def stop(home: Path, *, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """Stop the server of a home in order and wait.

    Returns:
        False where none was running.

    Raises:
        EmbeddedNeo4jFailed: it did not stop in time; it was killed, its data are kept.
    """
    place = Home(home.absolute())
    state = place.state()
    if state is None:
        return False
    _signal(state.pid, signal.SIGTERM)
    if _await(lambda: not place.is_held(), timeout_s=timeout_s):
        return True
    _signal(state.pid, signal.SIGKILL)
    raise _stop_failed(state.pid, timeout_s)
