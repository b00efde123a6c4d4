"""Pruned tables made into the arrays that detection reads, in the order of one machine."""

from dataclasses import fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ringfence.detection.links import SharedLinks
from ringfence.domain.graph import (
    NO_TIME,
    AccountColumns,
    AccountGraph,
    IdentifierColumns,
    Ints,
    LinkColumns,
    Texts,
)
from ringfence.domain.identifiers import EMAIL, IP, PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.errors import Conflict
from ringfence.spark.pruning import PrunedTables

_DESCRIBED: Final = ("funding", "bin", "address_class")


class Accounts:
    """The accounts of an export, sorted by id, and where each node stands among them."""

    def __init__(self, tables: Path) -> None:
        table = pq.read_table(tables / "accounts").sort_by("id")
        nodes = table["node"].to_numpy()
        self._order = np.argsort(nodes)
        self._nodes = nodes[self._order]
        columns: dict[str, Any] = {"ids": table["id"].to_pylist()}
        for column in fields(AccountColumns)[1:]:
            told = table[column.name]
            if pa.types.is_string(told.type):
                columns[column.name] = told.to_pylist()
            else:
                columns[column.name] = pc.fill_null(told, int(NO_TIME)).to_numpy()
        self.columns = AccountColumns(**columns)

    def places(self, nodes: pa.ChunkedArray) -> Ints:
        """Index of the account of each node.

        Raises:
            Conflict: one is not there.
        """
        wanted = nodes.to_numpy()
        at = np.searchsorted(self._nodes, wanted)
        if len(wanted) and not np.array_equal(self._nodes[at % len(self._nodes)], wanted):
            raise Conflict("The export holds links of accounts that it lacks. Write it again.")
        places: Ints = self._order[at]
        return places


def shared_links_of(pruned: PrunedTables, accounts: Accounts) -> SharedLinks:
    """The links of shared identifiers, as `shared_links` finds them in the whole graph."""
    kinds = tuple(sorted({*pruned.kinds, EMAIL}))
    shared = pruned.shared.combine_chunks()
    fresh = _begins(shared)
    firsts = shared.take(pa.array(np.flatnonzero(fresh)))
    identifier = np.cumsum(fresh) - 1
    account = accounts.places(shared["account"])
    order = np.lexsort((account, identifier))
    names = firsts["kind"].to_pylist()
    keys = list(map(IdentifierKey, names, firsts["value"].to_pylist()))
    code = {kind: at for at, kind in enumerate(kinds)}
    return SharedLinks(
        account=account[order],
        identifier=identifier[order],
        first_seen_ms=shared["first_seen_ms"].to_numpy()[order],
        last_seen_ms=shared["last_seen_ms"].to_numpy()[order],
        events=shared["events"].to_numpy()[order],
        kind=np.array([code[name] for name in names], dtype=np.int64),
        degree=np.bincount(identifier, minlength=len(keys)),
        trust=np.ones(len(keys)),
        keys=keys,
        kinds=kinds,
        own=_own_counts(pruned.own, accounts, kinds),
    )


def described_graph(pruned: PrunedTables, accounts: Accounts) -> AccountGraph:
    """The accounts, and an identifier for each different description of what they used.

    Equal descriptions are one identifier: traits ask what an account's cards and addresses are,
    and not which.
    """
    told = pruned.descriptions
    kind = pc.equal(told["kind"], PAYMENT_INSTRUMENT).to_numpy().astype(np.int64)
    codes, texts = [kind], {}
    for name in _DESCRIBED:
        names = pc.drop_null(pc.unique(told[name])).sort()
        texts[name] = names.to_pylist()
        code = pc.index_in(told[name], names)
        codes.append(pc.fill_null(code, -1).to_numpy().astype(np.int64))
    rows, identifier = np.unique(np.stack(codes), axis=1, return_inverse=True)
    account = accounts.places(told["account"])
    order = np.lexsort((account, identifier))
    nothing = np.zeros(len(order), dtype=np.int64)
    count = rows.shape[1]
    unknown: Texts = [None] * count
    described = {
        name: [texts[name][at] if at >= 0 else None for at in rows[place].tolist()]
        for place, name in enumerate(_DESCRIBED, start=1)
    }
    return AccountGraph(
        accounts.columns,
        IdentifierColumns(
            kinds=[PAYMENT_INSTRUMENT if at else IP for at in rows[0].tolist()],
            values=[str(at) for at in range(count)],
            country=unknown,
            **described,
        ),
        LinkColumns(account[order], identifier[order], nothing, nothing, nothing),
    )


def _begins(shared: pa.Table) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """(e,) whether the row is the first of its identifier."""
    fresh = np.ones(len(shared), dtype=bool)
    if len(shared) > 1:
        other = [pc.not_equal(shared[n][1:], shared[n][:-1]) for n in ("kind", "value")]
        fresh[1:] = pc.or_(*other).to_numpy()
    return fresh


def _own_counts(own: pa.Table, accounts: Accounts, kinds: tuple[str, ...]) -> Ints:
    """(kinds, n) identifiers of that kind that the account alone carries."""
    counts = np.zeros((len(kinds), len(accounts.columns)), dtype=np.int64)
    code = pc.index_in(own["kind"], pa.array(kinds)).to_numpy().astype(np.int64)
    counts[code, accounts.places(own["account"])] = own["own"].to_numpy()
    return counts
