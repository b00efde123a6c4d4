"""Tables in any order brought into the one order of the account graph."""

from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from ringfence.domain.graph import (
    AccountColumns,
    AccountGraph,
    IdentifierColumns,
    Ints,
    LinkColumns,
)

Table = TypeVar("Table", AccountColumns, IdentifierColumns, LinkColumns)


def order_graph(
    accounts: AccountColumns, identifiers: IdentifierColumns, links: LinkColumns
) -> AccountGraph:
    """The account graph of tables whose rows are in any order; links point into the other two.

    Args:
        accounts: each account once.
        identifiers: each identifier once; those without a link are left out.
        links: each pair of account and identifier once.
    """
    account_order = np.array(
        sorted(range(len(accounts)), key=accounts.ids.__getitem__), dtype=np.int64
    )
    identifier_order = _identifier_order(identifiers, links)
    account = _places(account_order, len(accounts))[links.account]
    identifier = _places(identifier_order, len(identifiers))[links.identifier]
    link_order = np.lexsort((account, identifier))
    return AccountGraph(
        _taken(accounts, account_order),
        _taken(identifiers, identifier_order),
        LinkColumns(
            account[link_order],
            identifier[link_order],
            links.first_seen_ms[link_order],
            links.last_seen_ms[link_order],
            links.events[link_order],
        ),
    )


def _identifier_order(identifiers: IdentifierColumns, links: LinkColumns) -> Ints:
    """(m,) identifiers that have links, by kind and value."""
    at_by_kind: dict[str, list[int]] = {}
    for at in np.unique(links.identifier).tolist():
        at_by_kind.setdefault(identifiers.kinds[at], []).append(at)
    value_of = identifiers.values.__getitem__
    order = [at for kind in sorted(at_by_kind) for at in sorted(at_by_kind[kind], key=value_of)]
    return np.array(order, dtype=np.int64)


def _places(order: Ints, size: int) -> Ints:
    """(size,) where the order puts each row."""
    places = np.zeros(size, dtype=np.int64)
    places[order] = np.arange(len(order))
    return places


def _taken(table: Table, order: Ints) -> Table:
    """The rows of a table in that order."""
    places = order.tolist()
    columns: dict[str, Any] = {}
    for column in fields(table):
        values = getattr(table, column.name)
        columns[column.name] = (
            values[order] if isinstance(values, np.ndarray) else [values[at] for at in places]
        )
    return type(table)(**columns)
