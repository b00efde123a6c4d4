"""How good a set of groups is against the truth: accounts, rings, and the innocents it touches."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FOUND_SHARE = 0.8
FOUND_PURITY = 0.95
"""A ring is found when one group holds this share of it at this purity (detection.md 3)."""
FRAGMENT_MEMBERS = 2
"""Members of a true ring that make a group one of its fragments."""


@dataclass(frozen=True, slots=True)
class TrueAccount:
    """What the truth says of one account."""

    is_fake: bool
    ring: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Ratio:
    """Precision, recall and their harmonic mean; an empty denominator gives 0."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @classmethod
    def of(cls, right: float, said: float, true: float) -> "Ratio":
        """From what was right, what was said and what was true."""
        return cls(right / said if said else 0.0, right / true if true else 0.0)


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """Accounts of one category of the truth, and those flagged."""

    accounts: int
    flagged: int

    @property
    def share(self) -> float:
        """Part of them that is flagged."""
        return self.flagged / self.accounts if self.accounts else 0.0


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one set of groups.

    Attributes:
        accounts: flagged accounts against fake ones.
        innocents: accounts that are not fake, and those flagged.
        innocents_by_category, fakes_by_category: the same for each category of the truth.
        b_cubed, pairwise: groups against true rings.
        fragments: mean groups a true ring that is touched at all falls into.
        rings, rings_found: true rings, and those that one group holds.
    """

    accounts: Ratio
    flagged: int
    innocents: CategoryCount
    innocents_by_category: dict[str, CategoryCount]
    fakes_by_category: dict[str, CategoryCount]
    b_cubed: Ratio
    pairwise: Ratio
    fragments: float
    rings: int
    rings_found: int


def measure_quality(
    group_by_account: Mapping[str, str], truth: Mapping[str, TrueAccount]
) -> Quality:
    """Measure flagged groups; accounts that the truth does not know are left out.

    Args:
        group_by_account: the group of each flagged account.
        truth: every known account.
    """
    flagged = {account: group for account, group in group_by_account.items() if account in truth}
    fakes = {account for account, known in truth.items() if known.is_fake}
    ring_by_account = {a: known.ring for a, known in truth.items() if known.is_fake and known.ring}
    innocents = {
        account: known.category or "" for account, known in truth.items() if not known.is_fake
    }
    overlap = Counter(
        (group, ring_by_account[account])
        for account, group in flagged.items()
        if account in ring_by_account
    )
    group_sizes = Counter(flagged.values())
    ring_sizes = Counter(ring_by_account.values())
    return Quality(
        accounts=Ratio.of(len(fakes & flagged.keys()), len(flagged), len(fakes)),
        flagged=len(flagged),
        innocents=CategoryCount(len(innocents), len(innocents.keys() & flagged.keys())),
        innocents_by_category=_by_category(innocents, flagged),
        fakes_by_category=_by_category({a: truth[a].category or "" for a in fakes}, flagged),
        b_cubed=_b_cubed(flagged, ring_by_account, overlap, group_sizes, ring_sizes),
        pairwise=Ratio.of(
            _pairs(overlap.values()), _pairs(group_sizes.values()), _pairs(ring_sizes.values())
        ),
        fragments=_fragments(overlap),
        rings=len(ring_sizes),
        rings_found=_rings_found(overlap, group_sizes, ring_sizes),
    )


def _by_category(
    category_by_account: Mapping[str, str], flagged: Mapping[str, str]
) -> dict[str, CategoryCount]:
    accounts = Counter(category_by_account.values())
    hit = Counter(c for account, c in category_by_account.items() if account in flagged)
    return {name: CategoryCount(accounts[name], hit[name]) for name in sorted(accounts)}


def _b_cubed(
    flagged: Mapping[str, str],
    ring_by_account: Mapping[str, str],
    overlap: Mapping[tuple[str, str], int],
    group_sizes: Mapping[str, int],
    ring_sizes: Mapping[str, int],
) -> Ratio:
    """B-cubed of Bagga and Baldwin; an innocent is a ring of one, a missed fake a group of one."""
    precision = recall = 0.0
    for account, group in flagged.items():
        ring = ring_by_account.get(account)
        precision += (overlap[group, ring] if ring else 1) / group_sizes[group]
    for account, ring in ring_by_account.items():
        group_of = flagged.get(account)
        recall += (overlap[group_of, ring] if group_of else 1) / ring_sizes[ring]
    return Ratio(
        precision / len(flagged) if flagged else 0.0,
        recall / len(ring_by_account) if ring_by_account else 0.0,
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)


def _fragments(overlap: Mapping[tuple[str, str], int]) -> float:
    groups: dict[str, int] = defaultdict(int)
    for (_, ring), members in overlap.items():
        groups[ring] += members >= FRAGMENT_MEMBERS
    touched = [count for count in groups.values() if count]
    return sum(touched) / len(touched) if touched else 0.0


def _rings_found(
    overlap: Mapping[tuple[str, str], int],
    group_sizes: Mapping[str, int],
    ring_sizes: Mapping[str, int],
) -> int:
    found = {
        ring
        for (group, ring), members in overlap.items()
        if members >= FOUND_SHARE * ring_sizes[ring]
        and members >= FOUND_PURITY * group_sizes[group]
    }
    return len(found)
