"""Identifiers that are known to be shared by people who have nothing to do with each other."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from ringfence.domain.identifiers import IdentifierKey


@dataclass(frozen=True, slots=True)
class KnownShared:
    """One identifier that proves nothing for some days: a campus address, a library's computer.

    Attributes:
        key: an `ip` may be a network, which stands for each address in it.
        reason: what it is.
        owner: who says so and keeps the entry true.
        begins: first day, in UTC; None: ever since.
        ends: last day, in UTC; None: until told otherwise.
    """

    key: IdentifierKey
    reason: str
    owner: str
    begins: date | None = None
    ends: date | None = None


KnownSharedList = Collection[KnownShared]


def keys_on(entries: KnownSharedList, day: date) -> frozenset[IdentifierKey]:
    """Identifiers that are on the list on a day."""
    return frozenset(
        entry.key
        for entry in entries
        if (entry.begins or date.min) <= day <= (entry.ends or date.max)
    )
