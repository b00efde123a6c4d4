"""Back up what one machine holds, and bring it back into an empty place."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ringfence import neo4j
from ringfence.errors import Conflict, InvalidInput
from ringfence.logs import get_logger
from ringfence.neo4j.jars import read_lock
from ringfence.screening.journal_segments import SUFFIX
from ringfence.store.migrations import read_migrations
from ringfence.usecases.backup_manifest import Manifest, describe, read_manifest, write_manifest
from ringfence.usecases.screen import JOURNAL

PARTIAL: Final = ".partial"
OWNER_ONLY: Final = 0o700

Progress = Callable[[str], None]
"""Told what is done next."""

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Places:
    """Where what a backup holds lies on this machine.

    Attributes:
        home: of the Neo4j that comes along.
        cache: of its jars.
        screening: folder of the sign-up check.
    """

    home: Path
    cache: Path
    screening: Path


def back_up(places: Places, folder: Path, *, progress: Progress = lambda _: None) -> Manifest:
    """Write the graph and the journal of sign-up checks into a new folder.

    Secrets are not in it: no API key, no identifier secret, no password of Neo4j. Indexes and
    counts of the sign-up check are left out, since they are made anew.

    Args:
        places: of a Neo4j that does not run.
        folder: that is not there yet; only its owner can read it.
        progress: told of each step.

    Raises:
        Conflict: Neo4j runs, or the folder is there.
        InvalidInput: there is no graph to back up.
        EmbeddedNeo4jFailed: Neo4j's tool refused.
    """
    if not holds_graph(places.home):
        raise InvalidInput(
            f"{places.home} holds no graph. Name the folder of the one to back up in "
            "RINGFENCE_HOME."
        )
    if folder.exists():
        raise Conflict(f"{folder} is there already. Name a new folder for each backup.")
    partial = folder.with_name(folder.name + PARTIAL)
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=OWNER_ONLY, parents=True)
    progress("graph")
    files = [neo4j.dump_database(places.home, places.cache, partial)]
    progress("journal")
    files += _copy_segments(places.screening / JOURNAL, partial / JOURNAL)
    progress("hashes")
    manifest = describe(
        partial,
        files,
        neo4j=read_lock().neo4j,
        migration=max(one.number for one in read_migrations()),
        at=datetime.now(UTC).replace(microsecond=0),
    )
    write_manifest(partial, manifest)
    partial.rename(folder)
    log.info("backed_up", backup_id=manifest.id, bytes=sum(one.size for one in manifest.files))
    return manifest


def restore(places: Places, folder: Path, *, progress: Progress = lambda _: None) -> Manifest:
    """Bring a backup back into a home that has no graph, and a folder without a journal.

    Whoever restores erases again who was erased since; see `ringfence.usecases.erased_list`.

    Args:
        places: that are empty.
        folder: that `back_up` wrote; it is checked first, and stays as it is.
        progress: told of each step.

    Raises:
        Conflict: something is there that would be overwritten.
        InvalidInput: the backup is damaged, or of a later version.
        EmbeddedNeo4jFailed: Neo4j's tool refused.
    """
    progress("hashes")
    manifest = read_manifest(folder)
    _expect_known(manifest)
    _expect_empty(places)
    progress("journal")
    _copy_segments(folder / JOURNAL, places.screening / JOURNAL)
    progress("graph")
    neo4j.load_database(places.home, places.cache, folder)
    log.info("restored", backup_id=manifest.id)
    return manifest


def holds_graph(home: Path) -> bool:
    """Whether there is a graph in the home of a Neo4j that comes along."""
    databases = home / "data" / "databases"
    return databases.is_dir() and any(databases.iterdir())


def _expect_known(manifest: Manifest) -> None:
    """Return if this version can read what the backup holds; older ones it brings up to date."""
    ours, newest = read_lock().neo4j, max(one.number for one in read_migrations())
    if _numbers(manifest.neo4j) > _numbers(ours) or manifest.migration > newest:
        raise InvalidInput(
            f"The backup was made by Ringfence {manifest.ringfence} with Neo4j {manifest.neo4j} "
            f"and migration {manifest.migration:04}; this version has Neo4j {ours} and "
            f"{newest:04}. Install that version or a later one, and restore with it."
        )


def _expect_empty(places: Places) -> None:
    if holds_graph(places.home):
        raise Conflict(
            f"{places.home} holds a graph already, and a restore overwrites nothing. Name an empty "
            "folder in RINGFENCE_HOME, or move this one away."
        )
    journal = places.screening / JOURNAL
    if any(journal.glob(f"*{SUFFIX}")):
        raise Conflict(
            f"{journal} holds sign-up checks that wait to be written. Name an empty folder in "
            "RINGFENCE_SCREENING_FOLDER, or move this one away."
        )


def _copy_segments(source: Path, target: Path) -> list[Path]:
    """Copy the files of a journal; each is read as it is at that moment, torn ends are borne."""
    segments = sorted(source.glob(f"*{SUFFIX}"))
    if segments:
        target.mkdir(mode=OWNER_ONLY, parents=True, exist_ok=True)
    return [Path(shutil.copy2(one, target / one.name)) for one in segments]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
