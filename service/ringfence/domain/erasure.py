"""Erasure: what is known of an account that is to be forgotten, and the proof that it was."""

import re
from base64 import b64encode
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import orjson

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.re_entry import hash_of

ERASED: Final = "[erased]"
"""What stands in a text where a word was."""
LEAST_WORD: Final = 3
"""Shorter words are left in texts: they mean too many other things."""
_HASHED_KIND: Final = "erased account"
_RUN: Final = re.compile(r"\w+")


class ErasureOutcome(StrEnum):
    """What became of one account that was to be erased."""

    ERASED = "erased"
    HELD = "held"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """Proof that an account was erased; it does not tell which one to who lacks the secret.

    Attributes:
        account_hash: keyed hash of the account's id.
        by: id of the principal.
        finished_at: None while it is not finished; the same erasure again does the rest.
        taken: how much was taken away, by kind.
        audit_seq: number of the entry of the audit log that tells of it.
    """

    id: str
    account_hash: str
    by: str
    reason: str
    begun_at: datetime
    taken: Mapping[str, int]
    finished_at: datetime | None = None
    audit_seq: int | None = None


@dataclass(frozen=True, slots=True)
class AccountErasure:
    """What became of one account.

    Attributes:
        receipt: of an erased one.
        hold_id: of the legal hold that keeps a held one.
    """

    account_id: str
    outcome: ErasureOutcome
    receipt: ErasureReceipt | None = None
    hold_id: str | None = None


def account_hash(secret: bytes, account_id: str) -> str:
    """The keyed hash that stands for the id of an erased account, in hex."""
    return hash_of(secret, IdentifierKey(_HASHED_KIND, account_id)).hex()


def names_of(account_id: str) -> tuple[str, str]:
    """How texts call an account: by its id, or by the opaque one that the API gives it."""
    return account_id, b64encode(f"Account:{account_id}".encode()).decode()


class Redaction:
    """Takes words out of texts, however many words there are: each text is read once.

    A word is found where no letter, digit or underscore stands right beside it, in any case.

    Args:
        owner_by_word: whose word each is; those shorter than `LEAST_WORD` are passed over.
    """

    def __init__(self, owner_by_word: Mapping[str, str]) -> None:
        self._words_by_start: defaultdict[str, list[str]] = defaultdict(list)
        self._owner_by_word = owner_by_word
        for word in owner_by_word:
            if len(word) >= LEAST_WORD and (start := _RUN.search(word)):
                self._words_by_start[start.group().casefold()].append(word)

    def of_text(self, text: str) -> tuple[str, set[str]]:
        """The text without the words, and whose they were."""
        owners = set()
        starts = {run.casefold() for run in _RUN.findall(text)}
        found = (word for one in starts for word in self._words_by_start.get(one, ()))
        for word in sorted(found, key=len, reverse=True):
            pattern = rf"(?<!\w){re.escape(word)}(?!\w)"
            text, times = re.subn(pattern, ERASED, text, flags=re.IGNORECASE)
            if times:
                owners.add(self._owner_by_word[word])
        return text, owners

    def of_json(self, text: str) -> tuple[str, set[str]]:
        """JSON whose strings are without the words, and whose they were."""
        owners: set[str] = set()
        try:
            redacted = self._of_value(orjson.loads(text), owners)
        except orjson.JSONDecodeError:
            return self.of_text(text)
        return (orjson.dumps(redacted, option=orjson.OPT_SORT_KEYS).decode() if owners else text), (
            owners
        )

    def _of_value(self, value: Any, owners: set[str]) -> Any:  # noqa: ANN401 - any JSON
        if isinstance(value, str):
            redacted, of_value = self.of_text(value)
            owners |= of_value
            return redacted
        if isinstance(value, dict):
            return {
                self._of_value(key, owners): self._of_value(one, owners)
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [self._of_value(one, owners) for one in value]
        return value


def sum_up(counts: Iterable[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    """Counts by account and kind, from (account, kind, count)."""
    total: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for account_id, kind, count in counts:
        if count:
            total[account_id][kind] += count
    return {account_id: dict(by_kind) for account_id, by_kind in total.items()}
