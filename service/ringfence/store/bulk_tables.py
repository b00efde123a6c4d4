"""A fold as the CSV tables that Neo4j's offline import takes: the graph that loading writes.

The statements of `cypher/loading/` and these tables name the same labels, links and properties; a
test compares the graphs that come of both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from secrets import randbits
from typing import Final

from ringfence.domain.events import SignUpData
from ringfence.domain.folding import AccountFold, Fold, InstrumentFold, LinkFold, Stamp
from ringfence.domain.identifiers import DEVICE, IP, PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.store.loading_columns import MAX_INT64, usage_of

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MARK_BITS: Final = 53
_OUTCOMES: Final = ("succeeded", "declined", "refunded", "disputed")
_ACCOUNT_HEADER: Final = (
    "id:ID(account),first_seen_at:datetime,last_seen_at:datetime,event_keys:long[],"
    "signed_up_at:datetime,signed_up_key:long,email:string,country:string,plan:string,"
    "user_agent:string,charges_succeeded:long,charges_declined:long,charges_refunded:long,"
    "charges_disputed:long,first_paid_at:datetime,last_paid_at:datetime,usage_days:long[],"
    "usage_requests:long[],usage_tokens:long[],requests:long,tokens:long,mark:long"
)
_LINK_HEADER: Final = (
    ":START_ID(account),:END_ID({group}),first_seen_at:datetime,last_seen_at:datetime,events:long\n"
)
ACCOUNT_LABEL: Final = "Account"


@dataclass(frozen=True, slots=True)
class IdentifierTable:
    """Where identifiers of one kind, or of all further kinds, go, and their links.

    Attributes:
        name: of its files, and of the group that its ids are unique in.
        node_header: first line of the identifiers.
    """

    name: str
    label: str
    link_type: str
    node_header: str

    @property
    def link_header(self) -> str:
        """First line of the links."""
        return _LINK_HEADER.format(group=self.name)


FURTHER_TABLE: Final = IdentifierTable(
    "further", "Identifier", "USES_IDENTIFIER", ":ID(further),kind:string,value:string\n"
)
_TABLE_BY_KIND: Final = {
    DEVICE: IdentifierTable("device", "Device", "USED_DEVICE", "id:ID(device)\n"),
    IP: IdentifierTable("ip", "IpAddress", "SEEN_AT", "address:ID(ip)\n"),
    PAYMENT_INSTRUMENT: IdentifierTable(
        "instrument",
        "PaymentInstrument",
        "PAID_WITH",
        "id:ID(instrument),described_at:datetime,described_key:long,kind:string,bin:string,"
        "funding:string,country:string\n",
    ),
}
IDENTIFIER_TABLES: Final = (*_TABLE_BY_KIND.values(), FURTHER_TABLE)


def table_of(kind: str) -> IdentifierTable:
    """The table of identifiers of a kind."""
    return _TABLE_BY_KIND.get(kind, FURTHER_TABLE)


def account_table(accounts: Iterable[AccountFold]) -> str:
    """Accounts, each whole, with their header: a column for each currency that they paid in."""
    told = list(accounts)
    currencies = sorted({one for account in told for one in account.paid_minor_by_currency})
    paid = [f"paid_minor_{currency}:long" for currency in currencies]
    lines = [",".join((_ACCOUNT_HEADER, *paid))]
    lines += [_account_line(account, currencies) for account in told]
    return "\n".join(lines) + "\n"


def link_lines(fold: Fold) -> dict[IdentifierTable, list[str]]:
    """Links of a fold, by table."""
    lines: dict[IdentifierTable, list[str]] = {table: [] for table in IDENTIFIER_TABLES}
    for (key, account_id), link in fold.links.items():
        lines[table_of(key.kind)].append(_link_line(key, account_id, link))
    return lines


def identifier_line(key: IdentifierKey, described: InstrumentFold | None) -> str:
    """One identifier; a payment instrument with what its earliest attachment tells."""
    if key.kind == PAYMENT_INSTRUMENT:
        return _instrument_line(key, described)
    if table_of(key.kind) is FURTHER_TABLE:
        return f"{_id(key)},{_text(key.kind)},{_text(key.value)}\n"
    return f"{_id(key)}\n"


def _account_line(account: AccountFold, currencies: list[str]) -> str:
    paid = account.paid_minor_by_currency
    return ",".join(
        (
            _text(account.id),
            _instant(account.first_seen_ms),
            _instant(account.last_seen_ms),
            _numbers(account.event_keys),
            *_stamp(account.signed_up),
            *_sign_up(account.sign_up),
            *_charges(account),
            *_usage(account),
            str(randbits(_MARK_BITS)),
            *(str(min(paid[one], MAX_INT64)) if one in paid else "" for one in currencies),
        )
    )


def _sign_up(told: SignUpData | None) -> Iterable[str]:
    if told is None:
        return ("",) * 4
    return map(_text, (told.email, told.country, told.plan, told.user_agent))


def _charges(account: AccountFold) -> tuple[str, ...]:
    counts = account.charges
    if not counts:
        return ("",) * 6
    times = (_instant(account.first_paid_ms), _instant(account.last_paid_ms))
    return (*(str(counts.get(outcome, 0)) for outcome in _OUTCOMES), *times)


def _usage(account: AccountFold) -> tuple[str, ...]:
    if not account.usage_by_day:
        return ("",) * 5
    days, requests, tokens, requests_sum, tokens_sum = usage_of(account, {})
    return (
        _numbers(days),
        _numbers(requests),
        _numbers(tokens),
        str(requests_sum),
        str(tokens_sum),
    )


def _link_line(key: IdentifierKey, account_id: str, link: LinkFold) -> str:
    first, last = _instant(link.first_seen_ms), _instant(link.last_seen_ms)
    return f"{_text(account_id)},{_id(key)},{first},{last},{link.events}\n"


def _instrument_line(key: IdentifierKey, described: InstrumentFold | None) -> str:
    if described is None:
        return f"{_id(key)},,,,,,\n"
    told = described.data
    texts = map(_text, (told.kind, told.bin, told.funding, told.country))
    return ",".join((_id(key), *_stamp(described.described), *texts)) + "\n"


def _id(key: IdentifierKey) -> str:
    """Unique in its table: no kind has a colon in it."""
    if table_of(key.kind) is FURTHER_TABLE:
        return _text(f"{key.kind}:{key.value}")
    return _text(key.value)


def _stamp(stamp: Stamp | None) -> tuple[str, str]:
    return (_instant(stamp[0]), str(stamp[1])) if stamp else ("", "")


def _instant(at_ms: int | None) -> str:
    if at_ms is None:
        return ""
    return (_EPOCH + timedelta(milliseconds=at_ms)).isoformat(timespec="milliseconds")


def _numbers(numbers: Iterable[int]) -> str:
    return ";".join(map(str, numbers))


def _text(text: str | None) -> str:
    """Quoted, so that an empty text is one; no text at all is nothing between two commas."""
    if text is None:
        return ""
    escaped = text.replace('"', '""')
    return f'"{escaped}"'
