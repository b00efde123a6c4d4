"""What is known of single accounts beside their links: payment, age, mail, usage, client.

A trait that the data set does not hold is unknown for everybody and proves nothing.
"""

from dataclasses import dataclass

import numpy as np

from ringfence.detection.config import TraitParameters
from ringfence.detection.emails import (
    FREE_MAIL_DOMAINS,
    domain_codes,
    local_codes,
)
from ringfence.detection.links import Flags, Floats, SharedLinks, kind_bounds
from ringfence.domain.graph import NO_TIME, AccountGraph, Ints, Texts
from ringfence.domain.identifiers import IP, PAYMENT_INSTRUMENT, Strength

PUBLIC_DOMAIN_ACCOUNTS = 20
TOGETHER_LEAST = 5
TOGETHER_SHARE = 0.1
HOUR_MS = 3600 * 1000
DAY_MS = 24 * HOUR_MS
PROXY_CLASSES = frozenset({"proxy", "vpn", "hosting", "tor"})
PREPAID_FUNDING = frozenset({"prepaid", "virtual"})


@dataclass(frozen=True, slots=True)
class Trait:
    """A yes or no of each account, and whether it is known at all."""

    holds: Flags
    known: Flags

    @property
    def share(self) -> float:
        """Share of accounts with the trait among those where it is known; 0 where none is."""
        known = int(self.known.sum())
        return float(self.holds[self.known].sum()) / known if known else 0.0

    def of(self, accounts: Ints) -> "Trait":
        """The trait of some of the accounts."""
        return Trait(self.holds[accounts], self.known[accounts])


@dataclass(frozen=True, slots=True)
class Population:
    """What all accounts are like together: what groups of them are measured against.

    Attributes:
        shares: share of each yes-or-no trait, by name.
        code_accounts: by name of a category, how many accounts have each of its codes.
        domain_accounts, domain_closed: by code, how many use it and whether they sit together.
        times_differ: false where times carry no information.
        usage_spread: standard deviation of `log_requests`; 0 where fewer than two are known.
    """

    shares: dict[str, float]
    code_accounts: dict[str, Ints]
    domain_accounts: Ints
    domain_closed: Flags
    times_differ: bool
    usage_spread: float


@dataclass(frozen=True, slots=True)
class Traits:
    """Columns of n accounts, and the population that they are from.

    Attributes:
        flags: yes-or-no traits by name.
        codes: categories by name, -1 where unknown.
        own_domain: code of an e-mail domain that is no free-mail host, else -1.
        joined_ms: time of sign-up, else first seen.
        joined_rank: position in the order of all sign-ups, in [0, 1); equal times share one.
        log_requests: natural log of 1 + requests, NaN where no usage is known.
        population: all accounts, where these are only some of them.
    """

    flags: dict[str, Trait]
    codes: dict[str, Ints]
    own_domain: Ints
    joined_ms: Ints
    joined_rank: Floats
    log_requests: Floats
    population: Population

    @property
    def times_differ(self) -> bool:
        """False where times carry no information."""
        return self.population.times_differ

    def of(self, accounts: Ints) -> "Traits":
        """The columns of some of the accounts, in the order asked for."""
        return Traits(
            flags={name: trait.of(accounts) for name, trait in self.flags.items()},
            codes={name: code[accounts] for name, code in self.codes.items()},
            own_domain=self.own_domain[accounts],
            joined_ms=self.joined_ms[accounts],
            joined_rank=self.joined_rank[accounts],
            log_requests=self.log_requests[accounts],
            population=self.population,
        )


def account_traits(graph: AccountGraph, links: SharedLinks, parameters: TraitParameters) -> Traits:
    """Read the traits of every account of the graph."""
    accounts = graph.accounts
    joined_ms = np.where(
        accounts.signed_up_ms == NO_TIME, accounts.first_seen_ms, accounts.signed_up_ms
    )
    domain, domains = domain_codes(accounts.email)
    public, closed = _judge_domains(domain, domains, links)
    shape, length = local_codes(accounts.email)
    mailed = domain >= 0
    free = public[domain]
    used = accounts.requests > 0
    log_requests = np.where(used, np.log1p(np.maximum(accounts.requests, 0)), np.nan)
    flags = _payment_traits(graph, parameters) | {
        "free_mail": Trait(mailed & free, mailed),
        "private_mail": Trait(mailed & ~free, mailed),
        "prepaid": _instrument_trait(graph, PREPAID_FUNDING),
        "proxy": _address_trait(graph),
    }
    codes = {
        "email_shape": shape,
        "email_length": length,
        "user_agent": text_codes(accounts.user_agent),
        "bin": _first_code(graph, PAYMENT_INSTRUMENT, graph.identifiers.bin),
        "country": text_codes(accounts.country),
    }
    return Traits(
        flags=flags,
        codes=codes,
        own_domain=np.where(mailed & ~free, domain, -1),
        joined_ms=joined_ms,
        joined_rank=_ranks(joined_ms),
        log_requests=log_requests,
        population=Population(
            shares={name: trait.share for name, trait in flags.items()},
            code_accounts={name: _accounts_by_code(code) for name, code in codes.items()},
            domain_accounts=np.bincount(domain[mailed], minlength=len(domains)),
            domain_closed=closed[:-1],
            times_differ=bool(len(joined_ms) and np.ptp(joined_ms) > 0),
            usage_spread=float(np.std(log_requests[used])) if used.sum() >= 2 else 0.0,
        ),
    )


def text_codes(texts: Texts) -> Ints:
    """A code per text in the order of the alphabet, -1 where there is none."""
    if not any(texts):
        return np.full(len(texts), -1, dtype=np.int64)
    names = sorted({text for text in texts if text})
    code_by_text: dict[str | None, int] = {name: code for code, name in enumerate(names)}
    return np.fromiter((code_by_text.get(text, -1) for text in texts), np.int64, len(texts))


def _accounts_by_code(codes: Ints) -> Ints:
    """How many accounts have each code, in at least one place."""
    return np.bincount(codes[codes >= 0], minlength=1)


def _judge_domains(domain: Ints, domains: list[str], links: SharedLinks) -> tuple[Flags, Flags]:
    """By domain code, and false for none: a mail host for anybody, an organisation's own.

    Many accounts that sit at one address together make an organisation; many that do not, a host
    that gives mail to anybody, whether or not the list knows it.
    """
    width = len(domains)
    accounts = np.bincount(domain[domain >= 0], minlength=width)
    rows = links.strength_flags(Strength.NEVER_ALONE)[links.identifier]
    rows &= domain[links.account] >= 0
    k = max(len(links.degree), 1)
    pairs, together = np.unique(
        domain[links.account[rows]] * k + links.identifier[rows], return_counts=True
    )
    most = np.zeros(width, dtype=np.int64)
    np.maximum.at(most, pairs // k, together)
    sits = (most >= TOGETHER_LEAST) & (most >= TOGETHER_SHARE * accounts)
    listed = np.fromiter((name in FREE_MAIL_DOMAINS for name in domains), bool, width)
    closed = sits & ~listed
    public = listed | ((accounts >= PUBLIC_DOMAIN_ACCOUNTS) & ~closed)
    return np.append(public, False), np.append(closed, False)


def _payment_traits(graph: AccountGraph, parameters: TraitParameters) -> dict[str, Trait]:
    accounts = graph.accounts
    bad = accounts.charges_declined + accounts.charges_disputed
    tries = accounts.charges_succeeded + bad
    known = np.full(len(accounts), bool((tries > 0).any()))
    paid = accounts.charges_succeeded > 0
    tenure = np.where(paid, accounts.last_paid_ms - accounts.first_paid_ms, 0)
    longest = int(tenure.max(initial=0))
    established = (tenure >= parameters.established_days * DAY_MS) & (
        bad <= parameters.established_bad_share * tries
    )
    tenured = np.full(len(accounts), longest >= parameters.established_days * DAY_MS)
    return {
        "established": Trait(established, known & tenured),
        "unpaid": Trait(~paid, known),
        "declined": Trait(accounts.charges_declined > 0, tries > 0),
        "disputed": Trait(accounts.charges_disputed > 0, tries > 0),
    }


def _instrument_trait(graph: AccountGraph, funding: frozenset[str]) -> Trait:
    """Accounts with an instrument so funded, among those with one whose funding is known."""
    texts = graph.identifiers.funding
    return _any_link(graph, PAYMENT_INSTRUMENT, texts, funding)


def _address_trait(graph: AccountGraph) -> Trait:
    """Accounts seen at a proxy, among all that were seen anywhere, if a feed classes any."""
    classes = graph.identifiers.address_class
    trait = _any_link(graph, IP, classes, PROXY_CLASSES)
    if not trait.known.any():
        return trait
    start, end = _bounds_of(graph, IP)
    rows = (graph.links.identifier >= start) & (graph.links.identifier < end)
    seen = np.bincount(graph.links.account[rows], minlength=len(graph.accounts)) > 0
    return Trait(trait.holds, seen)


def _any_link(graph: AccountGraph, kind: str, texts: Texts, among: frozenset[str]) -> Trait:
    n = len(graph.accounts)
    start, end = _bounds_of(graph, kind)
    if not any(texts[start:end]):
        return Trait(np.zeros(n, dtype=bool), np.zeros(n, dtype=bool))
    known = np.fromiter((text is not None for text in texts[start:end]), bool, end - start)
    holds = np.fromiter((text in among for text in texts[start:end]), bool, end - start)
    rows = (graph.links.identifier >= start) & (graph.links.identifier < end)
    account, at = graph.links.account[rows], graph.links.identifier[rows] - start
    return Trait(
        np.bincount(account[holds[at]], minlength=n) > 0,
        np.bincount(account[known[at]], minlength=n) > 0,
    )


def _first_code(graph: AccountGraph, kind: str, texts: Texts) -> Ints:
    """Code of the text of an account's first identifier of the kind, -1 where there is none."""
    start, end = _bounds_of(graph, kind)
    codes = text_codes(texts[start:end])
    rows = (graph.links.identifier >= start) & (graph.links.identifier < end)
    found = np.full(len(graph.accounts), -1, dtype=np.int64)
    account, code = graph.links.account[rows], codes[graph.links.identifier[rows] - start]
    np.maximum.at(found, account, code)
    return found


def _bounds_of(graph: AccountGraph, kind: str) -> tuple[int, int]:
    for name, start, end in kind_bounds(graph.identifiers.kinds):
        if name == kind:
            return start, end
    return 0, 0


def _ranks(times: Ints) -> Floats:
    if not len(times):
        return np.zeros(0)
    ordered = np.sort(times)
    low = np.searchsorted(ordered, times, side="left")
    high = np.searchsorted(ordered, times, side="right")
    return np.asarray((low + high - 1) / 2 / len(times), dtype=np.float64)
