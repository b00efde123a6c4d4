"""The index built from the account graph and the rings that were found in it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from ringfence.detection import DetectionConfig
from ringfence.detection.hubs import judge_hubs
from ringfence.detection.links import shared_links
from ringfence.detection.traits import account_traits
from ringfence.domain.graph import NO_TIME, AccountGraph, Ints
from ringfence.domain.identifiers import EMAIL, IP, IdentifierKey
from ringfence.domain.networks import NetworkTable, is_network
from ringfence.domain.rings import Grade, HubClass, KnownRing, RingState, Tier
from ringfence.screening.families import FAMILIES, KINDS, family_at, kind_at
from ringfence.screening.index import HUBS, MINUTE_MS, Array, IndexedRing, ScreeningIndex
from ringfence.screening.keys import key_hash, telling_key
from ringfence.screening.manner import FEATURES, manners_of

LEFT_OUT = frozenset({RingState.DISMISSED, RingState.CLOSED})
"""States of rings that no attempt is compared with."""
RECENT_MS = 7 * 24 * 3600 * 1000
"""Sign-ups so recent say how busy each ring is now."""
STEADY = 50.0
"""Imagined recent sign-ups that are spread as all sign-ups ever were."""
LEAST_SEEN = 3.0
"""Imagined members of each ring who are like everybody: a small ring says little."""
LEAST_MET = 3.0
"""Imagined carriers of what each ring carries who are as everybody is."""
RINGS_AN_IDENTIFIER = 16
"""Rings that one identifier leads to at the most, those that use it most."""
MOST_SURE = 1 - 1e-6
"""The most that a prior or a purity is: at 1, in 32 bits too, the odds would be infinite."""
MOST_FRESH = -2.0
"""The most that an identifier no member has used speaks against a ring, in nats."""


def build_index(
    graph: AccountGraph,
    known: Sequence[KnownRing],
    config: DetectionConfig,
    *,
    set_aside: Collection[IdentifierKey] = (),
) -> ScreeningIndex:
    """The index of a graph and its rings; equal ones give equal indexes.

    Args:
        graph: all accounts.
        known: rings as the last run and people left them.
        config: of that run; it says which hubs are public.
        set_aside: identifiers that tie nobody, as people said, networks among them; they count as
            public.
    """
    rings = sorted(filter(_counts, known), key=lambda ring: ring.id)
    now_ms = int(graph.accounts.last_seen_ms.max(initial=0))
    owner = _owners(graph, rings)
    aside = sorted({telling_key(key) for key in set_aside})
    table = _Table.of(graph, config, aside)
    indexed = tuple(_indexed(rings, graph, owner, now_ms))
    used = _uses(table, owner, len(rings))
    traits = _traits(graph, owner, len(rings))
    at = np.flatnonzero(owner >= 0)
    ids = [graph.accounts.ids[one] for one in at.tolist()]
    member_keys, member_ring = _sorted_by_key(_hashes("account", ids), owner[at].astype(np.int32))
    return ScreeningIndex(
        version=_version(graph, rings, aside),
        built_ms=now_ms,
        rings=indexed,
        keys=table.keys,
        degree=table.degree,
        hub=table.hub,
        last_seen=table.last_seen,
        **used,
        **traits,
        fresh=_fresh(table, owner, len(rings)),
        purity=_purity(table, owner, indexed),
        member_keys=member_keys,
        member_ring=member_ring,
        set_aside=tuple(aside),
    )


def _counts(ring: KnownRing) -> bool:
    """Whether newcomers are compared with a ring: one only watched proves nothing about them."""
    if ring.state in LEFT_OUT or not ring.members:
        return False
    return ring.judged or ring.tier in (Tier.AUTO, Tier.REVIEW)


def _owners(graph: AccountGraph, rings: Sequence[KnownRing]) -> Ints:
    """(n,) the ring of each account, -1 where there is none; an account in two: the surer one."""
    at_by_id = {account_id: at for at, account_id in enumerate(graph.accounts.ids)}
    owner = np.full(len(at_by_id), -1, dtype=np.int64)
    for slot in sorted(range(len(rings)), key=lambda slot: rings[slot].score or 0.0):
        found = [at_by_id[one] for one in rings[slot].members if one in at_by_id]
        owner[found] = slot
    return owner


@dataclass(frozen=True, slots=True)
class _Table:
    """m identifiers by key, and e links to them: account, place in the table, kind, minutes."""

    keys: Array
    degree: Array
    hub: Array
    last_seen: Array
    account: Ints
    identifier: Ints
    family: Ints
    kind: Ints
    first_seen: Ints
    link_last_seen: Ints

    @classmethod
    def of(
        cls, graph: AccountGraph, config: DetectionConfig, aside: Sequence[IdentifierKey]
    ) -> "_Table":
        kinds, values, links = graph.identifiers.kinds, graph.identifiers.values, graph.links
        derived = [
            telling_key(IdentifierKey(kind, value))
            for kind, value in zip(kinds, values, strict=True)
        ]
        mailed = [(at, email) for at, email in enumerate(graph.accounts.email) if email]
        derived += [telling_key(IdentifierKey(EMAIL, email)) for _, email in mailed]
        hashes = np.array([key_hash(*key) for key in derived], dtype=np.uint64)
        keys, place = np.unique(hashes, return_inverse=True)
        family = np.array([family_at(key.kind) for key in derived], dtype=np.int64)
        kind = np.array([kind_at(key.kind) for key in derived], dtype=np.int64)
        who = np.array([at for at, _ in mailed], dtype=np.int64)
        account = np.concatenate([links.account, who])
        row = np.concatenate([links.identifier, len(values) + np.arange(len(mailed))])
        seen_ms = graph.accounts.first_seen_ms[who]
        first = np.concatenate([links.first_seen_ms, seen_ms]) // MINUTE_MS
        last = np.concatenate([links.last_seen_ms, seen_ms]) // MINUTE_MS
        identifier = place[row]
        pair = identifier * max(len(graph.accounts), 1) + account
        _, once, back = np.unique(pair, return_index=True, return_inverse=True)
        # Several links of an account may become one: it was there from the first to the last.
        link_first, link_last = first[once], last[once]
        np.minimum.at(link_first, back, first)
        np.maximum.at(link_last, back, last)
        last_seen = np.zeros(len(keys), dtype=np.int64)
        np.maximum.at(last_seen, identifier, last)
        return cls(
            keys=keys,
            degree=np.bincount(identifier[once], minlength=len(keys)).astype(np.uint32),
            hub=_hubs(graph, config, keys, aside),
            last_seen=last_seen.astype(np.uint32),
            account=account[once],
            identifier=identifier[once],
            family=family[row[once]],
            kind=kind[row[once]],
            first_seen=link_first,
            link_last_seen=link_last,
        )


def _hubs(
    graph: AccountGraph, config: DetectionConfig, keys: Array, aside: Sequence[IdentifierKey]
) -> Array:
    links = shared_links(graph)
    hubs = judge_hubs(links, account_traits(graph, links, config.traits), config.hubs)
    hub = np.zeros(len(keys), dtype=np.uint8)
    for flags, kind in ((hubs.public, HubClass.PUBLIC), (hubs.suspect, HubClass.SUSPECT)):
        hashes = [key_hash(*links.keys[at]) for at in np.flatnonzero(flags).tolist()]
        hub[np.searchsorted(keys, np.array(hashes, dtype=np.uint64))] = HUBS.index(kind)
    hashes = [key_hash(*key) for key in (*aside, *_in_networks(graph, aside))]
    hub[np.isin(keys, np.array(hashes, dtype=np.uint64))] = HUBS.index(HubClass.PUBLIC)
    return hub


def _in_networks(graph: AccountGraph, aside: Sequence[IdentifierKey]) -> Iterator[IdentifierKey]:
    """Addresses of the graph, as accounts share them, in networks that were set aside."""
    networks = NetworkTable((key.value, key) for key in aside if is_network(key))
    kinds = graph.identifiers.kinds if networks else ()
    for kind, value in zip(kinds, graph.identifiers.values, strict=False):
        if kind == IP and any(networks.around(value)):
            yield telling_key(IdentifierKey(kind, value))


def _indexed(
    rings: Sequence[KnownRing], graph: AccountGraph, owner: Ints, now_ms: int
) -> Iterator[IndexedRing]:
    accounts = graph.accounts
    joined = np.where(
        accounts.signed_up_ms == NO_TIME, accounts.first_seen_ms, accounts.signed_up_ms
    )
    recent = joined >= now_ms - RECENT_MS
    inside = owner >= 0
    sizes = np.bincount(owner[inside], minlength=len(rings))
    lately = np.bincount(owner[inside & recent], minlength=len(rings))
    prior = (lately + STEADY * sizes / max(len(owner), 1)) / (int(recent.sum()) + STEADY)
    for slot, ring in enumerate(rings):
        yield IndexedRing(
            id=ring.id,
            score=ring.score or 0.0,
            grade=ring.grade or Grade.CIRCUMSTANTIAL,
            tier=ring.tier or Tier.WATCH,
            state=ring.state,
            size=int(sizes[slot]),
            prior=min(max(float(prior[slot]), 1e-9), MOST_SURE),
        )


def _uses(table: _Table, owner: Ints, rings: int) -> dict[str, Array]:
    """Identifiers by the rings that use them; public ones tie nobody."""
    own = owner[table.account]
    rows = np.flatnonzero((own >= 0) & (table.hub[table.identifier] != HUBS.index(HubClass.PUBLIC)))
    pair = table.identifier[rows] * max(rings, 1) + own[rows]
    order = np.argsort(pair, kind="stable")
    pairs, start, members = np.unique(pair[order], return_index=True, return_counts=True)
    identifier, ring = np.divmod(pairs, max(rings, 1))
    rows = rows[order]
    first = np.minimum.reduceat(table.first_seen[rows], start) if len(start) else start
    last = np.maximum.reduceat(table.link_last_seen[rows], start) if len(start) else start
    kept = _most_used(identifier, members)
    return {
        "use_keys": table.keys[identifier[kept]],
        "use_ring": ring[kept].astype(np.int32),
        "use_members": members[kept].astype(np.int32),
        "use_first": first[kept].astype(np.int32),
        "use_last": last[kept].astype(np.int32),
    }


def _most_used(identifier: Ints, members: Ints) -> Ints:
    """Rows of the rings that use each identifier most, in their order."""
    order = np.lexsort((-members, identifier))
    first = np.searchsorted(identifier, identifier[order], "left")
    rank = np.arange(len(order)) - first
    return np.sort(order[rank < RINGS_AN_IDENTIFIER])


def _fresh(table: _Table, owner: Ints, rings: int) -> Array:
    """How often a member's identifier of a family is one that no member used before, in nats."""
    own = owner[table.account]
    rows = own >= 0
    place = own[rows] * len(FAMILIES) + table.family[rows]
    uses = np.bincount(place, minlength=rings * len(FAMILIES))
    pairs = np.unique(place * max(len(table.keys), 1) + table.identifier[rows])
    distinct = np.bincount(pairs // max(len(table.keys), 1), minlength=rings * len(FAMILIES))
    share = (distinct + LEAST_SEEN) / (uses + LEAST_SEEN)
    ratio = np.maximum(np.log(share), MOST_FRESH)
    return ratio.reshape(rings, len(FAMILIES)).T.astype(np.float32)


def _purity(table: _Table, owner: Ints, rings: Sequence[IndexedRing]) -> Array:
    """(kinds, rings) share of members among those who carry what another member carries too."""
    own = owner[table.account]
    rows = np.flatnonzero((own >= 0) & (table.hub[table.identifier] != HUBS.index(HubClass.PUBLIC)))
    count = max(len(rings), 1)
    pair = table.identifier[rows] * count + own[rows]
    pairs, first, members = np.unique(pair, return_index=True, return_counts=True)
    identifier, ring = np.divmod(pairs, count)
    met = members * (table.degree[identifier].astype(np.int64) - 1)
    place = table.kind[rows][first] * count + ring
    width = len(KINDS) * count
    like = np.bincount(place, members * (members - 1), width).reshape(len(KINDS), count)
    all_met = np.bincount(place, met, width).reshape(len(KINDS), count)
    prior = np.array([ring.prior for ring in rings] or [0.0])
    purity = np.minimum((like + LEAST_MET * prior) / (all_met + LEAST_MET), MOST_SURE)
    return purity[:, : len(rings)].astype(np.float32)


def _traits(graph: AccountGraph, owner: Ints, rings: int) -> dict[str, Array]:
    """What is like the rings, feature by feature, after naive Bayes."""
    inside = np.flatnonzero(owner >= 0).tolist()
    keys, slots, ratios = [], [], []
    absent = np.zeros((len(FEATURES), rings), dtype=np.float32)
    for at, values in enumerate(manners_of(graph)):
        common = Counter(values)
        known = sum(common.values()) - common[None]
        mine: dict[int, Counter[str]] = defaultdict(Counter)
        for account in inside:
            if value := values[account]:
                mine[int(owner[account])][value] += 1
        for slot, counts in mine.items():
            members = sum(counts.values())
            absent[at, slot] = np.log(LEAST_SEEN / (members + LEAST_SEEN))
            for value, count in counts.items():
                share = common[value] / known
                seen = (count + LEAST_SEEN * share) / (members + LEAST_SEEN)
                keys.append(key_hash(FEATURES[at], value))
                slots.append(slot)
                ratios.append(np.log(seen / share))
    trait_keys = np.array(keys, dtype=np.uint64)
    order = np.lexsort((np.array(slots, dtype=np.int64), trait_keys))
    return {
        "trait_keys": trait_keys[order],
        "trait_ring": np.array(slots, dtype=np.int32)[order],
        "trait_ratio": np.array(ratios, dtype=np.float32)[order],
        "trait_absent": absent,
    }


def _hashes(kind: str, values: Sequence[str]) -> Array:
    return np.array([key_hash(kind, value) for value in values], dtype=np.uint64)


def _sorted_by_key(keys: Array, values: Array) -> tuple[Array, Array]:
    order = np.argsort(keys)
    return keys[order], values[order]


def _version(
    graph: AccountGraph, rings: Sequence[KnownRing], aside: Sequence[IdentifierKey]
) -> str:
    """64 bits, in hex, over the graph, what is told of its rings, and what ties nobody."""
    digest = blake2b(graph.fingerprint().encode(), digest_size=8)
    for ring in rings:
        told = (ring.id, ring.score, ring.grade, ring.tier, ring.state, sorted(ring.members))
        digest.update(repr(told).encode())
    for key in aside:
        digest.update(repr(tuple(key)).encode())
    return digest.hexdigest()
