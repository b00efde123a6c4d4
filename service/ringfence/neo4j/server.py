"""Starts, finds and stops the Neo4j that comes along.

One home has one server. `start` refuses a home that is served; `attach_or_start` uses the server
that is there. Bound servers end with the process that started them, however that ends.
"""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Final, Literal, Self

from ringfence.errors import Conflict, EmbeddedNeo4jFailed
from ringfence.logs import get_logger
from ringfence.neo4j.bolt import answers_bolt, bolt_uri
from ringfence.neo4j.fetch import fetch_jars
from ringfence.neo4j.home import USER, Home, ServerState
from ringfence.neo4j.process import (
    POLL_S,
    Memory,
    ServerProcess,
    home_is_served,
    spawn,
    stop_failed,
)

START_TIMEOUT_S: Final = 180.0
STOP_TIMEOUT_S: Final = 60.0
DEFAULT_MEMORY: Final = Memory()

log = get_logger(__name__)

# A detached server outlives whoever started it; without a reference Python would warn of it.
_detached: list[ServerProcess] = []


@dataclass(frozen=True)
class ServerStatus:
    """What is known of the server of a home; `uri` is set once Bolt answers."""

    phase: Literal["stopped", "starting", "running"]
    pid: int | None = None
    uri: str | None = None
    neo4j: str | None = None
    started_at: float | None = None
    bound: bool | None = None


@dataclass(frozen=True)
class RunningNeo4j:
    """A server that answers; leaving its context stops it if this process started it bound."""

    home: Home = field(repr=False)
    uri: str
    user: str
    password: str = field(repr=False)
    pid: int
    child: ServerProcess | None = field(default=None, repr=False)

    def alive(self) -> bool:
        """Whether this very server still serves its home."""
        state = self.home.state()
        return state is not None and state.pid == self.pid

    def stop(self, *, timeout_s: float = STOP_TIMEOUT_S) -> None:
        """Stop it in order and wait; a server that is gone already is fine.

        Raises:
            EmbeddedNeo4jFailed: it did not stop in time; it was killed, its data are kept.
        """
        if self.child:
            self.child.terminate(timeout_s=timeout_s)
        elif self.alive():
            stop(self.home.folder, timeout_s=timeout_s)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.child:
            self.stop()


def start(
    home: Path,
    cache: Path,
    *,
    bound: bool,
    port: int = 0,
    memory: Memory = DEFAULT_MEMORY,
    timeout_s: float = START_TIMEOUT_S,
) -> RunningNeo4j:
    """Fetch what is missing, start a server on a home and wait until Bolt answers.

    Args:
        home: folder of its data, password and log; made at the first start.
        cache: folder of the jars.
        bound: end it with this process; otherwise it stays until it is stopped.
        port: on the loopback address; 0: a free one.
        memory: what the server may take.
        timeout_s: longest wait for Bolt, the fetch not counted.

    Raises:
        Conflict: the home is served already.
        EmbeddedNeo4jFailed: it cannot be fetched or started; the end of its log is shown.
    """
    place = Home(home.absolute())
    if place.state():
        raise home_is_served(place)
    fetch_jars(cache)
    began = monotonic()
    child = spawn(place, cache.absolute(), bound=bound, port=port, memory=memory)
    try:
        state = child.await_ready(timeout_s=timeout_s)
    except BaseException:
        child.terminate(timeout_s=STOP_TIMEOUT_S)
        raise
    took_ms = round((monotonic() - began) * 1000)
    log.info("neo4j_started", pid=state.pid, port=state.port, bound=bound, took_ms=took_ms)
    if not bound:
        _detached.append(child)
    return _running(place, state, child if bound else None)


def attach(home: Path) -> RunningNeo4j | None:
    """The server that serves a home now, whoever started it; None where none answers."""
    place = Home(home.absolute())
    state = place.state()
    if state is None or state.port is None or not answers_bolt(state.port):
        return None
    return _running(place, state)


def attach_or_start(
    home: Path,
    cache: Path,
    *,
    memory: Memory = DEFAULT_MEMORY,
    timeout_s: float = START_TIMEOUT_S,
) -> RunningNeo4j:
    """The server of a home; where there is none, one is started, bound to this process.

    Two that ask at once get the same server: the second waits for the first one's.

    Raises:
        Conflict: another process's server on this home did not answer in time.
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
            sleep(POLL_S)


def status(home: Path) -> ServerStatus:
    """Who serves a home; a server that was killed counts as stopped."""
    state = Home(home.absolute()).state()
    if state is None:
        return ServerStatus("stopped")
    answers = state.port is not None and answers_bolt(state.port)
    return ServerStatus(
        "running" if answers else "starting",
        pid=state.pid,
        uri=bolt_uri(state.port) if state.port and answers else None,
        neo4j=state.neo4j,
        started_at=state.started_at,
        bound=state.bound,
    )


def stop(home: Path, *, timeout_s: float = STOP_TIMEOUT_S) -> bool:
    """Stop the server of a home in order and wait, whoever started it.

    Returns:
        False where none was running.

    Raises:
        EmbeddedNeo4jFailed: it did not stop in time; it was killed, its data are kept.
    """
    place = Home(home.absolute())
    state = place.state()
    if state is None:
        return False
    with suppress(ProcessLookupError):
        os.kill(state.pid, signal.SIGTERM)
    if place.await_free(timeout_s=timeout_s):
        return True
    with suppress(ProcessLookupError):
        os.kill(state.pid, signal.SIGKILL)
    raise stop_failed(state.pid, timeout_s)


def _running(home: Home, state: ServerState, child: ServerProcess | None = None) -> RunningNeo4j:
    password = home.password()
    if state.port is None or password is None:
        raise EmbeddedNeo4jFailed(
            f"{home.password_file} is missing while Neo4j runs. Stop it with `ringfence neo4j "
            "stop` and start it again: it gets a new password."
        )
    return RunningNeo4j(home, bolt_uri(state.port), USER, password, state.pid, child)
