"""The manifest of a backup: what is in it, of which version, and the hashes that prove it whole."""

from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Final

import msgspec

from ringfence import __version__
from ringfence.errors import InvalidInput

MANIFEST: Final = "manifest.json"
FORMAT: Final = 1


class BackedUpFile(msgspec.Struct, frozen=True, order=True):
    """One file of a backup; `path` is relative to its folder."""

    path: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup is.

    Attributes:
        id: of the backup.
        neo4j: version whose dump it holds.
        migration: number of the last one that the version which made it knows.
    """

    format: int
    id: str
    at: datetime
    ringfence: str
    neo4j: str
    migration: int
    files: tuple[BackedUpFile, ...]


def describe(
    folder: Path, paths: Iterable[Path], *, neo4j: str, migration: int, at: datetime
) -> Manifest:
    """The manifest of some files of a folder.

    Args:
        folder: of the backup.
        paths: below it.
        neo4j: version of the server.
        migration: number of the last one.
        at: UTC.
    """
    files = tuple(sorted(_described(folder, path) for path in paths))
    backup_id = f"backup_{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    return Manifest(FORMAT, backup_id, at, __version__, neo4j, migration, files)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it into the folder that it describes."""
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=1)
    (folder / MANIFEST).write_bytes(text + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a backup, all of whose files are as it says.

    Raises:
        InvalidInput: it is missing or of another form, or a file is missing, changed, or not
            named in it.
    """
    file = folder / MANIFEST
    try:
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
    except (OSError, msgspec.DecodeError) as error:
        raise InvalidInput(
            f"{file}: {error}. Expected a folder that `ringfence backup` wrote."
        ) from error
    if manifest.format != FORMAT:
        raise InvalidInput(
            f"{file} has format {manifest.format}; this version reads {FORMAT}. Restore with the "
            f"Ringfence that wrote it, {manifest.ringfence}, and upgrade then."
        )
    found = (path for path in folder.rglob("*") if path.is_file() and path != file)
    there = {one.path: one for one in (_described(folder, path) for path in found)}
    told = {one.path: one for one in manifest.files}
    if faults := sorted(path for path in {*there, *told} if there.get(path) != told.get(path)):
        raise InvalidInput(
            f"{len(faults)} files of {folder} are not as its manifest says, the first "
            f"{faults[0]}. Take another backup, or fetch this one again."
        )
    return manifest


def _described(folder: Path, path: Path) -> BackedUpFile:
    with path.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    return BackedUpFile(path.relative_to(folder).as_posix(), path.stat().st_size, sha256)
