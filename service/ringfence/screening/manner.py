"""What a sign-up is like beside what it shares: name shape, mail host, client, country, network.

The same features are read off one attempt and off the accounts of a graph, so that an attempt can
be compared with the accounts of a ring.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from ringfence.detection.emails import folded_shape
from ringfence.domain.graph import AccountGraph, Texts
from ringfence.domain.identifiers import IP, PAYMENT_INSTRUMENT
from ringfence.domain.screenings import Attempt
from ringfence.screening.keys import network_of

FEATURES: Final = (
    "email_shape",
    "email_length",
    "email_host",
    "user_agent",
    "country",
    "plan",
    "bin",
    "network",
)


def manner_of(attempt: Attempt) -> list[tuple[int, str]]:
    """The features of an attempt that are known: place in `FEATURES`, and value."""
    email, instrument = attempt.email, attempt.instrument
    told = (
        email and folded_shape(email),
        email and _length(email),
        email and _host(email),
        attempt.user_agent,
        attempt.country,
        attempt.plan,
        instrument and instrument.bin,
        attempt.ip and network_of(attempt.ip),
    )
    return [(at, value) for at, value in enumerate(told) if value]


def manners_of(graph: AccountGraph) -> Iterator[Texts]:
    """(n,) values of each feature in the order of `FEATURES`, None where not known."""
    accounts = graph.accounts
    yield _each(accounts.email, folded_shape)
    yield _each(accounts.email, _length)
    yield _each(accounts.email, _host)
    yield accounts.user_agent
    yield accounts.country
    yield accounts.plan
    yield _first_of(graph, PAYMENT_INSTRUMENT, graph.identifiers.bin)
    addresses = graph.identifiers.values
    yield _each(_first_of(graph, IP, list(addresses)), network_of)


def _each(texts: Texts, read: Callable[[str], str]) -> Texts:
    return [read(text) if text else None for text in texts]


def _length(email: str) -> str:
    return str(len(email.rpartition("@")[0].partition("+")[0]))


def _host(email: str) -> str:
    return email.rpartition("@")[2].lower()


def _first_of(graph: AccountGraph, kind: str, texts: Sequence[str | None]) -> Texts:
    """(n,) the text of the identifier of the kind that each account used first."""
    links, kinds = graph.links, graph.identifiers.kinds
    of_kind = np.fromiter((one == kind for one in kinds), dtype=bool, count=len(kinds))
    rows = np.flatnonzero(of_kind[links.identifier])
    rows = rows[np.lexsort((links.first_seen_ms[rows], links.account[rows]))]
    accounts, first = np.unique(links.account[rows], return_index=True)
    found: Texts = [None] * len(graph.accounts)
    identifiers = links.identifier[rows[first]].tolist()
    for account, identifier in zip(accounts.tolist(), identifiers, strict=True):
        found[account] = texts[identifier]
    return found
