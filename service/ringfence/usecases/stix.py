"""Share a ring's hashed identifiers with peers, take theirs in, and say what a peer has seen."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.re_entry import lifetime_of
from ringfence.domain.rings import Evidence, Role
from ringfence.domain.shared_indicators import (
    RANK_BY_TLP,
    SeenByPeer,
    SharedMatch,
    Tlp,
    is_shared,
    shared_hash,
)
from ringfence.errors import Conflict, InvalidInput
from ringfence.logs import get_logger
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Transaction
from ringfence.store.members import MemberOrder, MemberOrderBy, page_members
from ringfence.store.rings import RankAndId
from ringfence.store.shared_indicators import (
    find_indicators,
    forget_indicators,
    revoke_indicators,
    save_indicators,
)
from ringfence.usecases.dossier_gather import read_evidence
from ringfence.usecases.recorded_file import write_recorded
from ringfence.usecases.ring_story import find_ring
from ringfence.usecases.stix_bundle import Hashed, SharedRing, read_bundle, write_bundle

log = get_logger(__name__)

MAX_BUNDLE_BYTES: Final = 64 << 20
MEMBER_PAGE: Final = 5_000
ASKED_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class Sharing:
    """How a ring is shared.

    Attributes:
        secret: that all peers hold.
        producer: who shares, in words.
    """

    secret: bytes
    producer: str
    tlp: Tlp = Tlp.AMBER


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to.

    Attributes:
        added: indicators that were not known of this source.
        kept: those that were told, known before or not.
        revoked: those that the source took back and that were known.
        skipped: indicators that are of another kind.
        expired: of any source, forgotten since they hold no more.
    """

    source: str
    added: int
    kept: int
    revoked: int
    skipped: int
    expired: int


async def export_ring(graph: Graph, ring_id: str, path: Path, sharing: Sharing, *, by: str) -> int:
    """Write the STIX bundle of a ring, and return how many indicators it holds.

    They are the strong and medium identifiers that prove the ring and that core members carry,
    but for public ones and those that more accounts outside carry than members. The audit log
    holds that they were shared before the file is there.

    Raises:
        NotFound: there is no such ring.
        Conflict: it has nothing that may be shared.
        InvalidInput: the file cannot be written.
    """
    ring = await find_ring(graph, ring_id)
    told_at = ring.updated_at or ring.found_at or datetime.now(UTC)
    core = await _carried_by_core(graph, ring.id)
    keys = [key for key in await _shareable(graph, ring.id) if key in core]
    if not keys:
        raise Conflict(
            f"Ring {ring.id} has no strong or medium identifier of its own. There is nothing to "
            "share of it."
        )
    hashed = [
        Hashed(shared_hash(sharing.secret, key), told_at + lifetime_of(key.kind)) for key in keys
    ]
    content = write_bundle(
        SharedRing(
            ring_id=ring.id,
            created_at=ring.found_at or told_at,
            modified_at=told_at,
            producer=sharing.producer,
            tlp=sharing.tlp,
            hashed=hashed,
        )
    )
    detail = {"tlp": sharing.tlp.value, "producer": sharing.producer, "indicators": len(keys)}
    record = AuditRecord(by, AuditAction.INDICATORS_EXPORTED, ring.id, detail)
    await write_recorded(graph, path, content, [record])
    log.info("indicators_exported", ring_id=ring.id, indicators=len(keys), tlp=sharing.tlp.value)
    return len(keys)


async def import_bundle(
    graph: Graph, path: Path, *, by: str, at: datetime | None = None
) -> Imported:
    """Keep the hashed identifiers of a peer's bundle; nothing is done with them but to match.

    Doing it again changes nothing. What holds no more is forgotten.

    Raises:
        InvalidInput: the file cannot be read, or is no STIX bundle of one maker.
    """
    at = at or datetime.now(UTC)
    bundle = read_bundle(_read(path))
    living = [one for one in bundle.indicators if one.valid_until > at]

    async def work(transaction: Transaction) -> tuple[int, int]:
        added = await save_indicators(transaction, bundle.source, living, at=at)
        revoked = await revoke_indicators(transaction, bundle.source, bundle.revoked)
        detail = {"kept": len(living), "added": added, "revoked": revoked}
        action = AuditAction.INDICATORS_IMPORTED
        await append_entry(transaction, AuditRecord(by, action, bundle.source, detail))
        return added, revoked

    added, revoked = await graph.in_write(work)
    expired = await forget_indicators(graph, at=at)
    log.info("indicators_imported", kept=len(living), added=added, skipped=bundle.skipped)
    return Imported(bundle.source, added, len(living), revoked, bundle.skipped, expired)


async def match_shared(
    graph: Graph, ring_id: str, secret: bytes, *, at: datetime | None = None
) -> SharedMatch:
    """How many identifiers of a ring peers have seen; a hint to look, whatever the number.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        secret: that all peers hold.
        at: moment at which the peers' word must hold; None: now.

    Raises:
        NotFound: there is no such ring.
    """
    ring = await find_ring(graph, ring_id)
    hashes = sorted(shared_hash(secret, key) for key in await _shareable(graph, ring.id))
    hashes_by_source: defaultdict[str, set[str]] = defaultdict(set)
    tlp_by_source: dict[str, Tlp] = {}
    for first in range(0, len(hashes), ASKED_AT_ONCE):
        asked = hashes[first : first + ASKED_AT_ONCE]
        for hash_, source, tlp in await find_indicators(graph, asked, at=at or datetime.now(UTC)):
            hashes_by_source[source].add(hash_)
            known = tlp_by_source.get(source, tlp)
            tlp_by_source[source] = max(known, tlp, key=RANK_BY_TLP.__getitem__)
    peers = [
        SeenByPeer(source, tlp_by_source[source], len(seen))
        for source, seen in hashes_by_source.items()
    ]
    return SharedMatch(
        ring_id=ring.id,
        asked=len(hashes),
        seen=len(set().union(*hashes_by_source.values())),
        peers=tuple(sorted(peers, key=lambda peer: (-peer.identifiers, peer.source))),
    )


async def _shareable(graph: Graph, ring_id: str) -> list[IdentifierKey]:
    evidence: list[Evidence] = await read_evidence(graph, ring_id)
    return [piece.key for piece in evidence if is_shared(piece)]


async def _carried_by_core(graph: Graph, ring_id: str) -> set[IdentifierKey]:
    order = MemberOrder(MemberOrderBy.ACCOUNT_ID, Role.CORE)
    carried: set[IdentifierKey] = set()
    after: RankAndId | None = None
    while True:
        found = await page_members(graph, [ring_id], order=order, after=after, limit=MEMBER_PAGE)
        page = found.get(ring_id, [])
        for membership, _ in page:
            carried.update(membership.because)
        if len(page) < MEMBER_PAGE:
            return carried
        after = (0.0, page[-1][0].account_id)


def _read(path: Path) -> bytes:
    try:
        if (size := path.stat().st_size) > MAX_BUNDLE_BYTES:
            raise InvalidInput(
                f"{path} has {size:,} bytes; expected {MAX_BUNDLE_BYTES:,} at the most. Ask the "
                "peer for smaller bundles."
            )
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{path}: {error}. Expected a readable STIX bundle.") from error
