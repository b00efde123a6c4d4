"""Neo4j's offline import: Parquet tables into a store that no server has.

Run by `prepare_import` as `python -m ringfence.neo4j.offline_import`, since a process can start one
JVM only, and so that it ends with the process that wanted it.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Final

from ringfence.errors import EmbeddedNeo4jFailed
from ringfence.neo4j.csv_tables import longest_line, to_csv
from ringfence.neo4j.dbms import SETTINGS, run_admin_tool, start_jvm
from ringfence.neo4j.home import Home

DATABASE: Final = "neo4j"
HEAP: Final = "1g"
OFF_HEAP: Final = "1g"
COMMAND: Final = ("database", "import", "full")
OPTIONS: Final = (
    "--id-type=actual",
    "--path-pattern-style=none",
    "--bad-tolerance=0",
    f"--max-off-heap-memory={OFF_HEAP}",
)
LEAST_BUFFER_BYTES: Final = 1 << 20
STOP_TIMEOUT_S: Final = 20.0
PARENT_CHECK_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Table:
    """Files that are one table, with the same columns.

    Attributes:
        name: label of the nodes, or type of the relationships.
        files: names within the folder of the import.
    """

    name: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tables:
    """All that a store shall hold.

    Nodes bring the numbers that the store knows them by, from 0 on and each once, and relationships
    name nodes by these: the import checks neither, and saves looking them up.

    Attributes:
        empty_texts: whether there is one, which takes longer.
    """

    nodes: tuple[Table, ...]
    relationships: tuple[Table, ...]
    empty_texts: bool


class OfflineImport:
    """Neo4j's import tool, which waits in a process of its own for the tables of a home."""

    def __init__(self, home: Home, tool: subprocess.Popen[str], log_file: Path) -> None:
        self._home = home
        self._tool = tool
        self._log_file = log_file
        self.refused = False

    def run(self, tables: Tables) -> None:
        """Make the database of the home out of tables that lie in its folder; once only.

        Args:
            tables: free of faults; the first one ends the import.

        Raises:
            EmbeddedNeo4jFailed: the tool refused; its log, which may hold data, is named.
        """
        words = _as_csv(self._home.folder, tables) if tables.empty_texts else _as_they_are(tables)
        self._tool.communicate(json.dumps(words))
        self.refused = self._tool.returncode != 0
        if self.refused:
            raise EmbeddedNeo4jFailed(
                f"Neo4j's import ended with code {self._tool.returncode}; nothing was loaded. Look "
                f"into {self._log_file}, which may hold data of your events, mend what it tells, "
                "and start again."
            )


@contextmanager
def prepare_import(home: Home, cache: Path, *, log_file: Path) -> Iterator[OfflineImport]:
    """Start the tool ahead of its tables: a JVM that has read its classes begins at once.

    Args:
        home: that has no database yet, and no server.
        cache: folder of the jars, which are there.
        log_file: what the tool tells; kept where it refuses.
    """
    settings = "".join(f"{name}={value}\n" for name, value in SETTINGS.items())
    home.conf_file.write_text(settings, encoding="utf-8")
    with log_file.open("wb") as log_of_tool:
        tool = subprocess.Popen(  # noqa: S603 - every part is ours
            [
                *(sys.executable, "-m", "ringfence.neo4j.offline_import"),
                *(f"--home={home.folder}", f"--cache={cache}", f"--parent={os.getpid()}"),
            ],
            cwd=home.folder,
            stdin=subprocess.PIPE,
            stdout=log_of_tool,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    waiting = OfflineImport(home, tool, log_file)
    try:
        yield waiting
    finally:
        _end(tool)
        if not waiting.refused:
            log_file.unlink()


def main(arguments: Sequence[str]) -> int:
    """Import what standard input names, and return the exit code: 1 where Neo4j's tool refused."""
    parser = argparse.ArgumentParser(
        prog="python -m ringfence.neo4j.offline_import", description=__doc__
    )
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--parent", type=int, required=True, help="process to end with")
    options = parser.parse_args(arguments)
    Thread(target=_end_with, args=(options.parent,), daemon=True).start()
    home = Home(options.home)
    start_jvm(options.cache, heap=HEAP, crash_log=home.crash_log, collector="Parallel")
    try:
        # Reads the classes.
        run_admin_tool(home, *COMMAND, "--help")
        run_admin_tool(home, *COMMAND, DATABASE, *OPTIONS, *json.load(sys.stdin))
    except EmbeddedNeo4jFailed:
        return 1
    return 0


def _as_they_are(tables: Tables) -> list[str]:
    return [
        "--input-type=parquet",
        *(_option("nodes", table.name, table.files) for table in tables.nodes),
        *(_option("relationships", table.name, table.files) for table in tables.relationships),
    ]


def _as_csv(folder: Path, tables: Tables) -> list[str]:
    words = [
        _option(option, table.name, to_csv(folder, table.files))
        for option, some in (("nodes", tables.nodes), ("relationships", tables.relationships))
        for table in some
    ]
    buffer = max(LEAST_BUFFER_BYTES, 2 * max(map(longest_line, folder.glob("*.csv"))))
    return [f"--read-buffer-size={buffer}", "--multiline-fields=true", *words]


def _option(option: str, name: str, files: Sequence[str]) -> str:
    return f"--{option}={name}={','.join(files)}"


def _end(tool: subprocess.Popen[str]) -> None:
    if tool.poll() is not None:
        return
    tool.terminate()
    try:
        tool.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        tool.kill()
        tool.wait()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        sleep(PARENT_CHECK_S)
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
