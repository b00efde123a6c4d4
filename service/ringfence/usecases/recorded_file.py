"""Files that leave Ringfence: there whole or not at all, and never before the audit log tells."""

from collections.abc import Sequence
from pathlib import Path

from ringfence.domain.audit import AuditRecord
from ringfence.errors import InvalidInput
from ringfence.store.audit_log import append_entry
from ringfence.store.graph import Graph, Transaction


async def write_recorded(
    graph: Graph, path: Path, content: bytes, records: Sequence[AuditRecord]
) -> None:
    """Write a file that its owner alone may read, once the audit log has told of it.

    Args:
        graph: connected and migrated.
        path: of the file; one that is there is replaced.
        content: of the file.
        records: what the log must hold, in order; all of it, or none.

    Raises:
        InvalidInput: the file cannot be written; where its folder cannot, nothing is recorded.
    """

    async def work(transaction: Transaction) -> None:
        for record in records:
            await append_entry(transaction, record)

    waiting = path.with_name(f".{path.name}.part")
    try:
        waiting.touch(mode=0o600)
        waiting.write_bytes(content)
        await graph.in_write(work)
        waiting.replace(path)
    except OSError as error:
        raise InvalidInput(f"{path}: {error}. Name a file that can be written.") from error
    finally:
        waiting.unlink(missing_ok=True)
