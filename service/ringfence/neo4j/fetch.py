"""Brings Neo4j's jars into the cache by the lock: verified, and once for all runs of the user."""

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Final

import msgspec
from filelock import FileLock
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from ringfence.errors import EmbeddedNeo4jFailed
from ringfence.logs import get_logger
from ringfence.neo4j.download import Advance, Downloader
from ringfence.neo4j.jars import Jar, jars_folder, read_lock

DOWNLOADS_AT_ONCE: Final = 8

log = get_logger(__name__)


def fetch_jars(cache: Path, jars: Sequence[Jar] | None = None) -> None:
    """Make sure that every jar lies verified in the cache.

    A jar that is there is trusted while its size and its time of change are those of its last
    full check; otherwise it is hashed again, and fetched again where the hash is another.

    Args:
        cache: the user's cache folder; made where it is missing.
        jars: left out: all of the lock.

    Raises:
        EmbeddedNeo4jFailed: a jar is missing and cannot be fetched, or is not the one of the lock.
    """
    jars = read_lock().jars if jars is None else jars
    folder = jars_folder(cache)
    try:
        if not _unsound(folder, jars):
            return
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "fetch.lock"):
            _fetch(folder, _unsound(folder, jars))
    except OSError as error:
        raise EmbeddedNeo4jFailed(
            f"The cache folder {folder} cannot be used: {error}. Free it, or name another one in "
            "RINGFENCE_CACHE."
        ) from error


def _unsound(folder: Path, jars: Sequence[Jar]) -> list[Jar]:
    """The jars that are missing, or of another content than the lock says."""
    checked = _read_checked(folder)
    sound: dict[str, int] = {}
    unsound = []
    for jar in jars:
        changed = _sound_since(folder / jar.filename, jar, checked)
        if changed is None:
            unsound.append(jar)
        else:
            sound[jar.filename] = changed
    if not sound.items() <= checked.items():
        _write_checked(folder, sound)
    return unsound


def _sound_since(path: Path, jar: Jar, checked: dict[str, int]) -> int | None:
    """Time of change, in nanoseconds, of a file that is the jar; None where it is not."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if found.st_size != jar.size:
        return None
    if checked.get(jar.filename) == found.st_mtime_ns:
        return found.st_mtime_ns
    with path.open("rb") as file:
        met = hashlib.file_digest(file, "sha256").hexdigest()
    return found.st_mtime_ns if met == jar.sha256 else None


def _fetch(folder: Path, jars: Sequence[Jar]) -> None:
    """Download beside the cache, verify, move into place; the caller holds the lock."""
    if not jars:
        return
    began = monotonic()
    staging = folder / "staging"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        fetched = _download_all(jars, folder, staging)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    _write_checked(folder, fetched)
    took_ms = round((monotonic() - began) * 1000)
    log.info("neo4j_jars_fetched", jars=len(jars), took_ms=took_ms)


def _download_all(jars: Sequence[Jar], folder: Path, staging: Path) -> dict[str, int]:
    """Time of change, in nanoseconds, of each jar now in the cache; the first failure ends it."""

    def bring(jar: Jar) -> tuple[str, int]:
        staged = staging / jar.filename
        downloader.download(jar, staged, advance)
        target = staged.replace(folder / jar.filename)
        return jar.filename, target.stat().st_mtime_ns

    with (
        closing(Downloader(connections=DOWNLOADS_AT_ONCE)) as downloader,
        _progress(sum(jar.size for jar in jars)) as advance,
        ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool,
    ):
        downloads = [pool.submit(bring, jar) for jar in jars]
        try:
            return dict(download.result() for download in downloads)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _progress(size: int) -> Iterator[Advance]:
    """A bar on standard error, on a terminal only."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task(f"Fetching Neo4j {read_lock().neo4j}, once", total=size)
        yield lambda count: progress.advance(task, count)


def _read_checked(folder: Path) -> dict[str, int]:
    """Time of change, in nanoseconds, of each jar at its last full check."""
    try:
        return msgspec.json.decode((folder / "checked.json").read_bytes(), type=dict[str, int])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}


def _write_checked(folder: Path, checked: dict[str, int]) -> None:
    """Remember full checks; where that fails they are only made again."""
    temporary = folder / f"checked.{os.getpid()}.tmp"
    with suppress(OSError):
        temporary.write_bytes(msgspec.json.encode(_read_checked(folder) | checked))
        temporary.replace(folder / "checked.json")
