"""The process that is Neo4j: it holds a home, serves it, and waits for the word to stop.

Run by `ringfence.neo4j.server` as `python -m ringfence.neo4j.child`; it ends with SIGTERM, or,
when bound to a parent, with that parent.
"""

import argparse
import os
import secrets
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Final

import msgspec

from ringfence.errors import EmbeddedNeo4jFailed
from ringfence.neo4j.dbms import Dbms, set_initial_password, start_jvm
from ringfence.neo4j.home import HOME_IS_TAKEN, Home, ServerState
from ringfence.neo4j.jars import read_lock

PARENT_CHECK_S: Final = 0.5


def main(arguments: Sequence[str]) -> int:
    """Serve a home until told to stop.

    Returns:
        The exit code: 0 after an orderly stop, 1 where Neo4j does not start, which its log tells,
        `HOME_IS_TAKEN` where another server has the home.
    """
    options = _options(arguments)
    stop = Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    home = Home(options.home)
    with home.hold() as held:
        if not held:
            return HOME_IS_TAKEN
        home.remove_state()
        try:
            _serve(home, options, stop)
        except EmbeddedNeo4jFailed as error:
            sys.stderr.write(f"{error}\n")
            return 1
        finally:
            home.remove_state()
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ringfence.neo4j.child", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--parent", type=int, help="process to end with; left out: none")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--heap", required=True)
    parser.add_argument("--page-cache", required=True)
    return parser.parse_args(arguments)


def _serve(home: Home, options: argparse.Namespace, stop: Event) -> None:
    bound = options.parent is not None
    state = ServerState(os.getpid(), time.time(), bound, read_lock().neo4j)
    home.write_state(state)
    start_jvm(options.cache, heap=options.heap, crash_log=home.crash_log)
    if not home.initial_password_file.exists():
        _give_initial_password(home)
    dbms = Dbms(home, port=options.port, page_cache=options.page_cache)
    try:
        if home.password() is None:
            _replace_password(home, dbms)
        home.write_state(msgspec.structs.replace(state, port=dbms.bolt_port()))
        _wait(stop, options.parent)
    finally:
        dbms.shut_down()


def _give_initial_password(home: Home) -> None:
    """A crash in between is made good by the next start: the file of Neo4j comes last."""
    password = home.password()
    if password is None:
        password = secrets.token_hex(24)
        home.keep_password(password)
    set_initial_password(home, password)


def _replace_password(home: Home, dbms: Dbms) -> None:
    """The owner removed the password's file: give the server another one, then keep it."""
    password = secrets.token_hex(24)
    dbms.set_password(password)
    home.keep_password(password)


def _wait(stop: Event, parent: int | None) -> None:
    """Wait for SIGTERM; a bound child looks for its parent too.

    A pipe from the parent would tell at once, but each process that the parent forks inherits
    its end, and would keep an orphan alive.
    """
    while not stop.wait(PARENT_CHECK_S):
        if parent is not None and os.getppid() != parent:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
