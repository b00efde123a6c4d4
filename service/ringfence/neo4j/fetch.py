"""Fetches Neo4j's jars by the lock into the cache, verified, once for all runs of the user."""

import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock
from jgo.config import GlobalSettings
from jgo.maven import MavenContext, PythonResolver
from requests import RequestException
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from ringfence.errors import EmbeddedNeo4jFailed
from ringfence.neo4j.jars import Jar, JarLock, jars_folder, read_lock

DOWNLOADS_AT_ONCE: Final = 8

logging.getLogger("jgo").addHandler(logging.NullHandler())

Advance = Callable[[int], None]


def fetch_jars(cache_folder: Path, *, lock: JarLock | None = None) -> list[Path]:
    """Make sure that every jar of the lock lies verified in the cache.

    A jar already there is trusted while its size and its time of change are those of its last
    full check; otherwise it is hashed again, and fetched again where the hash is not the lock's.

    Returns:
        The jars, in the order of the class path.

    Raises:
        EmbeddedNeo4jFailed: a jar is missing and cannot be fetched, or is not the one of the lock.
    """
    lock = lock or read_lock()
    folder = jars_folder(cache_folder)
    if not _unsound(folder, lock.jars):
        return lock.paths(cache_folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "fetch.lock"):
            missing = _unsound(folder, lock.jars)
            if missing:
                _fetch(folder, missing, lock)
    except OSError as error:
        raise EmbeddedNeo4jFailed(
            f"The cache folder {folder} cannot be written: {error}. "
            "Free the folder, or name another one in RINGFENCE_CACHE."
        ) from error
    return lock.paths(cache_folder)


def _unsound(folder: Path, jars: Sequence[Jar]) -> list[Jar]:
    """The jars that are missing, or of another content than the lock says."""
    checked = _read_checked(folder)
    unsound, rehashed = [], {}
    for jar in jars:
        try:
            found = (folder / jar.filename).stat()
        except FileNotFoundError:
            unsound.append(jar)
            continue
        if found.st_size == jar.size and checked.get(jar.filename) == found.st_mtime_ns:
            continue
        if found.st_size != jar.size or _sha256(folder / jar.filename) != jar.sha256:
            unsound.append(jar)
            continue
        rehashed[jar.filename] = found.st_mtime_ns
    if rehashed:
        _write_checked(folder, checked | rehashed)
    return unsound


def _fetch(folder: Path, jars: Sequence[Jar], lock: JarLock) -> None:
    """Download into a staging folder, verify, move into place; the caller holds the lock."""
    staging = folder / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    try:
        with _progress(lock.neo4j, sum(jar.size for jar in jars)) as advance:
            context = _maven(staging, advance)
            with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
                downloads = [pool.submit(_fetch_one, context, folder, jar) for jar in jars]
                try:
                    fetched = dict(download.result() for download in downloads)
                except BaseException:
                    pool.shutdown(cancel_futures=True)
                    raise
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _write_checked(folder, _read_checked(folder) | fetched)


def _maven(staging: Path, advance: Advance) -> MavenContext:
    """The resolver, with the mirrors that the user's own settings of it name."""

    @contextmanager
    def advancing(_filename: str, _size: int) -> Iterator[Advance]:
        yield advance

    return MavenContext(
        resolver=PythonResolver(progress_callback=advancing),
        repo_cache=staging,
    )


def _fetch_one(context: MavenContext, folder: Path, jar: Jar) -> tuple[str, int]:
    """Download one jar, verify it and move it into the cache.

    Returns:
        Its name and its time of change in nanoseconds.
    """
    component = context.project(jar.group, jar.artifact).at_version(jar.version)
    try:
        staged = component.artifact(jar.classifier).resolve()
    except (RequestException, RuntimeError) as error:
        raise EmbeddedNeo4jFailed(
            f"Neo4j is not in the cache yet and {jar.filename} could not be fetched "
            f"({type(error).__name__}). Connect to the network once and start again, or set "
            "RINGFENCE_NEO4J_URI, RINGFENCE_NEO4J_USER and RINGFENCE_NEO4J_PASSWORD "
            "to use a Neo4j you already have."
        ) from error
    met = _sha256(staged)
    if met != jar.sha256:
        raise EmbeddedNeo4jFailed(
            f"{jar.filename} was fetched with sha256 {met}, expected {jar.sha256}. It was not "
            "kept. Start again; if this stays, the mirror in use serves another file."
        )
    target = folder / jar.filename
    staged.replace(target)
    return jar.filename, target.stat().st_mtime_ns


@contextmanager
def _progress(version: str, size: int) -> Iterator[Advance]:
    """A bar on standard error, on a terminal only."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"Fetching Neo4j {version}, once", total=size)
        yield lambda count: progress.advance(task, count)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_checked(folder: Path) -> dict[str, int]:
    """Time of change, in nanoseconds, of each jar at its last full check."""
    try:
        return msgspec.json.decode((folder / "checked.json").read_bytes(), type=dict[str, int])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def _write_checked(folder: Path, checked: dict[str, int]) -> None:
    temporary = folder / f"checked.{os.getpid()}.tmp"
    temporary.write_bytes(msgspec.json.encode(checked))
    temporary.replace(folder / "checked.json")
