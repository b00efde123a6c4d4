"""The allow and the block list: identifiers that people vouch for or refuse, for some days."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from ringfence.domain.identifiers import (
    EMAIL,
    IP,
    IdentifierKey,
    normalise_kind,
    normalise_value,
)
from ringfence.domain.mailboxes import canonical_email
from ringfence.domain.networks import NetworkTable, is_network, normalise_network
from ringfence.domain.screenings import Attempt
from ringfence.errors import InvalidInput

EMAIL_DOMAIN: Final = "email_domain"
"""Kind of an entry that stands for all e-mail addresses of exactly that domain."""
MAX_WORDS: Final = 1_000
DAY_MS: Final = 86_400_000
_EPOCH: Final = date(1970, 1, 1).toordinal()


class ListName(StrEnum):
    """Which list an entry is on."""

    ALLOW = "allow"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class ListEntry:
    """One identifier on a list; outside its days it does nothing.

    Attributes:
        key: normalised; an `ip` may be a network, an `email_domain` stands for its addresses, and
            an `email` for its mailbox in any spelling.
        reason: why it is there.
        owner: who says so and keeps the entry true.
        ends: last day, in UTC.
        begins: first day, in UTC; None: ever since.
        version: from 1 for each list and key.
    """

    list_name: ListName
    key: IdentifierKey
    reason: str
    owner: str
    ends: date
    begins: date | None = None
    version: int = 0


def read_entry(
    list_name: ListName,
    kind: str,
    value: str,
    *,
    reason: str,
    owner: str,
    until: date | None,
    begins: date | None = None,
) -> ListEntry:
    """An entry in its one spelling.

    Raises:
        InvalidInput: a field is empty, too long or impossible, or there is no last day; the message
            names the field.
    """
    where = f"{list_name.value} list"
    if until is None:
        raise InvalidInput(f"{where}, until: got nothing; expected the last day, as YYYY-MM-DD.")
    if begins and until < begins:
        raise InvalidInput(f"{where}, until: {until} lies before from, {begins}. Correct it.")
    return ListEntry(
        list_name=list_name,
        key=read_key(list_name, kind, value),
        reason=_words(f"{where}, reason", reason),
        owner=_words(f"{where}, owner", owner),
        ends=until,
        begins=begins,
    )


def read_key(list_name: ListName, kind: str, value: str) -> IdentifierKey:
    """Kind and value of an entry in their one spelling.

    Raises:
        InvalidInput: one of them is impossible; the message names it.
    """
    field = "kind"
    try:
        spelled = normalise_kind(kind)
        field = "value"
        return IdentifierKey(spelled, _value(spelled, value))
    except ValueError as error:
        raise InvalidInput(f"{list_name.value} list, {field}: {error}. Correct it.") from None


class Lists:
    """All entries, found by key: a hundred thousand cost a look-up no more than ten.

    Args:
        entries: the living ones; of one list and key, the last one holds.
    """

    def __init__(self, entries: Iterable[ListEntry] = ()) -> None:
        self.entries = tuple(entries)
        self._index_by_list = {
            name: _Index(entry for entry in self.entries if entry.list_name is name)
            for name in ListName
        }

    def __len__(self) -> int:
        return len(self.entries)

    def find(self, list_name: ListName, attempt: Attempt) -> ListEntry | None:
        """The first entry of a list that holds for an attempt on its day, or None.

        The attempt's identifiers are looked at in their order, each itself before what it is part
        of, and narrow networks before wide ones.
        """
        index = self._index_by_list[list_name]
        if not index:
            return None
        today = _EPOCH + attempt.at_ms // DAY_MS
        for entry in index.candidates(attempt):
            begins = entry.begins
            if today <= entry.ends.toordinal() and (begins is None or begins.toordinal() <= today):
                return entry
        return None


class _Index:
    """Entries of one list by key, and its networks by address."""

    def __init__(self, entries: Iterable[ListEntry]) -> None:
        last = {entry.key: entry for entry in entries}.values()
        self._networks = NetworkTable(
            (entry.key.value, entry) for entry in last if is_network(entry.key)
        )
        self._by_key: defaultdict[tuple[str, str], list[ListEntry]] = defaultdict(list)
        for entry in last:
            if not is_network(entry.key):
                self._by_key[_mailbox(*entry.key)].append(entry)
        self._has_domains = any(kind == EMAIL_DOMAIN for kind, _ in self._by_key)

    def __bool__(self) -> bool:
        return bool(self._by_key) or bool(self._networks)

    def candidates(self, attempt: Attempt) -> Iterator[ListEntry]:
        """Entries for what an attempt carries, whatever their days."""
        for key in _keys(attempt):
            yield from self._by_key.get(_mailbox(*key), ())
            if self._has_domains and key[0] == EMAIL:
                domain = key[1].rpartition("@")[2].strip().lower()
                yield from self._by_key.get((EMAIL_DOMAIN, domain), ())
            if self._networks and key[0] == IP:
                yield from self._networks.around(key[1])


def _mailbox(kind: str, value: str) -> tuple[str, str]:
    """The key itself, but of an e-mail address that of its mailbox."""
    return (EMAIL, canonical_email(value)) if kind == EMAIL else (kind, value)


def _keys(attempt: Attempt) -> Iterator[tuple[str, str]]:
    """Its identifiers; the e-mail address too where it is not among them."""
    has_email = False
    for key in attempt.keys:
        has_email = has_email or key[0] == EMAIL
        yield key
    if attempt.email and not has_email:
        yield EMAIL, attempt.email


def _value(kind: str, value: str) -> str:
    if kind == IP and "/" in value:
        return normalise_network(value.strip())
    spelled = normalise_value(kind, value)
    if kind != EMAIL_DOMAIN:
        return spelled
    domain = spelled.lower().removeprefix("@").rstrip(".")
    if "@" in domain or not domain:
        raise ValueError("expected a domain such as mailhub.example")
    return domain


def _words(field: str, text: str) -> str:
    words = text.strip()
    if not 1 <= len(words) <= MAX_WORDS:
        raise InvalidInput(
            f"{field}: got {len(words):,} characters; expected 1 to {MAX_WORDS:,}. Correct it."
        )
    return words
