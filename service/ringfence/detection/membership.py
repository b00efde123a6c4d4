"""Members of rings: for each account the ties that put it there, and the same in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ringfence.detection.explaining import TOLD_DIGITS
from ringfence.detection.links import Flags, Floats
from ringfence.detection.ties import Ties
from ringfence.domain.graph import Ints
from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of
from ringfence.domain.rings import Evidence, Member, Role

TOLD_TIES = 3
"""A member's sentence names this many ties at the most."""

_WORDS = {"payment_instrument": "card", "ip": "address", "postal_address": "postal address"}


@dataclass(frozen=True, slots=True)
class _Told:
    """p pieces of evidence, made ready to be told of each of their many members.

    Attributes:
        group, tie: (p,) sorted by group, the weightiest first.
        keys: of the identifiers.
        members, weight: (p,) of each piece.
        proves: (p,) more than a place, or nothing but places ties the ring.
        first, further: what comes after the account, first or further on in the sentence.
    """

    group: Ints
    tie: Ints
    keys: list[IdentifierKey]
    members: Ints
    weight: Floats
    proves: Flags
    first: list[str]
    further: list[str]

    @classmethod
    def of(cls, evidence: Mapping[int, Sequence[tuple[int, Evidence]]]) -> "_Told":
        groups = sorted(evidence)
        ties = [tie for group in groups for tie, _ in evidence[group]]
        pieces = [piece for group in groups for _, piece in evidence[group]]
        counts = [len(evidence[group]) for group in groups]
        proving = np.array([_proves(piece) for piece in pieces], dtype=bool)
        # The weightiest comes first, so that if any piece proves, the first one does.
        starts = np.cumsum([0, *counts[:-1]])
        further = [f"{_what(piece)} with {piece.members - 1}" for piece in pieces]
        return cls(
            group=np.repeat(groups, counts),
            tie=np.array(ties, dtype=np.int64),
            keys=[piece.key for piece in pieces],
            members=np.array([piece.members for piece in pieces]),
            weight=np.array([piece.weight for piece in pieces]),
            proves=proving | np.repeat(~proving[starts], counts),
            first=[
                f"shares {text} {'member' if piece.members == 2 else 'members'}"
                for text, piece in zip(further, pieces, strict=True)
            ],
            further=further,
        )

    def because(self, places: Sequence[int]) -> str:
        """Such as `shares device d1 with 14 members and card c7 with 9, and 2 more`."""
        told = [self.first[places[0]], *[self.further[at] for at in places[1:TOLD_TIES]]]
        rest = f", and {len(places) - TOLD_TIES} more" if len(places) > TOLD_TIES else ""
        return f"{' and '.join(told)}{rest}"


def members_by_group(
    evidence: Mapping[int, Sequence[tuple[int, Evidence]]], ties: Ties, account_ids: Sequence[str]
) -> dict[int, tuple[Member, ...]]:
    """Members of groups in order of their ids, with the ties that put each there.

    An account of a group that none of its ties reaches is no member: no reason, no flag.

    Args:
        evidence: ties of each group, one at least, the weightiest first.
        ties: that the evidence was made of.
        account_ids: of all accounts, sorted.
    """
    if not evidence:
        return {}
    told = _Told.of(evidence)
    account, place = _reached(told, ties)
    _, starts, counts = np.unique(account, return_index=True, return_counts=True)
    strength = np.bincount(np.repeat(np.arange(len(starts)), counts), weights=told.weight[place])
    columns = (account[starts], told.group[place[starts]], starts, starts + counts, strength,
               _is_core(told, account, place, starts))  # fmt: skip
    places, keys = place.tolist(), told.keys
    members: dict[int, list[Member]] = {group: [] for group in evidence}
    for at, group, start, end, firmly, core in zip(*[it.tolist() for it in columns], strict=True):
        own = places[start:end]
        members[group].append(
            Member(
                account_ids[at],
                Role.CORE if core else Role.PERIPHERAL,
                round(firmly, TOLD_DIGITS),
                tuple([keys[it] for it in own]),
                told.because(own),
            )
        )
    return {group: tuple(own) for group, own in members.items()}


def _reached(told: _Told, ties: Ties) -> tuple[Ints, Ints]:
    """Each account and place of a piece that reaches it, sorted."""
    place_of_tie = np.full(len(ties.group), -1, dtype=np.int64)
    place_of_tie[told.tie] = np.arange(len(told.tie))
    place = place_of_tie[ties.link_tie]
    rows = np.flatnonzero(place >= 0)
    rows = rows[np.lexsort((place[rows], ties.link_account[rows]))]
    return ties.link_account[rows], place[rows]


def _is_core(told: _Told, account: Ints, place: Ints, starts: Ints) -> Flags:
    """Per member: two ties to two others at least, one more than a place where the ring has such.

    `account` and `place` are those of `_reached`, and each account's rows begin at `starts`.
    """
    members = told.members[place]
    # Of a piece with two members, what remains of the sum of both is the other one.
    both = np.bincount(place, weights=account, minlength=len(told.tie)).astype(np.int64)
    other = both[place] - account
    several = np.maximum.reduceat(members, starts) >= 3
    several |= np.maximum.reduceat(other, starts) > np.minimum.reduceat(other, starts)
    twice = np.diff(np.append(starts, len(place))) >= 2
    return np.asarray(twice & told.proves[place[starts]] & several, dtype=bool)


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


def _what(piece: Evidence) -> str:
    kind = piece.key.kind
    return f"{_WORDS.get(kind) or kind.replace('_', ' ')} {short(piece.key.value)}"


def _proves(piece: Evidence) -> bool:
    return strength_of(piece.key.kind) is not Strength.NEVER_ALONE
