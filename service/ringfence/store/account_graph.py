"""The account graph read out of Neo4j, as columns."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from functools import partial
from itertools import accumulate
from typing import Final
from uuid import uuid4

import numpy as np

from ringfence.domain.graph import (
    NO_TIME,
    AccountColumns,
    AccountGraph,
    IdentifierColumns,
    Ints,
    LinkColumns,
    Texts,
)
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT
from ringfence.domain.ordering import order_graph
from ringfence.errors import Conflict
from ringfence.store.graph import Graph, Row, Transaction

READ_TIMEOUT_S: Final = 1800.0
CHUNK_SIZE: Final = 10_000
"""Nodes or links that make one row of an answer."""
PART_SIZE: Final = 500_000
"""Nodes or links that one statement returns; it bounds the memory of both sides."""

LOCKING_TIMEOUT_S: Final = 600.0
"""Long, since loaders may hold the locks of many accounts."""

_ABSENT: Final = uuid4().hex
"""Stands for a text that is not known; no event can tell it, since it is drawn anew each start."""
_NEVER: Final = int(np.iinfo(np.int64).max)


async def read_account_graph(
    graph: Graph, *, as_of: datetime | None = None, timeout_s: float = READ_TIMEOUT_S
) -> AccountGraph:
    """Accounts, identifiers and links, equal to those folded from the same events.

    One transaction reads the links first and what they link after, so that no link lacks an end
    while events are being loaded. Neo4j shows what is committed at each moment: of a batch
    committed meanwhile, some links may be in and others not.

    Args:
        graph: connected and migrated.
        as_of: what was first seen later is left out, later sign-ups and payments are not known,
            and no time lies after it. Counts (events of a link, charges, exchanges, tokens) and
            classes of addresses cannot be rolled back: they are those of today.
        timeout_s: longest time the reading may take.

    Raises:
        Conflict: nodes were deleted meanwhile.
        LimitExceeded: it took longer than `timeout_s`.
    """
    read, _ = await read_numbered(graph, as_of=as_of, timeout_s=timeout_s)
    return read


async def read_numbered(
    graph: Graph, *, as_of: datetime | None = None, timeout_s: float = READ_TIMEOUT_S
) -> tuple[AccountGraph, Mapping[str, int]]:
    """As `read_account_graph`, and the internal number of each account by its id."""
    return await graph.in_read(partial(_read_all, as_of=as_of), timeout_s=timeout_s)


async def read_some_accounts(graph: Graph, nodes: Ints) -> tuple[AccountGraph, Ints, Ints]:
    """Some accounts, as they are once no transaction holds them; addresses come without class.

    Args:
        graph: connected and migrated.
        nodes: internal numbers; those that no account has any more are passed over.

    Returns:
        Their part of the account graph, and their numbers and marks in its order.
    """

    async def work(transaction: Transaction) -> tuple[AccountGraph, Ints, Ints]:
        asked = {"nodes": nodes.tolist(), "absent": _ABSENT}
        accounts, links = _Columns(), _Columns()
        for row in await transaction.run(
            "account_graph/read_some_accounts", no_time=NO_TIME, **asked
        ):
            accounts.add(row)
        for row in await transaction.run("account_graph/read_some_links", **asked):
            links.add(row)
        read = _some(accounts, links)
        place = {account_id: at for at, account_id in enumerate(accounts.texts("ids"))}
        order = [place[account_id] for account_id in read.accounts.ids]
        return read, accounts.ints("nodes")[order], accounts.ints("marks")[order]

    return await graph.in_write(work, timeout_s=LOCKING_TIMEOUT_S)


async def read_marks(graph: Graph, *, accounts: int) -> tuple[Ints, Ints]:
    """Internal number and mark of every account, sorted by number.

    An account that changes gets another mark, drawn at random: where number and mark are the same,
    so is the account. One that was never given a mark has 0.

    Args:
        graph: connected and migrated.
        accounts: how many there are, about.
    """
    columns = _Columns()
    parts = accounts // PART_SIZE + 1
    for part in range(parts):
        asked = {"parts": parts, "part": part, "span": parts * CHUNK_SIZE}
        for row in await graph.read("account_graph/read_marks", timeout_s=READ_TIMEOUT_S, **asked):
            columns.add(row)
    order = np.argsort(columns.ints("nodes"))
    return columns.ints("nodes")[order], columns.ints("marks")[order]


async def read_classes(graph: Graph) -> dict[str, str]:
    """Class of each IP address that a feed has classed."""
    columns = _Columns()
    for row in await graph.read(
        "account_graph/read_classes", timeout_s=READ_TIMEOUT_S, span=CHUNK_SIZE
    ):
        columns.add(row)
    return dict(zip(columns.texts("values"), columns.texts("address_class"), strict=True))


async def find_database(graph: Graph) -> str:
    """What names the store that the database has its data in; another store, another name."""
    (row,) = await graph.read("account_graph/find_database")
    return str(row["id"])


GraphSize = tuple[int, ...]
"""How many accounts, identifiers of each label and links there are."""


async def find_size(graph: Graph) -> GraphSize:
    """The size of the graph, from Neo4j's own counts: it changes when anything new comes."""
    (row,) = await graph.read("account_graph/count")
    return tuple(row.values())


@dataclass(frozen=True, slots=True)
class _Label:
    """Statements that read the identifiers of one label; `kind` is None where each has its own."""

    counted_as: str
    nodes: str
    links: str
    kind: str | None = None


_LABELS: Final = (
    _Label("devices", "read_devices", "read_device_links", DEVICE),
    _Label("instruments", "read_instruments", "read_instrument_links", PAYMENT_INSTRUMENT),
    _Label("addresses", "read_addresses", "read_address_links", IP),
    _Label("identifiers", "read_identifiers", "read_identifier_links"),
)


_KIND_BY_TYPE: Final = {"USED_DEVICE": DEVICE, "PAID_WITH": PAYMENT_INSTRUMENT, "SEEN_AT": IP}


class _Columns:
    """Columns of one statement, put together from rows that hold a chunk of each."""

    def __init__(self) -> None:
        self._ints: dict[str, list[Ints]] = defaultdict(list)
        self._texts: dict[str, list[str]] = defaultdict(list)

    def add(self, row: Row) -> None:
        """Append a chunk; integers are packed at once, to a quarter of their size."""
        for name, values in row.items():
            if not values:
                continue
            if isinstance(values[0], int):
                self._ints[name].append(np.array(values, dtype=np.int64))
            else:
                self._texts[name].extend(values)

    def ints(self, name: str) -> Ints:
        """(rows,) int64."""
        return np.concatenate([np.empty(0, dtype=np.int64), *self._ints[name]])

    def texts(self, name: str) -> list[str]:
        """Texts that are always known."""
        return self._texts[name]

    def known_texts(self, name: str) -> Texts:
        """Texts, None where not known."""
        return [None if text == _ABSENT else text for text in self._texts[name]]


async def _read_all(
    transaction: Transaction, as_of: datetime | None
) -> tuple[AccountGraph, Mapping[str, int]]:
    (counts,) = await transaction.run("account_graph/count")
    read = partial(_read_columns, transaction, as_of)
    links = [await read(label.links, counts["links"]) for label in _LABELS]
    accounts = await read("read_accounts", counts["accounts"])
    nodes = [await read(label.nodes, counts[label.counted_as]) for label in _LABELS]
    until_ms = _NEVER if as_of is None else int(as_of.timestamp() * 1000 // 1)
    tables = [_identifier_columns(*pair, until_ms) for pair in zip(_LABELS, nodes, strict=True)]
    read_graph = order_graph(
        _account_columns(accounts, until_ms),
        _joined(tables),
        _link_columns(accounts, nodes, links, until_ms),
    )
    numbers = zip(accounts.texts("ids"), accounts.ints("nodes").tolist(), strict=True)
    return read_graph, dict(numbers)


def _some(accounts: _Columns, links: _Columns) -> AccountGraph:
    """Links that tell what they lead to, so that each identifier comes as often as it is linked."""
    kinds = [_KIND_BY_TYPE.get(kind, kind) for kind in links.texts("kinds")]
    keys = list(zip(kinds, links.texts("values"), strict=True))
    places = {key: at for at, key in enumerate(keys)}
    rows = list(places.values())
    number = {key: at for at, key in enumerate(places)}

    def told(name: str) -> Texts:
        known = links.known_texts(name)
        return [known[at] for at in rows]

    return order_graph(
        _account_columns(accounts, _NEVER),
        IdentifierColumns(
            kinds=[kind for kind, _ in places],
            values=[value for _, value in places],
            funding=told("funding"),
            bin=told("bin"),
            country=told("country"),
            address_class=[None] * len(places),
        ),
        LinkColumns(
            account=_find(accounts.ints("nodes"), links.ints("accounts")),
            identifier=np.array([number[key] for key in keys], dtype=np.int64),
            first_seen_ms=links.ints("first_seen_ms"),
            last_seen_ms=links.ints("last_seen_ms"),
            events=links.ints("events"),
        ),
    )


async def _read_columns(
    transaction: Transaction, as_of: datetime | None, name: str, expected: int
) -> _Columns:
    parts = expected // PART_SIZE + 1
    columns = _Columns()
    for part in range(parts):
        rows = await transaction.run(
            f"account_graph/{name}",
            parts=parts,
            part=part,
            span=parts * CHUNK_SIZE,
            as_of=as_of,
            absent=_ABSENT,
            no_time=NO_TIME,
        )
        for row in rows:
            columns.add(row)
    return columns


def _account_columns(read: _Columns, until_ms: int) -> AccountColumns:
    signed_up_ms = read.ints("signed_up_ms")
    first_paid_ms = read.ints("first_paid_ms")
    signed_up = signed_up_ms <= until_ms
    paid = first_paid_ms <= until_ms

    def told(name: str) -> Texts:
        texts = zip(read.known_texts(name), signed_up.tolist(), strict=True)
        return [text if known else None for text, known in texts]

    return AccountColumns(
        ids=read.texts("ids"),
        first_seen_ms=read.ints("first_seen_ms"),
        last_seen_ms=np.minimum(read.ints("last_seen_ms"), until_ms),
        signed_up_ms=np.where(signed_up, signed_up_ms, NO_TIME),
        email=told("email"),
        country=told("country"),
        plan=told("plan"),
        user_agent=told("user_agent"),
        charges_succeeded=read.ints("charges_succeeded"),
        charges_declined=read.ints("charges_declined"),
        charges_refunded=read.ints("charges_refunded"),
        charges_disputed=read.ints("charges_disputed"),
        first_paid_ms=np.where(paid, first_paid_ms, NO_TIME),
        last_paid_ms=np.where(paid, np.minimum(read.ints("last_paid_ms"), until_ms), NO_TIME),
        requests=read.ints("requests"),
        tokens=read.ints("tokens"),
    )


def _identifier_columns(label: _Label, read: _Columns, until_ms: int) -> IdentifierColumns:
    values = read.texts("values")
    unknown: Texts = [None] * len(values)
    described = (read.ints("described_ms") <= until_ms).tolist()

    def told(name: str) -> Texts:
        texts = read.known_texts(name)
        return [text if known else None for text, known in zip(texts, described, strict=True)]

    return IdentifierColumns(
        kinds=[label.kind] * len(values) if label.kind else read.texts("kinds"),
        values=values,
        funding=told("funding") or unknown,
        bin=told("bin") or unknown,
        country=told("country") or unknown,
        address_class=read.known_texts("address_class") or unknown,
    )


def _joined(tables: Sequence[IdentifierColumns]) -> IdentifierColumns:
    """The rows of all tables, one after the other."""
    columns = {
        column.name: [value for table in tables for value in getattr(table, column.name)]
        for column in fields(IdentifierColumns)
    }
    return IdentifierColumns(**columns)


def _link_columns(
    accounts: _Columns, nodes: Sequence[_Columns], links: Sequence[_Columns], until_ms: int
) -> LinkColumns:
    """Links of all labels; an identifier's index counts the labels before its own."""
    firsts = accumulate((len(one.texts("values")) for one in nodes), initial=0)
    ends = zip(firsts, nodes, links, strict=False)

    def joined(name: str) -> Ints:
        return np.concatenate([one.ints(name) for one in links])

    return LinkColumns(
        account=_find(accounts.ints("nodes"), joined("accounts")),
        identifier=np.concatenate(
            [
                first + _find(one.ints("nodes"), of_label.ints("identifiers"))
                for first, one, of_label in ends
            ]
        ),
        first_seen_ms=joined("first_seen_ms"),
        last_seen_ms=np.minimum(joined("last_seen_ms"), until_ms),
        events=joined("events"),
    )


def _find(nodes: Ints, ends: Ints) -> Ints:
    """Index in `nodes` of each end of a link.

    Raises:
        Conflict: an end is not among them.
    """
    order = np.argsort(nodes)
    at = np.searchsorted(nodes, ends, sorter=order)
    found = order[at[at < len(nodes)]]
    if not np.array_equal(nodes[found], ends):
        raise Conflict("Accounts or identifiers were deleted while they were read. Read again.")
    return found
