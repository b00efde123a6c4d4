"""The whole of detection: from the account graph to rings with ids, evidence and reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ringfence.detection.attachment import spare_bystanders, spare_card_owners
from ringfence.detection.belonging import attach_by_belonging
from ringfence.detection.bipartite import build_skeleton
from ringfence.detection.careful import attach_by_sittings, group_by_sittings
from ringfence.detection.cells import cut_cells
from ringfence.detection.collector import collector_off
from ringfence.detection.config import DetectionConfig
from ringfence.detection.corroboration import corroborate
from ringfence.detection.discounts import with_discounts
from ringfence.detection.explaining import evidence_by_group, reasons_of
from ringfence.detection.grading import grade_of, tier_of
from ringfence.detection.hubs import Hubs, judge_hubs
from ringfence.detection.identity import name_rings
from ringfence.detection.known_shared import without_known_shared
from ringfence.detection.likeness_points import LIKENESS_CODES
from ringfence.detection.links import Flags, SharedLinks, shared_links
from ringfence.detection.membership import members_by_group
from ringfence.detection.operations import group_operations
from ringfence.detection.pairs import tied_pairs
from ringfence.detection.profiles import Groups, profile_groups
from ringfence.detection.rings import groups_of, join_cells
from ringfence.detection.scoring import Scores, score_groups
from ringfence.detection.ties import Ties, find_ties
from ringfence.detection.traits import Traits, account_traits
from ringfence.detection.workers import THIS_PROCESS, Workers
from ringfence.domain.appeals import NO_DISCOUNTS, Discounts
from ringfence.domain.graph import AccountGraph, Ints
from ringfence.domain.known_shared import KnownSharedList
from ringfence.domain.rings import Detection, Evidence, KnownRing, Member, Ring

LEAST_LIKENESS = 0.2
"""Log-odds from which a likeness counts for the grade."""


def detect_rings(
    graph: AccountGraph,
    config: DetectionConfig,
    known: Sequence[KnownRing] = (),
    *,
    known_shared: KnownSharedList = (),
    discounts: Discounts = NO_DISCOUNTS,
) -> Detection:
    """Find the rings of a graph.

    Equal graphs, parameters and known rings give equal results, whatever the order of the input.

    Args:
        graph: accounts and what they share.
        config: parameters; `load_config()` gives the default ones.
        known: rings of an earlier run, whose ids live on where they continue.
        known_shared: identifiers that prove nothing for some days.
        discounts: identifiers that prove less, as appeals overturned them so many times.
    """
    with collector_off():
        links = shared_links(graph)
    rings = rings_of_links(
        links, graph, config, known, known_shared=known_shared, discounts=discounts
    )
    return Detection(rings, graph.fingerprint())


def rings_of_links(
    links: SharedLinks,
    graph: AccountGraph,
    config: DetectionConfig,
    known: Sequence[KnownRing] = (),
    *,
    known_shared: KnownSharedList = (),
    discounts: Discounts = NO_DISCOUNTS,
    workers: Workers = THIS_PROCESS,
) -> tuple[Ring, ...]:
    """Find the rings of links that somebody pruned already.

    Args:
        links: of identifiers that two or more accounts carry.
        graph: that accounts and their traits are read from; of its links only those to addresses
            and payment instruments count, and of these only what is known of the other end.
        config: parameters.
        known: rings of an earlier run.
        known_shared: identifiers that prove nothing for some days.
        discounts: identifiers that prove less.
        workers: who does what can be done elsewhere.
    """
    with collector_off():
        links = without_known_shared(links, known_shared)
        links = with_discounts(links, discounts, config.proof.overturned)
        traits = account_traits(graph, links, config.traits)
        hubs = judge_hubs(
            links, traits, config.hubs, judge=workers.judge, components=workers.components
        )
        label = _label_accounts(links, hubs, traits, config, workers)
        found = _Found.of(label, links, hubs, traits, config)
        return _rings(found, graph, config, known)


def _label_accounts(
    links: SharedLinks, hubs: Hubs, traits: Traits, config: DetectionConfig, workers: Workers
) -> Ints:
    """(n,) group of each account, bystanders on their own."""
    n = links.own.shape[1]
    pairs = tied_pairs(links, hubs, traits, config)
    skeleton = build_skeleton(links, hubs, pairs, config.proof, components=workers.components)
    cell = cut_cells(skeleton, config.cells, seed=config.seed, cut_all=workers.cut)
    label = join_cells(skeleton, cell, n, config.rings)
    label = _without_bystanders(label, links, hubs, traits, config)
    if config.parts.corroboration:
        label = corroborate(label, links, hubs, traits, config)
    label = _without_bystanders(label, links, hubs, traits, config, whole=True)
    if config.parts.sittings:
        label = attach_by_sittings(label, links, traits, config)
        label = group_by_sittings(label, links, traits, config)
    if config.parts.belonging:
        ringlike = _of_rings(label, links, hubs, traits, config)
        label = attach_by_belonging(label, ringlike, links, hubs, traits, config)
    return label


def _of_rings(
    label: Ints, links: SharedLinks, hubs: Hubs, traits: Traits, config: DetectionConfig
) -> Flags:
    """(n,) accounts of the groups that their score makes rings."""
    found = _Found.of(label, links, hubs, traits, config)
    flagged = (found.scores.probability >= config.rings.review_score) & (
        found.groups.sizes >= config.rings.flag_size
    )
    inside = np.zeros(len(label), dtype=bool)
    inside[found.groups.account[flagged[found.groups.group]]] = True
    return inside


def _without_bystanders(
    label: Ints,
    links: SharedLinks,
    hubs: Hubs,
    traits: Traits,
    config: DetectionConfig,
    *,
    whole: bool = False,
) -> Ints:
    """(n,) labels with bystanders on their own; `whole`: groups are joined as far as can be."""
    if not config.parts.bystanders:
        return label
    groups, _ = groups_of(label, least=2)
    ties = find_ties(groups, links, hubs, config.proof)
    spared = spare_bystanders(groups, ties, links, traits, config.bystanders)
    if whole:
        spared |= spare_card_owners(groups, ties, links, config.bystanders.few)
    return np.where(spared, int(label.max(initial=-1)) + 1 + np.arange(len(label)), label)


@dataclass(frozen=True, slots=True)
class _Found:
    """Groups and all that is known of them, before they become rings."""

    links: SharedLinks
    hubs: Hubs
    groups: Groups
    ties: Ties
    scores: Scores

    @classmethod
    def of(
        cls,
        label: Ints,
        links: SharedLinks,
        hubs: Hubs,
        traits: Traits,
        config: DetectionConfig,
    ) -> "_Found":
        groups, _ = groups_of(label, least=2)
        ties = find_ties(groups, links, hubs, config.proof)
        profiles = profile_groups(groups, traits)
        scores = score_groups(groups, ties, profiles, links, config.score)
        return cls(links, hubs, groups, ties, scores)


def _rings(
    found: _Found, graph: AccountGraph, config: DetectionConfig, known: Sequence[KnownRing]
) -> tuple[Ring, ...]:
    chosen = np.flatnonzero(found.scores.probability >= config.rings.watch_score).tolist()
    evidence = evidence_by_group(chosen, found.ties, found.links, found.hubs)
    chosen = [group for group in chosen if evidence[group]]
    evidence = {group: evidence[group] for group in chosen}
    members = members_by_group(evidence, found.ties, graph.accounts.ids)
    drafts = [
        _draft(group, members[group], tuple(piece for _, piece in evidence[group]), found, config)
        for group in chosen
    ]
    flagged = found.scores.probability >= config.rings.review_score
    operation = group_operations(found.groups, found.links, found.hubs, flagged, config.operations)
    return name_rings(drafts, operation[chosen].tolist(), known)


def _draft(
    group: int,
    members: tuple[Member, ...],
    evidence: tuple[Evidence, ...],
    found: _Found,
    config: DetectionConfig,
) -> Ring:
    """The ring that a group is, still without a name."""
    agreeing = np.flatnonzero(found.scores.agreeing[:, group])
    kinds = tuple(found.links.kinds[code] for code in agreeing)
    reasons = reasons_of(found.scores, group)
    likenesses = frozenset(
        reason.code
        for reason in reasons
        if reason.code in LIKENESS_CODES and reason.weight >= LEAST_LIKENESS
    )
    score = float(found.scores.probability[group])
    grade = grade_of(kinds, likenesses)
    return Ring(
        id="",
        operation_id="",
        score=round(score, 6),
        grade=grade,
        tier=tier_of(score, grade, len(members), likenesses, config.rings),
        members=members,
        evidence=evidence,
        reasons=reasons,
        kinds=kinds,
    )
