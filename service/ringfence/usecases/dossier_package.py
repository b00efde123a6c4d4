"""The files of a dossier, the manifest that binds them, and the zip that carries them.

Equal dossiers give equal bytes on every machine: times in the zip are fixed, the order is fixed,
and nothing is compressed, since compressors of two machines differ.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

import msgspec
import orjson

from ringfence.domain.dossiers import Dossier, identifiers_by_member, why_member
from ringfence.usecases.dossier_report import render_report

DOSSIER: Final = "dossier.json"
MANIFEST: Final = "manifest.json"
MANIFEST_FORMAT: Final = "ringfence.manifest/1"
_MEMBER_COLUMNS: Final = "account_id,role,strength,why,email,signed_up_at,exchanges,tokens"
_LINK_COLUMNS: Final = "account_id,identifier,kind,value,hash,first_seen_at,last_seen_at,events"
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip can tell."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""First letters that make a spreadsheet compute what stands in a cell."""


@dataclass(frozen=True, slots=True)
class Package:
    """A dossier as files.

    Attributes:
        files: content by name, in the order of the zip.
        root: one hash that stands for all of them, in hex.
    """

    files: Mapping[str, bytes]
    root: str

    def zipped(self) -> bytes:
        """The zip that carries them."""
        stream = BytesIO()
        with ZipFile(stream, "w", ZIP_STORED) as archive:
            for name, content in self.files.items():
                archive.writestr(_entry(name), content)
        return stream.getvalue()


def pack(dossier: Dossier) -> Package:
    """The files of a dossier, the manifest last."""
    return bound(
        {
            DOSSIER: encode(dossier),
            "members.csv": _members_csv(dossier),
            "links.csv": _links_csv(dossier),
            "report.html": render_report(dossier).encode(),
        }
    )


def bound(contents: Mapping[str, bytes]) -> Package:
    """Files with the manifest that binds them."""
    told = {
        "format": MANIFEST_FORMAT,
        "files": [
            {"name": name, "sha256": sha256(content).hexdigest(), "size": len(content)}
            for name, content in sorted(contents.items())
        ],
    }
    root = sha256(_canonical(told)).hexdigest()
    return Package({**contents, MANIFEST: _canonical(told | {"root": root})}, root)


def encode(dossier: Dossier) -> bytes:
    """Canonical JSON: equal dossiers give equal bytes."""
    return _canonical(dossier)


def decode(content: bytes) -> Dossier:
    """The dossier that JSON tells.

    Raises:
        msgspec.DecodeError: it is no JSON, or no dossier of this format.
    """
    return msgspec.json.decode(content, type=Dossier)


def _canonical(facts: object) -> bytes:
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS)


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, _EARLIEST)
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _members_csv(dossier: Dossier) -> bytes:
    members = dossier.members
    carried = identifiers_by_member(dossier.links, len(members.account_ids))
    rows = zip(
        map(_cell, members.account_ids),
        members.roles,
        members.strengths,
        (_cell(why_member(dossier.evidence, places)) for places in carried),
        map(_cell, members.emails),
        map(_time, members.signed_up_ms),
        members.exchanges,
        members.tokens,
        strict=True,
    )
    return _csv(_MEMBER_COLUMNS, rows)


def _links_csv(dossier: Dossier) -> bytes:
    links, evidence = dossier.links, dossier.evidence
    rows = (
        (
            _cell(dossier.members.account_ids[member]),
            at + 1,
            _cell(evidence.kinds[at]),
            _cell(evidence.values[at]),
            evidence.hashes[at],
            _time(first),
            _time(last),
            events,
        )
        for member, at, first, last, events in zip(
            links.members,
            links.evidence,
            links.first_seen_ms,
            links.last_seen_ms,
            links.events,
            strict=True,
        )
    )
    return _csv(_LINK_COLUMNS, rows)


def _csv(columns: str, rows: Iterable[Iterable[object]]) -> bytes:
    lines = StringIO(newline="")
    lines.write(f"{columns}\n")
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue().encode()


def _cell(text: str | None) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text and text.startswith(_FORMULA) else text or ""


def _time(at_ms: int | None) -> str:
    if at_ms is None:
        return ""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
