"""Links worth reading: identifiers that two or more accounts carry, derived ones included.

An identifier used once says nothing; nine of ten are, so they go first.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ringfence.detection.emails import canonical_emails
from ringfence.domain.graph import AccountGraph, Ints
from ringfence.domain.identifiers import EMAIL, IP, IdentifierKey, Strength, strength_of
from ringfence.domain.mailboxes import canonical_email
from ringfence.domain.networks import ipv6_network

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SharedLinks:
    """e links to k shared identifiers, sorted by identifier and account.

    Attributes:
        account: (e,) index of the account.
        identifier: (e,) index of the shared identifier.
        first_seen_ms, last_seen_ms: (e,) when the link was seen, milliseconds since 1970.
        events: (e,) how many events say so.
        kind: (k,) index into `kinds`.
        degree: (k,) accounts that carry the identifier, at least 2.
        trust: (k,) part of what the kind and popularity say that it proves; 1 but where it was
            overturned on appeal.
        keys: k keys, sorted by kind and value.
        kinds: names of all kinds in the graph, shared or not, sorted.
        own: (kinds, n) identifiers of that kind that the account alone carries; e-mail addresses
            of accounts are not among them, since everybody has one.
    """

    account: Ints
    identifier: Ints
    first_seen_ms: Ints
    last_seen_ms: Ints
    events: Ints
    kind: Ints
    degree: Ints
    trust: Floats
    keys: list[IdentifierKey]
    kinds: tuple[str, ...]
    own: Ints

    def strength_flags(self, *strengths: Strength) -> Flags:
        """(k,) whether the identifier's kind has one of these strengths."""
        by_kind = np.array([strength_of(kind) in strengths for kind in self.kinds], dtype=bool)
        return by_kind[self.kind] if len(by_kind) else np.zeros(0, dtype=bool)


@dataclass(frozen=True, slots=True)
class _Table:
    """All identifiers after derivation: their kind, and a key by index where it differs."""

    kinds: tuple[str, ...]
    kind: Ints
    target: Ints
    derived: dict[int, IdentifierKey]


def shared_links(graph: AccountGraph) -> SharedLinks:
    """The links of identifiers that two or more accounts carry.

    E-mail addresses of accounts become identifiers in their canonical form; IPv6 addresses become
    their /64 network, since one subscriber holds all of it.
    """
    table, mail_account, mail_identifier = _derive(graph)
    target = table.target[graph.links.identifier]
    uses = np.bincount(target, minlength=len(table.kind))
    uses += np.bincount(mail_identifier, minlength=len(table.kind))
    # Nine links in ten lead to an identifier used once: the others alone are copied.
    rows = np.flatnonzero(uses[target] >= 2)
    mailed_ms = graph.accounts.first_seen_ms[mail_account]
    kept = _each_pair_once(
        np.concatenate([graph.links.account[rows], mail_account]),
        np.concatenate([target[rows], mail_identifier]),
        np.concatenate([graph.links.first_seen_ms[rows], mailed_ms]),
        np.concatenate([graph.links.last_seen_ms[rows], mailed_ms]),
        np.concatenate([graph.links.events[rows], np.ones(len(mail_account), dtype=np.int64)]),
    )
    degree = np.bincount(kept[1], minlength=len(table.kind))
    alone = np.flatnonzero(degree[target] < 2)
    lone_mail = degree[mail_identifier] < 2
    own = _own_counts(
        np.concatenate([graph.links.account[alone], mail_account[lone_mail]]),
        np.concatenate([table.kind[target[alone]], table.kind[mail_identifier[lone_mail]]]),
        (len(table.kinds), len(graph.accounts)),
    )
    shared = np.flatnonzero(degree >= 2)
    keys = _keys(graph, table, shared.tolist())
    rank = sorted(range(len(keys)), key=keys.__getitem__)
    shared = shared[rank]
    compact = np.full(len(table.kind), -1, dtype=np.int64)
    compact[shared] = np.arange(len(shared))
    keep = compact[kept[1]] >= 0
    columns = [column[keep] for column in kept]
    columns[1] = compact[columns[1]]
    # Accounts rise within each identifier already.
    order = np.argsort(columns[1], kind="stable")
    account, identifier, first, last, counts = (column[order] for column in columns)
    return SharedLinks(
        account=account,
        identifier=identifier,
        first_seen_ms=first,
        last_seen_ms=last,
        events=counts,
        kind=table.kind[shared],
        degree=degree[shared],
        trust=np.ones(len(shared)),
        keys=[keys[at] for at in rank],
        kinds=table.kinds,
        own=own,
    )


def kind_bounds(kinds: list[str]) -> list[tuple[str, int, int]]:
    """Name, first index and index after the last of each kind in a sorted list of kinds."""
    bounds = []
    at = 0
    while at < len(kinds):
        end = bisect_right(kinds, kinds[at], lo=at)
        bounds.append((kinds[at], at, end))
        at = end
    return bounds


def _derive(graph: AccountGraph) -> tuple[_Table, Ints, Ints]:
    """Targets of given identifiers, and the links from accounts to their canonical e-mail."""
    bounds = kind_bounds(graph.identifiers.kinds)
    names = sorted({name for name, _, _ in bounds} | {EMAIL})
    kind = [np.full(end - at, names.index(name), dtype=np.int64) for name, at, end in bounds]
    target = np.arange(len(graph.identifiers), dtype=np.int64)
    derived: dict[int, IdentifierKey] = {}
    index: dict[IdentifierKey, int] = {}

    def derived_at(key: IdentifierKey) -> int:
        at = index.setdefault(key, len(target) + len(index))
        derived[at] = key
        return at

    values = graph.identifiers.values
    for name, start, end in bounds:
        if name == IP:
            for at in _with_colon(values, start, end):
                target[at] = derived_at(IdentifierKey(IP, ipv6_network(values[at])))
        elif name == EMAIL:
            for at in range(start, end):
                target[at] = derived_at(IdentifierKey(EMAIL, canonical_email(values[at])))
    mailboxes = canonical_emails(graph.accounts.email)
    emails = [
        (at, derived_at(IdentifierKey(EMAIL, mailboxes[at])))
        for at in _shared(mailboxes, {key.value for key in index if key.kind == EMAIL})
    ]
    links = np.array(emails, dtype=np.int64).reshape(-1, 2)
    kind.append(np.array([names.index(key.kind) for key in index], dtype=np.int64))
    return _Table(tuple(names), np.concatenate(kind), target, derived), links[:, 0], links[:, 1]


def _with_colon(values: Sequence[str], start: int, end: int) -> list[int]:
    """Which of these values hold a colon, as IPv6 addresses do."""
    if ":" not in "\n".join(values[start:end]):
        return []
    return [at for at in range(start, end) if ":" in values[at]]


def _shared(mailboxes: Sequence[str], others: Set[str]) -> list[int]:
    """Accounts whose mailbox another account has, or one of the others is."""
    hashes = np.fromiter(map(hash, mailboxes), np.int64, len(mailboxes))
    in_order = np.sort(hashes)
    twice = in_order[1:][in_order[1:] == in_order[:-1]]
    doubted = np.isin(hashes, np.append(twice, [hash(other) for other in others]))
    likely = np.flatnonzero(doubted).tolist()
    # Few remain; different mailboxes may have one hash.
    uses = Counter([mailboxes[at] for at in likely])
    uses.update(others)
    return [at for at in likely if mailboxes[at] and uses[mailboxes[at]] >= 2]


def _each_pair_once(
    account: Ints, identifier: Ints, first: Ints, last: Ints, events: Ints
) -> list[Ints]:
    """Links, one for each identifier and account, with times and counts merged."""
    # Nearly sorted, which a stable sort of one key is quick with.
    order = np.argsort(identifier * (int(account.max(initial=0)) + 1) + account, kind="stable")
    account, identifier = account[order], identifier[order]
    if not len(account):
        return [account, identifier, first, last, events]
    fresh = np.ones(len(account), dtype=bool)
    fresh[1:] = (account[1:] != account[:-1]) | (identifier[1:] != identifier[:-1])
    starts = np.flatnonzero(fresh)
    return [
        account[starts],
        identifier[starts],
        np.minimum.reduceat(first[order], starts),
        np.maximum.reduceat(last[order], starts),
        np.add.reduceat(events[order], starts),
    ]


def _keys(graph: AccountGraph, table: _Table, rows: list[int]) -> list[IdentifierKey]:
    """Keys of identifiers, whose numbers rise: those given come before those derived."""
    kinds, values, derived = graph.identifiers.kinds, graph.identifiers.values, table.derived
    given = [at for at in rows if at < len(kinds)]
    keys = list(map(IdentifierKey, [kinds[at] for at in given], [values[at] for at in given]))
    return keys + [derived[at] for at in rows[len(given) :]]


def _own_counts(account: Ints, kind: Ints, shape: tuple[int, int]) -> Ints:
    """(kinds, n) how many of the links, each with its account and kind, fall on each."""
    kinds, n = shape
    return np.bincount(kind * n + account, minlength=kinds * n).reshape(shape)
