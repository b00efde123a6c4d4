"""A fold as the Parquet tables that Neo4j's offline import takes: the graph that loading writes.

The statements of `cypher/loading/` and these tables name the same labels, links and properties; a
test compares the graphs that come of both. Nodes have the numbers that the store gives its records,
so that the import looks nobody up, and times are numbers too: it reads texts of times slowly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import randbits
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct, field

from ringfence.domain.folding import AccountFold, InstrumentFold
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.store.loading_columns import MAX_INT64, usage_of

_MARK_BITS: Final = 53
_OUTCOMES: Final = ("succeeded", "declined", "refunded", "disputed")
_INSTANT: Final = pa.timestamp("ms", tz="UTC")
_TEXT: Final = pa.string()
_NUMBER: Final = pa.int64()
_NUMBERS: Final = pa.list_(pa.int64())
ACCOUNT_LABEL: Final = "Account"

Column = tuple[pa.DataType, Sequence[Any]]
"""Type and values; None is no property at all."""


@dataclass(frozen=True, slots=True)
class IdentifierTable:
    """Where identifiers of one kind, or of all further kinds, go, and their links.

    Attributes:
        name: of its files.
    """

    name: str
    label: str
    link_type: str


FURTHER_TABLE: Final = IdentifierTable("further", "Identifier", "USES_IDENTIFIER")
_TABLE_BY_KIND: Final = {
    DEVICE: IdentifierTable("device", "Device", "USED_DEVICE"),
    IP: IdentifierTable("ip", "IpAddress", "SEEN_AT"),
    PAYMENT_INSTRUMENT: IdentifierTable("instrument", "PaymentInstrument", "PAID_WITH"),
}
IDENTIFIER_TABLES: Final = (*_TABLE_BY_KIND.values(), FURTHER_TABLE)


class LinkColumns(Struct, array_like=True, gc=False):
    """Links between accounts and identifiers, a row each; both by number."""

    accounts: list[int] = field(default_factory=list)
    identifiers: list[int] = field(default_factory=list)
    first_seen_ms: list[int] = field(default_factory=list)
    last_seen_ms: list[int] = field(default_factory=list)
    events: list[int] = field(default_factory=list)


def has_empty_text(table: pa.Table) -> bool:
    """Whether any text in it is empty, and there."""
    texts = (column for column in table.columns if column.type == _TEXT)
    return any(pc.any(pc.equal(text, "")).as_py() for text in texts)


def table_of(kind: str) -> IdentifierTable:
    """The table of identifiers of a kind."""
    return _TABLE_BY_KIND.get(kind, FURTHER_TABLE)


def account_table(accounts: Sequence[AccountFold], first: int) -> pa.Table:
    """Accounts, each whole, numbered from `first`; a column for each currency they paid in."""
    columns: dict[str, Column] = {
        ":ID": (_NUMBER, range(first, first + len(accounts))),
        "id": (_TEXT, [one.id for one in accounts]),
        "first_seen_at": (_INSTANT, [one.first_seen_ms for one in accounts]),
        "last_seen_at": (_INSTANT, [one.last_seen_ms for one in accounts]),
        "event_keys:long[]": (_NUMBERS, [one.event_keys for one in accounts]),
        "mark": (_NUMBER, [randbits(_MARK_BITS) for _ in accounts]),
    }
    return _table(
        columns
        | _sign_up_columns(accounts)
        | _charge_columns(accounts)
        | _paid_columns(accounts)
        | _usage_columns(accounts)
    )


def identifier_table(
    table: IdentifierTable, told: Mapping[IdentifierKey, InstrumentFold | None], first: int
) -> pa.Table:
    """Identifiers of one table, numbered from `first`, an instrument with what was told of it."""
    columns: dict[str, Column] = {":ID": (_NUMBER, range(first, first + len(told)))}
    values = (_TEXT, [key.value for key in told])
    if table == FURTHER_TABLE:
        columns |= {"kind": (_TEXT, [key.kind for key in told]), "value": values}
    elif table == table_of(IP):
        columns |= {"address": values}
    else:
        columns |= {"id": values}
    if table == table_of(PAYMENT_INSTRUMENT):
        columns |= _description_columns(list(told.values()))
    return _table(columns)


def link_table(links: LinkColumns) -> pa.Table:
    """Links between accounts and identifiers of one table."""
    return _table(
        {
            ":START_ID": (_NUMBER, links.accounts),
            ":END_ID": (_NUMBER, links.identifiers),
            "first_seen_at": (_INSTANT, links.first_seen_ms),
            "last_seen_at": (_INSTANT, links.last_seen_ms),
            "events": (_NUMBER, links.events),
        }
    )


def _sign_up_columns(accounts: Sequence[AccountFold]) -> dict[str, Column]:
    stamps = [one.signed_up or (None, None) for one in accounts]
    told = [one.sign_up for one in accounts]
    return {
        "signed_up_at": (_INSTANT, [at for at, _ in stamps]),
        "signed_up_key": (_NUMBER, [key for _, key in stamps]),
        "email": (_TEXT, [one and one.email for one in told]),
        "country": (_TEXT, [one and one.country for one in told]),
        "plan": (_TEXT, [one and one.plan for one in told]),
        "user_agent": (_TEXT, [one and one.user_agent for one in told]),
    }


def _charge_columns(accounts: Sequence[AccountFold]) -> dict[str, Column]:
    """All four outcomes of an account that was ever charged, none of any other."""
    charges = [one.charges for one in accounts]
    columns: dict[str, Column] = {
        f"charges_{outcome}": (_NUMBER, [one.get(outcome, 0) if one else None for one in charges])
        for outcome in _OUTCOMES
    }
    return columns | {
        "first_paid_at": (_INSTANT, [one.first_paid_ms for one in accounts]),
        "last_paid_at": (_INSTANT, [one.last_paid_ms for one in accounts]),
    }


def _paid_columns(accounts: Sequence[AccountFold]) -> dict[str, Column]:
    paid = [one.paid_minor_by_currency for one in accounts]
    return {
        f"paid_minor_{currency}": (
            _NUMBER,
            [min(one[currency], MAX_INT64) if currency in one else None for one in paid],
        )
        for currency in sorted({currency for one in paid for currency in one})
    }


def _usage_columns(accounts: Sequence[AccountFold]) -> dict[str, Column]:
    told = [usage_of(one, {}) if one.usage_by_day else (None,) * 5 for one in accounts]
    return {
        name: (kind, [one[at] for one in told])
        for at, (name, kind) in enumerate(
            (
                ("usage_days:long[]", _NUMBERS),
                ("usage_requests:long[]", _NUMBERS),
                ("usage_tokens:long[]", _NUMBERS),
                ("requests", _NUMBER),
                ("tokens", _NUMBER),
            )
        )
    }


def _description_columns(told: Sequence[InstrumentFold | None]) -> dict[str, Column]:
    stamps = [one.described if one else (None, None) for one in told]
    data = [one and one.data for one in told]
    return {
        "described_at": (_INSTANT, [at for at, _ in stamps]),
        "described_key": (_NUMBER, [key for _, key in stamps]),
        "kind": (_TEXT, [one and one.kind for one in data]),
        "bin": (_TEXT, [one and one.bin for one in data]),
        "funding": (_TEXT, [one and one.funding for one in data]),
        "country": (_TEXT, [one and one.country for one in data]),
    }


def _table(columns: Mapping[str, Column]) -> pa.Table:
    return pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})
