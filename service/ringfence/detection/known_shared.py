"""Links to what is known to be shared are taken out before anything is judged by them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from ringfence.detection.links import Flags, SharedLinks
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import EMAIL, IP, IdentifierKey
from ringfence.domain.known_shared import KnownShared, KnownSharedList
from ringfence.domain.mailboxes import canonical_email
from ringfence.domain.networks import NetworkTable, ipv6_network, is_network


def without_known_shared(links: SharedLinks, known: KnownSharedList) -> SharedLinks:
    """The shared links, but for those of the list that were seen only within its days.

    A link that was also seen before or after stays, and so do links of an IPv6 address outside of
    the listed one's /64. A listed network stands for each address in it. What fewer than two
    accounts then carry is shared no more.

    Args:
        links: as `shared_links` gives them.
        known: the list; one identifier may have several entries.
    """
    if not known or not len(links.account):
        return links
    kept = ~_listed(links, known)
    degree = np.bincount(links.identifier[kept], minlength=len(links.degree))
    shared = degree >= 2
    kept &= shared[links.identifier]
    return _selected(links, kept, shared, degree)


def _listed(links: SharedLinks, known: KnownSharedList) -> Flags:
    """(e,) links seen only while their identifier was on the list."""
    place = {key: at for at, key in enumerate(links.keys)}
    listed = np.zeros(len(links.account), dtype=bool)
    found = [(place.get(as_compared(entry.key)), entry) for entry in known]
    for at, entry in (*found, *_in_networks(links.keys, known)):
        if at is None:
            continue
        start, end = np.searchsorted(links.identifier, [at, at + 1])
        begins_ms, ends_ms = _bounds_ms(entry)
        listed[start:end] |= (links.first_seen_ms[start:end] >= begins_ms) & (
            links.last_seen_ms[start:end] < ends_ms
        )
    return listed


def _in_networks(
    keys: Sequence[IdentifierKey], known: KnownSharedList
) -> Iterator[tuple[int, KnownShared]]:
    """Addresses in listed networks, by place, each with the entries around it."""
    table = NetworkTable((entry.key.value, entry) for entry in known if is_network(entry.key))
    for at, key in enumerate(keys if table else ()):
        if key.kind == IP:
            for entry in table.around(key.value):
                yield at, entry


def _selected(links: SharedLinks, kept: Flags, shared: Flags, degree: Ints) -> SharedLinks:
    renumbered = np.cumsum(shared) - 1
    return replace(
        links,
        account=links.account[kept],
        identifier=renumbered[links.identifier[kept]],
        first_seen_ms=links.first_seen_ms[kept],
        last_seen_ms=links.last_seen_ms[kept],
        events=links.events[kept],
        kind=links.kind[shared],
        degree=degree[shared],
        trust=links.trust[shared],
        keys=[links.keys[at] for at in np.flatnonzero(shared).tolist()],
    )


def as_compared(key: IdentifierKey) -> IdentifierKey:
    """The key under which detection compares an identifier."""
    if key.kind == IP and ":" in key.value and not is_network(key):
        return IdentifierKey(IP, ipv6_network(key.value))
    if key.kind == EMAIL:
        return IdentifierKey(EMAIL, canonical_email(key.value))
    return key


def _bounds_ms(entry: KnownShared) -> tuple[int, int]:
    """First millisecond of the entry, and the one after its last."""
    bounds = np.iinfo(np.int64)
    begins = int(bounds.min) if entry.begins is None else _midnight_ms(entry.begins)
    if entry.ends is None or entry.ends == date.max:
        return begins, int(bounds.max)
    return begins, _midnight_ms(entry.ends + timedelta(days=1))


def _midnight_ms(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp() * 1000)
