"""Plans of takedowns: who would be acted on and who is held out, bound by one hash."""

import hashlib
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import msgspec

from ringfence.domain.identifiers import IdentifierKey
from ringfence.domain.rings import Role
from ringfence.domain.takedowns import HoldReason, Standing, TakedownAction
from ringfence.errors import InvalidInput

MAX_REASON: Final = 2_000


class Care(StrEnum):
    """Why a member deserves a second look before it is acted on."""

    PAYING = "paying"
    LONG_TENURED = "long_tenured"
    CAMPUS = "campus"
    HOUSEHOLD = "household"
    ONE_LINK = "one_link"


class TakedownOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a takedown is asked for; None: as the rules have it.

    Attributes:
        peripheral: act on peripheral members too.
        canary: accounts of the first wave.
        delay_minutes: least and most minutes between waves.
        expire_days: days after which it is taken back; 0: never.
    """

    peripheral: bool = False
    canary: int | None = None
    delay_minutes: tuple[float, float] | None = None
    expire_days: float | None = None


class PlannedTarget(msgspec.Struct, frozen=True, array_like=True):
    """One member in a plan.

    Attributes:
        previous_standing: what it has now.
        hold: why it is held out, or None: it would be acted on.
        requests: exchanges that it drew.
        sole: kind and value of the one identifier without which nothing ties it, if there is one.
    """

    account_id: str
    role: Role
    strength: float
    previous_standing: Standing
    hold: HoldReason | None
    requests: int
    sole: tuple[str, str] | None
    care: tuple[Care, ...]


@dataclass(frozen=True, slots=True)
class PlannedTakedown:
    """What a plan is about.

    Attributes:
        targets: by account id.
        evidence: identifiers that tie the ring, sorted.
    """

    ring_id: str
    action: TakedownAction
    reason: str
    options: TakedownOptions
    targets: tuple[PlannedTarget, ...]
    evidence: tuple[IdentifierKey, ...]

    @property
    def acted(self) -> list[PlannedTarget]:
        """Members that would be acted on."""
        return [one for one in self.targets if one.hold is None]

    @property
    def held(self) -> list[PlannedTarget]:
        """Members that are held out."""
        return [one for one in self.targets if one.hold is not None]


@dataclass(frozen=True, slots=True)
class PlanDifference:
    """What changed between a plan and the ring as it is now; account ids are sorted.

    Attributes:
        added, removed: members that came or went.
        changed: members whose role, standing or protection is another.
        evidence_added, evidence_removed: identifiers, counted.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    evidence_added: int
    evidence_removed: int

    def __str__(self) -> str:
        evidence = self.evidence_added, self.evidence_removed
        parts = [
            _counted(self.added, "came"),
            _counted(self.removed, "left"),
            _counted(self.changed, "changed in role, standing or protection"),
            "identifiers of evidence: {:,} came, {:,} went".format(*evidence)
            if any(evidence)
            else "",
        ]
        return "; ".join(filter(None, parts)) or "nothing"


def check_options(reason: str, options: TakedownOptions) -> None:
    """Return if a takedown is asked for as it must be.

    Raises:
        InvalidInput: there is no reason, it is too long, or an option is out of its range.
    """
    if not reason.strip() or len(reason) > MAX_REASON:
        raise InvalidInput(
            f"The reason of a takedown has {len(reason.strip()):,} characters; expected 1 to "
            f"{MAX_REASON:,}. Say why the ring is taken down."
        )
    if options.canary is not None and options.canary < 1:
        raise InvalidInput(f"canary: got {options.canary}, expected 1 or more.")
    if options.delay_minutes is not None:
        least, most = options.delay_minutes
        if not 0 <= least <= most <= 7 * 24 * 60:
            raise InvalidInput(
                f"delay: got {least:g} to {most:g} minutes, expected 0 to 10,080, the least first."
            )
    if options.expire_days is not None and not 0 <= options.expire_days <= 3650:
        raise InvalidInput(f"expire_days: got {options.expire_days:g}, expected 0 to 3,650.")


def hash_of_plan(plan: PlannedTakedown) -> str:
    """SHA-256, in hex, over what is asked for, the members with their standings, and the evidence.

    Figures that only describe a member, such as its exchanges, are left out: they grow while an
    approval is waited for, and change nothing of who is acted on.
    """
    told = (
        plan.ring_id,
        plan.action,
        plan.reason,
        # Read anew, so that 1 and 1.0 are one: the plan is compared with what was kept of it.
        msgspec.convert(msgspec.to_builtins(plan.options), TakedownOptions),
        [_bound(one) for one in plan.targets],
        plan.evidence,
    )
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def difference(plan: PlannedTakedown, now: PlannedTakedown) -> PlanDifference:
    """What changed between a plan and one made now of the same ring."""
    before = {one.account_id: _bound(one) for one in plan.targets}
    after = {one.account_id: _bound(one) for one in now.targets}
    evidence_before, evidence_after = set(plan.evidence), set(now.evidence)
    return PlanDifference(
        added=tuple(sorted(after.keys() - before.keys())),
        removed=tuple(sorted(before.keys() - after.keys())),
        changed=tuple(
            sorted(one for one in before.keys() & after.keys() if before[one] != after[one])
        ),
        evidence_added=len(evidence_after - evidence_before),
        evidence_removed=len(evidence_before - evidence_after),
    )


def pack(targets: Sequence[PlannedTarget], evidence: Iterable[IdentifierKey]) -> bytes:
    """A plan's members and evidence as bytes, to be kept until it is carried out."""
    return zlib.compress(msgspec.json.encode((targets, list(evidence))), 1)


def unpack(packed: bytes) -> tuple[tuple[PlannedTarget, ...], tuple[IdentifierKey, ...]]:
    """What `pack` put together."""
    targets, evidence = _decoder.decode(zlib.decompress(packed))
    return targets, tuple(IdentifierKey(*key) for key in evidence)


_decoder: Final = msgspec.json.Decoder(
    tuple[tuple[PlannedTarget, ...], tuple[tuple[str, str], ...]]
)


def _bound(target: PlannedTarget) -> tuple[str, Role, Standing, HoldReason | None]:
    return target.account_id, target.role, target.previous_standing, target.hold


def _counted(account_ids: Sequence[str], what: str) -> str:
    if not account_ids:
        return ""
    shown = ", ".join(account_ids[:3]) + (" …" if len(account_ids) > 3 else "")
    return f"{len(account_ids):,} {what} ({shown})"
