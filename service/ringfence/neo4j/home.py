"""The home of one embedded Neo4j: its data, password, log, and who serves it now."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import msgspec

USER = "neo4j"
HOME_IS_TAKEN = 75
HOLD_TIMEOUT_S = 1.0


class ServerState(msgspec.Struct, frozen=True):
    """What a serving child tells about itself; `port` is None until Bolt answers."""

    pid: int
    started_at: float
    bound: bool
    neo4j: str
    port: int | None = None


@dataclass(frozen=True)
class Home:
    """Names the files of one home; whoever holds its lock serves it."""

    folder: Path

    @property
    def password_file(self) -> Path:
        """Only its owner can read it."""
        return self.folder / "password"

    @property
    def log_file(self) -> Path:
        """What the child and its JVM print."""
        return self.folder / "neo4j.log"

    @property
    def server_log_file(self) -> Path:
        """What Neo4j itself logs."""
        return self.folder / "logs" / "debug.log"

    @property
    def crash_log(self) -> Path:
        """Where the JVM writes if it crashes; `%p` becomes its process id."""
        return self.folder / "jvm-crash-%p.log"

    @property
    def import_log(self) -> Path:
        """What Neo4j's offline import tells, where it failed."""
        return self.folder / "import.log"

    @property
    def conf_file(self) -> Path:
        """Neo4j's settings of this start; its tools read it too."""
        return self.folder / "neo4j.conf"

    @property
    def initial_password_file(self) -> Path:
        """Neo4j's own file of the first password, hashed; it is there from the first start on."""
        return self.folder / "data" / "dbms" / "auth.ini"

    @property
    def _state_file(self) -> Path:
        return self.folder / "server.json"

    @property
    def _lock_file(self) -> Path:
        return self.folder / "server.lock"

    def password(self) -> str | None:
        """The password of user `neo4j`, or None before the first start."""
        try:
            return self.password_file.read_text(encoding="ascii")
        except FileNotFoundError:
            return None

    def keep_password(self, password: str) -> None:
        """Write the password into a file that only its owner can read."""
        temporary = self.password_file.with_suffix(".tmp")
        temporary.unlink(missing_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(password)
        temporary.replace(self.password_file)

    def state(self) -> ServerState | None:
        """Who serves the home; None where nobody does, whatever a killed child left behind.

        The kernel frees the lock with its holder, so neither a kill nor a process id that
        somebody else got since can make a dead server look alive.
        """
        if not self._is_held():
            return None
        try:
            return msgspec.json.decode(self._state_file.read_bytes(), type=ServerState)
        except FileNotFoundError:
            return None

    def write_state(self, state: ServerState) -> None:
        """Tell who serves the home, in one step; the caller holds the home."""
        temporary = self._state_file.with_suffix(".tmp")
        temporary.write_bytes(msgspec.json.encode(state))
        temporary.replace(self._state_file)

    def remove_state(self) -> None:
        """Forget who served the home."""
        self._state_file.unlink(missing_ok=True)

    @contextmanager
    def hold(self) -> Iterator[bool]:
        """Hold the home for as long as the process lives; False where another one has it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._lock_file.open("a") as lock:
            yield _take(lock.fileno(), fcntl.LOCK_EX, timeout_s=HOLD_TIMEOUT_S)

    def await_free(self, *, timeout_s: float) -> bool:
        """Wait until nobody serves the home; False where somebody still does."""
        deadline = monotonic() + timeout_s
        while self._is_held():
            if monotonic() >= deadline:
                return False
            sleep(0.05)
        return True

    def _is_held(self) -> bool:
        try:
            with self._lock_file.open("a") as lock:
                return not _take(lock.fileno(), fcntl.LOCK_SH, timeout_s=0)
        except FileNotFoundError:
            return False


def _take(descriptor: int, kind: int, *, timeout_s: float) -> bool:
    """Take a lock on an open file, waiting out those who only look."""
    deadline = monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() >= deadline:
                return False
            sleep(0.02)
        else:
            return True
