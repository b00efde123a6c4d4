"""Rows in any order assembled into the one sorted account graph."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from itertools import chain
from typing import Any

import numpy as np

from ringfence.domain.folding import AccountFold, Fold, InstrumentFold
from ringfence.domain.graph import (
    NO_TIME,
    AccountColumns,
    AccountGraph,
    IdentifierColumns,
    Ints,
    LinkColumns,
)
from ringfence.domain.identifiers import PAYMENT_INSTRUMENT, IdentifierKey


@dataclass(frozen=True, slots=True)
class KindLinks:
    """Links to identifiers of one kind, one entry a link, in any order."""

    kind: str
    values: Sequence[str]
    account_ids: Sequence[str]
    first_seen_ms: Sequence[int]
    last_seen_ms: Sequence[int]
    events: Sequence[int]


@dataclass(frozen=True, slots=True)
class IdentifierNote:
    """What is known of an identifier beyond its kind and value."""

    funding: str | None = None
    bin: str | None = None
    country: str | None = None
    address_class: str | None = None


_NOTHING_KNOWN = IdentifierNote()


def assemble_graph(
    accounts: AccountColumns,
    links: Iterable[KindLinks],
    notes: Mapping[IdentifierKey, IdentifierNote],
) -> AccountGraph:
    """Sort accounts, identifiers and links and tie them together by index.

    Args:
        accounts: each account once, in any order; every link's account is among them.
        links: each link once; a kind may come in several parts.
        notes: what is known of some identifiers.
    """
    accounts = _sorted_accounts(accounts)
    parts_by_kind: dict[str, list[KindLinks]] = defaultdict(list)
    for part in links:
        parts_by_kind[part.kind].append(part)
    values_by_kind = {
        kind: sorted(set(chain.from_iterable(part.values for part in parts_by_kind[kind])))
        for kind in sorted(parts_by_kind)
    }
    return AccountGraph(
        accounts,
        _identifier_columns(values_by_kind, notes),
        _link_columns(accounts.ids, values_by_kind, parts_by_kind),
    )


def graph_from_fold(
    fold: Fold, notes: Mapping[IdentifierKey, IdentifierNote] | None = None
) -> AccountGraph:
    """The account graph of a fold, with instruments described as their attachment told."""
    described = {
        IdentifierKey(PAYMENT_INSTRUMENT, instrument.id): _instrument_note(instrument)
        for instrument in fold.instruments.values()
    }
    return assemble_graph(
        _account_columns(list(fold.accounts.values())),
        _kind_links(fold),
        described | dict(notes or {}),
    )


def _sorted_accounts(accounts: AccountColumns) -> AccountColumns:
    order = sorted(range(len(accounts)), key=accounts.ids.__getitem__)
    columns: dict[str, Any] = {}
    for column in fields(accounts):
        values = getattr(accounts, column.name)
        columns[column.name] = (
            values[order] if isinstance(values, np.ndarray) else [values[at] for at in order]
        )
    return AccountColumns(**columns)


def _identifier_columns(
    values_by_kind: Mapping[str, list[str]], notes: Mapping[IdentifierKey, IdentifierNote]
) -> IdentifierColumns:
    keys = [
        IdentifierKey(kind, value) for kind, values in values_by_kind.items() for value in values
    ]
    noted = [notes.get(key, _NOTHING_KNOWN) for key in keys]
    return IdentifierColumns(
        kinds=[key.kind for key in keys],
        values=[key.value for key in keys],
        funding=[note.funding for note in noted],
        bin=[note.bin for note in noted],
        country=[note.country for note in noted],
        address_class=[note.address_class for note in noted],
    )


def _link_columns(
    account_ids: Sequence[str],
    values_by_kind: Mapping[str, list[str]],
    parts_by_kind: Mapping[str, Sequence[KindLinks]],
) -> LinkColumns:
    account_at = {account_id: at for at, account_id in enumerate(account_ids)}
    account, identifier, first, last, events = ([] for _ in range(5))
    offset = 0
    for kind, values in values_by_kind.items():
        identifier_at = {value: offset + at for at, value in enumerate(values)}
        offset += len(values)
        for part in parts_by_kind[kind]:
            account.append(_indices(account_at, part.account_ids))
            identifier.append(_indices(identifier_at, part.values))
            first.append(np.asarray(part.first_seen_ms, dtype=np.int64))
            last.append(np.asarray(part.last_seen_ms, dtype=np.int64))
            events.append(np.asarray(part.events, dtype=np.int64))
    columns = [_joined(column) for column in (account, identifier, first, last, events)]
    order = np.lexsort((columns[0], columns[1]))
    return LinkColumns(*(column[order] for column in columns))


def _indices(at_by_key: Mapping[str, int], keys: Sequence[str]) -> Ints:
    return np.fromiter(map(at_by_key.__getitem__, keys), dtype=np.int64, count=len(keys))


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def _instrument_note(instrument: InstrumentFold) -> IdentifierNote:
    data = instrument.data
    return IdentifierNote(funding=data.funding, bin=data.bin, country=data.country)


def _account_columns(accounts: Sequence[AccountFold]) -> AccountColumns:
    def ints(values: Iterable[int | None]) -> Ints:
        known = (NO_TIME if value is None else value for value in values)
        return np.fromiter(known, dtype=np.int64, count=len(accounts))

    def charges(outcome: str) -> Ints:
        return ints(account.charges.get(outcome, 0) for account in accounts)

    def texts(name: str) -> list[str | None]:
        return [getattr(account.sign_up, name, None) for account in accounts]

    return AccountColumns(
        ids=[account.id for account in accounts],
        first_seen_ms=ints(account.first_seen_ms for account in accounts),
        last_seen_ms=ints(account.last_seen_ms for account in accounts),
        signed_up_ms=ints(account.signed_up and account.signed_up[0] for account in accounts),
        email=texts("email"),
        country=texts("country"),
        plan=texts("plan"),
        user_agent=texts("user_agent"),
        charges_succeeded=charges("succeeded"),
        charges_declined=charges("declined"),
        charges_refunded=charges("refunded"),
        charges_disputed=charges("disputed"),
        first_paid_ms=ints(account.first_paid_ms for account in accounts),
        last_paid_ms=ints(account.last_paid_ms for account in accounts),
        requests=ints(
            sum(used[0] for used in account.usage_by_day.values()) for account in accounts
        ),
        tokens=ints(sum(used[1] for used in account.usage_by_day.values()) for account in accounts),
    )


def _kind_links(fold: Fold) -> list[KindLinks]:
    rows_by_kind: dict[str, list[tuple[str, str, int, int, int]]] = defaultdict(list)
    for (key, account_id), link in fold.links.items():
        rows_by_kind[key.kind].append(
            (key.value, account_id, link.first_seen_ms, link.last_seen_ms, link.events)
        )
    return [KindLinks(kind, *zip(*rows, strict=True)) for kind, rows in rows_by_kind.items()]
