"""Receipts: what the provider's systems say of the actions that they were told of."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

MAX_RECEIPTS: Final = 5_000
MAX_REASON: Final = 500


class ReceiptOutcome(StrEnum):
    """What became of an action."""

    DONE = "done"
    FAILED = "failed"


class ReceiptFate(StrEnum):
    """What became of a receipt."""

    RECORDED = "recorded"
    UNCHANGED = "unchanged"
    SUPERSEDED = "superseded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one action of a takedown.

    Attributes:
        account_id: means the last action of that account; None where the action is named.
        action_id: None where the account is named.
    """

    outcome: ReceiptOutcome
    account_id: str | None = None
    action_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedReceipt:
    """A receipt whose action is known by its account and its number."""

    index: int
    account_id: str
    seq: int
    outcome: ReceiptOutcome
    reason: str | None


def latest(receipts: Sequence[PlacedReceipt]) -> tuple[list[PlacedReceipt], list[int]]:
    """Of each account the receipt of its last action, and the indexes of all others.

    Of two receipts of one action, the later one counts.
    """
    kept: dict[str, PlacedReceipt] = {}
    for one in sorted(receipts, key=lambda one: (one.seq, one.index)):
        kept[one.account_id] = one
    chosen = {one.index for one in kept.values()}
    return list(kept.values()), [one.index for one in receipts if one.index not in chosen]
