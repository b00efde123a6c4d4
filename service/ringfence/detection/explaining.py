"""Rings in words: their evidence, their reasons, and for each member what put it there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from ringfence.detection.hubs import Hubs
from ringfence.detection.links import SharedLinks
from ringfence.detection.points import Point
from ringfence.detection.profiles import Groups
from ringfence.detection.scoring import Scores
from ringfence.detection.ties import Ties
from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of
from ringfence.domain.rings import Evidence, Member, Reason, Role

TOLD_DIGITS = 2
"""Of weights: one account more anywhere moves them all in the fourth, and tells nothing."""
TOLD_TIES = 3
"""A member's sentence names this many ties at the most."""
LEAST_TOLD = 0.05
"""Summands below this log-odds are left out of the reasons."""


def reasons_of(scores: Scores, group: int) -> tuple[Reason, ...]:
    """Points for and against one group, the weightiest first."""
    told = [
        Reason(point.code, round(float(point.weight[group]), 4), _told(point, group))
        for point in scores.points
        if abs(float(point.weight[group])) >= LEAST_TOLD
    ]
    return tuple(sorted(told, key=lambda reason: (-abs(reason.weight), reason.code)))


def _told(point: Point, group: int) -> str:
    return point.text.format(float(point.figure[group]))


def evidence_by_group(
    chosen: Sequence[int], ties: Ties, links: SharedLinks, hubs: Hubs
) -> dict[int, list[tuple[int, Evidence]]]:
    """Tie and evidence of each chosen group, the weightiest first."""
    wanted = np.flatnonzero(np.isin(ties.group, np.array(chosen, dtype=np.int64)))
    identifier = ties.identifier[wanted]
    weights = [round(weight, TOLD_DIGITS) for weight in ties.weight[wanted].tolist()]
    strength = np.array([_ORDER[strength_of(kind)] for kind in links.kinds], dtype=np.int64)
    heaviest = -np.array(weights) * ties.members[wanted]
    # Identifiers are numbered in the order of their keys.
    order = np.lexsort((identifier, heaviest, strength[links.kind[identifier]], ties.group[wanted]))
    pieces = map(
        Evidence,
        [links.keys[at] for at in identifier.tolist()],
        ties.members[wanted].tolist(),
        links.degree[identifier].tolist(),
        hubs.classes_of(identifier),
        weights,
    )
    rows = list(zip(wanted.tolist(), pieces, strict=True))
    found: dict[int, list[tuple[int, Evidence]]] = {group: [] for group in chosen}
    for at, group in zip(order.tolist(), ties.group[wanted[order]].tolist(), strict=True):
        found[group].append(rows[at])
    return found


def members_of(
    group: int,
    groups: Groups,
    evidence: list[tuple[int, Evidence]],
    carriers: dict[int, list[int]],
    account_ids: Sequence[str],
) -> tuple[Member, ...]:
    """Members of one group in order of their ids, with the ties that put each there.

    An account of the group that none of its ties reaches is no member: no reason, no flag.
    `evidence` holds the ties of the group, the weightiest first; `carriers` the members by tie.
    """
    by_account: dict[int, list[_Told]] = defaultdict(list)
    places_only = not any(_proves(piece) for _, piece in evidence)
    for tie, piece in evidence:
        told = _Told.of(piece, carriers[tie][:3], must_prove=not places_only)
        for account in carriers[tie]:
            by_account[account].append(told)
    start, end = np.searchsorted(groups.group, [group, group + 1])
    return tuple(
        _member(account_ids[account], account, by_account[account])
        for account in groups.account[start:end].tolist()
        if account in by_account
    )


def carriers_by_tie(ties: Ties, chosen: Iterable[int]) -> dict[int, list[int]]:
    """Members of the chosen groups that carry each of their ties, sorted."""
    wanted = np.isin(ties.group, np.fromiter(chosen, np.int64))
    rows = np.flatnonzero(wanted[ties.link_tie])
    rows = rows[np.lexsort((ties.link_account[rows], ties.link_tie[rows]))]
    account = ties.link_account[rows].tolist()
    at = np.flatnonzero(wanted)
    starts = np.searchsorted(ties.link_tie[rows], at, side="left")
    ends = np.searchsorted(ties.link_tie[rows], at, side="right")
    spans = zip(at.tolist(), starts.tolist(), ends.tolist(), strict=True)
    return {tie: account[start:end] for tie, start, end in spans}


class _Told(NamedTuple):
    """One tie, made ready to be told of each of its many members.

    Attributes:
        some: three of its members, or all if there are fewer.
        proves: more than a place, or nothing but places ties the ring.
        first, further: what comes after `shares`, first or further on in the sentence.
    """

    key: IdentifierKey
    weight: float
    some: tuple[int, ...]
    proves: bool
    first: str
    further: str

    @classmethod
    def of(cls, piece: Evidence, some: Sequence[int], *, must_prove: bool) -> "_Told":
        others = piece.members - 1
        further = f"{_word(piece)} {short(piece.key.value)} with {others}"
        unit = "member" if others == 1 else "members"
        proves = not must_prove or _proves(piece)
        return cls(
            piece.key, piece.weight, tuple(some), proves, f"shares {further} {unit}", further
        )


def _member(account_id: str, account: int, ties: list[_Told]) -> Member:
    """Core: two ties to two others at least, one more than a place where the ring has such."""
    # The weightiest comes first, so that if any tie proves, the first one does.
    core = len(ties) >= 2 and ties[0].proves and _has_fellows(account, ties)
    return Member(
        account_id,
        Role.CORE if core else Role.PERIPHERAL,
        round(sum([tie.weight for tie in ties]), TOLD_DIGITS),
        tuple([tie.key for tie in ties]),
        _joined_because(ties),
    )


def _has_fellows(account: int, ties: Iterable[_Told]) -> bool:
    """Whether the ties lead to two other accounts at least."""
    fellows: set[int] = set()
    for tie in ties:
        fellows.update(tie.some)
        if len(fellows) >= 3:
            return True
    fellows.discard(account)
    return len(fellows) >= 2


def _joined_because(ties: Sequence[_Told]) -> str:
    """Such as `shares device d1 with 14 members and card c7 with 9, and 2 more`."""
    told = [ties[0].first, *[tie.further for tie in ties[1:TOLD_TIES]]]
    rest = f", and {len(ties) - TOLD_TIES} more" if len(ties) > TOLD_TIES else ""
    return f"{' and '.join(told)}{rest}"


def short(value: str) -> str:
    """Enough of a value to recognise it: contact data, numbers and long ids are cut."""
    if "@" in value:
        local, _, domain = value.partition("@")
        return f"{local[:2]}…@{domain}"
    if value.isdigit():
        return f"{value[:5]}…{value[-2:]}" if len(value) >= 7 else value
    if sum(map(str.isdigit, value)) >= 7 and not any(map(str.isalpha, value)):
        return f"{value[:5]}…{value[-2:]}"
    return value if len(value) <= 18 else f"{value[:10]}…{value[-4:]}"


_WORDS = {"payment_instrument": "card", "ip": "address", "postal_address": "postal address"}
_ORDER = {
    strength: at
    for at, strength in enumerate(
        (Strength.STRONG, Strength.MEDIUM, Strength.WEAK, Strength.NEVER_ALONE)
    )
}


def _proves(piece: Evidence) -> bool:
    return strength_of(piece.key.kind) is not Strength.NEVER_ALONE


def _word(piece: Evidence) -> str:
    return _WORDS.get(piece.key.kind) or piece.key.kind.replace("_", " ")
