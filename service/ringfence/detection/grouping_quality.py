"""How well groups follow the true rings: whole, pure, and one each."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ringfence.detection.ratios import Ratio

FOUND_SHARE = 0.8
FOUND_PURITY = 0.95
"""A ring is found when one group holds this share of it at this purity (detection.md 3)."""
FRAGMENT_MEMBERS = 2
"""Members of a true ring that make a group one of its fragments."""
LARGEST_RINGS = 3


@dataclass(frozen=True, slots=True)
class RingCount:
    """True rings of one category, and those found."""

    rings: int
    found: int


@dataclass(frozen=True, slots=True)
class LargeRing:
    """What became of one of the largest true rings.

    Attributes:
        flagged: members in any group.
        in_one_group: share of those flagged that the largest group of them holds.
        in_one_operation: the same for operations; None where the method knows none.
    """

    ring: str
    members: int
    flagged: int
    in_one_group: float
    in_one_operation: float | None


@dataclass(frozen=True, slots=True)
class GroupingQuality:
    """Figures of groups against true rings.

    Attributes:
        b_cubed: of Bagga and Baldwin, over flagged accounts and true ring accounts.
        pairwise: pairs of accounts in one group against pairs in one true ring.
        adjusted_rand: Hubert and Arabie's index over the same accounts.
        fragments: mean groups a true ring that is touched at all falls into.
        largest_fragment_share: mean share of a touched ring's flagged members in its largest group.
        groups, contaminated: groups, and those with an innocent in their core.
        rings, rings_found: true rings, and those that one group holds.
    """

    b_cubed: Ratio
    pairwise: Ratio
    adjusted_rand: float
    fragments: float
    largest_fragment_share: float
    groups: int
    contaminated: int
    rings: int
    rings_found: int
    rings_by_category: dict[str, RingCount]
    largest: tuple[LargeRing, ...]


def measure_grouping(
    group_by_account: Mapping[str, str],
    ring_by_account: Mapping[str, str],
    category_by_ring: Mapping[str, str],
    *,
    core_innocents: Collection[str],
    operation_by_account: Mapping[str, str] | None = None,
) -> GroupingQuality:
    """Measure groups of known accounts.

    Args:
        group_by_account: the group of each flagged account.
        ring_by_account: the true ring of each fake account that has one.
        category_by_ring: may lack rings.
        core_innocents: flagged innocents that stand in the core of their group.
        operation_by_account: the operation of each flagged account, if the method knows any.
    """
    overlap = Counter(
        (group, ring_by_account[account])
        for account, group in group_by_account.items()
        if account in ring_by_account
    )
    group_sizes = Counter(group_by_account.values())
    ring_sizes = Counter(ring_by_account.values())
    found = _found(overlap, group_sizes, ring_sizes)
    shares = _fragment_sizes(overlap)
    return GroupingQuality(
        b_cubed=_b_cubed(group_by_account, ring_by_account, overlap, group_sizes, ring_sizes),
        pairwise=Ratio.of(
            _pairs(overlap.values()), _pairs(group_sizes.values()), _pairs(ring_sizes.values())
        ),
        adjusted_rand=_adjusted_rand(
            overlap, group_sizes, ring_sizes, len(group_by_account.keys() | ring_by_account.keys())
        ),
        fragments=_mean(len(sizes) for sizes in shares.values()),
        largest_fragment_share=_mean(max(sizes) / sum(sizes) for sizes in shares.values()),
        groups=len(group_sizes),
        contaminated=len({group_by_account[account] for account in core_innocents}),
        rings=len(ring_sizes),
        rings_found=len(found),
        rings_by_category=_by_category(ring_sizes, found, category_by_ring),
        largest=_largest(group_by_account, ring_by_account, ring_sizes, operation_by_account),
    )


def _b_cubed(
    group_by_account: Mapping[str, str],
    ring_by_account: Mapping[str, str],
    overlap: Mapping[tuple[str, str], int],
    group_sizes: Mapping[str, int],
    ring_sizes: Mapping[str, int],
) -> Ratio:
    """An innocent is a ring of one, a missed fake a group of one."""
    precision = recall = 0.0
    for account, group in group_by_account.items():
        ring = ring_by_account.get(account)
        precision += (overlap[group, ring] if ring else 1) / group_sizes[group]
    for account, ring in ring_by_account.items():
        group_of = group_by_account.get(account)
        recall += (overlap[group_of, ring] if group_of else 1) / ring_sizes[ring]
    return Ratio(
        precision / len(group_by_account) if group_by_account else 0.0,
        recall / len(ring_by_account) if ring_by_account else 0.0,
    )


def _adjusted_rand(
    overlap: Mapping[tuple[str, str], int],
    group_sizes: Mapping[str, int],
    ring_sizes: Mapping[str, int],
    accounts: int,
) -> float:
    """Hubert and Arabie 1985, doi:10.1007/BF01908075; 0 for chance, 1 for the truth."""
    together, said, true = (_pairs(sizes.values()) for sizes in (overlap, group_sizes, ring_sizes))
    by_chance = said * true / _pairs([accounts]) if accounts > 1 else 0.0
    most = (said + true) / 2
    return (together - by_chance) / (most - by_chance) if most > by_chance else 0.0


def _fragment_sizes(overlap: Mapping[tuple[str, str], int]) -> dict[str, list[int]]:
    """Members in each fragment of each ring that has one."""
    sizes: dict[str, list[int]] = defaultdict(list)
    for (_, ring), members in overlap.items():
        if members >= FRAGMENT_MEMBERS:
            sizes[ring].append(members)
    return sizes


def _found(
    overlap: Mapping[tuple[str, str], int],
    group_sizes: Mapping[str, int],
    ring_sizes: Mapping[str, int],
) -> set[str]:
    return {
        ring
        for (group, ring), members in overlap.items()
        if members >= FOUND_SHARE * ring_sizes[ring]
        and members >= FOUND_PURITY * group_sizes[group]
    }


def _by_category(
    rings: Iterable[str], found: Collection[str], category_by_ring: Mapping[str, str]
) -> dict[str, RingCount]:
    total = Counter(category_by_ring[ring] for ring in rings if ring in category_by_ring)
    hit = Counter(category_by_ring[ring] for ring in found if ring in category_by_ring)
    return {name: RingCount(total[name], hit[name]) for name in sorted(total)}


def _largest(
    group_by_account: Mapping[str, str],
    ring_by_account: Mapping[str, str],
    ring_sizes: Mapping[str, int],
    operation_by_account: Mapping[str, str] | None,
) -> tuple[LargeRing, ...]:
    found = []
    for ring in sorted(ring_sizes, key=lambda ring: (-ring_sizes[ring], ring))[:LARGEST_RINGS]:
        members = [a for a, of in ring_by_account.items() if of == ring and a in group_by_account]
        found.append(
            LargeRing(
                ring=ring,
                members=ring_sizes[ring],
                flagged=len(members),
                in_one_group=_most_in_one(members, group_by_account),
                in_one_operation=_most_in_one(members, operation_by_account)
                if operation_by_account is not None
                else None,
            )
        )
    return tuple(found)


def _most_in_one(members: Collection[str], group_of: Mapping[str, str]) -> float:
    sizes = Counter(group_of[account] for account in members)
    return max(sizes.values()) / len(members) if members else 0.0


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else 0.0
