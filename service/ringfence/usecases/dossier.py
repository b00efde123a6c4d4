"""Make the dossier of a ring: a file that proves it elsewhere, and a record that it was made."""

from dataclasses import dataclass
from pathlib import Path

from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.dossiers import MAX_REASON
from ringfence.errors import InvalidInput
from ringfence.logs import get_logger
from ringfence.store.graph import Graph
from ringfence.usecases.dossier_gather import Asking, gather_dossier
from ringfence.usecases.dossier_package import pack
from ringfence.usecases.recorded_file import write_recorded

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MadeDossier:
    """What was made.

    Attributes:
        root: the hash that stands for its files; the audit log holds it too.
    """

    ring_id: str
    members: int
    root: str
    size: int


async def make_dossier(
    graph: Graph, ring_id: str, path: Path, asking: Asking, *, by: str, reason: str = ""
) -> MadeDossier:
    """Write the dossier of a ring to a file; the audit log holds its root hash.

    Equal graphs give equal files. The file is there whole, or not at all, and never before the log
    tells of it.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        path: of the file; one that is there is replaced.
        asking: moment, secret, and whether values are told in full.
        by: who asks.
        reason: why; needed where values are told in full.

    Raises:
        InvalidInput: values are to be told in full without a reason, or the file cannot be written.
        NotFound: there is no such ring, or there was none at that moment.
        Conflict: it has no members, or a run wrote it while it was read.
    """
    _check_reason(reason, needed=asking.reveal)
    dossier = await gather_dossier(graph, ring_id, asking)
    package = pack(dossier)
    content = package.zipped()
    records = _records(dossier.ring.id, package.root, asking, by=by, reason=reason)
    await write_recorded(graph, path, content, records)
    members = len(dossier.members.account_ids)
    log.info("dossier_made", ring_id=dossier.ring.id, members=members, root=package.root)
    return MadeDossier(dossier.ring.id, members, package.root, len(content))


def _records(ring_id: str, root: str, asking: Asking, *, by: str, reason: str) -> list[AuditRecord]:
    detail = {
        "root": root,
        "as_of": asking.as_of and asking.as_of.isoformat(),
        "revealed": asking.reveal,
        "reason": reason.strip(),
    }
    actions = [AuditAction.DOSSIER_MADE]
    if asking.reveal:
        actions.insert(0, AuditAction.PERSONAL_DATA_REVEALED)
    return [AuditRecord(by, action, ring_id, detail) for action in actions]


def _check_reason(reason: str, *, needed: bool) -> None:
    length = len(reason.strip())
    if length > MAX_REASON or (needed and not length):
        raise InvalidInput(
            f"The reason of the dossier has {length} characters; expected 1 to {MAX_REASON}, "
            "saying why personal data is needed in full."
        )
