"""Downloads one jar of the lock from the repositories that the resolver knows."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from jgo.config import GlobalSettings
from jgo.maven import MavenContext
from requests import RequestException, Session
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from ringfence.errors import EmbeddedNeo4jFailed
from ringfence.neo4j.jars import Jar

CONNECT_TIMEOUT_S: Final = 10.0
READ_TIMEOUT_S: Final = 30.0
CHUNK_BYTES: Final = 1 << 16
BUSY_STATUSES: Final = (429, 502, 503, 504)

Advance = Callable[[int], None]
"""Told of each piece that arrives, in bytes."""


class Downloader:
    """Connections kept open from jar to jar; shared by threads.

    The resolver gives the repositories and the layout. Its own download opens two new
    connections a jar, which costs twenty times the work.
    """

    def __init__(self, *, connections: int) -> None:
        self._session = Session()
        retry = Retry(total=4, connect=1, backoff_factor=0.5, status_forcelist=BUSY_STATUSES)
        adapter = HTTPAdapter(pool_maxsize=connections, max_retries=retry)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._maven = MavenContext(remote_repos=_repositories())

    def close(self) -> None:
        """Close all connections."""
        self._session.close()

    def download(self, jar: Jar, target: Path, advance: Advance) -> None:
        """Write one jar from the first repository that gives it; another file is refused.

        Raises:
            EmbeddedNeo4jFailed: no repository gave it, or one gave another file.
        """
        failures = []
        for name, repository in self._maven.remote_repos.items():
            try:
                met = self._write(f"{repository}/{self._path(jar)}", target, advance)
            except RequestException as error:
                failures.append(f"{name}: {_short(error)}")
            else:
                if met != jar.sha256:
                    raise _another_file(jar, met)
                return
        raise _not_fetched(jar, ", ".join(failures))

    def _write(self, url: str, target: Path, advance: Advance) -> str:
        """Stream a file into the target and take its sha256 on the way."""
        digest = hashlib.sha256()
        timeouts = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S)
        with self._session.get(url, stream=True, timeout=timeouts) as response:
            response.raise_for_status()
            with target.open("wb") as file:
                for chunk in response.iter_content(CHUNK_BYTES):
                    file.write(chunk)
                    digest.update(chunk)
                    advance(len(chunk))
        return digest.hexdigest()

    def _path(self, jar: Jar) -> str:
        component = self._maven.project(jar.group, jar.artifact).at_version(jar.version)
        return f"{component.path_prefix.as_posix()}/{component.artifact(jar.classifier).filename}"


def _repositories() -> dict[str, str]:
    """Those of the user's own settings of the resolver, then the resolver's default."""
    chosen: dict[str, str] = GlobalSettings.load().repositories
    default: dict[str, str] = MavenContext().remote_repos
    return chosen | {name: url for name, url in default.items() if name not in chosen}


def _short(error: RequestException) -> str:
    if error.response is not None:
        return f"HTTP {error.response.status_code}"
    return type(error).__name__


def _another_file(jar: Jar, met: str) -> EmbeddedNeo4jFailed:
    return EmbeddedNeo4jFailed(
        f"{jar.filename} was fetched with sha256 {met}, expected {jar.sha256}. It was not kept. "
        "Start again; if this stays, a mirror in use serves another file."
    )


def _not_fetched(jar: Jar, met: str) -> EmbeddedNeo4jFailed:
    return EmbeddedNeo4jFailed(
        f"Neo4j is not in the cache yet, and {jar.filename} could not be fetched: {met}. Connect "
        "to the network once and start again, or set RINGFENCE_NEO4J_URI, RINGFENCE_NEO4J_USER "
        "and RINGFENCE_NEO4J_PASSWORD to use a Neo4j you already have."
    )
