"""How far an account is from a ring: the proof it has, what is missing, what speaks against it."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from ringfence.detection.attachment import has_own_machine
from ringfence.detection.config import DetectionConfig
from ringfence.detection.discounts import with_discounts
from ringfence.detection.families import family_of
from ringfence.detection.hubs import Hubs, judge_hubs
from ringfence.detection.known_shared import without_known_shared
from ringfence.detection.links import SharedLinks, shared_links
from ringfence.detection.pairs import proof_of
from ringfence.detection.traits import Traits, account_traits
from ringfence.detection.why_not_text import told
from ringfence.domain.appeals import NO_DISCOUNTS, Discounts
from ringfence.domain.graph import AccountGraph, Ints
from ringfence.domain.identifiers import Strength, strength_of
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.rings import HubClass
from ringfence.domain.why_not import SharedWithRing, WhyNot
from ringfence.errors import NotFound


def why_not(
    graph: AccountGraph,
    account_id: str,
    rings: Mapping[str, Collection[str]],
    config: DetectionConfig,
    *,
    known_shared: KnownSharedList = (),
    discounts: Discounts = NO_DISCOUNTS,
) -> WhyNot:
    """What keeps an account out of a ring, or out of the nearest one.

    The nearest is the ring that it is a member of, else the one with which it shares the most
    proof; ties go by id. This weighs what is shared. Whole detection also looks at sittings and
    manner, so enough proof does not mean that a run would take the account in.

    Args:
        graph: accounts and what they share.
        account_id: the account.
        rings: ids of the members by ring: one ring is asked about, of several the nearest.
        config: parameters of detection.
        known_shared: identifiers that prove nothing for some days.
        discounts: identifiers that prove less, as appeals overturned them so many times.

    Raises:
        NotFound: the graph has no such account.
    """
    account = _index_of(graph.accounts.ids, account_id)
    if account is None:
        raise NotFound(
            f"The graph knows no account {account_id[:300]}. Check the id, or ingest its events."
        )
    links = without_known_shared(shared_links(graph), known_shared)
    links = with_discounts(links, discounts, config.proof.overturned)
    traits = account_traits(graph, links, config.traits)
    hubs = judge_hubs(links, traits, config.hubs)
    shares_by_ring = _shares_by_ring(account, links, hubs, config, _rings_by_account(graph, rings))
    ring_id = _nearest(account_id, rings, shares_by_ring)
    shares = shares_by_ring.get(ring_id, ()) if ring_id else ()
    member = ring_id is not None and account_id in rings[ring_id]
    members = rings[ring_id] if ring_id else ()
    against = _against(account, _indices(graph, members), links, traits, config)
    answer = WhyNot(
        account_id=account_id,
        ring_id=ring_id,
        member=member,
        shares=shares,
        proof=round(_proof(shares), 4),
        needed=config.attach.proof,
        missing=() if member else _missing(shares, config),
        against=against,
        text="",
    )
    return told(answer, rings)


def _rings_by_account(
    graph: AccountGraph, rings: Mapping[str, Collection[str]]
) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for ring_id, members in rings.items():
        for account in _indices(graph, members).tolist():
            found[account].append(ring_id)
    return found


def _shares_by_ring(
    account: int,
    links: SharedLinks,
    hubs: Hubs,
    config: DetectionConfig,
    rings_by_account: Mapping[int, Sequence[str]],
) -> dict[str, tuple[SharedWithRing, ...]]:
    """What the account shares with each ring with which it shares anything, strongest first."""
    found: dict[str, list[SharedWithRing]] = defaultdict(list)
    for identifier in links.identifier[links.account == account].tolist():
        start, end = np.searchsorted(links.identifier, [identifier, identifier + 1])
        members = Counter(
            ring_id
            for carrier in links.account[start:end].tolist()
            if carrier != account
            for ring_id in rings_by_account.get(carrier, ())
        )
        for ring_id, count in members.items():
            found[ring_id].append(_share(identifier, count, links, hubs, config))
    return {
        ring_id: tuple(sorted(shares, key=lambda share: (-share.proof, share.key)))
        for ring_id, shares in found.items()
    }


def _share(
    identifier: int, members: int, links: SharedLinks, hubs: Hubs, config: DetectionConfig
) -> SharedWithRing:
    key, degree = links.keys[identifier], int(links.degree[identifier])
    rarity = proof_of(np.array([degree]), links.own.shape[1], config.proof.typical_ring)
    part = 0.0 if hubs.public[identifier] else config.proof.of(strength_of(key.kind))
    return SharedWithRing(
        key=key,
        members=members,
        accounts=degree,
        hub=hubs.class_of(identifier),
        proof=round(part * float(rarity[0] * links.trust[identifier]), 4),
    )


def _nearest(
    account_id: str,
    rings: Mapping[str, Collection[str]],
    shares_by_ring: Mapping[str, tuple[SharedWithRing, ...]],
) -> str | None:
    near = [name for name in rings if name in shares_by_ring or account_id in rings[name]]
    return min(
        near,
        key=lambda name: (
            account_id not in rings[name],
            -_proof(shares_by_ring.get(name, ())),
            -len(shares_by_ring.get(name, ())),
            name,
        ),
        default=None,
    )


def _best_by_family(shares: Sequence[SharedWithRing]) -> dict[str, float]:
    """Families that take part in the proof, and what the best kind of each gives."""
    best: dict[str, float] = {}
    for share in shares:
        if share.proof > 0:
            family = family_of(share.key.kind)
            best[family] = max(best.get(family, 0.0), share.proof)
    return best


def _proof(shares: Sequence[SharedWithRing]) -> float:
    return sum(_best_by_family(shares).values())


def _missing(shares: Sequence[SharedWithRing], config: DetectionConfig) -> tuple[str, ...]:
    """Codes of what is missing, the plainest first."""
    if not shares:
        return ("nothing_shared",)
    private = [share for share in shares if share.hub is not HubClass.PUBLIC]
    families = {family_of(share.key.kind) for share in private}
    strengths = {strength_of(share.key.kind) for share in private}
    short = round(_proof(shares), 4) < config.attach.proof
    full = {
        family: max(
            config.proof.of(strength_of(share.key.kind))
            for share in private
            if family_of(share.key.kind) == family
        )
        for family in families
    }
    holds = {
        "only_places": strengths == {Strength.NEVER_ALONE},
        "one_family": short and len(families) == 1,
        "too_common": short and sum(full.values()) >= config.attach.proof,
        "public_hub": len(private) < len(shares),
        "not_enough_proof": short,
    }
    return tuple(code for code, held in holds.items() if held)


def _against(
    account: int, members: Ints, links: SharedLinks, traits: Traits, config: DetectionConfig
) -> tuple[str, ...]:
    """Codes of what speaks for the account and so against its being of the ring."""
    paying = traits.flags["established"]
    holds = {
        "pays_for_months": bool(paying.holds[account] and paying.known[account]),
        "own_machine": bool(has_own_machine(links)[account]),
        "out_of_time": _out_of_time(account, members, traits, config.bystanders.margin),
    }
    return tuple(code for code, held in holds.items() if held)


def _out_of_time(account: int, members: Ints, traits: Traits, least_margin: float) -> bool:
    """Whether it signed up half the ring's own span away from the middle eight tenths of it."""
    others = members[members != account]
    if not len(others) or not traits.times_differ:
        return False
    low, high = np.quantile(traits.joined_rank[others], [0.1, 0.9])
    margin = max((high - low) / 2, least_margin)
    rank = traits.joined_rank[account]
    return bool(rank < low - margin or rank > high + margin)


def _indices(graph: AccountGraph, account_ids: Collection[str]) -> Ints:
    """Places of those of the accounts that the graph holds."""
    found = (_index_of(graph.accounts.ids, account_id) for account_id in sorted(account_ids))
    return np.array([at for at in found if at is not None], dtype=np.int64)


def _index_of(ids: Sequence[str], account_id: str) -> int | None:
    at = bisect_left(ids, account_id)
    return at if at < len(ids) and ids[at] == account_id else None
