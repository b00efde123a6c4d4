"""Names that stay: a ring keeps the id of the known ring it continues, or is named by its proof."""

import base64
import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of
from ringfence.domain.rings import KnownRing, Ring

INCLUSION = 0.5
"""Part of either ring that the other holds where it continues it; alpha and beta of GED."""


def name_rings(
    drafts: Sequence[Ring], operations: Sequence[int], known: Sequence[KnownRing]
) -> tuple[Ring, ...]:
    """The drafts with their ids and those of their operations, sorted by id.

    Args:
        drafts: rings without ids.
        operations: which drafts belong together: equal numbers, one operation.
        known: rings of an earlier run.
    """
    strengths = [{m.account_id: m.strength for m in draft.members} for draft in drafts]
    matched = match_known(strengths, known)
    taken = {ring.id for ring in known}
    ids = []
    for at in sorted(range(len(drafts)), key=lambda at: _order(drafts[at])):
        continued = matched.get(at)
        name = continued.id if continued else _new_ring_id(drafts[at], taken)
        taken.add(name)
        ids.append((name, at))
    id_by_draft = {at: name for name, at in ids}
    operation_ids = _operation_ids(id_by_draft, operations, matched)
    return tuple(
        replace(drafts[at], id=name, operation_id=operation_ids[operations[at]])
        for name, at in sorted(ids)
    )


def match_known(
    rings: Sequence[Mapping[str, float]], known: Sequence[KnownRing]
) -> dict[int, KnownRing]:
    """Which known ring each ring continues: the matching that keeps most of the tied strength.

    Args:
        rings: members and their strength, one mapping a ring.
        known: rings of an earlier run.
    """
    pairs = _overlaps(rings, known)
    matched: dict[int, KnownRing] = {}
    for ours, theirs in _clusters(pairs):
        gain = np.array([[pairs.get((a, b), 0.0) for b in theirs] for a in ours])
        for row, column in zip(*linear_sum_assignment(gain, maximize=True), strict=True):
            if gain[row, column] > 0:
                matched[ours[row]] = known[theirs[column]]
    return matched


def _order(draft: Ring) -> tuple[list[IdentifierKey], list[str]]:
    return _proof(draft), [member.account_id for member in draft.members]


def _proof(draft: Ring) -> list[IdentifierKey]:
    keys = sorted(piece.key for piece in draft.evidence)
    return [key for key in keys if strength_of(key.kind) is Strength.STRONG] or keys


def _new_ring_id(draft: Ring, taken: Container[str]) -> str:
    """An id from the proof alone, and from the members too where another ring has that id."""
    proof = ["\0".join(key) for key in _proof(draft)]
    members = [member.account_id for member in draft.members]
    parts = proof or members
    attempt = 1
    while (name := _name("ring", parts)) in taken:
        attempt += 1
        parts = [*proof, *members, str(attempt)]
    return name


def _operation_ids(
    id_by_draft: Mapping[int, str], operations: Sequence[int], matched: Mapping[int, KnownRing]
) -> dict[int, str]:
    """The known operation that most members of each operation come from, else a new name."""
    drafts_by_operation: dict[int, list[int]] = {}
    for draft, operation in enumerate(operations):
        drafts_by_operation.setdefault(operation, []).append(draft)
    claims = []
    for operation, drafts in drafts_by_operation.items():
        members: dict[str, int] = {}
        for draft in drafts:
            if before := matched.get(draft):
                held = len(before.strength_by_account_id)
                members[before.operation_id] = members.get(before.operation_id, 0) + held
        first = min(id_by_draft[draft] for draft in drafts)
        claims += [(-held, first, name, operation) for name, held in members.items()]
        claims.append((1, first, _name("op", [first]), operation))
    chosen: dict[int, str] = {}
    for _, _, name, operation in sorted(claims):
        if operation not in chosen and name not in chosen.values():
            chosen[operation] = name
    return chosen


def _name(prefix: str, parts: Iterable[str]) -> str:
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).digest()
    return f"{prefix}_{base64.b32encode(digest).decode().lower()}"


def _overlaps(
    rings: Sequence[Mapping[str, float]], known: Sequence[KnownRing]
) -> dict[tuple[int, int], float]:
    known_by_account: dict[str, list[int]] = {}
    for at, ring in enumerate(known):
        for account_id in ring.strength_by_account_id:
            known_by_account.setdefault(account_id, []).append(at)
    shared: dict[tuple[int, int], list[str]] = {}
    for ours, members in enumerate(rings):
        for account_id in members:
            for theirs in known_by_account.get(account_id, ()):
                shared.setdefault((ours, theirs), []).append(account_id)
    pairs = {}
    for (ours, theirs), common in sorted(shared.items()):
        old = known[theirs].strength_by_account_id
        if len(common) >= INCLUSION * min(len(rings[ours]), len(old)):
            # Each member counts at least one, so that rings without strengths still match.
            pairs[ours, theirs] = sum(1.0 + min(rings[ours][a], old[a]) for a in sorted(common))
    return pairs


def _clusters(pairs: Mapping[tuple[int, int], float]) -> list[tuple[list[int], list[int]]]:
    """Rings and known rings that compete for each other."""
    parent: dict[tuple[str, int], tuple[str, int]] = {}

    def root(node: tuple[str, int]) -> tuple[str, int]:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for ours, theirs in pairs:
        parent[root(("ours", ours))] = root(("theirs", theirs))
    clusters: dict[tuple[str, int], tuple[list[int], list[int]]] = {}
    for node in sorted(parent):
        cluster = clusters.setdefault(root(node), ([], []))
        cluster[node[0] == "theirs"].append(node[1])
    return list(clusters.values())
