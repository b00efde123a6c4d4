"""Verify a dossier without a database: its files, its hashes, and what it concludes."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import msgspec

from ringfence import __version__
from ringfence.domain.dossiers import Dossier
from ringfence.errors import InvalidInput
from ringfence.usecases.dossier_package import (
    DOSSIER,
    MANIFEST,
    Package,
    bound,
    decode,
    encode,
    pack,
)
from ringfence.usecases.dossier_recompute import first_fault, not_concluded

FILES: Final = (DOSSIER, "members.csv", "links.csv", "report.html", MANIFEST)
MAX_BYTES: Final = 1 << 30


@dataclass(frozen=True, slots=True)
class DossierVerdict:
    """What a look at a dossier came to.

    Attributes:
        root: the hash that stands for its files; None where they cannot be told apart.
        ring_id: of the ring; None where it cannot be read.
        fault: the first that was found, in words; None: it is as it was made.
        not_concluded: what its facts do not suffice to conclude again.
    """

    root: str | None
    ring_id: str | None
    fault: str | None
    not_concluded: tuple[str, ...] = ()


def verify_file(path: Path, *, root: str | None = None) -> DossierVerdict:
    """Verify the dossier in a file; see `verify_dossier`.

    Raises:
        InvalidInput: the file cannot be read, or is too large to be a dossier.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InvalidInput(
                f"{path} has {path.stat().st_size:,} bytes; expected {MAX_BYTES:,} at the most. "
                "Is it a dossier?"
            )
        content = path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: {error}. Expected a readable dossier.") from error
    return verify_dossier(content, root=root)


def verify_dossier(content: bytes, *, root: str | None = None) -> DossierVerdict:
    """Look at files, hashes and conclusions of a dossier, and name the first fault.

    Args:
        content: the zip.
        root: the hash that it must have, such as the audit log tells; None: any.
    """
    try:
        files = _read(content)
    except _Fault as fault:
        return DossierVerdict(None, None, str(fault))
    made = bound({name: files[name] for name in FILES if name != MANIFEST})
    if unbound := _fault_in_manifest(files, made) or _fault_in_zip(content, files):
        return DossierVerdict(made.root, None, unbound)
    if root is not None and root.strip().lower() != made.root:
        return DossierVerdict(made.root, None, f"the root hash is {made.root}, expected {root}")
    try:
        dossier = decode(files[DOSSIER])
    except msgspec.DecodeError as error:
        return DossierVerdict(made.root, None, f"{DOSSIER}: {error}")
    ring_id = dossier.ring.id
    if untrue := _fault_in_dossier(dossier, files):
        return DossierVerdict(made.root, ring_id, untrue)
    return DossierVerdict(made.root, ring_id, None, not_concluded(dossier))


class _Fault(Exception):
    """What is wrong with the zip."""


def _read(content: bytes) -> Mapping[str, bytes]:
    """Its files by name; nothing is unpacked that could be larger than the zip."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            _check_entries(archive.infolist())
            return {name: archive.read(name) for name in FILES}
    # A damaged zip makes the library fail in many ways, all of which say that it is damaged.
    except (BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        raise _Fault(f"the zip is damaged: {error}") from error


def _check_entries(entries: list[ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if missing := [name for name in FILES if name not in names]:
        raise _Fault(f"{missing[0]} is missing")
    if extra := [name for name in names if name not in FILES]:
        raise _Fault(f"{extra[0][:80]} is not a file of a dossier")
    if len(names) > len(FILES):
        raise _Fault("a file is there twice")
    if any(entry.compress_type != ZIP_STORED for entry in entries):
        raise _Fault("the zip is compressed; a dossier's is not")


def _fault_in_manifest(files: Mapping[str, bytes], made: Package) -> str | None:
    """The first file that the manifest does not tell as it is."""
    if files[MANIFEST] == made.files[MANIFEST]:
        return None
    try:
        told = msgspec.json.decode(files[MANIFEST], type=_Manifest)
    except msgspec.DecodeError as error:
        return f"{MANIFEST}: {error}"
    is_ = msgspec.json.decode(made.files[MANIFEST], type=_Manifest)
    hash_by_name = {one.name: (one.sha256, one.size) for one in told.files}
    for one in is_.files:
        if hash_by_name.get(one.name) != (one.sha256, one.size):
            return f"{one.name} is not what the manifest tells: its SHA-256 is {one.sha256}"
    if told.root != made.root:
        return f"{MANIFEST}: the root hash is {told.root[:80]}, the files give {made.root}"
    return f"{MANIFEST} is not written as it was made"


def _fault_in_zip(content: bytes, files: Mapping[str, bytes]) -> str | None:
    if Package(files, "").zipped() != content:
        return "the zip is not written as it was made, though its files are"
    return None


def _fault_in_dossier(dossier: Dossier, files: Mapping[str, bytes]) -> str | None:
    """The first conclusion that does not follow, or file that is not made of the facts."""
    if encode(dossier) != files[DOSSIER]:
        return f"{DOSSIER} holds more than a dossier does, or is not written as it was made"
    if fault := first_fault(dossier):
        return f"{DOSSIER}: {fault}"
    expected = pack(dossier).files
    for name in FILES:
        if expected[name] != files[name]:
            by = f" (it was made by version {dossier.version})"
            told = by if dossier.version != __version__ else ""
            return f"{name} is not what the facts give{told}"
    return None


class _ManifestFile(msgspec.Struct):
    name: str
    sha256: str
    size: int


class _Manifest(msgspec.Struct):
    format: str
    files: list[_ManifestFile]
    root: str
