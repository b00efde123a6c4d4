"""The facts of a dossier, gathered from the graph page by page."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from ringfence import __version__
from ringfence.domain.dossiers import (
    FORMAT,
    Conclusions,
    Dossier,
    DossierRing,
    DossierRun,
    EvidenceTable,
    LinkTable,
    MemberTable,
    ToldEvent,
    ToldVerdict,
    count_by_day,
    count_carriers,
)
from ringfence.domain.identifiers import EMAIL, IdentifierKey, strength_of
from ringfence.domain.masking import mask, mask_email
from ringfence.domain.re_entry import STRENGTHS, hash_of
from ringfence.domain.rings import Evidence, Role
from ringfence.errors import Conflict
from ringfence.screening.keys import telling_key
from ringfence.store.accounts import StoredAccount
from ringfence.store.dossiers import (
    Use,
    find_run_id,
    find_takedowns,
    read_usage_until,
    read_uses,
)
from ringfence.store.evidence import page_evidence
from ringfence.store.graph import Graph
from ringfence.store.members import MemberOrder, MemberOrderBy, Membership, page_members
from ringfence.store.ring_events import StoredRingEvent
from ringfence.store.rings import RankAndId, StoredRing
from ringfence.store.run_history import find_runs
from ringfence.store.times import milliseconds
from ringfence.store.verdicts import StoredVerdict, find_verdicts
from ringfence.usecases.ring_story import find_ring, read_lineage

MEMBER_PAGE: Final = 2_000
EVIDENCE_PAGE: Final = 5_000

Page = list[tuple[Membership, StoredAccount]]


@dataclass(frozen=True, slots=True)
class Asking:
    """How a dossier is asked for.

    Attributes:
        secret: that identifiers are hashed with.
        as_of: the moment it tells of, with a zone; None: the last that detection told.
        reveal: whether values and e-mail addresses are told in full.
    """

    secret: bytes
    as_of: datetime | None = None
    reveal: bool = False

    @property
    def until_ms(self) -> int | None:
        """The moment in milliseconds since 1970."""
        return None if self.as_of is None else milliseconds(self.as_of)


async def gather_dossier(graph: Graph, ring_id: str, asking: Asking) -> Dossier:
    """The dossier of a ring; equal graphs give equal dossiers.

    Of a past moment, score, grade, tier, reasons and members are those of then; which identifiers
    tie a member is as it was when it left, and what the hubs were judged to be is not kept.

    Args:
        graph: connected and migrated.
        ring_id: of the ring, or of one that merged into it.
        asking: moment, secret, and whether values are told in full.

    Raises:
        NotFound: there is no such ring, or there was none at that moment.
        Conflict: it has no members, or a run wrote it while it was read.
    """
    ring = await find_ring(graph, ring_id, as_of=asking.as_of)
    dossier = await _gather(graph, ring, asking)
    if await find_ring(graph, ring_id, as_of=asking.as_of) != ring:
        raise Conflict(f"Ring {ring.id} was written while it was read. Make the dossier again.")
    return dossier


async def read_evidence(graph: Graph, ring_id: str) -> list[Evidence]:
    """All evidence of a ring, the strongest first."""
    found: list[Evidence] = []
    after: tuple[float] | None = None
    while True:
        pages = await page_evidence(graph, [ring_id], after=after, limit=EVIDENCE_PAGE)
        page = pages.get(ring_id, [])
        found += [piece.evidence for piece in page]
        if len(page) < EVIDENCE_PAGE:
            return found
        after = (page[-1].rank,)


async def _gather(graph: Graph, ring: StoredRing, asking: Asking) -> Dossier:
    gathering = _Gathering(asking)
    async for page in _pages(graph, ring.id, asking.as_of):
        ids = [membership.account_id for membership, _ in page]
        usage = None if asking.as_of is None else await read_usage_until(graph, ids, asking.as_of)
        gathering.add(page, await read_uses(graph, ids), usage)
    if not gathering.account_ids:
        raise Conflict(
            f"Ring {ring.id} is {ring.state.value} and has no members. Name a moment at which it "
            "had some, with --as-of; `ringfence rings lineage` tells its life."
        )
    known = [] if asking.as_of else await read_evidence(graph, ring.id)
    evidence, links = gathering.proof(known)
    members = gathering.members()
    verdicts = (await find_verdicts(graph, [ring.id])).get(ring.id, [])
    return Dossier(
        format=FORMAT,
        version=__version__,
        as_of_ms=asking.until_ms,
        revealed=asking.reveal,
        ring=_ring(ring),
        conclusions=_conclusions(ring, members),
        reasons=ring.reasons,
        members=members,
        evidence=evidence,
        links=links,
        sign_ups=count_by_day(members.signed_up_ms),
        events=tuple(
            _event(one) for one in await read_lineage(graph, ring.id) if _told(one.at, asking)
        ),
        verdicts=tuple(_verdict(one) for one in reversed(verdicts) if _told(one.at, asking)),
        takedowns=await find_takedowns(graph, ring.id, asking.as_of),
        run=await _find_run(graph, ring, asking.as_of),
    )


class _Link(NamedTuple):
    member: int
    key: IdentifierKey
    first_seen_ms: int | None
    last_seen_ms: int | None
    events: int


@dataclass(slots=True)
class _Gathering:
    """Members and links, as they are read."""

    asking: Asking
    account_ids: list[str] = field(default_factory=list)
    roles: list[Role] = field(default_factory=list)
    strengths: list[float] = field(default_factory=list)
    emails: list[str | None] = field(default_factory=list)
    signed_up_ms: list[int | None] = field(default_factory=list)
    exchanges: list[int] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    links: list[_Link] = field(default_factory=list)

    def add(
        self,
        page: Page,
        uses: dict[str, list[Use]],
        usage: dict[str, tuple[int, int]] | None,
    ) -> None:
        """Append members; `usage` is what each had used by a past moment, None: all."""
        for membership, account in page:
            requests, tokens = (
                (account.requests, account.tokens)
                if usage is None
                else usage.get(account.id, (0, 0))
            )
            self._add_links(membership, account, uses.get(account.id, []))
            self.account_ids.append(account.id)
            self.roles.append(membership.role)
            self.strengths.append(membership.strength)
            self.emails.append(self._email(account.email))
            self.signed_up_ms.append(self._known(_ms(account.signed_up_at)))
            self.exchanges.append(requests)
            self.tokens.append(tokens)

    def members(self) -> MemberTable:
        """All of them, by account id."""
        return MemberTable(
            tuple(self.account_ids),
            tuple(self.roles),
            tuple(self.strengths),
            tuple(self.emails),
            tuple(self.signed_up_ms),
            tuple(self.exchanges),
            tuple(self.tokens),
        )

    def proof(self, known: Sequence[Evidence]) -> tuple[EvidenceTable, LinkTable]:
        """Identifiers and who carries them; `known` is what detection judged, strongest first."""
        carried = {link.key for link in self.links}
        keys = [piece.key for piece in known] or sorted(carried, key=_by_strength)
        place = {key: at for at, key in enumerate(keys)}
        ordered = sorted(
            (link.member, place[link.key], *link[2:]) for link in self.links if link.key in place
        )
        columns = list(zip(*ordered, strict=True)) or [()] * 5
        links = LinkTable(*columns)
        return self._table(keys, count_carriers(links, len(keys)), known), links

    def _table(
        self, keys: list[IdentifierKey], members: tuple[int, ...], known: Sequence[Evidence]
    ) -> EvidenceTable:
        unknown = (None,) * (0 if known else len(keys))
        return EvidenceTable(
            kinds=tuple(key.kind for key in keys),
            values=tuple(key.value if self.asking.reveal else mask(key) for key in keys),
            hashes=tuple(hash_of(self.asking.secret, key).hex() for key in keys),
            members=members,
            accounts=tuple(piece.accounts for piece in known) or unknown,
            hubs=tuple(piece.hub for piece in known) or unknown,
            weights=tuple(piece.weight for piece in known) or unknown,
        )

    def _add_links(self, membership: Membership, account: StoredAccount, uses: list[Use]) -> None:
        used: dict[IdentifierKey, list[Use]] = {}
        for use in uses:
            used.setdefault(telling_key(use.key), []).append(use)
        member = len(self.account_ids)
        for key in membership.because:
            found = used.get(key, [])
            if not found and key.kind == EMAIL:
                at = _ms(account.signed_up_at)
                found = [Use(key, at, at, 1)]
            firsts = [use.first_seen_ms for use in found if use.first_seen_ms is not None]
            lasts = [use.last_seen_ms for use in found if use.last_seen_ms is not None]
            self.links.append(
                _Link(
                    member,
                    key,
                    self._known(min(firsts, default=None)),
                    self._known(max(lasts, default=None)),
                    sum(use.events for use in found),
                )
            )

    def _email(self, email: str | None) -> str | None:
        return email if email is None or self.asking.reveal else mask_email(email)

    def _known(self, at_ms: int | None) -> int | None:
        """A time, unless it is later than the dossier's moment."""
        until = self.asking.until_ms
        return at_ms if until is None or (at_ms is not None and at_ms <= until) else None


async def _pages(graph: Graph, ring_id: str, as_of: datetime | None) -> AsyncIterator[Page]:
    """The members by account id, whatever their role, page by page."""
    order = MemberOrder(MemberOrderBy.ACCOUNT_ID)
    after: RankAndId | None = None
    while True:
        found = await page_members(
            graph, [ring_id], order=order, after=after, limit=MEMBER_PAGE, as_of=as_of
        )
        page: Page = found.get(ring_id, [])
        yield page
        if len(page) < MEMBER_PAGE:
            return
        after = (0.0, page[-1][0].account_id)


async def _find_run(graph: Graph, ring: StoredRing, as_of: datetime | None) -> DossierRun | None:
    """The run that concluded; a verdict also writes a ring, and is none."""
    wanted = [ring.run_id] if ring.run_id else []
    runs = await find_runs(graph, wanted)
    if not runs and (run_id := await find_run_id(graph, ring.id, as_of)):
        runs = await find_runs(graph, [run_id])
    for run in runs.values():
        return DossierRun(
            id=run.id,
            started_at_ms=_ms(run.started_at),
            as_of_ms=_ms(run.as_of),
            config=run.config or "{}",
            seed=run.seed,
            graph_fingerprint=run.graph_fingerprint,
            version=run.version,
        )
    return None


def _conclusions(ring: StoredRing, members: MemberTable) -> Conclusions:
    return Conclusions(
        score=ring.score,
        grade=ring.grade,
        tier=ring.tier,
        size=len(members.account_ids),
        core_size=members.roles.count(Role.CORE),
        missing=ring.size - len(members.account_ids),
        kinds=ring.kinds,
        exchanges=sum(members.exchanges),
        tokens=sum(members.tokens),
    )


def _ring(ring: StoredRing) -> DossierRing:
    return DossierRing(
        id=ring.id,
        aliases=ring.aliases,
        operation_id=ring.operation_id,
        state=ring.state,
        found_at_ms=_ms(ring.found_at),
        updated_at_ms=_ms(ring.updated_at),
        size_told=ring.size,
    )


def _event(told: StoredRingEvent) -> ToldEvent:
    event = told.event
    return ToldEvent(
        at_ms=milliseconds(told.at),
        kind=event.kind.value,
        ring_id=event.ring_id,
        run_id=told.run_id,
        size_before=event.size_before,
        size_after=event.size_after,
        added=event.added,
        removed=event.removed,
        other_ring_ids=event.other_ring_ids,
        score=told.score,
        grade=told.grade,
    )


def _verdict(told: StoredVerdict) -> ToldVerdict:
    return ToldVerdict(milliseconds(told.at), told.id, told.kind.value, told.by, told.reason)


def _told(at: datetime, asking: Asking) -> bool:
    return asking.as_of is None or at <= asking.as_of


def _by_strength(key: IdentifierKey) -> tuple[int, IdentifierKey]:
    return STRENGTHS.index(strength_of(key.kind)), key


def _ms(at: datetime | None) -> int | None:
    return None if at is None else milliseconds(at)
