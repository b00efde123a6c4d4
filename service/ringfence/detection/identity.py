"""Names that stay: a ring keeps the id of the known ring it continues, or is named by its proof."""

import base64
import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from ringfence.detection.verdicts import outgrows
from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of
from ringfence.domain.rings import KnownRing, Ring, RingState, Role

INCLUSION: Final = 0.5
"""Part of either ring that the other holds where it continues it; alpha and beta of GED."""

_STANDING: Final = {RingState.CONFIRMED: 0, RingState.OPEN: 2, RingState.CLOSED: 2}
"""Whose id goes first: confirmed rings, then others that people have judged, then all others."""


def name_rings(
    drafts: Sequence[Ring], operations: Sequence[int], known: Sequence[KnownRing]
) -> tuple[Ring, ...]:
    """The drafts with their ids and those of their operations, sorted by id.

    No id is given twice: those of known rings and of rings that merged into them stay theirs.

    Args:
        drafts: rings without ids.
        operations: which drafts belong together: equal numbers, one operation.
        known: rings of an earlier run.
    """
    in_order = sorted(range(len(drafts)), key=lambda at: _order(drafts[at]))
    continued = match_known([drafts[at] for at in in_order], known)
    matched = {in_order[at]: ring for at, ring in continued.items()}
    taken = {name for ring in known for name in (ring.id, *ring.aliases)}
    id_by_draft = {}
    for at in in_order:
        name = matched[at].id if at in matched else _new_ring_id(drafts[at], taken)
        taken.add(name)
        id_by_draft[at] = name
    operation_ids = _operation_ids(id_by_draft, operations, matched)
    return tuple(
        replace(drafts[at], id=name, operation_id=operation_ids[operations[at]])
        for name, at in sorted((name, at) for at, name in id_by_draft.items())
    )


def match_known(rings: Sequence[Ring], known: Sequence[KnownRing]) -> dict[int, KnownRing]:
    """Which known ring each ring continues, by index.

    Known rings propose to the ring that holds most of their core, so that after a split the
    largest core keeps the id. A ring takes, of those that propose, the one that people confirmed,
    then the one that was found first, so that after a merge the older id lives on. Who is refused
    proposes to the next: the matching is stable (Gale and Shapley 1962, doi:10.2307/2312726).
    A ring that outgrew a dismissal is another one than the ring that was dismissed.

    Args:
        rings: found now.
        known: rings of an earlier run.
    """
    pairs = {
        (ours, theirs): common
        for (ours, theirs), common in overlaps(rings, known).items()
        if not outgrows(rings[ours], known[theirs].dismissal)
    }
    waiting = _proposals(rings, known, pairs)
    matched: dict[int, int] = {}
    proposing = sorted(waiting, reverse=True)
    while proposing:
        theirs = proposing.pop()
        if not waiting[theirs]:
            continue
        ours = waiting[theirs].pop()
        refused = theirs
        if ours not in matched:
            matched[ours] = theirs
            continue
        rival = matched[ours]
        if _claim(known[theirs], pairs[ours, theirs]) < _claim(known[rival], pairs[ours, rival]):
            matched[ours], refused = theirs, rival
        proposing.append(refused)
    return {ours: known[theirs] for ours, theirs in matched.items()}


def overlaps(
    rings: Sequence[Ring], known: Sequence[KnownRing]
) -> dict[tuple[int, int], frozenset[str]]:
    """Members that a ring has in common with a known one, by index, where they are half of either.

    Args:
        rings: found now.
        known: rings of an earlier run.
    """
    known_by_account: dict[str, list[int]] = {}
    for at, before in enumerate(known):
        for account_id in before.strength_by_account_id:
            known_by_account.setdefault(account_id, []).append(at)
    shared: dict[tuple[int, int], list[str]] = {}
    for ours, ring in enumerate(rings):
        for member in ring.members:
            for theirs in known_by_account.get(member.account_id, ()):
                shared.setdefault((ours, theirs), []).append(member.account_id)
    return {
        (ours, theirs): frozenset(common)
        for (ours, theirs), common in sorted(shared.items())
        if len(common) >= INCLUSION * min(len(rings[ours].members), len(known[theirs].members))
    }


def is_mostly_in(known: KnownRing, common: frozenset[str]) -> bool:
    """Whether more than half of a known ring's members are among those in common."""
    return len(common) > INCLUSION * len(known.members)


def _proposals(
    rings: Sequence[Ring],
    known: Sequence[KnownRing],
    pairs: Mapping[tuple[int, int], frozenset[str]],
) -> dict[int, list[int]]:
    """Rings that each known ring may continue in, the one with most of its core last."""
    ranked: dict[int, list[tuple[int, float, int]]] = {}
    for (ours, theirs), common in pairs.items():
        strength = known[theirs].strength_by_account_id
        core, tied = 0, 0.0
        for member in rings[ours].members:
            if member.account_id in common:
                core += member.role is Role.CORE and member.account_id in known[theirs].core_ids
                # Each member counts at least one, so that rings without strengths still match.
                tied += 1.0 + min(member.strength, strength[member.account_id])
        ranked.setdefault(theirs, []).append((core, tied, -ours))
    return {theirs: [-at for *_, at in sorted(many)] for theirs, many in ranked.items()}


def _claim(known: KnownRing, common: frozenset[str]) -> tuple[object, ...]:
    """What a ring goes by when two known ones claim it; the lowest is taken."""
    return (
        _STANDING.get(known.state, 1),
        not is_mostly_in(known, common),
        known.found_at,
        -len(common),
        known.id,
    )


def _order(draft: Ring) -> tuple[list[IdentifierKey], list[str]]:
    return _proof(draft), [member.account_id for member in draft.members]


def _proof(draft: Ring) -> list[IdentifierKey]:
    keys = sorted(piece.key for piece in draft.evidence)
    return [key for key in keys if strength_of(key.kind) is Strength.STRONG] or keys


def _new_ring_id(draft: Ring, taken: Container[str]) -> str:
    """An id from the proof alone, and from the members too where another ring has that id."""
    proof = ["\0".join(key) for key in _proof(draft)]
    members = [member.account_id for member in draft.members]
    name = _name("ring", proof or members)
    return name if name not in taken else _free_name("ring", [*proof, *members], taken)


def _operation_ids(
    id_by_draft: Mapping[int, str], operations: Sequence[int], matched: Mapping[int, KnownRing]
) -> dict[int, str]:
    """The known operation that most members of each operation come from, else a new name."""
    drafts_by_operation: dict[int, list[int]] = {}
    for draft, operation in enumerate(operations):
        drafts_by_operation.setdefault(operation, []).append(draft)
    claims = []
    firsts = []
    for operation, drafts in drafts_by_operation.items():
        members: dict[str, int] = {}
        for draft in drafts:
            if before := matched.get(draft):
                held = len(before.members)
                members[before.operation_id] = members.get(before.operation_id, 0) + held
        first = min(id_by_draft[draft] for draft in drafts)
        claims += [(-held, first, name, operation) for name, held in members.items()]
        firsts.append((first, operation))
    chosen: dict[int, str] = {}
    for _, _, name, operation in sorted(claims):
        if operation not in chosen and name not in chosen.values():
            chosen[operation] = name
    taken = {name for *_, name, _ in claims}
    for first, operation in sorted(firsts):
        if operation not in chosen:
            chosen[operation] = _free_name("op", [first], taken)
            taken.add(chosen[operation])
    return chosen


def _free_name(prefix: str, parts: Sequence[str], taken: Container[str]) -> str:
    name, attempt = _name(prefix, parts), 1
    while name in taken:
        attempt += 1
        name = _name(prefix, [*parts, str(attempt)])
    return name


def _name(prefix: str, parts: Iterable[str]) -> str:
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).digest()
    return f"{prefix}_{base64.b32encode(digest).decode().lower()}"
