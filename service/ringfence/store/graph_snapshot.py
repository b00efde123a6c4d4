"""The account graph read in part: a snapshot on disk, and from Neo4j only what changed since.

An account carries a mark that is drawn anew with every change to it or its links. Marks are read
before what they stand for, so that a change meanwhile shows at the next reading at the latest.
Changed accounts are locked while they are read: no transaction is then half in place. What is read
so equals a reading of the whole graph, byte for byte; where a check fails, all is read.
"""

import asyncio
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.domain.graph import AccountGraph, IdentifierColumns, Ints, Texts
from ringfence.domain.identifiers import IP
from ringfence.domain.joining import replace_accounts, take_accounts
from ringfence.logs import get_logger
from ringfence.store.account_graph import (
    find_database,
    find_size,
    read_classes,
    read_marks,
    read_numbered,
    read_some_accounts,
)
from ringfence.store.graph import Graph
from ringfence.store.snapshot_files import Snapshot, open_snapshot, save_snapshot

Flags = npt.NDArray[np.bool_]

SETTLED_AFTER_S: Final = 1.0
"""A transaction that has shown one of its marks has all else in place after so long."""
BATCH_ACCOUNTS: Final = 2_000
"""Accounts that are locked at once."""
MOST_CHANGED: Final = 0.2
"""Part of the accounts from which reading all is quicker."""
CHECKED: Final = 200
"""Accounts that have not changed, by their marks, and are read again to see whether that is so."""

log = get_logger(__name__)


async def read_current_graph(graph: Graph, folder: Path | None) -> AccountGraph:
    """The account graph as it is now, equal to what `read_account_graph` gives.

    Args:
        graph: connected and migrated.
        folder: of the snapshot, which is renewed; None: all is read and nothing kept.

    Raises:
        Conflict: nodes were deleted meanwhile.
        LimitExceeded: it took too long.
    """
    if folder is None:
        return (await read_numbered(graph))[0]
    database = await find_database(graph)
    known = await asyncio.to_thread(open_snapshot, folder, database)
    current = await _renew(graph, known) if known else None
    if current is None:
        current = await _read_whole(graph, database)
    if current is not known:
        try:
            await asyncio.to_thread(save_snapshot, current, folder)
        except OSError as error:
            log.warning("snapshot_not_saved", reason=str(error))
    return current.graph


async def _read_whole(graph: Graph, database: str) -> Snapshot:
    nodes, marks = await read_marks(graph, accounts=(await find_size(graph))[0])
    await asyncio.sleep(SETTLED_AFTER_S)
    read, number_by_id = await read_numbered(graph)
    own = np.array([number_by_id[account_id] for account_id in read.accounts.ids], dtype=np.int64)
    return Snapshot(read, own, _marks_of(own, nodes, marks), database)


async def _renew(graph: Graph, known: Snapshot) -> Snapshot | None:
    """The snapshot as it would be if all were read now; None where that is in doubt or no gain."""
    size = await find_size(graph)
    nodes, marks = await read_marks(graph, accounts=size[0])
    same = known.marks == _marks_of(known.nodes, nodes, marks)
    same &= known.marks >= 0
    changed = nodes[~np.isin(nodes, known.nodes[same])]
    if len(changed) > max(MOST_CHANGED * len(nodes), BATCH_ACCOUNTS):
        return None
    checked = _some_of(known.nodes[same])
    batches = np.array_split(
        np.concatenate([changed, checked]), (len(changed) + CHECKED) // BATCH_ACCOUNTS + 1
    )
    parts = [_Part(*await read_some_accounts(graph, batch)) for batch in batches]
    classes = await read_classes(graph)
    settled = size == await find_size(graph)
    now = await asyncio.to_thread(_joined, parts)
    current = await asyncio.to_thread(_put_together, known, same, now, classes)
    if current is None or (settled and _size_of(current.graph) != (size[0], size[1])):
        log.warning("snapshot_in_doubt", accounts=len(nodes), changed=len(changed))
        return None
    log.info("snapshot_renewed", accounts=len(nodes), changed=len(changed), checked=len(checked))
    return current


@dataclass(frozen=True, slots=True)
class _Part:
    """Some accounts as they are now, with numbers and marks in the order of the graph."""

    graph: AccountGraph
    nodes: Ints
    marks: Ints


def _joined(parts: Sequence[_Part]) -> _Part:
    """All parts as one; no account is in two of them."""
    whole = parts[0]
    for part in parts[1:]:
        everybody = np.ones(len(whole.nodes), dtype=bool)
        whole = _replaced(whole, everybody, part)
    return whole


def _replaced(known: _Part, kept: Flags, new: _Part) -> _Part:
    ids = [*compress(known.graph.accounts.ids, kept.tolist()), *new.graph.accounts.ids]
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return _Part(
        replace_accounts(known.graph, kept, new.graph),
        np.concatenate([known.nodes[kept], new.nodes])[order],
        np.concatenate([known.marks[kept], new.marks])[order],
    )


def _put_together(
    known: Snapshot, same: Flags, now: _Part, classes: Mapping[str, str]
) -> Snapshot | None:
    """What is known and still the same, and the changed accounts; None where the check fails."""
    unchanged = now.marks == _marks_of(now.nodes, known.nodes[same], known.marks[same])
    among = np.isin(known.nodes, now.nodes[unchanged])
    if not _are_alike(take_accounts(known.graph, among), take_accounts(now.graph, unchanged)):
        return None
    graph, nodes, marks = known.graph, known.nodes, known.marks
    # An account that changed between both readings is among those read now.
    kept = same & ~np.isin(known.nodes, now.nodes[~unchanged])
    if not kept.all() or not unchanged.all():
        changed = _Part(
            take_accounts(now.graph, ~unchanged), now.nodes[~unchanged], now.marks[~unchanged]
        )
        whole = _replaced(_Part(graph, nodes, marks), kept, changed)
        graph, nodes, marks = whole.graph, whole.nodes, whole.marks
    identifiers = _with_classes(graph.identifiers, classes)
    if identifiers is not graph.identifiers:
        graph = replace(graph, identifiers=identifiers)
    return known if graph is known.graph else Snapshot(graph, nodes, marks, known.database)


def _are_alike(known: AccountGraph, now: AccountGraph) -> bool:
    """Whether accounts and links are equal; what is told of identifiers may have changed."""

    def plain(graph: AccountGraph) -> str:
        unknown: Texts = [None] * len(graph.identifiers)
        bare = replace(
            graph.identifiers,
            funding=unknown,
            bin=unknown,
            country=unknown,
            address_class=unknown,
        )
        return replace(graph, identifiers=bare).fingerprint()

    return plain(known) == plain(now)


def _with_classes(identifiers: IdentifierColumns, classes: Mapping[str, str]) -> IdentifierColumns:
    """The same where no class of an address has changed."""
    start = bisect_left(identifiers.kinds, IP)
    end = bisect_right(identifiers.kinds, IP, lo=start)
    told: Texts = [classes.get(address) for address in identifiers.values[start:end]]
    if told == identifiers.address_class[start:end]:
        return identifiers
    unknown: Texts = [None] * len(identifiers)
    return replace(identifiers, address_class=[*unknown[:start], *told, *unknown[end:]])


def _marks_of(wanted: Ints, nodes: Ints, marks: Ints) -> Ints:
    """Mark of each wanted number, -1 where it is not among the numbers."""
    order = np.argsort(nodes)
    at = np.searchsorted(nodes, wanted, sorter=order)
    found = at < len(nodes)
    found[found] = nodes[order[at[found]]] == wanted[found]
    told = np.full(len(wanted), -1, dtype=np.int64)
    told[found] = marks[order[at[found]]]
    return told


def _some_of(nodes: Ints) -> Ints:
    """A few of the numbers, others each time."""
    dice = np.random.default_rng()
    return dice.choice(nodes, min(CHECKED, len(nodes)), replace=False)


def _size_of(graph: AccountGraph) -> tuple[int, int]:
    return len(graph.accounts), len(graph.links)
