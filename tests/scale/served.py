"""`ringfence serve` in a process of its own, and what that holds, read of Linux's /proc."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Final

ROOT_KEY: Final = "the-key-of-a-benchmark-0123456789"
SERVE: Final = (sys.executable, "-m", "ringfence", "serve", "--port", "0")
START_WITHIN_S: Final = 60.0


@dataclass(frozen=True)
class Server:
    """A served API in another process, and the port of the Neo4j behind it."""

    pid: int
    host: str
    port: int
    bolt_port: int

    def memory_mib(self) -> float:
        """Memory that the process holds (its resident set)."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def bolt_connections(self) -> int:
        """Connections that the process has open to Neo4j."""
        ours = {_opened(one) for one in Path(f"/proc/{self.pid}/fd").iterdir()}
        lines = Path(f"/proc/{self.pid}/net/tcp").read_text().splitlines()[1:]
        return sum(
            f"socket:[{inode}]" in ours and int(remote.rpartition(":")[2], 16) == self.bolt_port
            for _, _, remote, *_, inode in (line.split()[:10] for line in lines)
        )


@contextmanager
def served(uri: str, user: str, password: str, log: Path) -> Iterator[Server]:
    """An API over a Neo4j, with no settings but where that is; its log goes to a file.

    Rounds of detection are off: what is measured is the answering alone.
    """
    told = {
        "API_KEY": ROOT_KEY,
        "NEO4J_URI": uri,
        "NEO4J_USER": user,
        "NEO4J_PASSWORD": password,
        "ROUND_EVERY_S": "0",
        "SCREENING_FOLDER": str(log.with_suffix(".screening")),
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("RINGFENCE")}
    variables = clean | {f"RINGFENCE_{name}": value for name, value in told.items()}
    with log.open("wb") as file:
        process = subprocess.Popen(SERVE, env=variables, stderr=file)
    try:
        host, port = _address(log)
        yield Server(process.pid, host, port, int(uri.rpartition(":")[2]))
    finally:
        process.terminate()
        process.wait(timeout=30)


def _opened(descriptor: Path) -> str:
    """What a descriptor leads to; nothing, where it has been closed since it was listed."""
    try:
        return str(descriptor.readlink())
    except FileNotFoundError:
        return ""


def _address(log: Path) -> tuple[str, int]:
    """Host and port, once the server tells them."""
    ends_at = monotonic() + START_WITHIN_S
    while monotonic() < ends_at:
        if found := re.search(r"http://([\d.]+):(\d+)", log.read_text()):
            return found[1], int(found[2])
        sleep(0.05)
    raise TimeoutError(f"no address within {START_WITHIN_S:.0f} s: {log.read_text()}")
