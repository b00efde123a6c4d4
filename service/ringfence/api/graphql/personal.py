"""Personal data in answers: masked, or shown and remembered for the audit log."""

from typing import Final

from ringfence.api.graphql.ids import global_id, identifier_text
from ringfence.domain.access import Principal, Scope
from ringfence.domain.audit import AuditAction, AuditRecord
from ringfence.domain.identifiers import EMAIL, IdentifierKey
from ringfence.domain.masking import is_personal, mask
from ringfence.errors import InvalidInput

REASON_HEADER: Final = "X-Reveal-Reason"
MIN_REASON: Final = 3
MAX_REASON: Final = 500
MAX_IDS: Final = 100
"""Objects of a kind that an audit entry names; the number is told beside them."""


class PersonalData:
    """What one request may see.

    Args:
        principal: who asks, or None.
        reason: why personal data is asked for in full, or None.
    """

    def __init__(self, principal: Principal | None = None, reason: str | None = None) -> None:
        held = principal is not None and Scope.PERSONAL_DATA in principal.scopes
        self._principal = principal
        self._reason = reason if held else None
        self._shown: dict[str, dict[str, None]] = {}

    def email(self, account_id: str, value: str | None) -> str | None:
        """An account's e-mail address, as far as the request may see it."""
        if value is None or self._reason is None:
            return value and mask(IdentifierKey(EMAIL, value))
        self._remember("account_email", account_id)
        return value

    def value(self, key: IdentifierKey) -> str:
        """An identifier's value, as far as the request may see it."""
        if self._reason is None or not is_personal(key.kind):
            return mask(key)
        self._remember(key.kind, global_id("Identifier", identifier_text(key)))
        return key.value

    def words(self, kind: str, object_id: str, text: str) -> str | None:
        """Somebody's own words, or None where the request may not see them.

        Args:
            kind: of words, as the audit log names it.
            object_id: of the object that holds them.
            text: the words.
        """
        if self._reason is None:
            return None
        self._remember(kind, object_id)
        return text

    def _remember(self, kind: str, object_id: str) -> None:
        self._shown.setdefault(kind, {})[object_id] = None

    def record(self, request_id: str) -> AuditRecord | None:
        """What the audit log must hold of what was shown, or None where nothing was."""
        if not self._shown or self._principal is None:
            return None
        kinds = {
            kind: {"objects": len(ids), "ids": list(ids)[:MAX_IDS]}
            for kind, ids in sorted(self._shown.items())
        }
        detail = {"reason": self._reason, "kinds": kinds}
        action = AuditAction.PERSONAL_DATA_REVEALED
        return AuditRecord(self._principal.id, action, request_id, detail)


def read_reason(told: str | None) -> str | None:
    """The reason in the header, or None where there is none.

    Raises:
        InvalidInput: it is shorter or longer than a reason may be.
    """
    if told is None:
        return None
    reason = told.strip()
    if not MIN_REASON <= len(reason) <= MAX_REASON:
        raise InvalidInput(
            f"{REASON_HEADER} has {len(reason)} characters; expected {MIN_REASON} to {MAX_REASON}, "
            "saying why personal data is needed in full."
        )
    return reason
