"""Rings in words: their evidence, their reasons, and for each member what put it there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from ringfence.detection.hubs import Hubs
from ringfence.detection.links import SharedLinks
from ringfence.detection.points import Point
from ringfence.detection.profiles import Groups
from ringfence.detection.scoring import Scores
from ringfence.detection.ties import Ties
from ringfence.domain.identifiers import Strength, strength_of
from ringfence.domain.rings import Evidence, Member, Reason, Role

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
    found: dict[int, list[tuple[int, Evidence]]] = {}
    for group in chosen:
        start, end = np.searchsorted(ties.group, [group, group + 1])
        rows = [(at, _evidence(at, ties, links, hubs)) for at in range(int(start), int(end))]
        found[group] = sorted(rows, key=lambda row: (*_rank(row[1]), row[1].key))
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
    by_account: dict[int, list[tuple[int, Evidence]]] = defaultdict(list)
    places_only = not any(_proves(piece) for _, piece in evidence)
    for tie, piece in evidence:
        for account in carriers[tie]:
            by_account[account].append((tie, piece))
    start, end = np.searchsorted(groups.group, [group, group + 1])
    return tuple(
        _member(
            account_ids[account],
            account,
            by_account[account],
            carriers,
            must_prove=not places_only,
        )
        for account in groups.account[start:end].tolist()
        if account in by_account
    )


def carriers_by_tie(ties: Ties, chosen: Iterable[int]) -> dict[int, list[int]]:
    """Members of the chosen groups that carry each of their ties, sorted."""
    order = np.lexsort((ties.link_account, ties.link_tie))
    tie, account = ties.link_tie[order], ties.link_account[order]
    starts = np.searchsorted(tie, np.arange(len(ties.group) + 1))
    wanted = np.flatnonzero(np.isin(ties.group, np.fromiter(chosen, np.int64)))
    return {int(at): account[starts[at] : starts[at + 1]].tolist() for at in wanted}


def _member(
    account_id: str,
    account: int,
    ties: list[tuple[int, Evidence]],
    carriers: dict[int, list[int]],
    *,
    must_prove: bool,
) -> Member:
    """Core: two ties to two others at least, one more than a place where the ring has such."""
    fellows = {other for tie, _ in ties for other in carriers[tie][:3]} - {account}
    proven = not must_prove or any(_proves(piece) for _, piece in ties)
    core = len(ties) >= 2 and len(fellows) >= 2 and proven
    return Member(
        account_id=account_id,
        role=Role.CORE if core else Role.PERIPHERAL,
        strength=round(sum(piece.weight for _, piece in ties), 4),
        because=tuple(piece.key for _, piece in ties),
        joined_because=_joined_because([piece for _, piece in ties]),
    )


def _joined_because(ties: Sequence[Evidence]) -> str:
    """Such as `shares device d1 with 14 members and card c7 with 9, and 2 more`."""
    if not ties:
        return ""
    told = []
    for at, piece in enumerate(ties[:TOLD_TIES]):
        others = piece.members - 1
        unit = "" if at else " member" if others == 1 else " members"
        told.append(f"{_word(piece)} {short(piece.key.value)} with {others}{unit}")
    rest = f", and {len(ties) - TOLD_TIES} more" if len(ties) > TOLD_TIES else ""
    return f"shares {' and '.join(told)}{rest}"


def short(value: str) -> str:
    """Enough of a value to recognise it: contact data, numbers and long ids are cut."""
    if "@" in value:
        local, _, domain = value.partition("@")
        return f"{local[:2]}…@{domain}"
    if sum(letter.isdigit() for letter in value) >= 7 and not any(map(str.isalpha, value)):
        return f"{value[:5]}…{value[-2:]}"
    return value if len(value) <= 18 else f"{value[:10]}…{value[-4:]}"


def _evidence(at: int, ties: Ties, links: SharedLinks, hubs: Hubs) -> Evidence:
    identifier = int(ties.identifier[at])
    return Evidence(
        key=links.keys[identifier],
        members=int(ties.members[at]),
        accounts=int(links.degree[identifier]),
        hub=hubs.class_of(identifier),
        weight=round(float(ties.weight[at]), 4),
    )


_ORDER = {
    strength: at
    for at, strength in enumerate(
        (Strength.STRONG, Strength.MEDIUM, Strength.WEAK, Strength.NEVER_ALONE)
    )
}


def _proves(piece: Evidence) -> bool:
    return strength_of(piece.key.kind) is not Strength.NEVER_ALONE


def _rank(piece: Evidence) -> tuple[int, float]:
    return _ORDER[strength_of(piece.key.kind)], -piece.weight * piece.members


def _word(piece: Evidence) -> str:
    words = {"payment_instrument": "card", "ip": "address", "postal_address": "postal address"}
    return words.get(piece.key.kind, piece.key.kind.replace("_", " "))
