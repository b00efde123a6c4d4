"""Entries of the audit log, and the chain of hashes that shows whether any was touched."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final

import orjson

GENESIS: Final = "0" * 64
"""What the first entry names as the hash before it."""


class AuditAction(StrEnum):
    """What is recorded."""

    KEY_CREATED = "key_created"
    KEY_ROTATED = "key_rotated"
    KEY_REVOKED = "key_revoked"
    RING_CONFIRMED = "ring_confirmed"
    RING_DISMISSED = "ring_dismissed"
    NOTE_ADDED = "note_added"
    RING_ASSIGNED = "ring_assigned"
    INVESTIGATION_SAVED = "investigation_saved"
    INVESTIGATION_DELETED = "investigation_deleted"
    OUTCOME_REPORTED = "outcome_reported"
    PERSONAL_DATA_REVEALED = "personal_data_revealed"
    POLICY_SAVED = "policy_saved"
    POLICY_ENFORCED = "policy_enforced"
    POLICY_SHADOWED = "policy_shadowed"
    POLICY_RETIRED = "policy_retired"
    LIST_ENTRY_ADDED = "list_entry_added"
    LIST_ENTRY_REMOVED = "list_entry_removed"
    TAKEDOWN_PLANNED = "takedown_planned"
    TAKEDOWN_APPROVED = "takedown_approved"
    TAKEDOWN_VOIDED = "takedown_voided"
    TAKEDOWN_STARTED = "takedown_started"
    TAKEDOWN_WAVE_DONE = "takedown_wave_done"
    TAKEDOWN_PAUSED = "takedown_paused"
    TAKEDOWN_RESUMED = "takedown_resumed"
    TAKEDOWN_STOPPED = "takedown_stopped"
    TAKEDOWN_RENEWED = "takedown_renewed"
    TAKEDOWN_ACCOUNTS_UNDONE = "takedown_accounts_undone"
    TAKEDOWN_UNDO_BEGUN = "takedown_undo_begun"
    TAKEDOWN_UNDONE = "takedown_undone"
    TAKEDOWNS_HALTED = "takedowns_halted"
    TAKEDOWNS_RELEASED = "takedowns_released"
    STANDINGS_TOLD = "standings_told"
    ACCOUNT_ERASED = "account_erased"
    ERASURE_REFUSED = "erasure_refused"
    LEGAL_HOLD_PLACED = "legal_hold_placed"
    LEGAL_HOLD_LIFTED = "legal_hold_lifted"
    RETENTION_RUN = "retention_run"
    DOSSIER_MADE = "dossier_made"
    STATEMENT_MADE = "statement_made"
    INDICATORS_EXPORTED = "indicators_exported"
    INDICATORS_IMPORTED = "indicators_imported"
    WEBHOOK_ADDED = "webhook_added"
    WEBHOOK_ROTATED = "webhook_rotated"
    WEBHOOK_REMOVED = "webhook_removed"
    WEBHOOK_DISABLED = "webhook_disabled"
    WEBHOOK_ENABLED = "webhook_enabled"
    WEBHOOK_REPLAYED = "webhook_replayed"
    RECEIPTS_TAKEN = "receipts_taken"
    APPEAL_OPENED = "appeal_opened"
    APPEAL_UPHELD = "appeal_upheld"
    APPEAL_OVERTURNED = "appeal_overturned"
    BACKUP_RESTORED = "backup_restored"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """Something that somebody did.

    Attributes:
        actor: id of the principal.
        subject: id of what it was done to.
        detail: what else is to be known; JSON values only, never personal data.
    """

    actor: str
    action: AuditAction
    subject: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A record in its place of the chain.

    Attributes:
        seq: from 1, without gaps.
        at: UTC, to the millisecond.
        detail: canonical JSON.
        previous_hash: hash of the entry before, or `GENESIS`.
        hash: SHA-256 of all the others in canonical JSON, in hex.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: str
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainHead:
    """What the log itself says of its last entry."""

    seq: int = 0
    hash: str = GENESIS


class FaultKind(StrEnum):
    """What is wrong with an entry."""

    MISSING = "missing"
    CHANGED = "changed"
    REORDERED = "reordered"


@dataclass(frozen=True, slots=True)
class ChainFault:
    """The first entry that is not as it was written."""

    seq: int
    kind: FaultKind


def canonical(facts: object) -> str:
    """JSON with sorted keys and no blanks: equal facts give equal text."""
    return orjson.dumps(facts, option=orjson.OPT_SORT_KEYS).decode()


def chained(record: AuditRecord, head: ChainHead, at: datetime) -> AuditEntry:
    """The entry that follows a head.

    Args:
        record: what is to be recorded.
        head: of the chain so far.
        at: UTC, to the millisecond.
    """
    seq, detail = head.seq + 1, canonical(dict(record.detail))
    told = (seq, at, record.actor, record.action.value, record.subject, detail, head.hash)
    return AuditEntry(*told, hash=_hash(*told))


def hash_of(entry: AuditEntry) -> str:
    """The hash that the entry must bear."""
    return _hash(
        entry.seq,
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
        entry.previous_hash,
    )


class ChainCheck:
    """Looks at entries in order, page by page, until one is not as it was written."""

    def __init__(self) -> None:
        self.head = ChainHead()

    def fault_in(self, entry: AuditEntry) -> ChainFault | None:
        """What is wrong with the entry that should come next, or None."""
        expected = self.head.seq + 1
        if entry.seq > expected:
            return ChainFault(expected, FaultKind.MISSING)
        if entry.hash != hash_of(entry):
            return ChainFault(entry.seq, FaultKind.CHANGED)
        if entry.seq < expected or entry.previous_hash != self.head.hash:
            return ChainFault(entry.seq, FaultKind.REORDERED)
        self.head = ChainHead(entry.seq, entry.hash)
        return None

    def fault_at_end(self, head: ChainHead) -> ChainFault | None:
        """What is wrong with the end, by what the log says of its last entry."""
        if head.seq > self.head.seq:
            return ChainFault(self.head.seq + 1, FaultKind.MISSING)
        if head != self.head:
            return ChainFault(self.head.seq, FaultKind.CHANGED)
        return None


def _hash(
    seq: int, at: datetime, actor: str, action: str, subject: str, detail: str, previous: str
) -> str:
    told = {
        "seq": seq,
        "at": at.isoformat(timespec="milliseconds"),
        "actor": actor,
        "action": action,
        "subject": subject,
        "detail": detail,
        "previous_hash": previous,
    }
    return sha256(canonical(told).encode()).hexdigest()
