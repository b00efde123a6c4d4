"""The pictures of a dossier's report: what is drawn and where, however many members there are."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from ringfence.domain.dossiers import DayCount, Dossier
from ringfence.domain.rings import Role

WIDTH: Final = 720
MAX_BARS: Final = 90
BAR_HEIGHT: Final = 120
ROW_HEIGHT: Final = 56
MAX_KINDS: Final = 10
"""Kinds drawn at the most, those that reach most members."""
STRONGEST: Final = 3
"""Identifiers of a kind that are drawn by themselves."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Sign-ups of some days, drawn upward from the line."""

    x: float
    y: float
    width: float
    height: float
    days: str
    accounts: int


@dataclass(frozen=True, slots=True)
class SignUpPicture:
    """Sign-ups over time; `days` is how many each bar stands for."""

    bars: tuple[Bar, ...]
    days: int
    first: str
    last: str
    most: int


@dataclass(frozen=True, slots=True)
class Tie:
    """A line from the members of one role to a kind of identifiers."""

    role: Role
    members: int
    y: float
    to_y: float
    width: float


@dataclass(frozen=True, slots=True)
class Shared:
    """One identifier, by its place from 1, and the members that carry it."""

    number: int
    members: int
    length: float


@dataclass(frozen=True, slots=True)
class KindRow:
    """All identifiers of one kind, drawn as one."""

    kind: str
    identifiers: int
    members: int
    y: float
    ties: tuple[Tie, ...]
    strongest: tuple[Shared, ...]


@dataclass(frozen=True, slots=True)
class SharingPicture:
    """Who shares what: roles on the left, kinds in the middle, their strongest on the right.

    Attributes:
        roles: role, members and height of its middle.
    """

    roles: tuple[tuple[Role, int, float], ...]
    rows: tuple[KindRow, ...]
    height: int


def draw_sign_ups(sign_ups: tuple[DayCount, ...]) -> SignUpPicture | None:
    """Sign-ups over time, `MAX_BARS` bars at the most; None where none is known."""
    if not sign_ups:
        return None
    first, last = (date.fromisoformat(sign_ups[at].day) for at in (0, -1))
    span = (last - first).days + 1
    days = -(-span // MAX_BARS)
    count: defaultdict[int, int] = defaultdict(int)
    for one in sign_ups:
        count[(date.fromisoformat(one.day) - first).days // days] += one.accounts
    most, bars = max(count.values()), -(-span // days)
    step = WIDTH / bars
    return SignUpPicture(
        bars=tuple(
            Bar(
                x=round(at * step, 1),
                y=round(BAR_HEIGHT * (1 - count[at] / most), 1),
                width=round(max(step - 1, 1), 1),
                height=round(BAR_HEIGHT * count[at] / most, 1),
                days=_days(first + timedelta(days=at * days), days),
                accounts=count[at],
            )
            for at in sorted(count)
        ),
        days=days,
        first=first.isoformat(),
        last=last.isoformat(),
        most=most,
    )


def draw_sharing(dossier: Dossier) -> SharingPicture:
    """Who shares what, as many lines as there are kinds, however many members there are."""
    evidence, links, roles = dossier.evidence, dossier.links, dossier.members.roles
    carrying: defaultdict[str, set[int]] = defaultdict(set)
    identifiers: defaultdict[str, list[int]] = defaultdict(list)
    for at, kind in enumerate(evidence.kinds):
        identifiers[kind].append(at)
    for member, at in zip(links.members, links.evidence, strict=True):
        carrying[evidence.kinds[at]].add(member)
    kinds = sorted(identifiers, key=lambda kind: (-len(carrying[kind]), kind))[:MAX_KINDS]
    height = max(ROW_HEIGHT * len(kinds), 2 * ROW_HEIGHT)
    places = {role: round(height * (at + 0.5) / len(Role), 1) for at, role in enumerate(Role)}
    rows = []
    for at, kind in enumerate(kinds):
        y = round(ROW_HEIGHT * (at + 0.5), 1)
        by_role = {role: sum(roles[one] is role for one in carrying[kind]) for role in Role}
        rows.append(
            KindRow(
                kind=kind.replace("_", " "),
                identifiers=len(identifiers[kind]),
                members=len(carrying[kind]),
                y=y,
                ties=tuple(
                    Tie(role, many, places[role], y, round(1 + 9 * many / len(roles), 1))
                    for role, many in by_role.items()
                    if many
                ),
                strongest=_strongest(dossier, identifiers[kind]),
            )
        )
    told = tuple((role, roles.count(role), places[role]) for role in Role)
    return SharingPicture(told, tuple(rows), height)


def _strongest(dossier: Dossier, places: list[int]) -> tuple[Shared, ...]:
    members = dossier.evidence.members
    size = max(len(dossier.members.account_ids), 1)
    chosen = sorted(places, key=lambda at: (-members[at], at))[:STRONGEST]
    return tuple(Shared(at + 1, members[at], round(100 * members[at] / size, 1)) for at in chosen)


def _days(first: date, days: int) -> str:
    last = first + timedelta(days=days - 1)
    return first.isoformat() if days == 1 else f"{first.isoformat()} to {last.isoformat()}"
