"""Appeals: an account says that it was acted on wrongly, and a person decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from ringfence.domain.identifiers import IdentifierKey

MAX_STATEMENT: Final = 5_000
MAX_REASON: Final = 2_000

Discounts = Mapping[IdentifierKey, int]
"""How often each identifier was overturned: it alone had tied an account that was given right."""
NO_DISCOUNTS: Final[Discounts] = MappingProxyType({})


class AppealState(StrEnum):
    """Where an appeal is: it waits, the act was upheld, or it was overturned."""

    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class AppealDecision(StrEnum):
    """What becomes of the act: it is upheld and holds, or overturned and taken back."""

    UPHELD = "upheld"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class Appeal:
    """One account's word against what one takedown did to it.

    Attributes:
        action_id: of what the provider's systems were told to do; None where they were told
            nothing, as the account had a stricter standing already.
        opened_by, decided_by: ids of principals.
        statement: the account's own words, which are personal data.
        reason: of the decision.
    """

    id: str
    account_id: str
    takedown_id: str
    action_id: str | None
    state: AppealState
    opened_at: datetime
    opened_by: str
    statement: str
    decided_at: datetime | None = None
    decided_by: str | None = None
    reason: str | None = None
