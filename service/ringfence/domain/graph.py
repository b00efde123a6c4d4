"""The account graph as columns: what detection reads, whether it comes from Neo4j or from a file.

Every order is fixed (accounts by id, identifiers by kind and value, links by identifier and
account), so equal graphs have equal arrays and equal fingerprints.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import cast

import numpy as np
import numpy.typing as npt

from ringfence.domain.identifiers import IdentifierKey

NO_TIME = np.iinfo(np.int64).min
"""Stands where a time is not known."""

Ints = npt.NDArray[np.int64]
Texts = list[str | None]


@dataclass(frozen=True, slots=True)
class AccountColumns:
    """n accounts, sorted by id; all times in milliseconds since 1970 or `NO_TIME`."""

    ids: list[str]
    first_seen_ms: Ints
    last_seen_ms: Ints
    signed_up_ms: Ints
    email: Texts
    country: Texts
    plan: Texts
    user_agent: Texts
    charges_succeeded: Ints
    charges_declined: Ints
    charges_refunded: Ints
    charges_disputed: Ints
    first_paid_ms: Ints
    last_paid_ms: Ints
    requests: Ints
    tokens: Ints

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class IdentifierColumns:
    """m identifiers, sorted by kind and value; the last columns are empty where they do not apply.

    Attributes:
        funding, bin, country: of payment instruments.
        address_class: of IP addresses, as a dated feed told it: proxy, vpn, carrier, campus, …
    """

    kinds: list[str]
    values: list[str]
    funding: Texts
    bin: Texts
    country: Texts
    address_class: Texts

    def __len__(self) -> int:
        return len(self.kinds)

    def key(self, at: int) -> IdentifierKey:
        """Kind and value of the identifier at that index."""
        return IdentifierKey(self.kinds[at], self.values[at])


@dataclass(frozen=True, slots=True)
class LinkColumns:
    """e links, sorted by identifier and account; indices into the other two tables."""

    account: Ints
    identifier: Ints
    first_seen_ms: Ints
    last_seen_ms: Ints
    events: Ints

    def __len__(self) -> int:
        return len(self.account)


@dataclass(frozen=True)
class AccountGraph:
    """Accounts, identifiers and the links between them."""

    accounts: AccountColumns
    identifiers: IdentifierColumns
    links: LinkColumns

    def fingerprint(self) -> str:
        """128 bits, in hex, over every column: equal graphs have equal fingerprints."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        # Kept: a snapshot is checked by it, detected in and saved with it.
        digest = hashlib.blake2b(digest_size=16)
        for table in (self.accounts, self.identifiers, self.links):
            for column in fields(table):
                digest.update(column.name.encode())
                digest.update(_column_bytes(getattr(table, column.name)))
        return digest.hexdigest()


def _column_bytes(column: Ints | Sequence[str | None]) -> bytes | memoryview:
    if isinstance(column, np.ndarray):
        return np.ascontiguousarray(column, dtype="<i8").data
    try:
        return "\x1f".join(cast("Sequence[str]", column)).encode()
    except TypeError:
        # Some are unknown, or all of them: then no text need be looked at.
        if column.count(None) == len(column):
            return (b"\x00\x1f" * len(column))[:-1]
        return "\x1f".join(["\x00" if text is None else text for text in column]).encode()
