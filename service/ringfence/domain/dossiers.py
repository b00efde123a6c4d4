"""Dossiers: what is told of a ring as evidence, and what anybody can conclude from it again."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ringfence.domain.identifiers import Strength, strength_of
from ringfence.domain.rings import Grade, HubClass, Reason, RingState, Role, Tier

FORMAT: Final = "ringfence.dossier/1"
DAY_MS: Final = 24 * 3600 * 1000
MAX_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class DossierRing:
    """Which ring it is.

    Attributes:
        aliases: ids of rings that merged into it.
        size_told: members that detection counted; more than are listed where accounts were erased.
    """

    id: str
    aliases: tuple[str, ...]
    operation_id: str | None
    state: RingState
    found_at_ms: int | None
    updated_at_ms: int | None
    size_told: int


@dataclass(frozen=True, slots=True)
class Conclusions:
    """What was concluded of the facts; `ringfence dossier verify` concludes it again.

    Attributes:
        missing: members that detection counted and that are gone since.
        kinds: of evidence that agree, sorted.
        exchanges, tokens: of all listed members.
    """

    score: float
    grade: Grade
    tier: Tier
    size: int
    core_size: int
    missing: int
    kinds: tuple[str, ...]
    exchanges: int
    tokens: int


@dataclass(frozen=True, slots=True)
class MemberTable:
    """n members by account id, a column each.

    Attributes:
        strengths: how firmly each is tied, without unit.
        emails: masked unless the dossier reveals; None where none was given.
    """

    account_ids: tuple[str, ...]
    roles: tuple[Role, ...]
    strengths: tuple[float, ...]
    emails: tuple[str | None, ...]
    signed_up_ms: tuple[int | None, ...]
    exchanges: tuple[int, ...]
    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class EvidenceTable:
    """m identifiers that tie members, the strongest first, a column each.

    Attributes:
        values: masked unless the dossier reveals.
        hashes: keyed, in hex: equal in two dossiers of one provider where the identifier is.
        members: members that carry it.
        accounts, hubs, weights: as detection judged; None where the moment is past, of which this
            is not kept.
    """

    kinds: tuple[str, ...]
    values: tuple[str, ...]
    hashes: tuple[str, ...]
    members: tuple[int, ...]
    accounts: tuple[int | None, ...]
    hubs: tuple[HubClass | None, ...]
    weights: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class LinkTable:
    """Which member carries which identifier, by member, then identifier, a column each.

    Attributes:
        members, evidence: places in the other two tables, from 0.
        first_seen_ms, last_seen_ms: None where not known, or later than the dossier's moment.
    """

    members: tuple[int, ...]
    evidence: tuple[int, ...]
    first_seen_ms: tuple[int | None, ...]
    last_seen_ms: tuple[int | None, ...]
    events: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DayCount:
    """Sign-ups of members on one day in UTC."""

    day: str
    accounts: int


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """Something that happened to the ring, or to one that merged into it."""

    at_ms: int
    kind: str
    ring_id: str
    run_id: str
    size_before: int
    size_after: int
    added: int
    removed: int
    other_ring_ids: tuple[str, ...]
    score: float
    grade: Grade


@dataclass(frozen=True, slots=True)
class ToldVerdict:
    """What somebody said of the ring."""

    at_ms: int
    id: str
    kind: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class ToldTakedown:
    """A takedown of the ring; its state is told as of now only."""

    id: str
    action: str
    state: str | None
    reason: str
    size: int | None
    planned_by: str | None
    planned_at_ms: int | None
    approved_by: str | None
    approved_at_ms: int | None
    started_at_ms: int | None
    ended_at_ms: int | None
    expires_at_ms: int | None


@dataclass(frozen=True, slots=True)
class DossierRun:
    """The run of detection that the conclusions are of.

    Attributes:
        config: its parameters, as JSON text.
        graph_fingerprint: of the account graph that it read.
    """

    id: str
    started_at_ms: int | None
    as_of_ms: int | None
    config: str
    seed: int | None
    graph_fingerprint: str | None
    version: str | None


@dataclass(frozen=True, slots=True)
class Dossier:
    """All that is told of a ring as evidence.

    Attributes:
        version: of the program that made it.
        as_of_ms: the moment it tells of; None: the last that detection told.
        revealed: whether values and e-mail addresses are told in full.
        reasons: for the ring (weight above 0) and against it, the weightiest first.
        sign_ups: days with sign-ups, the earliest first.
        run: None where it is kept no more.
    """

    format: str
    version: str
    as_of_ms: int | None
    revealed: bool
    ring: DossierRing
    conclusions: Conclusions
    reasons: tuple[Reason, ...]
    members: MemberTable
    evidence: EvidenceTable
    links: LinkTable
    sign_ups: tuple[DayCount, ...]
    events: tuple[ToldEvent, ...]
    verdicts: tuple[ToldVerdict, ...]
    takedowns: tuple[ToldTakedown, ...]
    run: DossierRun | None

    @property
    def whole(self) -> bool:
        """Whether members and evidence are exactly those that detection judged."""
        return self.as_of_ms is None and self.conclusions.missing == 0


def count_by_day(times_ms: tuple[int | None, ...]) -> tuple[DayCount, ...]:
    """How many of the times fall on each day, the earliest first; unknown ones are left out."""
    days = Counter(at // DAY_MS for at in times_ms if at is not None)
    return tuple(DayCount(_day(day), days[day]) for day in sorted(days))


def count_carriers(links: LinkTable, identifiers: int) -> tuple[int, ...]:
    """How many members carry each identifier."""
    count = Counter(links.evidence)
    return tuple(count[at] for at in range(identifiers))


def identifiers_by_member(links: LinkTable, members: int) -> list[list[int]]:
    """Places of the identifiers that each member carries, the strongest first."""
    carried: list[list[int]] = [[] for _ in range(members)]
    for member, identifier in zip(links.members, links.evidence, strict=True):
        carried[member].append(identifier)
    return carried


def roles_of(evidence: EvidenceTable, links: LinkTable, members: int) -> tuple[Role, ...]:
    """The role of each member, by what it carries and who carries the same.

    Core: two identifiers shared with two others at least, one of them more than a place where the
    ring has such.
    """
    proving = [strength_of(kind) is not Strength.NEVER_ALONE for kind in evidence.kinds]
    carriers: list[list[int]] = [[] for _ in evidence.kinds]
    for member, identifier in zip(links.members, links.evidence, strict=True):
        # Two others are enough, so that three of its carriers tell all that is asked.
        if len(carriers[identifier]) < 3:
            carriers[identifier].append(member)
    roles = []
    for member, carried in enumerate(identifiers_by_member(links, members)):
        fellows = {other for at in carried for other in carriers[at]} - {member}
        proven = not any(proving) or any(proving[at] for at in carried)
        core = len(carried) >= 2 and len(fellows) >= 2 and proven
        roles.append(Role.CORE if core else Role.PERIPHERAL)
    return tuple(roles)


def why_member(evidence: EvidenceTable, carried: list[int]) -> str:
    """What ties a member, in words that name identifiers by their place from 1 and no value."""
    told = [
        f"{evidence.kinds[at].replace('_', ' ')} #{at + 1} with {evidence.members[at] - 1:,} others"
        for at in carried[:3]
    ]
    more = f", and {len(carried) - 3} more" if len(carried) > 3 else ""
    return f"shares {' and '.join(told)}{more}" if told else ""


def _day(days: int) -> str:
    return datetime.fromtimestamp(days * DAY_MS / 1000, UTC).date().isoformat()
