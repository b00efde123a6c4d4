"""Accounts taken out of an account graph, or put into it in place of others; it stays in order."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import compress
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from ringfence.domain.graph import (
    AccountColumns,
    AccountGraph,
    IdentifierColumns,
    Ints,
    LinkColumns,
)
from ringfence.domain.ordering import order_graph

Flags = npt.NDArray[np.bool_]
Table = TypeVar("Table", AccountColumns, IdentifierColumns, LinkColumns)


def take_accounts(graph: AccountGraph, chosen: Flags) -> AccountGraph:
    """The graph of some accounts, with their links and what they lead to.

    Args:
        graph: to take from.
        chosen: (n,) which accounts.
    """
    links = _chosen(graph.links, chosen[graph.links.account])
    links = replace(links, account=(np.cumsum(chosen) - 1)[links.account])
    return order_graph(_chosen(graph.accounts, chosen), graph.identifiers, links)


def replace_accounts(graph: AccountGraph, kept: Flags, new: AccountGraph) -> AccountGraph:
    """The graph with the accounts of another one in place of those that are not kept.

    What both know of an identifier, the new one knows better. Sorted rows are put among sorted
    ones, so that the time goes into copying.

    Args:
        graph: to change.
        kept: (n,) accounts that stay.
        new: other accounts than those that stay.
    """
    accounts = _chosen(graph.accounts, kept)
    links = _chosen(graph.links, kept[graph.links.account])
    account_at = _Places.of([bisect_left(accounts.ids, one) for one in new.accounts.ids], kept)
    used = np.zeros(len(graph.identifiers), dtype=bool)
    used[links.identifier] = True
    met = [_meet(graph.identifiers, *key) for key in _keys(new.identifiers)]
    known = np.array([is_known for _, is_known in met], dtype=bool)
    at = np.array([at for at, _ in met], dtype=np.int64)
    used[at[known]] = True
    identifiers = _chosen(_corrected(graph.identifiers, at, known, new.identifiers), used)
    strange = _chosen(new.identifiers, ~known)
    identifier_at = _Places.of(np.append(0, np.cumsum(used))[at[~known]].tolist(), used)
    places = np.empty(len(new.identifiers), dtype=np.int64)
    places[known] = identifier_at.old[at[known]]
    places[~known] = identifier_at.new
    return AccountGraph(
        _among(accounts, new.accounts, account_at.cuts),
        _among(identifiers, strange, identifier_at.cuts),
        _links_among(
            replace(
                links,
                account=account_at.old[links.account],
                identifier=identifier_at.old[links.identifier],
            ),
            replace(
                new.links,
                account=account_at.new[new.links.account],
                identifier=places[new.links.identifier],
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Places:
    """Where rows come to stand when new ones are put among those that stay.

    Attributes:
        old: by row before any left; of those that left it means nothing.
        new: by new row.
        cuts: by new row, how many of those that stay stand before it; rising.
    """

    old: Ints
    new: Ints
    cuts: list[int]

    @classmethod
    def of(cls, cuts: list[int], kept: Flags) -> "_Places":
        at = np.array(cuts, dtype=np.int64)
        rank = np.cumsum(kept) - 1
        return cls(rank + np.searchsorted(at, rank, side="right"), at + np.arange(len(at)), cuts)


def _links_among(links: LinkColumns, new: LinkColumns) -> LinkColumns:
    width = max(int(links.account.max(initial=0)), int(new.account.max(initial=0))) + 1
    order = np.lexsort((new.account, new.identifier))
    new = LinkColumns(**{c.name: getattr(new, c.name)[order] for c in fields(new)})
    cuts = np.searchsorted(
        links.identifier * width + links.account, new.identifier * width + new.account
    )
    return _among(links, new, cuts.tolist())


def _chosen(table: Table, chosen: Flags) -> Table:
    columns: dict[str, Any] = {}
    picked = chosen.tolist()
    for column in fields(table):
        values = getattr(table, column.name)
        is_array = isinstance(values, np.ndarray)
        columns[column.name] = values[chosen] if is_array else list(compress(values, picked))
    return type(table)(**columns)


def _among(table: Table, new: Table, cuts: list[int]) -> Table:
    """New rows among others, each after so many of them."""
    columns: dict[str, Any] = {}
    for column in fields(table):
        one, other = getattr(table, column.name), getattr(new, column.name)
        is_array = isinstance(one, np.ndarray)
        columns[column.name] = (
            np.insert(one, cuts, other) if is_array else _texts_among(one, other, cuts)
        )
    return type(table)(**columns)


def _texts_among(texts: list[Any], new: list[Any], cuts: list[int]) -> list[Any]:
    whole: list[Any] = []
    done = 0
    for text, cut in zip(new, cuts, strict=True):
        whole += texts[done:cut]
        whole.append(text)
        done = cut
    whole += texts[done:]
    return whole


def _keys(identifiers: IdentifierColumns) -> Sequence[tuple[str, str]]:
    return list(zip(identifiers.kinds, identifiers.values, strict=True))


def _meet(known: IdentifierColumns, kind: str, value: str) -> tuple[int, bool]:
    """Where the identifier stands or would stand, and whether it is there."""
    low = bisect_left(known.kinds, kind)
    high = bisect_right(known.kinds, kind, lo=low)
    at = bisect_left(known.values, value, low, high)
    return at, at < high and known.values[at] == value


def _corrected(
    known: IdentifierColumns, at: Ints, is_known: Flags, new: IdentifierColumns
) -> IdentifierColumns:
    """What is told of those that both know, as the new one tells it."""
    columns: dict[str, Any] = {}
    rows = list(zip(at[is_known].tolist(), np.flatnonzero(is_known).tolist(), strict=True))
    for column in fields(known):
        texts = list(getattr(known, column.name))
        told = getattr(new, column.name)
        for row, other in rows:
            texts[row] = told[other]
        columns[column.name] = texts
    return IdentifierColumns(**columns)
