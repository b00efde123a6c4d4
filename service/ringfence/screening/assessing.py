"""What an attempt leads to: the odds that it is one of a ring's accounts, and why.

Naive Bayes over rings and everybody else: how much of all sign-ups is each ring's just now, who
carries the identifiers that the attempt carries, and how far it is like the ring's accounts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log
from typing import Final, NamedTuple

import numpy as np

from ringfence.domain.identifiers import EMAIL, IP, PAYMENT_INSTRUMENT, IdentifierKey
from ringfence.domain.masking import mask
from ringfence.domain.rings import Reason
from ringfence.domain.screenings import Assessment, Attempt, Burst, Link, ReEntry, TouchedRing
from ringfence.screening.families import PLACE, family_at, kind_at
from ringfence.screening.fresh import Carriers, FreshSignUps
from ringfence.screening.index import MINUTE_MS, Array, ScreeningIndex
from ringfence.screening.keys import key_hash, person_of, telling_keys
from ringfence.screening.manner import manner_of

NOTHING_FRESH: Final = FreshSignUps()
MANNER_CAP: Final = 6.0
"""All features together count so much at the most: they are not independent."""
MANNER_FLOOR: Final = -2.0
"""Against a ring they count less: a crew changes its manner sooner than its devices."""
WINDOW_MIN: Final = 72 * 60
"""Minutes before and after a ring's own uses of a place within which it counts."""
PLACE_CAP: Final = 4.0
"""A place counts so much at the most: a proxy exit is also somebody's home."""
IMAGINED: Final = 2.0
"""Carriers that each identifier is thought to have beside those known."""
TOLD: Final = 5
"""Links that an answer names at the most."""
_family: Final = lru_cache(maxsize=1_024)(family_at)


def note(fresh: FreshSignUps, attempt: Attempt, assessment: Assessment) -> None:
    """Let a sign-up count for those that come after it."""
    keys = telling_keys(attempt.keys, attempt.email)
    note_hashes(fresh, person_of(attempt), [key_hash(*key) for key in keys], assessment)


def note_hashes(
    fresh: FreshSignUps, who: int, hashes: Sequence[int], assessment: Assessment
) -> None:
    """Let a sign-up count for those that come after it.

    Args:
        fresh: what came lately.
        who: `person_of` the attempt.
        hashes: of its identifiers.
        assessment: of it.
    """
    ring = assessment.ring
    fresh.note(who, hashes, {ring.ring_id: ring.likelihood} if ring else {})


class Lead(NamedTuple):
    """One identifier that leads to a ring."""

    weight: float
    key: IdentifierKey
    family: int
    members: float
    others: float


Leads = dict[int, list[Lead]]
"""What leads to each ring, by its place."""


@dataclass(frozen=True, slots=True)
class Case:
    """An attempt in the terms of one index, worked out once for all that look at it.

    Attributes:
        who: `person_of` it.
        keys: what accounts can share of it, each once.
        hashes: of the keys.
        rows: of the keys in the index, -1 where it does not know them.
        slot: place of the ring that the account is in already, or None.
        leads: those of the keys that lead to rings.
        manner: (rings,) how far the attempt is like the accounts of each, in nats.
    """

    index: ScreeningIndex
    attempt: Attempt
    who: int
    keys: Sequence[IdentifierKey]
    hashes: Sequence[int]
    rows: Sequence[int]
    slot: int | None
    leads: Leads
    manner: Array


def case_of(
    index: ScreeningIndex, attempt: Attempt, keys: Sequence[IdentifierKey], fresh: FreshSignUps
) -> Case:
    """The attempt as the index knows it.

    Args:
        index: of some moment.
        attempt: as it was asked.
        keys: `telling_keys` of it.
        fresh: who came since the moment of the index.
    """
    hashes = [key_hash(kind, value) for kind, value in keys]
    rows = [index.row_of(hash_) for hash_ in hashes]
    account_id, who = attempt.account_id, person_of(attempt)
    lately = [fresh.of(hash_, who) for hash_ in hashes]
    return Case(
        index,
        attempt,
        who,
        keys,
        hashes,
        rows,
        None if account_id is None else index.slot_of(account_id),
        _leads(index, zip(keys, hashes, rows, lately, strict=True), attempt.at_ms),
        _manner(index, attempt) if index.rings else index.scores,
    )


def assess(
    index: ScreeningIndex,
    attempt: Attempt,
    fresh: FreshSignUps = NOTHING_FRESH,
    *,
    without: IdentifierKey | None = None,
) -> Assessment:
    """What the index knows of an attempt; the same each time.

    Args:
        index: of some moment.
        attempt: as it was asked.
        fresh: who came since that moment.
        without: an identifier to look past, to tell what the answer would be without it.
    """
    case = case_of(index, attempt, telling_keys(attempt.keys, attempt.email), fresh)
    return assess_case(case, without=without)


def assess_case(
    case: Case,
    *,
    without: IdentifierKey | None = None,
    in_words: bool = True,
    re_entry: ReEntry | None = None,
    bursts: tuple[Burst, ...] = (),
) -> Assessment:
    """What the index knows of a case; the same each time.

    Args:
        case: of some index.
        without: an identifier to look past.
        in_words: whether links and reasons are told; a policy asks for neither.
        re_entry: to be told with it.
        bursts: to be told with it.
    """
    index, slot = case.index, case.slot
    if not index.rings:
        return Assessment(0.0, re_entry=re_entry, bursts=bursts)
    leads, manner = case.leads, case.manner
    if without is not None:
        leads, manner = _lacking(leads, without), _manner(index, lacking(case.attempt, without))
    weights = np.exp(_odds(case, leads, manner, without))
    total, scored = (index.ones_and_scores @ weights).tolist()
    if slot is None:
        best, total = int(weights.argmax()), total + index.nobodys
        score, likelihood = scored / total, float(weights[best]) / total
    else:
        best, score, likelihood = slot, index.rings[slot].score, 1.0
    ring = index.rings[best]
    links: tuple[Link, ...] = ()
    reasons: tuple[Reason, ...] = ()
    if in_words:
        links = _links(leads.get(best, ()))
        reasons = _reasons(ring.id, links, ring.prior, float(manner[best]), member=slot is not None)
    return Assessment(
        min(score, 1.0),
        TouchedRing(ring.id, likelihood, ring.score, ring.grade, ring.tier, ring.state, ring.size),
        links,
        reasons,
        re_entry,
        bursts,
    )


def _leads(
    index: ScreeningIndex,
    rows: Iterable[tuple[IdentifierKey, int, int, Carriers]],
    at_ms: int,
) -> Leads:
    """Identifiers that lead to rings, by ring.

    Args:
        index: of some moment.
        rows: keys, their hashes and rows, and who carried them since that moment.
        at_ms: of the attempt.
    """
    leads: Leads = {}
    for key, hash_, row, lately in rows:
        if (row < 0 and not lately.likely) or index.ties_nobody(key, row):
            continue
        family = _family(key.kind)
        members: dict[int, float] = {}
        for use in index.uses_of(hash_) if row >= 0 else ():
            if family != PLACE or _there(index, use, at_ms):
                members[int(index.use_ring[use])] = float(index.use_members[use])
        for ring_id, likely in lately.likely.items():
            if (slot := index.slots.get(ring_id)) is not None:
                members[slot] = members.get(slot, 0.0) + likely
        if members:
            carriers = lately.count + (int(index.degree[row]) if row >= 0 else 0)
            for slot, count in members.items():
                lead = _lead(index, key, family, slot, count, carriers)
                if lead.weight > 0:
                    leads.setdefault(slot, []).append(lead)
    return leads


def _lacking(leads: Leads, key: IdentifierKey) -> Leads:
    """The same without an identifier."""
    lacking = {slot: [lead for lead in found if lead.key != key] for slot, found in leads.items()}
    return {slot: found for slot, found in lacking.items() if found}


def lacking(attempt: Attempt, key: IdentifierKey) -> Attempt:
    """The attempt as if it had not told that identifier, nor what can be read off it."""
    if key.kind == EMAIL:
        return replace(attempt, email=None)
    if key.kind == IP:
        return replace(attempt, ip=None)
    if key.kind == PAYMENT_INSTRUMENT:
        return replace(attempt, instrument=None)
    return attempt


def _there(index: ScreeningIndex, use: int, at_ms: int) -> bool:
    """Whether a ring was at a place around that time; whoever has it months later met nobody."""
    minute = at_ms // MINUTE_MS
    first, last = int(index.use_first[use]), int(index.use_last[use])
    return first - WINDOW_MIN <= minute <= last + WINDOW_MIN


def _lead(
    index: ScreeningIndex, key: IdentifierKey, family: int, slot: int, members: float, carriers: int
) -> Lead:
    others = max(carriers - members, 0.0)
    purity = float(index.purity[kind_at(key.kind), slot])
    weight = _weight(members, others, index.rings[slot].prior, purity)
    if family == PLACE:
        weight = min(weight, PLACE_CAP)
    return Lead(weight, key, family, members, others)


def _weight(members: float, others: float, prior: float, purity: float) -> float:
    """How much more likely the next who carries an identifier is of the ring than anybody is.

    As if so many more had carried it who are as pure as the carriers of the ring's identifiers, as
    far as it is sure that one carrier is of the ring at all.
    """
    purity *= min(members, 1.0)
    of_ring = (members + IMAGINED * purity) / (others + IMAGINED * (1.0 - purity))
    return log(of_ring) - log(prior / (1.0 - prior))


def _odds(case: Case, leads: Leads, manner: Array, without: IdentifierKey | None) -> Array:
    """(rings,) log-odds that the attempt is one of each ring's, beside everybody else's."""
    index, families = case.index, 0
    for key in case.keys:
        if key != without:
            families |= 1 << _family(key.kind)
    odds: Array = index.untouched(families) + manner
    for slot, found in leads.items():
        odds[slot] += _touched(index, slot, found)
    return odds


def _touched(index: ScreeningIndex, slot: int, leads: Sequence[Lead]) -> float:
    """What leads to a ring, in place of what would speak against it if nothing did.

    The best of each family, and less for each further one of it: b * (2 - 2 ** (1 - count)).
    """
    if len(leads) == 1:
        return leads[0].weight - float(index.fresh[leads[0].family, slot])
    weights: dict[int, list[float]] = {}
    for lead in leads:
        weights.setdefault(lead.family, []).append(lead.weight)
    return sum(
        max(found) * (2.0 - 2.0 ** (1 - len(found))) - float(index.fresh[family, slot])
        for family, found in weights.items()
    )


def _manner(index: ScreeningIndex, attempt: Attempt) -> Array:
    """(rings,) how far the attempt is like the accounts of each, in nats."""
    total = np.zeros(len(index.rings))
    row_of = index.trait_rows.row
    for feature in manner_of(attempt):
        total += row_of(feature)
    np.minimum(total, MANNER_CAP, out=total)
    return np.maximum(total, MANNER_FLOOR, out=total)


def _links(leads: Sequence[Lead]) -> tuple[Link, ...]:
    """Those that tie most, the strongest first."""
    if len(leads) > 1:
        leads = sorted(leads, key=lambda lead: -lead.weight)[:TOLD]
    return tuple(
        Link(lead.key, round(lead.members), round(lead.others), lead.weight) for lead in leads
    )


def _reasons(
    ring_id: str, links: Sequence[Link], prior: float, manner: float, *, member: bool
) -> tuple[Reason, ...]:
    if member:
        return (Reason("member", 0.0, f"the account is in {ring_id} already"),)
    told = [
        Reason(f"shared_{link.key.kind}", link.weight, _in_words(link, ring_id)) for link in links
    ]
    told.append(
        Reason("busy_ring", log(prior), f"{prior:.1%} of sign-ups are of {ring_id} just now")
    )
    if abs(manner) >= 0.1:
        word = "like" if manner > 0 else "unlike"
        told.append(Reason("manner", manner, f"name, client and network are {word} its accounts'"))
    return tuple(sorted(told, key=lambda reason: -abs(reason.weight)))


def _in_words(link: Link, ring_id: str) -> str:
    kind = link.key.kind.replace("_", " ")
    if not link.members:
        return f"{kind} {mask(link.key)} came lately with sign-ups that are likely of {ring_id}"
    who = "1 account" if link.members == 1 else f"{link.members:,} accounts"
    rest = "no other" if not link.others else f"{link.others:,} other"
    return f"{kind} {mask(link.key)} is carried by {who} of {ring_id} and {rest}"
