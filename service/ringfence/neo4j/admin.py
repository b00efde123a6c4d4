"""Neo4j's own tool over a home that nobody serves: its database written out, or taken in.

Run by `dump_database` and `load_database` as `python -m ringfence.neo4j.admin`, since a process
can start one JVM only.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ringfence.errors import EmbeddedNeo4jFailed
from ringfence.neo4j.dbms import run_admin_tool, start_jvm
from ringfence.neo4j.fetch import fetch_jars
from ringfence.neo4j.home import HOME_IS_TAKEN, Home
from ringfence.neo4j.process import LOG_LINES_SHOWN, home_is_served

DATABASE: Final = "neo4j"
DUMP_FILE: Final = f"{DATABASE}.dump"
HEAP: Final = "1g"


def dump_database(home: Path, cache: Path, folder: Path) -> Path:
    """Write the database of a home into a file of a folder, and return that file.

    Users and passwords are in another database, which is left out.

    Args:
        home: of a Neo4j that does not run.
        cache: folder of the jars.
        folder: that is there, and holds no such file.

    Raises:
        Conflict: a server has the home.
        EmbeddedNeo4jFailed: Neo4j's tool refused; the end of what it told is shown.
    """
    _run(home, cache, "dump", folder)
    return folder / DUMP_FILE


def load_database(home: Path, cache: Path, folder: Path) -> None:
    """Take the database in that `dump_database` wrote; the home has none yet.

    Raises:
        Conflict: a server has the home.
        EmbeddedNeo4jFailed: Neo4j's tool refused; the end of what it told is shown.
    """
    _run(home, cache, "load", folder)


def main(arguments: Sequence[str]) -> int:
    """Do it, holding the home.

    Returns:
        The exit code: 0 done, 1 where Neo4j's tool refused, `HOME_IS_TAKEN` where a server has the
        home.
    """
    parser = argparse.ArgumentParser(prog="python -m ringfence.neo4j.admin", description=__doc__)
    parser.add_argument("what", choices=("dump", "load"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(arguments)
    home = Home(options.home)
    with home.hold() as held:
        if not held:
            return HOME_IS_TAKEN
        start_jvm(options.cache, heap=HEAP, crash_log=home.crash_log)
        way = "to" if options.what == "dump" else "from"
        place = f"--{way}-path={options.folder}"
        try:
            run_admin_tool(home, "database", options.what, DATABASE, place)
        except EmbeddedNeo4jFailed as error:
            sys.stderr.write(f"{error}\n")
            return 1
    return 0


def _run(home: Path, cache: Path, what: str, folder: Path) -> None:
    place = Home(home.absolute())
    if place.state():
        raise home_is_served(place)
    fetch_jars(cache)
    command = [sys.executable, "-m", "ringfence.neo4j.admin", what]
    command += [f"--home={place.folder}", f"--cache={cache.absolute()}"]
    command += [f"--folder={folder.absolute()}"]
    done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - all of it ours
    if done.returncode == HOME_IS_TAKEN:
        raise home_is_served(place)
    if done.returncode:
        told = (done.stdout + done.stderr).decode(errors="replace").splitlines()
        raise EmbeddedNeo4jFailed(
            f"Neo4j's database {what} ended with code {done.returncode}. Mend what it tells and "
            "start again; it ends with:\n" + "\n".join(told[-LOG_LINES_SHOWN:])
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
