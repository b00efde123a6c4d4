"""Members that hang by one identifier: leave it out, and nothing ties them to the rest."""

from collections.abc import Sequence

from ringfence.domain.identifiers import IdentifierKey, Strength, strength_of

_PROVING = (Strength.STRONG, Strength.MEDIUM)


def sole_links(because: Sequence[Sequence[IdentifierKey]]) -> list[IdentifierKey | None]:
    """For each member the one identifier without which it is cut off, or None where there is none.

    Members and identifiers make a graph. An identifier is one that members hang by if the graph
    falls apart without it; those hang by it that are cut off from the larger part. Where a member
    has identifiers that prove something, places and weak ones do not hold it.

    Args:
        because: the identifiers that tie each member.
    """
    ties = [_that_hold(keys) for keys in because]
    number: dict[IdentifierKey, int] = {}
    members_of: list[list[int]] = []
    ties_of: list[list[int]] = []
    for member, keys in enumerate(ties):
        own = []
        for key in keys:
            at = number.setdefault(key, len(number))
            if at == len(members_of):
                members_of.append([])
            members_of[at].append(member)
            own.append(at)
        ties_of.append(own)
    cut_by = _cut_by(ties_of, members_of)
    keys_by_number = list(number)
    return [keys_by_number[at] if at >= 0 else None for at in cut_by]


def _that_hold(keys: Sequence[IdentifierKey]) -> Sequence[IdentifierKey]:
    proving = [key for key in keys if strength_of(key.kind) in _PROVING]
    return proving or keys


def _cut_by(ties_of: list[list[int]], members_of: list[list[int]]) -> list[int]:
    """For each member the nearest identifier that cuts it off, or -1; one walk in depth.

    Vertices are members, then identifiers. `low` is the earliest vertex that a subtree reaches
    beside its root: where it is not earlier than the root, the root cuts the subtree off (after
    Tarjan 1972, doi:10.1137/0201010).
    """
    count = len(ties_of)
    neighbours = [[count + at for at in own] for own in ties_of] + members_of
    seen = [0] * len(neighbours)
    low = [0] * len(neighbours)
    found = [-1] * count
    step = 0
    roots = sorted(range(count, len(neighbours)), key=lambda at: -len(neighbours[at]))
    for root in roots:
        if seen[root]:
            continue
        step += 1
        seen[root] = low[root] = step
        order, whole = [root], _Whole()
        stack = [(root, -1, iter(neighbours[root]), 0)]
        while stack:
            vertex, parent, rest, _ = stack[-1]
            for other in rest:
                if not seen[other]:
                    step += 1
                    seen[other] = low[other] = step
                    stack.append((other, vertex, iter(neighbours[other]), len(order)))
                    order.append(other)
                    break
                if other != parent:
                    low[vertex] = min(low[vertex], seen[other])
            else:
                *_, start = stack.pop()
                if parent >= 0:
                    low[parent] = min(low[parent], low[vertex])
                    if parent >= count and low[vertex] >= seen[parent]:
                        whole.cuts.append((parent - count, start, len(order)))
        whole.tell(order, count, found)
    return found


class _Whole:
    """One connected part, and the stretches of its walk that some identifier cuts off."""

    def __init__(self) -> None:
        self.cuts: list[tuple[int, int, int]] = []

    def tell(self, order: list[int], count: int, found: list[int]) -> None:
        """Tell each member the smallest stretch that holds it and is the lesser part."""
        members_before = [0]
        for vertex in order:
            members_before.append(members_before[-1] + (vertex < count))
        total = members_before[-1]
        told_until: dict[int, int] = {}
        for identifier, start, end in self.cuts:
            if 2 * (members_before[end] - members_before[start]) > total:
                continue
            at = start
            while at < end:
                if at in told_until:
                    at = told_until[at]
                    continue
                if order[at] < count:
                    found[order[at]] = identifier
                at += 1
            told_until[start] = end
