"""The conclusions of a dossier, concluded again from its facts; the first that differs is named."""

import math
from collections.abc import Iterator
from dataclasses import fields
from itertools import pairwise
from typing import Final

import orjson

from ringfence.detection.config import RingParameters
from ringfence.detection.grading import grade_of, tier_of
from ringfence.detection.likeness_points import LIKENESS_CODES
from ringfence.detection.pipeline import LEAST_LIKENESS
from ringfence.domain.dossiers import (
    FORMAT,
    Dossier,
    count_by_day,
    count_carriers,
    identifiers_by_member,
    roles_of,
)
from ringfence.domain.rings import RingState, Role, Tier

UNTOLD_LOG_ODDS: Final = 1.5
"""What thirty reasons too small to be told (below 0.05 each) may add to a score at the most."""
ROUNDING: Final = 1e-6
_PART: Final = 1e-9


def first_fault(dossier: Dossier) -> str | None:
    """The first conclusion that does not follow from the facts, or None where all do."""
    checks = (_shape, _totals, _sums, _proof, _grade, _by_config)
    return next((fault for check in checks for fault in check(dossier)), None)


def not_concluded(dossier: Dossier) -> tuple[str, ...]:
    """What the facts do not suffice to conclude again, in words."""
    left = []
    if not dossier.whole:
        left.append("roles, strengths and agreeing kinds (the evidence is not as it was judged)")
    if dossier.run is None:
        left.append("score and tier (the run is kept no more)")
    return tuple(left)


def _shape(dossier: Dossier) -> Iterator[str]:
    if dossier.format != FORMAT:
        yield f"format is {dossier.format}, expected {FORMAT}"
        return
    for name in ("members", "evidence", "links"):
        table = getattr(dossier, name)
        if len({len(getattr(table, column.name)) for column in fields(table)}) > 1:
            yield f"{name}: the columns differ in length"
            return
    ids = dossier.members.account_ids
    if any(a >= b for a, b in pairwise(ids)):
        yield "members: not by account id, each once"
    hashes = dossier.evidence.hashes
    if len(set(hashes)) < len(hashes):
        yield "evidence: an identifier is told twice"
    places = list(zip(dossier.links.members, dossier.links.evidence, strict=True))
    if any(a >= b for a, b in pairwise(places)):
        yield "links: not by member and identifier, each once"
    if any(not (0 <= a < len(ids) and 0 <= b < len(hashes)) for a, b in places):
        yield "links: one leads to no member or no identifier"


def _totals(dossier: Dossier) -> Iterator[str]:
    told, members = dossier.conclusions, dossier.members
    size = len(members.account_ids)
    for name, is_, expected in (
        ("size", told.size, size),
        ("core_size", told.core_size, members.roles.count(Role.CORE)),
        ("missing", told.missing, dossier.ring.size_told - size),
        ("exchanges", told.exchanges, sum(members.exchanges)),
        ("tokens", told.tokens, sum(members.tokens)),
    ):
        if is_ != expected:
            yield f"conclusions.{name} is {is_}, the members give {expected}"


def _sums(dossier: Dossier) -> Iterator[str]:
    if dossier.sign_ups != count_by_day(dossier.members.signed_up_ms):
        yield "sign_ups are not those of the members by day"
    carriers = count_carriers(dossier.links, len(dossier.evidence.kinds))
    for at, (told, counted) in enumerate(zip(dossier.evidence.members, carriers, strict=True)):
        if told != counted:
            yield f"evidence #{at + 1} tells {told} members, the links give {counted}"


def _proof(dossier: Dossier) -> Iterator[str]:
    """Roles and strengths, where the evidence is what detection judged."""
    if not dossier.whole:
        return
    members, evidence = dossier.members, dossier.evidence
    carried = identifiers_by_member(dossier.links, len(members.account_ids))
    roles = roles_of(evidence, dossier.links, len(members.account_ids))
    for at, places in enumerate(carried):
        weights = [evidence.weights[place] or 0.0 for place in places]
        if abs(members.strengths[at] - sum(weights)) > 1e-4 * (len(places) + 1):
            yield (
                f"member {at + 1} has strength {members.strengths[at]}, "
                f"its identifiers give {sum(weights):.4f}"
            )
        if members.roles[at] is not roles[at]:
            yield f"member {at + 1} is {members.roles[at]}, its identifiers give {roles[at]}"


def _grade(dossier: Dossier) -> Iterator[str]:
    told = dossier.conclusions
    expected = grade_of(told.kinds, _likenesses(dossier))
    if told.grade is not expected:
        yield f"conclusions.grade is {told.grade}, kinds and likenesses give {expected}"


def _by_config(dossier: Dossier) -> Iterator[str]:
    """Score, tier and agreeing kinds, by the parameters of the run."""
    if dossier.run is None:
        return
    try:
        config = orjson.loads(dossier.run.config)
        score, rings = config["score"], RingParameters.model_validate(config["rings"])
        prior, scale, shift = (float(score[name]) for name in ("prior", "scale", "shift"))
        agrees_from = float(score["agrees_from"])
    except (ValueError, KeyError, TypeError):
        yield "run.config is no configuration that this version knows"
        return
    weights = math.fsum(reason.weight for reason in dossier.reasons)
    yield from _score(dossier, scale * (prior + weights) + shift, abs(scale) * UNTOLD_LOG_ODDS)
    yield from _tier(dossier, rings)
    if dossier.whole:
        yield from _kinds(dossier, agrees_from)


def _score(dossier: Dossier, log_odds: float, untold: float) -> Iterator[str]:
    told = dossier.conclusions.score
    least, most = (_probability(log_odds + off) for off in (-untold, untold))
    if not least - ROUNDING <= told <= most + ROUNDING:
        yield (
            f"conclusions.score is {told}, the reasons give {_probability(log_odds):.6f} "
            f"({least:.6f} to {most:.6f} with those too small to be told)"
        )


def _tier(dossier: Dossier, parameters: RingParameters) -> Iterator[str]:
    """The tier by rule; what people said of a ring may hold it in review or watch."""
    told = dossier.conclusions
    by_rule = tier_of(
        told.score, told.grade, dossier.ring.size_told, _likenesses(dossier), parameters
    )
    judged = dossier.ring.state is not RingState.OPEN or any(
        reason.code == "dismissed_before" for reason in dossier.reasons
    )
    allowed = {by_rule} | ({Tier.REVIEW, Tier.WATCH} if judged else set())
    if told.tier not in allowed:
        yield f"conclusions.tier is {told.tier}, score and grade give {by_rule}"


def _kinds(dossier: Dossier, agrees_from: float) -> Iterator[str]:
    evidence, links = dossier.evidence, dossier.links
    for kind in dossier.conclusions.kinds:
        reached = {
            member
            for member, at in zip(links.members, links.evidence, strict=True)
            if evidence.kinds[at] == kind
        }
        share = len(reached) / max(dossier.conclusions.size, 1)
        if share < agrees_from - _PART:
            yield f"kind {kind} reaches {share:.1%} of the members, {agrees_from:.0%} are needed"


def _likenesses(dossier: Dossier) -> frozenset[str]:
    return frozenset(
        reason.code
        for reason in dossier.reasons
        if reason.code in LIKENESS_CODES and reason.weight >= LEAST_LIKENESS
    )


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(min(log_odds, 700.0), -700.0)))
